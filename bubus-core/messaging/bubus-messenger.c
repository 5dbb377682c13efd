/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"

/**
 * BubusMessenger:
 *
 * Requests and replies on a bus.
 *
 * Messages go to addresses, which are texts. A message that is *sent* goes to one consumer at its address, with those
 * of a shared address taking turns. A *request* is sent, too, and gets the value that the consumer returns, or an
 * error: %BUBUS_ERROR_NO_HANDLERS when there is nobody, %BUBUS_ERROR_TIMED_OUT when there is no answer in time, or
 * %BUBUS_ERROR_RECIPIENT_FAILURE when the consumer has failed. A request may ask for a *stream*: then the consumer
 * answers in parts ([class@ReplyStream]). A message that is *published* goes to everybody who listens, and to no
 * consumer.
 *
 * Every message is an event ([class@Message]) of the bus, its type being its address: it takes its turn like others, is
 * a child of the event in whose handler it was sent, shows in history, journals and middleware, and is seen by handlers
 * of the bus. Consumers and listeners are handlers, which answer with the functions of [class@Invocation], now or
 * later. What one sends comes in that order.
 *
 * Addresses belong to one messenger: parts of a program that want to reach each other share it. It is used in the main
 * context of its bus.
 *
 * Since: 1.0
 */

#define DEFAULT_TIMEOUT 30.0

typedef enum
{
  PROP_BUS = 1,
  PROP_TIMEOUT,
} BubusMessengerProperty;

static GParamSpec *properties[PROP_TIMEOUT + 1];

G_DEFINE_FLAGS_TYPE (BubusConsumerFlags, bubus_consumer_flags,
                     G_DEFINE_ENUM_VALUE (BUBUS_CONSUMER_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (BUBUS_CONSUMER_SHARED, "shared"))

G_DEFINE_ENUM_TYPE (BubusDirection, bubus_direction,
                    G_DEFINE_ENUM_VALUE (BUBUS_DIRECTION_OUTBOUND, "outbound"),
                    G_DEFINE_ENUM_VALUE (BUBUS_DIRECTION_INBOUND, "inbound"))

G_DEFINE_FINAL_TYPE (BubusMessenger, bubus_messenger, G_TYPE_OBJECT)

static void
bubus_messenger_constructed (GObject *object)
{
  BubusMessenger *self = BUBUS_MESSENGER (object);

  G_OBJECT_CLASS (bubus_messenger_parent_class)->constructed (object);

  g_object_get (self->bus, "clock", &self->clock, NULL);
}

static void
bubus_messenger_close_addresses (BubusMessenger *self)
{
  g_autoptr (GList) addresses = g_hash_table_get_values (self->addresses);

  for (GList *l = addresses; l != NULL; l = l->next)
    _bubus_address_close (l->data);
}

static void
bubus_messenger_dispose (GObject *object)
{
  BubusMessenger *self = BUBUS_MESSENGER (object);

  bubus_messenger_close_addresses (self);
  _bubus_messenger_close_listeners (self);

  G_OBJECT_CLASS (bubus_messenger_parent_class)->dispose (object);
}

static void
bubus_messenger_finalize (GObject *object)
{
  BubusMessenger *self = BUBUS_MESSENGER (object);

  g_assert (self->requests.length == 0);
  _bubus_messenger_drop_spare_requests (self);
  if (self->timer_id != 0)
    bubus_clock_remove_timeout (self->clock, self->timer_id);

  g_clear_pointer (&self->interceptors, g_ptr_array_unref);
  g_clear_pointer (&self->reply_types, g_hash_table_unref);
  g_hash_table_unref (self->addresses);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (bubus_messenger_parent_class)->finalize (object);
}

static void
bubus_messenger_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  BubusMessenger *self = BUBUS_MESSENGER (object);

  switch ((BubusMessengerProperty) prop_id)
    {
    case PROP_BUS:
      g_value_set_object (value, bubus_messenger_get_bus (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_double (value, bubus_messenger_get_timeout (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_messenger_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  BubusMessenger *self = BUBUS_MESSENGER (object);

  switch ((BubusMessengerProperty) prop_id)
    {
    case PROP_BUS:
      self->bus = g_value_dup_object (value);
      break;
    case PROP_TIMEOUT:
      bubus_messenger_set_timeout (self, g_value_get_double (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_messenger_class_init (BubusMessengerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_messenger_constructed;
  object_class->dispose = bubus_messenger_dispose;
  object_class->finalize = bubus_messenger_finalize;
  object_class->get_property = bubus_messenger_get_property;
  object_class->set_property = bubus_messenger_set_property;

  /**
   * BubusMessenger:bus: (getter get_bus)
   *
   * The bus that messages go over.
   *
   * Since: 1.0
   */
  properties[PROP_BUS] =
    g_param_spec_object ("bus", NULL, NULL, BUBUS_TYPE_EVENT_BUS,
                         (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));

  /**
   * BubusMessenger:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long a request waits for its answer, if it does not say so itself, in seconds; 0 is for ever.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] =
    g_param_spec_double ("timeout", NULL, NULL, 0, G_MAXDOUBLE, DEFAULT_TIMEOUT,
                         (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_messenger_init (BubusMessenger *self)
{
  self->timeout = DEFAULT_TIMEOUT;
  self->addresses = g_hash_table_new (g_str_hash, g_str_equal);
  _bubus_queue_init (&self->listeners);
  _bubus_queue_init (&self->requests);
  _bubus_queue_init (&self->spare_requests);
}

/* ---- public ---- */

/**
 * bubus_messenger_new:
 * @bus: a bus
 *
 * Makes a messenger over a bus.
 *
 * Returns: (transfer full): a new messenger
 *
 * Since: 1.0
 */
BubusMessenger *
bubus_messenger_new (BubusEventBus *bus)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (bus), NULL);

  return g_object_new (BUBUS_TYPE_MESSENGER, "bus", bus, NULL);
}

/**
 * bubus_messenger_get_bus: (get-property bus)
 * @self: a messenger
 *
 * Gives the bus that messages go over.
 *
 * Returns: (transfer none): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_messenger_get_bus (BubusMessenger *self)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);

  return self->bus;
}

/**
 * bubus_messenger_get_timeout: (get-property timeout)
 * @self: a messenger
 *
 * Says how long a request waits for its answer, if it does not say so itself.
 *
 * Returns: seconds; 0: for ever
 *
 * Since: 1.0
 */
double
bubus_messenger_get_timeout (BubusMessenger *self)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), 0);

  return self->timeout;
}

/**
 * bubus_messenger_set_timeout: (set-property timeout)
 * @self: a messenger
 * @seconds: seconds; 0 is for ever
 *
 * Says how long a request waits for its answer, if it does not say so itself.
 *
 * Since: 1.0
 */
void
bubus_messenger_set_timeout (BubusMessenger *self,
                             double          seconds)
{
  g_return_if_fail (BUBUS_IS_MESSENGER (self));
  g_return_if_fail (seconds >= 0);

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * bubus_messenger_consumer:
 * @self: a messenger
 * @address: an address, without `*` and `?`
 * @flags: whether the address may be shared
 * @func: (scope notified) (closure user_data) (destroy notify): called for every message that is sent to the address
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 * @error: (nullable): where to put why it cannot be registered
 *
 * Registers a consumer.
 *
 * Fails with %BUBUS_ERROR_ALREADY_REGISTERED when there is somebody at the address, unless both share it.
 *
 * Returns: (transfer none) (nullable): the consumer, which belongs to the messenger until it is unregistered; or %NULL
 *   on
 *   error
 *
 * Since: 1.0
 */
BubusConsumer *
bubus_messenger_consumer (BubusMessenger      *self,
                          const char          *address,
                          BubusConsumerFlags   flags,
                          BubusHandlerFunc     func,
                          gpointer             user_data,
                          GDestroyNotify       notify,
                          GError             **error)
{
  g_autoptr (BubusConsumer) consumer = NULL;
  BubusAddress *place;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);
  g_return_val_if_fail (address != NULL && *address != '\0' && strpbrk (address, "*?") == NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  place = _bubus_messenger_ensure_address (self, address, (flags & BUBUS_CONSUMER_SHARED) != 0, error);
  if (place == NULL)
    {
      if (notify != NULL)
        notify (user_data);
      return NULL;
    }

  consumer = _bubus_consumer_new (place, func, user_data, notify);
  _bubus_address_add (place, consumer);
  return consumer;
}

static int
bubus_address_compare (gconstpointer a,
                       gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * bubus_messenger_dup_addresses:
 * @self: a messenger
 *
 * Lists the addresses at which there are consumers.
 *
 * Returns: (transfer full): the addresses, in the order of their bytes
 *
 * Since: 1.0
 */
char **
bubus_messenger_dup_addresses (BubusMessenger *self)
{
  GPtrArray *addresses;
  GHashTableIter iter;
  gpointer name, address;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);

  addresses = g_ptr_array_new ();
  g_hash_table_iter_init (&iter, self->addresses);
  while (g_hash_table_iter_next (&iter, &name, &address))
    if (_bubus_address_is_open (address))
      g_ptr_array_add (addresses, g_strdup (name));
  g_ptr_array_sort (addresses, bubus_address_compare);
  g_ptr_array_add (addresses, NULL);
  return (char **) g_ptr_array_free (addresses, FALSE);
}

/* Whether the message may go: it is new, and lets itself be intercepted; and somebody is there. Marks it. */
gboolean
_bubus_messenger_check (BubusMessenger  *self,
                        BubusMessage    *message,
                        BubusDelivery    delivery,
                        GError         **error)
{
  const char *address = bubus_message_get_address (message);

  if (bubus_event_is_sealed (BUBUS_EVENT (message)))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "The message to “%s” is on its way already", address);
      return FALSE;
    }
  if (delivery != BUBUS_DELIVERY_PUBLISH && !g_hash_table_contains (self->addresses, address))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “%s”", address);
      return FALSE;
    }

  message->delivery = delivery;
  message->messenger = self;
  return _bubus_messenger_intercept (self, message, BUBUS_DIRECTION_OUTBOUND, error);
}

static gboolean
bubus_messenger_post (BubusMessenger  *self,
                      BubusMessage    *message,
                      BubusDelivery    delivery,
                      GError         **error)
{
  return _bubus_messenger_check (self, message, delivery, error)
         && bubus_event_bus_dispatch (self->bus, BUBUS_EVENT (message), error);
}

/**
 * bubus_messenger_publish:
 * @self: a messenger
 * @address: the address
 * @body: (nullable): what to say
 * @error: (nullable): where to put why the message was refused
 *
 * Says something to everybody who listens. That nobody does is no error.
 *
 * Returns: whether the message was accepted by the bus
 *
 * Since: 1.0
 */
gboolean
bubus_messenger_publish (BubusMessenger  *self,
                         const char      *address,
                         BubusJson       *body,
                         GError         **error)
{
  g_autoptr (BubusMessage) message = NULL;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), FALSE);
  g_return_val_if_fail (address != NULL && *address != '\0', FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  message = bubus_message_new (address, body);
  return bubus_messenger_post (self, message, BUBUS_DELIVERY_PUBLISH, error);
}

/**
 * bubus_messenger_publish_message:
 * @self: a messenger
 * @message: a new message
 * @error: (nullable): where to put why the message was refused
 *
 * Does what [method@Messenger.publish] does with a message that may have headers, and that can be waited for
 * ([method@Event.wait_async]).
 *
 * Returns: whether the message was accepted by the bus
 *
 * Since: 1.0
 */
gboolean
bubus_messenger_publish_message (BubusMessenger  *self,
                                 BubusMessage    *message,
                                 GError         **error)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_MESSAGE (message), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return bubus_messenger_post (self, message, BUBUS_DELIVERY_PUBLISH, error);
}

/**
 * bubus_messenger_send:
 * @self: a messenger
 * @address: the address
 * @body: (nullable): what to say
 * @error: (nullable): where to put why the message was refused
 *
 * Says something to one consumer, of whom no answer is expected.
 *
 * Fails with %BUBUS_ERROR_NO_HANDLERS when there is none.
 *
 * Returns: whether the message was accepted by the bus
 *
 * Since: 1.0
 */
gboolean
bubus_messenger_send (BubusMessenger  *self,
                      const char      *address,
                      BubusJson       *body,
                      GError         **error)
{
  g_autoptr (BubusMessage) message = NULL;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), FALSE);
  g_return_val_if_fail (address != NULL && *address != '\0', FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  message = bubus_message_new (address, body);
  return bubus_messenger_post (self, message, BUBUS_DELIVERY_SEND, error);
}

/**
 * bubus_messenger_send_message:
 * @self: a messenger
 * @message: a new message
 * @error: (nullable): where to put why the message was refused
 *
 * Does what [method@Messenger.send] does with a message that may have headers.
 *
 * Returns: whether the message was accepted by the bus
 *
 * Since: 1.0
 */
gboolean
bubus_messenger_send_message (BubusMessenger  *self,
                              BubusMessage    *message,
                              GError         **error)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_MESSAGE (message), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return bubus_messenger_post (self, message, BUBUS_DELIVERY_SEND, error);
}

/**
 * bubus_messenger_dispatch_message:
 * @self: a messenger
 * @message: a new message
 * @delivery: %BUBUS_DELIVERY_PUBLISH or %BUBUS_DELIVERY_SEND
 * @invocation: (nullable): the call of a handler in which this is said
 * @error: (nullable): where to put why the message was refused
 *
 * Does what [method@Messenger.publish_message] or [method@Messenger.send_message] does, as a child of the event that is
 * handled.
 *
 * While a handler is being called those two do the same. Afterwards, when the handler has been deferred, only this
 * function knows the parent.
 *
 * Returns: whether the message was accepted by the bus
 *
 * Since: 1.0
 */
gboolean
bubus_messenger_dispatch_message (BubusMessenger   *self,
                                  BubusMessage     *message,
                                  BubusDelivery     delivery,
                                  BubusInvocation  *invocation,
                                  GError          **error)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_MESSAGE (message), FALSE);
  g_return_val_if_fail (delivery == BUBUS_DELIVERY_PUBLISH || delivery == BUBUS_DELIVERY_SEND, FALSE);
  g_return_val_if_fail (invocation == NULL || BUBUS_IS_INVOCATION (invocation), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (invocation == NULL)
    return bubus_messenger_post (self, message, delivery, error);
  return _bubus_messenger_check (self, message, delivery, error)
         && bubus_invocation_dispatch (invocation, self->bus, BUBUS_EVENT (message), error);
}
