/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "base/bubus-error.h"
#include "bubus-event-bus-private.h"
#include "bubus-global-turn-private.h"
#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"
#include "bubus-seeker-private.h"
#include "bubus-turns-private.h"

/**
 * BubusEventBus:
 *
 * Takes events and has them handled, one after the other, in the order in which they were dispatched.
 *
 * A bus belongs to the main context that was thread-default when it was made: its handlers run there, and nowhere
 * else. Events may be dispatched from any thread. Handlers are registered for a class of events, for an event type, or
 * for a glob of event types.
 *
 * A handler may dispatch events itself: they become children of the event that it handles. A child normally takes its
 * turn like any other event; a handler that needs its outcome runs it in place, see [method@Invocation.run].
 *
 * An event may be forwarded to other buses, see [method@EventBus.forward]; it visits each bus at most once.
 *
 * A bus remembers the events that were completed last ([property@EventBus:max-history-size]), and refuses new ones while
 * too many are unfinished ([property@EventBus:max-pending]). It keeps itself alive while it is not idle.
 *
 * Since: 1.0
 */

#define DEFAULT_MAX_HISTORY_SIZE 50
#define DEFAULT_MAX_DEPTH        64
#define DEFAULT_MAX_RECURSION    2
#define DEFAULT_TIME_BUDGET      4000

typedef enum
{
  PROP_NAME = 1,
  PROP_ID,
  PROP_LABEL,
  PROP_MAIN_CONTEXT,
  PROP_CLOCK,
  PROP_MAX_HISTORY_SIZE,
  PROP_MAX_PENDING,
  PROP_MAX_DEPTH,
  PROP_MAX_HANDLER_RECURSION,
  PROP_TIME_BUDGET,
  PROP_PRIORITY,
  PROP_STATE,
  PROP_HISTORY,
  PROP_PENDING_EVENTS,
  PROP_STARTED_EVENTS,
  PROP_COMPLETED_EVENTS,
  PROP_MEMORY_USED,
  PROP_SETTINGS,  /* the first of them */
} BubusEventBusProperty;

static GParamSpec *properties[PROP_SETTINGS + BUBUS_N_EVENT_SETTINGS];

G_DEFINE_FLAGS_TYPE (BubusDispatchFlags, bubus_dispatch_flags,
                     G_DEFINE_ENUM_VALUE (BUBUS_DISPATCH_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (BUBUS_DISPATCH_BACKGROUND, "background"),
                     G_DEFINE_ENUM_VALUE (BUBUS_DISPATCH_DETACHED, "detached"))

G_DEFINE_FINAL_TYPE (BubusEventBus, bubus_event_bus, G_TYPE_OBJECT)

/* ---- object ---- */

static void
bubus_event_bus_constructed (GObject *object)
{
  BubusEventBus *self = BUBUS_EVENT_BUS (object);

  G_OBJECT_CLASS (bubus_event_bus_parent_class)->constructed (object);

  self->context = g_main_context_ref_thread_default ();
  if (self->clock == NULL)
    self->clock = bubus_clock_ref_thread_default ();
  self->has_real_clock = !bubus_clock_is_test (self->clock);
  _bubus_bus_info_set_home (self->info, self, self->clock, self->context);
  _bubus_turns_join (self);
}

static void
bubus_event_bus_dispose (GObject *object)
{
  BubusEventBus *self = BUBUS_EVENT_BUS (object);

  _bubus_seekers_dismiss (self);
  if (self->in_line)
    _bubus_global_turn_leave (self);
  self->in_line = FALSE;
  _bubus_turns_leave (self);
  bubus_event_bus_off_all (self);
  g_clear_pointer (&self->feed, _bubus_history_feed_close);
  _bubus_event_bus_drop_history (self);
  g_clear_pointer (&self->middleware, g_ptr_array_unref);

  G_OBJECT_CLASS (bubus_event_bus_parent_class)->dispose (object);
}

static void
bubus_event_bus_free_spare (BubusEventBus *self)
{
  BubusLink *link;

  while ((link = _bubus_queue_pop_head (&self->spare)) != NULL)
    g_object_unref (BUBUS_LINK_OWNER (link, BubusInvocation, link));
}

static void
bubus_event_bus_finalize (GObject *object)
{
  BubusEventBus *self = BUBUS_EVENT_BUS (object);

  g_assert (_bubus_event_bus_count_pending_locked (self) == 0);
  g_assert (self->deferred.length == 0 && self->answered.length == 0);

  _bubus_dispatch_table_clear (&self->table);
  g_clear_pointer (&self->watches, g_hash_table_unref);
  bubus_event_bus_free_spare (self);
  _bubus_event_bus_free_spare_handlers (self);
  g_free (self->spare_work);
  g_clear_object (&self->spare_interception);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->turns, _bubus_turns_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  _bubus_footprint_clear (&self->footprint);
  g_clear_pointer (&self->info, _bubus_bus_info_unref);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (bubus_event_bus_parent_class)->finalize (object);
}

static void
bubus_event_bus_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  BubusEventBus *self = BUBUS_EVENT_BUS (object);

  switch ((BubusEventBusProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, bubus_event_bus_get_name (self));
      break;
    case PROP_ID:
      g_value_set_string (value, bubus_event_bus_get_id (self));
      break;
    case PROP_LABEL:
      g_value_set_string (value, bubus_event_bus_get_label (self));
      break;
    case PROP_MAIN_CONTEXT:
      g_value_set_boxed (value, bubus_event_bus_get_main_context (self));
      break;
    case PROP_CLOCK:
      g_value_set_object (value, self->clock);
      break;
    case PROP_MAX_HISTORY_SIZE:
      g_value_set_int (value, bubus_event_bus_get_max_history_size (self));
      break;
    case PROP_MAX_PENDING:
      g_value_set_uint (value, bubus_event_bus_get_max_pending (self));
      break;
    case PROP_MAX_DEPTH:
      g_value_set_uint (value, bubus_event_bus_get_max_depth (self));
      break;
    case PROP_MAX_HANDLER_RECURSION:
      g_value_set_uint (value, bubus_event_bus_get_max_handler_recursion (self));
      break;
    case PROP_TIME_BUDGET:
      g_value_set_uint (value, bubus_event_bus_get_time_budget (self));
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, bubus_event_bus_get_priority (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, bubus_event_bus_get_state (self));
      break;
    case PROP_HISTORY:
      g_value_set_object (value, bubus_event_bus_get_history (self));
      break;
    case PROP_PENDING_EVENTS:
      g_value_set_object (value, bubus_event_bus_get_pending_events (self));
      break;
    case PROP_STARTED_EVENTS:
      g_value_set_object (value, bubus_event_bus_get_started_events (self));
      break;
    case PROP_COMPLETED_EVENTS:
      g_value_set_object (value, bubus_event_bus_get_completed_events (self));
      break;
    case PROP_MEMORY_USED:
      g_value_set_uint64 (value, bubus_event_bus_get_memory_used (self));
      break;
    case PROP_SETTINGS:
    default:
      _bubus_event_bus_get_setting (self, prop_id - PROP_SETTINGS, value);
    }
}

static void
bubus_event_bus_take_name (BubusEventBus *self,
                           const char    *name)
{
  g_autofree char *default_name = NULL;
  BubusUuid id;

  _bubus_uuid_init_v7 (&id, _bubus_clock_now_real ());
  if (name == NULL)
    {
      char text[BUBUS_UUID_TEXT_SIZE];

      _bubus_uuid_format (&id, text);
      name = default_name = g_strdup_printf ("EventBus_%s", text + BUBUS_UUID_TEXT_SIZE - 9);
    }
  self->info = _bubus_bus_info_new (&id, name);
  g_weak_ref_set (&self->info->bus, self);
  _bubus_footprint_init (&self->footprint, self->info);
}

static void
bubus_event_bus_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  BubusEventBus *self = BUBUS_EVENT_BUS (object);

  switch ((int) prop_id)
    {
    case PROP_NAME:
      bubus_event_bus_take_name (self, g_value_get_string (value));
      break;
    case PROP_CLOCK:
      self->clock = g_value_dup_object (value);
      break;
    case PROP_MAX_HISTORY_SIZE:
      bubus_event_bus_set_max_history_size (self, g_value_get_int (value));
      break;
    case PROP_MAX_PENDING:
      bubus_event_bus_set_max_pending (self, g_value_get_uint (value));
      break;
    case PROP_MAX_DEPTH:
      bubus_event_bus_set_max_depth (self, g_value_get_uint (value));
      break;
    case PROP_MAX_HANDLER_RECURSION:
      bubus_event_bus_set_max_handler_recursion (self, g_value_get_uint (value));
      break;
    case PROP_TIME_BUDGET:
      bubus_event_bus_set_time_budget (self, g_value_get_uint (value));
      break;
    case PROP_PRIORITY:
      bubus_event_bus_set_priority (self, g_value_get_int (value));
      break;
    default:
      g_assert (prop_id >= PROP_SETTINGS);
      _bubus_event_bus_set_setting (self, prop_id - PROP_SETTINGS, value);
    }
}

static void
bubus_event_bus_class_init (BubusEventBusClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = readable | G_PARAM_WRITABLE | G_PARAM_EXPLICIT_NOTIFY;

  object_class->constructed = bubus_event_bus_constructed;
  object_class->dispose = bubus_event_bus_dispose;
  object_class->finalize = bubus_event_bus_finalize;
  object_class->get_property = bubus_event_bus_get_property;
  object_class->set_property = bubus_event_bus_set_property;

  /**
   * BubusEventBus:name: (getter get_name)
   *
   * The name of the bus, for people: any text, also one that another bus has. Without one, a name is made of the id.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, writable | G_PARAM_CONSTRUCT_ONLY);
  /**
   * BubusEventBus:id: (getter get_id)
   *
   * The id of the bus, a UUIDv7 (RFC 9562).
   *
   * Since: 1.0
   */
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, readable);
  /**
   * BubusEventBus:label: (getter get_label)
   *
   * The name with the last four digits of the id, as in the path of events.
   *
   * Since: 1.0
   */
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, readable);
  /**
   * BubusEventBus:main-context: (getter get_main_context)
   *
   * Where the handlers run: the main context that was thread-default when the bus was made.
   *
   * Since: 1.0
   */
  properties[PROP_MAIN_CONTEXT] =
    g_param_spec_boxed ("main-context", NULL, NULL, G_TYPE_MAIN_CONTEXT, readable);
  /**
   * BubusEventBus:clock:
   *
   * What tells the time; by default the clock that is thread-default when the bus is made.
   *
   * Since: 1.0
   */
  properties[PROP_CLOCK] =
    g_param_spec_object ("clock", NULL, NULL, BUBUS_TYPE_CLOCK, writable | G_PARAM_CONSTRUCT_ONLY);
  /**
   * BubusEventBus:max-history-size: (getter get_max_history_size) (setter set_max_history_size)
   *
   * How many completed events the bus remembers; -1 is without limit, 0 remembers none.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_HISTORY_SIZE] =
    g_param_spec_int ("max-history-size", NULL, NULL, -1, G_MAXINT, DEFAULT_MAX_HISTORY_SIZE, writable);
  /**
   * BubusEventBus:max-pending: (getter get_max_pending) (setter set_max_pending)
   *
   * How many unfinished events the bus takes; 0 is without limit. Until it is set, it is 100 while the history is
   * limited, and without limit otherwise.
   *
   * A handler cannot wait for room. Events that handlers dispatch, and events that are forwarded, are therefore counted
   * apart from the others, with the same limit for each.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_PENDING] =
    g_param_spec_uint ("max-pending", NULL, NULL, 0, G_MAXUINT, BUBUS_DEFAULT_MAX_PENDING, writable);
  /**
   * BubusEventBus:max-depth: (getter get_max_depth) (setter set_max_depth)
   *
   * How many ancestors an event may have; 0 is without limit.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_DEPTH] =
    g_param_spec_uint ("max-depth", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_DEPTH, writable);
  /**
   * BubusEventBus:max-handler-recursion: (getter get_max_handler_recursion) (setter set_max_handler_recursion)
   *
   * How often a handler may occur among the ancestors of an event that it is to handle; 0 is without limit. Once more
   * is an error result of that event.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_HANDLER_RECURSION] =
    g_param_spec_uint ("max-handler-recursion", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_RECURSION, writable);
  /**
   * BubusEventBus:time-budget: (getter get_time_budget) (setter set_time_budget)
   *
   * How long the bus may work per iteration of its main context before other sources get their turn, in microseconds, on
   * the clock of the bus. Buses of one main context and one priority share that time.
   *
   * Since: 1.0
   */
  properties[PROP_TIME_BUDGET] =
    g_param_spec_uint ("time-budget", NULL, NULL, 0, G_MAXUINT, DEFAULT_TIME_BUDGET, writable);
  /**
   * BubusEventBus:priority: (getter get_priority) (setter set_priority)
   *
   * The priority with which the bus works in its main context, as that of a #GSource: a lower number is served first.
   *
   * Since: 1.0
   */
  properties[PROP_PRIORITY] =
    g_param_spec_int ("priority", NULL, NULL, G_MININT, G_MAXINT, G_PRIORITY_DEFAULT, writable);
  /**
   * BubusEventBus:state: (getter get_state)
   *
   * How far the bus is in its life. Changes are notified in the bus's main context.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, BUBUS_TYPE_EVENT_BUS_STATE, BUBUS_EVENT_BUS_STATE_RUNNING, readable);
  /**
   * BubusEventBus:history: (getter get_history)
   *
   * All events that the bus knows, unfinished and remembered ones, in the order of their dispatch; see
   * [method@EventBus.get_history].
   *
   * Since: 1.0
   */
  properties[PROP_HISTORY] = g_param_spec_object ("history", NULL, NULL, G_TYPE_LIST_MODEL, readable);
  /**
   * BubusEventBus:pending-events: (getter get_pending_events)
   *
   * The events whose turn on this bus has not come.
   *
   * Since: 1.0
   */
  properties[PROP_PENDING_EVENTS] = g_param_spec_object ("pending-events", NULL, NULL, G_TYPE_LIST_MODEL, readable);
  /**
   * BubusEventBus:started-events: (getter get_started_events)
   *
   * The events whose turn on this bus has come, and that are not complete.
   *
   * Since: 1.0
   */
  properties[PROP_STARTED_EVENTS] = g_param_spec_object ("started-events", NULL, NULL, G_TYPE_LIST_MODEL, readable);
  /**
   * BubusEventBus:completed-events: (getter get_completed_events)
   *
   * The completed events that the bus remembers.
   *
   * Since: 1.0
   */
  properties[PROP_COMPLETED_EVENTS] = g_param_spec_object ("completed-events", NULL, NULL, G_TYPE_LIST_MODEL, readable);
  /**
   * BubusEventBus:memory-used: (getter get_memory_used)
   *
   * An estimate of the memory that the unfinished and the remembered events of the bus take, in bytes; see
   * [func@get_memory_used]. It changes all the time, and is not notified.
   *
   * Since: 1.0
   */
  properties[PROP_MEMORY_USED] =
    g_param_spec_uint64 ("memory-used", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  _bubus_event_bus_make_setting_properties (properties + PROP_SETTINGS, writable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_event_bus_init (BubusEventBus *self)
{
  g_mutex_init (&self->lock);
  _bubus_dispatch_table_init (&self->table);
  _bubus_queue_init (&self->queue);
  _bubus_queue_init (&self->seekers);
  _bubus_queue_init (&self->urgent);
  _bubus_queue_init (&self->delayed);
  _bubus_queue_init (&self->holds);
  _bubus_queue_init (&self->running);
  _bubus_queue_init (&self->deferred);
  _bubus_queue_init (&self->answered);
  _bubus_queue_init (&self->spare);
  _bubus_queue_init (&self->spare_handlers);
  _bubus_history_init (&self->history, DEFAULT_MAX_HISTORY_SIZE);
  g_queue_init (&self->paused);
  g_queue_init (&self->completions);
  g_queue_init (&self->room_waiters);
  g_queue_init (&self->idle_waiters);
  g_queue_init (&self->stop_tasks);
  self->max_pending = BUBUS_DEFAULT_MAX_PENDING;
  self->max_depth = DEFAULT_MAX_DEPTH;
  self->max_recursion = DEFAULT_MAX_RECURSION;
  _bubus_event_bus_init_settings (self);
  self->time_budget = DEFAULT_TIME_BUDGET;
}

/* ---- public ---- */

/**
 * bubus_event_bus_new:
 * @name: (nullable): a name for people, or %NULL to have one made
 *
 * Makes a bus in the main context that is thread-default now.
 *
 * Returns: (transfer full): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_event_bus_new (const char *name)
{
  return g_object_new (BUBUS_TYPE_EVENT_BUS, "name", name, NULL);
}

/**
 * bubus_event_bus_get_id: (get-property id)
 * @self: a bus
 *
 * Gives the id of the bus. May be called from any thread.
 *
 * Returns: a UUIDv7 as text
 *
 * Since: 1.0
 */
const char *
bubus_event_bus_get_id (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return self->info->id_text;
}

/**
 * bubus_event_bus_get_name: (get-property name)
 * @self: a bus
 *
 * Gives the name of the bus. May be called from any thread.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_event_bus_get_name (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return self->info->name;
}

/**
 * bubus_event_bus_get_label: (get-property label)
 * @self: a bus
 *
 * Gives the name of the bus with the last four digits of its id. May be called from any thread.
 *
 * Returns: the label
 *
 * Since: 1.0
 */
const char *
bubus_event_bus_get_label (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return self->info->label;
}

/**
 * bubus_event_bus_get_main_context: (get-property main-context)
 * @self: a bus
 *
 * Gives the main context in which the handlers run. May be called from any thread.
 *
 * Returns: (transfer none): the main context
 *
 * Since: 1.0
 */
GMainContext *
bubus_event_bus_get_main_context (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return self->context;
}

/**
 * bubus_event_bus_get_n_pending:
 * @self: a bus
 *
 * Counts the unfinished events of the bus: those that wait, those that are being handled, and those that wait for
 * their children or for another bus. May be called from any thread.
 *
 * Returns: the number of events
 *
 * Since: 1.0
 */
guint
bubus_event_bus_get_n_pending (BubusEventBus *self)
{
  guint n_pending;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  g_mutex_lock (&self->lock);
  n_pending = _bubus_event_bus_count_pending_locked (self);
  g_mutex_unlock (&self->lock);
  return n_pending;
}

/**
 * bubus_event_bus_get_n_abandoned:
 * @self: a bus
 *
 * Counts the threaded handlers that were given up and have not returned yet: each is a thread that does not look at its
 * cancellable. May be called from any thread.
 *
 * Returns: how many threads are lost for now
 *
 * Since: 1.0
 */
guint
bubus_event_bus_get_n_abandoned (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return g_atomic_int_get (&self->n_abandoned);
}
