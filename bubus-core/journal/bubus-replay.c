/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-replay-private.h"

#include "base/bubus-uuid-internal.h"

/**
 * BubusReplay:
 *
 * Dispatches the events of a journal again, on any bus: all at once, or with the pauses that were between them, on the
 * bus's clock.
 *
 * Each event is dispatched once, as it was before it was dispatched first: with its id, its parent's id, its time of
 * creation and its payload, and without what became of it. The journal's reader says which events there are; it is at
 * the journal's end afterwards.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_READER = 1,
  PROP_BUS,
  PROP_SPEED,
  PROP_DRY_RUN,
  PROP_N_EVENTS,
} BubusReplayProperty;

static GParamSpec *properties[PROP_N_EVENTS + 1];

enum
{
  SIGNAL_MALFORMED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BubusReplay, bubus_replay, G_TYPE_OBJECT)

static void
bubus_replay_constructed (GObject *object)
{
  BubusReplay *self = BUBUS_REPLAY (object);

  G_OBJECT_CLASS (bubus_replay_parent_class)->constructed (object);

  g_object_get (self->bus, "clock", &self->clock, NULL);
}

static void
bubus_replay_finalize (GObject *object)
{
  BubusReplay *self = BUBUS_REPLAY (object);

  g_clear_pointer (&self->seen, g_hash_table_unref);
  g_clear_object (&self->waiting);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);
  g_clear_object (&self->reader);

  G_OBJECT_CLASS (bubus_replay_parent_class)->finalize (object);
}

static void
bubus_replay_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  BubusReplay *self = BUBUS_REPLAY (object);

  switch ((BubusReplayProperty) prop_id)
    {
    case PROP_READER:
      g_value_set_object (value, self->reader);
      break;

    case PROP_BUS:
      g_value_set_object (value, self->bus);
      break;

    case PROP_SPEED:
      g_value_set_double (value, bubus_replay_get_speed (self));
      break;

    case PROP_DRY_RUN:
      g_value_set_boolean (value, bubus_replay_get_dry_run (self));
      break;

    case PROP_N_EVENTS:
      g_value_set_uint64 (value, bubus_replay_get_n_events (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_replay_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  BubusReplay *self = BUBUS_REPLAY (object);

  switch ((BubusReplayProperty) prop_id)
    {
    case PROP_READER:
      self->reader = g_value_dup_object (value);
      break;

    case PROP_BUS:
      self->bus = g_value_dup_object (value);
      break;

    case PROP_SPEED:
      bubus_replay_set_speed (self, g_value_get_double (value));
      break;

    case PROP_DRY_RUN:
      bubus_replay_set_dry_run (self, g_value_get_boolean (value));
      break;

    case PROP_N_EVENTS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_replay_install_properties (GObjectClass *object_class)
{
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusReplay:reader:
   *
   * Where the events come from.
   *
   * Since: 1.0
   */
  properties[PROP_READER] = g_param_spec_object ("reader", NULL, NULL, BUBUS_TYPE_JOURNAL_READER, construct);

  /**
   * BubusReplay:bus:
   *
   * Where they are dispatched.
   *
   * Since: 1.0
   */
  properties[PROP_BUS] = g_param_spec_object ("bus", NULL, NULL, BUBUS_TYPE_EVENT_BUS, construct);

  /**
   * BubusReplay:speed: (getter get_speed) (setter set_speed)
   *
   * How much faster than they were made events are dispatched; 1 is as fast, 0 is at once.
   *
   * Since: 1.0
   */
  properties[PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0, G_MAXDOUBLE, 0, writable);

  /**
   * BubusReplay:dry-run: (getter get_dry_run) (setter set_dry_run)
   *
   * Whether events are only read and counted, without pauses.
   *
   * Since: 1.0
   */
  properties[PROP_DRY_RUN] = g_param_spec_boolean ("dry-run", NULL, NULL, FALSE, writable);

  /**
   * BubusReplay:n-events: (getter get_n_events)
   *
   * How many events have been dispatched, or would have been.
   *
   * Since: 1.0
   */
  properties[PROP_N_EVENTS] =
    g_param_spec_uint64 ("n-events", NULL, NULL, 0, G_MAXUINT64, 0,
                         (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_replay_class_init (BubusReplayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_replay_constructed;
  object_class->finalize = bubus_replay_finalize;
  object_class->get_property = bubus_replay_get_property;
  object_class->set_property = bubus_replay_set_property;

  bubus_replay_install_properties (object_class);

  /**
   * BubusReplay::malformed:
   * @self: the replay
   * @error: what is wrong
   *
   * A line of the journal is no event, or not one that its class accepts. It is passed over.
   *
   * Without a handler, the reason is logged as a message.
   *
   * Since: 1.0
   */
  signals[SIGNAL_MALFORMED] =
    g_signal_new ("malformed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
bubus_replay_init (BubusReplay *self)
{
  self->seen = g_hash_table_new_full (_bubus_uuid_hash, _bubus_uuid_equal, g_free, NULL);
}

void
_bubus_replay_tell_malformed (BubusReplay  *self,
                              const GError *error)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_MALFORMED], 0, FALSE))
    g_signal_emit (self, signals[SIGNAL_MALFORMED], 0, error);
  else
    g_message ("%s", error->message);
}

void
_bubus_replay_count (BubusReplay *self)
{
  self->n_events++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_EVENTS]);
}

/**
 * bubus_replay_new:
 * @reader: a reader of a journal
 * @bus: a bus
 *
 * Makes a replay, which does nothing before [method@Replay.run_async].
 *
 * Returns: (transfer full): a new replay
 *
 * Since: 1.0
 */
BubusReplay *
bubus_replay_new (BubusJournalReader *reader,
                  BubusEventBus      *bus)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL_READER (reader), NULL);
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (bus), NULL);

  return g_object_new (BUBUS_TYPE_REPLAY, "reader", reader, "bus", bus, NULL);
}

/**
 * bubus_replay_get_speed: (get-property speed)
 * @self: a replay
 *
 * Says how much faster than they were made events are dispatched.
 *
 * Returns: the speed; 0 for at once
 *
 * Since: 1.0
 */
double
bubus_replay_get_speed (BubusReplay *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLAY (self), 0);

  return self->speed;
}

/**
 * bubus_replay_set_speed: (set-property speed)
 * @self: a replay that is not running
 * @speed: the speed; 0 for at once
 *
 * Says how much faster than they were made events are to be dispatched.
 *
 * Since: 1.0
 */
void
bubus_replay_set_speed (BubusReplay *self,
                        double       speed)
{
  g_return_if_fail (BUBUS_IS_REPLAY (self));
  g_return_if_fail (speed >= 0);
  g_return_if_fail (!self->running);

  if (self->speed == speed)
    return;
  self->speed = speed;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SPEED]);
}

/**
 * bubus_replay_get_dry_run: (get-property dry-run)
 * @self: a replay
 *
 * Says whether events are only read and counted.
 *
 * Returns: whether they are
 *
 * Since: 1.0
 */
gboolean
bubus_replay_get_dry_run (BubusReplay *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLAY (self), FALSE);

  return self->dry_run;
}

/**
 * bubus_replay_set_dry_run: (set-property dry-run)
 * @self: a replay that is not running
 * @dry_run: whether events are only to be read and counted
 *
 * Says whether events are only to be read and counted.
 *
 * Since: 1.0
 */
void
bubus_replay_set_dry_run (BubusReplay *self,
                          gboolean     dry_run)
{
  g_return_if_fail (BUBUS_IS_REPLAY (self));
  g_return_if_fail (!self->running);

  dry_run = !!dry_run;
  if (self->dry_run == dry_run)
    return;
  self->dry_run = dry_run;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DRY_RUN]);
}

/**
 * bubus_replay_get_n_events: (get-property n-events)
 * @self: a replay
 *
 * Says how many events have been dispatched, or would have been.
 *
 * Returns: the number of events
 *
 * Since: 1.0
 */
guint64
bubus_replay_get_n_events (BubusReplay *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLAY (self), 0);

  return self->n_events;
}
