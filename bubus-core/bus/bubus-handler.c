/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler.h"

#include "base/bubus-error.h"
#include "base/bubus-object-internal.h"
#include "bubus-event-bus-private.h"
#include "bubus-handler-private.h"

/**
 * BubusHandler:
 *
 * The registration of a function for events on a bus.
 *
 * It is made by [method@EventBus.on] and its relatives, belongs to the bus until it is taken off, and says who the
 * handler is: its id, name and pattern stand in every result of the handler. Every registration is a handler of its
 * own, also when several have the same function.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_ID = 1,
  PROP_NAME,
  PROP_PATTERN,
  PROP_PRIORITY,
  PROP_TIMEOUT,
  PROP_ONCE,
  PROP_TIED,
  PROP_SLOW_TIMEOUT,
  PROP_THREADED,
  PROP_KEEPS_INVOCATION,
} BubusHandlerProperty;

static GParamSpec *properties[PROP_KEEPS_INVOCATION + 1];
static guint notify_signal;

G_DEFINE_FINAL_TYPE (BubusHandler, bubus_handler, G_TYPE_OBJECT)

static void
bubus_handler_finalize (GObject *object)
{
  BubusHandler *self = BUBUS_HANDLER (object);

  g_assert (self->bucket == NULL);

  if (self->tie != NULL)
    _bubus_handler_tie_release (self->tie);
  if (self->error_observer != NULL)
    _bubus_handler_clear_error_observer (self);
  if (self->notify != NULL)
    self->notify (self->user_data);
  if (self->forwards)
    g_weak_ref_clear (&self->target);
  g_clear_pointer (&self->info, _bubus_handler_info_unref);

  G_OBJECT_CLASS (bubus_handler_parent_class)->finalize (object);
}

static void
bubus_handler_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  BubusHandler *self = BUBUS_HANDLER (object);

  switch ((BubusHandlerProperty) prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, bubus_handler_get_id (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, bubus_handler_get_name (self));
      break;
    case PROP_PATTERN:
      g_value_set_string (value, bubus_handler_get_pattern (self));
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, bubus_handler_get_priority (self));
      break;
    case PROP_TIMEOUT:
      g_value_set_double (value, bubus_handler_get_timeout (self));
      break;
    case PROP_ONCE:
      g_value_set_boolean (value, bubus_handler_get_once (self));
      break;
    case PROP_TIED:
      g_value_set_boolean (value, bubus_handler_get_tied (self));
      break;
    case PROP_SLOW_TIMEOUT:
      g_value_set_double (value, bubus_handler_get_slow_timeout (self));
      break;
    case PROP_THREADED:
      g_value_set_boolean (value, bubus_handler_get_threaded (self));
      break;
    case PROP_KEEPS_INVOCATION:
      g_value_set_boolean (value, bubus_handler_get_keeps_invocation (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_handler_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  BubusHandler *self = BUBUS_HANDLER (object);

  switch ((int) prop_id)
    {
    case PROP_PRIORITY:
      bubus_handler_set_priority (self, g_value_get_int (value));
      break;
    case PROP_TIMEOUT:
      bubus_handler_set_timeout (self, g_value_get_double (value));
      break;
    case PROP_ONCE:
      bubus_handler_set_once (self, g_value_get_boolean (value));
      break;
    case PROP_SLOW_TIMEOUT:
      bubus_handler_set_slow_timeout (self, g_value_get_double (value));
      break;
    case PROP_THREADED:
      bubus_handler_set_threaded (self, g_value_get_boolean (value));
      break;
    case PROP_KEEPS_INVOCATION:
      bubus_handler_set_keeps_invocation (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_handler_create_identity_pspecs (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * BubusHandler:id: (getter get_id)
   *
   * The id of the registration, a UUIDv5 (RFC 9562) of the bus, the name, the time and the pattern.
   *
   * Since: 1.0
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);

  /**
   * BubusHandler:name: (getter get_name)
   *
   * The name that was given at registration.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * BubusHandler:pattern: (getter get_pattern)
   *
   * What the handler was registered for: an event type, a glob, or `*`.
   *
   * Since: 1.0
   */
  properties[PROP_PATTERN] = g_param_spec_string ("pattern", NULL, NULL, NULL, flags);

  /**
   * BubusHandler:tied: (getter get_tied)
   *
   * Whether the handler is tied to the life of an object. See [method@Handler.tie].
   *
   * Since: 1.0
   */
  properties[PROP_TIED] = g_param_spec_boolean ("tied", NULL, NULL, FALSE, flags);
}

static void
bubus_handler_create_calling_pspecs (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusHandler:priority: (getter get_priority) (setter set_priority)
   *
   * Handlers with a higher priority run earlier. The default is 0.
   *
   * Since: 1.0
   */
  properties[PROP_PRIORITY] = g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, 0, flags);

  /**
   * BubusHandler:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long the handler may take when it answers later, in seconds; 0 is without limit, a negative value leaves it to
   * the event and the bus.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = g_param_spec_double ("timeout", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);

  /**
   * BubusHandler:once: (getter get_once) (setter set_once)
   *
   * Whether the handler is for one event only. The default is %FALSE.
   *
   * Since: 1.0
   */
  properties[PROP_ONCE] = g_param_spec_boolean ("once", NULL, NULL, FALSE, flags);

  /**
   * BubusHandler:slow-timeout: (getter get_slow_timeout) (setter set_slow_timeout)
   *
   * After how long the handler is reported as slow when it has not finished, in seconds; 0 never reports it, a negative
   * value leaves it to the event and the bus.
   *
   * Since: 1.0
   */
  properties[PROP_SLOW_TIMEOUT] = g_param_spec_double ("slow-timeout", NULL, NULL, -1, G_MAXDOUBLE, -1, flags);

  /**
   * BubusHandler:threaded: (getter get_threaded) (setter set_threaded)
   *
   * Whether the handler runs in a thread of its own.
   *
   * Since: 1.0
   */
  properties[PROP_THREADED] = g_param_spec_boolean ("threaded", NULL, NULL, FALSE, flags);

  /**
   * BubusHandler:keeps-invocation: (getter get_keeps_invocation) (setter set_keeps_invocation)
   *
   * Whether the function may keep the invocation beyond its call. The default is %TRUE.
   *
   * Since: 1.0
   */
  properties[PROP_KEEPS_INVOCATION] = g_param_spec_boolean ("keeps-invocation", NULL, NULL, TRUE, flags);
}

static void
bubus_handler_class_init (BubusHandlerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_handler_finalize;
  object_class->get_property = bubus_handler_get_property;
  object_class->set_property = bubus_handler_set_property;

  notify_signal = g_signal_lookup ("notify", G_TYPE_OBJECT);
  bubus_handler_create_identity_pspecs ();
  bubus_handler_create_calling_pspecs ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_handler_init (BubusHandler *self)
{
}

BubusHandler *
_bubus_handler_new (void)
{
  return g_object_new (BUBUS_TYPE_HANDLER, NULL);
}

/* Takes over @info. Before anybody else knows the handler. */
void
_bubus_handler_set_up (BubusHandler     *self,
                       BubusHandlerInfo *info,
                       GType             event_type,
                       BubusHandlerFunc  func,
                       gpointer          user_data,
                       GDestroyNotify    notify)
{
  self->info = info;
  self->event_type = event_type;
  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  self->timeout = self->slow_timeout = -1;
}

/* Whether a handler that has been taken off could as well be finalized: the bus has the only reference, and nobody wants
 * to know what becomes of it. */
gboolean
_bubus_handler_is_forgotten (BubusHandler *self)
{
  return _bubus_object_is_untouched (self)
         && self->notify == NULL && self->tie == NULL && self->error_observer == NULL && !self->forwards
         && g_signal_handler_find (self, G_SIGNAL_MATCH_ID, notify_signal, 0, NULL, NULL, NULL) == 0;
}

/* Makes a forgotten handler one that can be set up: a GObject costs as much as half an event. */
void
_bubus_handler_recycle (BubusHandler *self)
{
  g_assert (self->n_lists == 0 && self->list == NULL);

  g_clear_pointer (&self->info, _bubus_handler_info_unref);
  self->priority = 0;
  self->warned_at = 0;
  self->n_unsaid = 0;
  self->threaded = self->once = self->lets_go = FALSE;
}

void
_bubus_handler_set_target (BubusHandler  *self,
                           BubusEventBus *target)
{
  g_weak_ref_init (&self->target, target);
  self->forwards = TRUE;
}

gboolean
_bubus_handler_call_tied (BubusHandler     *self,
                          BubusEvent       *event,
                          BubusInvocation  *invocation,
                          GError          **error)
{
  g_autoptr (GObject) object = _bubus_handler_tie_ref_object (self->tie);

  if (object != NULL)
    return self->func (event, invocation, self->user_data, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "The object that %s was tied to is gone", self->info->name);
  return FALSE;
}

/**
 * bubus_handler_get_id: (get-property id)
 * @self: a handler
 *
 * Gives the id of the registration, a UUIDv5 (RFC 9562) that is the same in every runtime that speaks the wire form.
 *
 * Returns: the id
 *
 * Since: 1.0
 */
const char *
bubus_handler_get_id (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), NULL);

  return _bubus_handler_info_get_id_text (self->info);
}

/**
 * bubus_handler_get_name: (get-property name)
 * @self: a handler
 *
 * Gives the name of the handler, for people, results and logs.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_handler_get_name (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), NULL);

  return self->info->name;
}

/**
 * bubus_handler_get_pattern: (get-property pattern)
 * @self: a handler
 *
 * Gives what the handler was registered for.
 *
 * Returns: an event type, a glob, or `*`
 *
 * Since: 1.0
 */
const char *
bubus_handler_get_pattern (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), NULL);

  return self->info->pattern;
}

/**
 * bubus_handler_get_registered_at:
 * @self: a handler
 *
 * Says when the handler was registered. Handlers that a bus is given within one tick of its clock follow each other by a
 * nanosecond.
 *
 * Returns: nanoseconds since the Unix epoch
 *
 * Since: 1.0
 */
gint64
bubus_handler_get_registered_at (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), 0);

  return self->info->registered_at;
}

/**
 * bubus_handler_get_priority: (get-property priority)
 * @self: a handler
 *
 * Gives the priority of the handler.
 *
 * Returns: the priority
 *
 * Since: 1.0
 */
int
bubus_handler_get_priority (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), 0);

  return self->priority;
}

/**
 * bubus_handler_set_priority: (set-property priority)
 * @self: a handler
 * @priority: the priority: higher is earlier, 0 is usual
 *
 * Sets when the handler runs in comparison with others of the same event.
 *
 * Events whose turn has come already keep the order in which their handlers were selected.
 *
 * Since: 1.0
 */
void
bubus_handler_set_priority (BubusHandler *self,
                            int           priority)
{
  g_return_if_fail (BUBUS_IS_HANDLER (self));

  if (self->priority == priority)
    return;

  self->priority = priority;
  if (self->bus != NULL)
    _bubus_event_bus_handlers_changed (self->bus);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRIORITY]);
}

/**
 * bubus_handler_get_threaded: (get-property threaded)
 * @self: a handler
 *
 * Says whether the handler runs in a thread of its own.
 *
 * Returns: whether it is called outside of the bus's main context
 *
 * Since: 1.0
 */
gboolean
bubus_handler_get_threaded (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), FALSE);

  return self->threaded;
}

/**
 * bubus_handler_set_threaded: (set-property threaded)
 * @self: a handler
 * @threaded: whether it runs in a thread of its own
 *
 * Has the handler called in a worker thread rather than in the bus's main context, from the next event on.
 *
 * This is for handlers that block: the main context goes on meanwhile, while the bus waits for the handler as for one
 * that answers later. Such a handler has a time limit like any other, and when that is over the bus goes on without
 * it. The thread itself cannot be ended: what it returns then is dropped, and what it dispatches is refused. A handler
 * that may take long should look at [method@Invocation.get_cancellable].
 *
 * In its thread the handler may dispatch events, and [method@Invocation.run] waits there until the event is complete;
 * the handlers of that event run where they always do. The first answer counts. JavaScript functions cannot run in
 * other threads.
 *
 * Since: 1.0
 */
void
bubus_handler_set_threaded (BubusHandler *self,
                            gboolean      threaded)
{
  g_return_if_fail (BUBUS_IS_HANDLER (self));

  threaded = threaded != FALSE;
  if (self->threaded == threaded)
    return;

  self->threaded = threaded;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_THREADED]);
}

/**
 * bubus_handler_get_once: (get-property once)
 * @self: a handler
 *
 * Says whether the handler is for one event only.
 *
 * Returns: whether the handler is taken off with the first event that it is selected for
 *
 * Since: 1.0
 */
gboolean
bubus_handler_get_once (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), FALSE);

  return self->once;
}

/**
 * bubus_handler_set_once: (set-property once)
 * @self: a handler
 * @once: whether the handler is for one event only
 *
 * Makes the handler one for a single event.
 *
 * It is taken off when an event's turn comes and the handler is selected for it, before anything is called: no other event
 * gets it, whatever is queued, and whatever the event's handlers dispatch and await. It is taken off also when the event is
 * then cancelled before the handler was called.
 *
 * Set it right after the registration, in the main context of the bus: elsewhere events may come first.
 *
 * Since: 1.0
 */
void
bubus_handler_set_once (BubusHandler *self,
                        gboolean      once)
{
  g_return_if_fail (BUBUS_IS_HANDLER (self));

  once = !!once;
  if (self->once == once)
    return;

  self->once = once;
  if (self->bus != NULL)
    _bubus_event_bus_handlers_changed (self->bus);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ONCE]);
}

/**
 * bubus_handler_is_registered:
 * @self: a handler
 *
 * Says whether the handler is still registered on its bus.
 *
 * Returns: whether the handler will be called for new events
 *
 * Since: 1.0
 */
gboolean
bubus_handler_is_registered (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), FALSE);

  return self->bus != NULL;
}
