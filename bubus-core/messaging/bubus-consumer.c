/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"

/**
 * BubusConsumer:
 *
 * Who takes the messages that are sent to an address. It is registered with [method@Messenger.consumer].
 *
 * Since: 1.0
 */

struct _BubusConsumer
{
  GObject           parent_instance;

  BubusAddress     *address;   /* not owned; NULL when it is not registered */
  char             *name;      /* of the address */
  BubusHandlerFunc  func;
  gpointer          user_data;
  GDestroyNotify    notify;
};

G_DEFINE_FINAL_TYPE (BubusConsumer, bubus_consumer, G_TYPE_OBJECT)

static void
bubus_consumer_finalize (GObject *object)
{
  BubusConsumer *self = BUBUS_CONSUMER (object);

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self->name);

  G_OBJECT_CLASS (bubus_consumer_parent_class)->finalize (object);
}

static void
bubus_consumer_class_init (BubusConsumerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_consumer_finalize;
}

static void
bubus_consumer_init (BubusConsumer *self)
{
}

BubusConsumer *
_bubus_consumer_new (BubusAddress     *address,
                     BubusHandlerFunc  func,
                     gpointer          user_data,
                     GDestroyNotify    notify)
{
  BubusConsumer *self = g_object_new (BUBUS_TYPE_CONSUMER, NULL);

  self->address = address;
  self->name = g_strdup (address->name);
  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

gboolean
_bubus_consumer_call (BubusConsumer    *self,
                      BubusMessage     *message,
                      BubusInvocation  *invocation,
                      GError          **error)
{
  g_autoptr (BubusConsumer) alive = g_object_ref (self);

  return alive->func (BUBUS_EVENT (message), invocation, alive->user_data, error);
}

void
_bubus_consumer_forget (BubusConsumer *self)
{
  self->address = NULL;
}

/**
 * bubus_consumer_get_address:
 * @self: a consumer
 *
 * Gives the address, also after the consumer was unregistered.
 *
 * Returns: the address
 *
 * Since: 1.0
 */
const char *
bubus_consumer_get_address (BubusConsumer *self)
{
  g_return_val_if_fail (BUBUS_IS_CONSUMER (self), NULL);

  return self->name;
}

/**
 * bubus_consumer_is_registered:
 * @self: a consumer
 *
 * Says whether messages still come.
 *
 * Returns: whether the consumer is registered
 *
 * Since: 1.0
 */
gboolean
bubus_consumer_is_registered (BubusConsumer *self)
{
  g_return_val_if_fail (BUBUS_IS_CONSUMER (self), FALSE);

  return self->address != NULL && _bubus_address_is_open (self->address);
}

/**
 * bubus_consumer_unregister:
 * @self: a consumer
 *
 * Has no more messages given to the consumer.
 *
 * Those that wait for their turn go to others at the address; where there are none, they fail with
 * %BUBUS_ERROR_NO_HANDLERS. What the consumer does already goes on.
 *
 * Returns: whether it was registered
 *
 * Since: 1.0
 */
gboolean
bubus_consumer_unregister (BubusConsumer *self)
{
  g_return_val_if_fail (BUBUS_IS_CONSUMER (self), FALSE);

  return self->address != NULL && _bubus_address_remove (self->address, self);
}
