/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"

static void
bubus_address_unref (gpointer data)
{
  BubusAddress *self = data;

  if (--self->ref_count > 0)
    return;

  g_clear_object (&self->handler);
  g_ptr_array_unref (self->consumers);
  g_free (self->name);
  g_free (self);
}

static BubusConsumer *
bubus_address_take_turn (BubusAddress *self)
{
  if (self->consumers->len == 0)
    return NULL;

  return self->consumers->pdata[self->next++ % self->consumers->len];
}

/* Who has asked does not wait any more, before the message's turn has come. */
static gboolean
bubus_address_refuse_late (BubusAddress  *self,
                           GError       **error)
{
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "Nobody waits for an answer of “%s” any more", self->name);
  return FALSE;
}

static gboolean
bubus_address_call (BubusConsumer    *consumer,
                    BubusMessage     *message,
                    BubusInvocation  *invocation,
                    GError          **error)
{
  gboolean called;

  message->invocation = invocation;
  called = _bubus_consumer_call (consumer, message, invocation, error);
  _bubus_message_called (message, invocation);
  if (!called)
    return FALSE;

  if (G_UNLIKELY (message->stream != NULL) && bubus_invocation_is_deferred (invocation))
    _bubus_message_delivered (message, invocation);
  return TRUE;
}

static gboolean
bubus_address_deliver (BubusAddress     *self,
                       BubusMessage     *message,
                       BubusInvocation  *invocation,
                       GError          **error)
{
  BubusConsumer *consumer;

  message->handler_id = bubus_handler_get_id (self->handler);
  if (!_bubus_messenger_intercept (self->messenger, message, BUBUS_DIRECTION_INBOUND, error))
    return FALSE;

  consumer = bubus_address_take_turn (self);
  if (consumer != NULL)
    return bubus_address_call (consumer, message, invocation, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “%s” any more", self->name);
  return FALSE;
}

/* The one handler at an address. Events that are no messages, or another messenger's, or published, are not for it. */
static gboolean
bubus_address_handle_cb (BubusEvent       *event,
                         BubusInvocation  *invocation,
                         gpointer          data,
                         GError          **error)
{
  BubusAddress *self = data;
  BubusMessage *message = BUBUS_IS_MESSAGE (event) ? BUBUS_MESSAGE (event) : NULL;

  if (message == NULL || self->messenger == NULL || message->messenger != self->messenger
      || message->delivery == BUBUS_DELIVERY_PUBLISH)
    return TRUE;
  if (message->given_up || (G_UNLIKELY (message->stream != NULL) && !_bubus_message_has_open_stream (message)))
    return bubus_address_refuse_late (self, error);
  return bubus_address_deliver (self, message, invocation, error);
}

static BubusAddress *
bubus_address_new (BubusMessenger *messenger,
                   const char     *name,
                   gboolean        shared)
{
  BubusAddress *self = g_new0 (BubusAddress, 1);

  self->ref_count = 2;
  self->messenger = messenger;
  self->name = g_strdup (name);
  self->shared = shared;
  self->consumers = g_ptr_array_new_with_free_func (g_object_unref);
  self->handler = g_object_ref (bubus_event_bus_on_pattern (messenger->bus, name, name, bubus_address_handle_cb, self,
                                                            bubus_address_unref));
  return self;
}

/* Not any more when the bus was cleared, or all its handlers were taken off. */
gboolean
_bubus_address_is_open (BubusAddress *self)
{
  return bubus_handler_is_registered (self->handler);
}

/* The address, if one more consumer may come to it. */
BubusAddress *
_bubus_messenger_ensure_address (BubusMessenger  *self,
                                 const char      *name,
                                 gboolean         shared,
                                 GError         **error)
{
  BubusAddress *address = g_hash_table_lookup (self->addresses, name);

  if (address != NULL && !_bubus_address_is_open (address))
    {
      _bubus_address_close (address);
      address = NULL;
    }
  if (address == NULL)
    {
      address = bubus_address_new (self, name, shared);
      g_hash_table_insert (self->addresses, address->name, address);
      return address;
    }
  if (address->shared && shared)
    return address;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_ALREADY_REGISTERED, "Somebody else has the address “%s”", name);
  return NULL;
}

void
_bubus_address_add (BubusAddress  *self,
                    BubusConsumer *consumer)
{
  g_ptr_array_add (self->consumers, g_object_ref (consumer));
}

static void
bubus_address_take_off (BubusAddress *self)
{
  BubusEventBus *bus = self->messenger->bus;
  g_autoptr (BubusHandler) handler = g_steal_pointer (&self->handler);

  g_hash_table_remove (self->messenger->addresses, self->name);
  self->messenger = NULL;
  bubus_event_bus_off (bus, handler);
  bubus_address_unref (self);
}

gboolean
_bubus_address_remove (BubusAddress  *self,
                       BubusConsumer *consumer)
{
  guint index;

  if (!g_ptr_array_find (self->consumers, consumer, &index))
    return FALSE;

  _bubus_consumer_forget (consumer);
  if (index < self->next)
    self->next--;
  g_ptr_array_remove_index (self->consumers, index);
  if (self->consumers->len == 0)
    bubus_address_take_off (self);
  return TRUE;
}

void
_bubus_address_close (BubusAddress *self)
{
  for (guint i = 0; i < self->consumers->len; i++)
    _bubus_consumer_forget (self->consumers->pdata[i]);
  g_ptr_array_set_size (self->consumers, 0);
  bubus_address_take_off (self);
}
