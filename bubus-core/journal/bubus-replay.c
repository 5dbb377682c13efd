/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-replay.h"

#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "base/bubus-uuid-internal.h"
#include "codec/bubus-event-json.h"
#include "event/bubus-event-internal.h"

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

#define BUBUS_REPLAY_BATCH 256 /* events in a row, when none is dispatched */

struct _BubusReplay
{
  GObject             parent_instance;

  BubusJournalReader *reader;
  BubusEventBus      *bus;
  BubusClock         *clock;       /* the bus's */
  double              speed;
  gboolean            dry_run;
  guint64             n_events;
  GHashTable         *seen;        /* BubusUuid */
  gint64              first_at;    /* when the first event was made; 0: there was none yet */
  gint64              started_at;  /* when it was replayed */

  BubusEvent         *waiting;     /* nullable: for its time */
  guint               timeout_id;
  GSource            *cancelled;   /* nullable: while an event waits */
  gboolean            running;
};

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
bubus_replay_class_init (BubusReplayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags construct = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags writable = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = bubus_replay_constructed;
  object_class->finalize = bubus_replay_finalize;
  object_class->get_property = bubus_replay_get_property;
  object_class->set_property = bubus_replay_set_property;

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

/* ---- events ---- */

static void
bubus_replay_tell_malformed (BubusReplay  *self,
                             const GError *error)
{
  if (g_signal_has_handler_pending (self, signals[SIGNAL_MALFORMED], 0, FALSE))
    g_signal_emit (self, signals[SIGNAL_MALFORMED], 0, error);
  else
    g_message ("%s", error->message);
}

/* A journal holds an event more than once when it was recorded as accepted, or dispatched again. */
static gboolean
bubus_replay_is_new (BubusReplay *self,
                     BubusEvent  *event)
{
  return g_hash_table_add (self->seen, g_memdup2 (&_bubus_event_get_private (event)->id, sizeof (BubusUuid)));
}

/* NULL at the end, and with an error when there is no way behind it. */
static BubusEvent *
bubus_replay_read (BubusReplay  *self,
                   GError      **error)
{
  while (TRUE)
    {
      g_autoptr (GError) reason = NULL;
      g_autoptr (BubusEvent) recorded = bubus_journal_reader_next (self->reader, &reason);
      BubusEvent *event = NULL;

      if (recorded == NULL && reason == NULL)
        return NULL;
      if (recorded != NULL && !bubus_replay_is_new (self, recorded))
        continue;
      if (recorded != NULL)
        event = bubus_event_new_from_json (bubus_journal_reader_get_text (self->reader), -1, BUBUS_JSON_RESET, &reason);
      if (event != NULL)
        return event;
      if (g_error_matches (reason, BUBUS_ERROR, BUBUS_ERROR_JOURNAL))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
      bubus_replay_tell_malformed (self, reason);
    }
}

static void
bubus_replay_count (BubusReplay *self)
{
  self->n_events++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_EVENTS]);
}

/* ---- the run ---- */

static void bubus_replay_go_on (GTask *task);

static void
bubus_replay_end (GTask  *task,
                  GError *error)
{
  BubusReplay *self = g_task_get_source_object (task);

  self->running = FALSE;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
bubus_replay_dispatched_cb (GObject      *object,
                            GAsyncResult *result,
                            gpointer      data)
{
  g_autoptr (GTask) task = data;
  BubusReplay *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  gboolean dispatched = bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (object), result, &error);

  if (!dispatched && (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED)
                      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)))
    {
      bubus_replay_end (task, g_steal_pointer (&error));
      return;
    }
  if (dispatched)
    bubus_replay_count (self);
  else
    bubus_replay_tell_malformed (self, error);
  bubus_replay_go_on (task);
}

static void
bubus_replay_dispatch (GTask      *task,
                       BubusEvent *event)
{
  BubusReplay *self = g_task_get_source_object (task);

  bubus_event_bus_dispatch_async (self->bus, event, g_task_get_cancellable (task), bubus_replay_dispatched_cb,
                                  g_object_ref (task));
}

/* The event's time has come, or the replay was cancelled: whichever is first. */
static void
bubus_replay_stop_waiting (GTask *task)
{
  BubusReplay *self = g_task_get_source_object (task);
  g_autoptr (BubusEvent) event = g_steal_pointer (&self->waiting);

  if (event == NULL)
    return;
  bubus_clock_remove_timeout (self->clock, self->timeout_id);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  bubus_replay_dispatch (task, event);
}

static void
bubus_replay_time_cb (gpointer data)
{
  bubus_replay_stop_waiting (data);
}

static gboolean
bubus_replay_cancelled_cb (GCancellable *cancellable,
                           gpointer      data)
{
  g_autoptr (GTask) task = g_object_ref (data);

  bubus_replay_stop_waiting (task);
  return G_SOURCE_REMOVE;
}

static void
bubus_replay_wait (GTask      *task,
                   BubusEvent *event,
                   gint64      duration_ns)
{
  BubusReplay *self = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->waiting = g_object_ref (event);
  self->timeout_id = bubus_clock_add_timeout (self->clock, duration_ns, g_task_get_context (task),
                                              bubus_replay_time_cb, g_object_ref (task), g_object_unref);
  if (cancellable == NULL)
    return;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (bubus_replay_cancelled_cb), g_object_ref (task),
                         g_object_unref);
  g_source_attach (self->cancelled, g_task_get_context (task));
}

/* How long the event has to wait, in nanoseconds. */
static gint64
bubus_replay_get_pause (BubusReplay *self,
                        BubusEvent  *event)
{
  gint64 made_at = bubus_event_get_event_created_at (event);
  gint64 now = bubus_clock_get_time (self->clock);

  if (self->first_at == 0)
    {
      self->first_at = made_at;
      self->started_at = now;
    }
  if (self->speed <= 0)
    return 0;
  return self->started_at + (gint64) ((made_at - self->first_at) / self->speed) - now;
}

static void
bubus_replay_send (GTask      *task,
                   BubusEvent *event)
{
  gint64 pause = bubus_replay_get_pause (g_task_get_source_object (task), event);

  if (pause > 0)
    bubus_replay_wait (task, event, pause);
  else
    bubus_replay_dispatch (task, event);
}

static gboolean
bubus_replay_go_on_cb (gpointer data)
{
  bubus_replay_go_on (data);
  return G_SOURCE_REMOVE;
}

/* Other sources of the main context have their turn, too. */
static void
bubus_replay_go_on_later (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, bubus_replay_go_on_cb, g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));
}

static void
bubus_replay_go_on (GTask *task)
{
  BubusReplay *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      bubus_replay_end (task, error);
      return;
    }

  for (guint i = 0; i < BUBUS_REPLAY_BATCH; i++)
    {
      g_autoptr (BubusEvent) event = bubus_replay_read (self, &error);

      if (event == NULL)
        {
          bubus_replay_end (task, error);
          return;
        }
      if (!self->dry_run)
        {
          bubus_replay_send (task, event);
          return;
        }
      bubus_replay_count (self);
    }
  bubus_replay_go_on_later (task);
}

/**
 * bubus_replay_run_async:
 * @self: a replay that is not running
 * @cancellable: (nullable): ends the replay
 * @callback: (scope async) (closure user_data): called when the last event has been dispatched
 * @user_data: passed to @callback
 *
 * Replays what the reader has from here on. To be called in the bus's main context.
 *
 * Events wait for room on the bus. Fails with %BUBUS_ERROR_STOPPED when the bus is stopped, with %BUBUS_ERROR_JOURNAL
 * when the journal cannot be read, and when it is cancelled. What a bus refuses for another reason is told by
 * [signal@Replay::malformed].
 *
 * Since: 1.0
 */
void
bubus_replay_run_async (BubusReplay         *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_REPLAY (self));
  g_return_if_fail (!self->running);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_replay_run_async);
  self->running = TRUE;
  bubus_replay_go_on_later (task);
}

/**
 * bubus_replay_run_finish:
 * @self: a replay
 * @result: what the callback was given
 * @error: (nullable): where to put why it ended early
 *
 * Finishes [method@Replay.run_async].
 *
 * Returns: whether everything was replayed
 *
 * Since: 1.0
 */
gboolean
bubus_replay_run_finish (BubusReplay   *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_REPLAY (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
