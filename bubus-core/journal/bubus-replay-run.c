/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-replay-private.h"

#include "base/bubus-error.h"
#include "base/bubus-uuid-internal.h"
#include "codec/bubus-event-json.h"
#include "event/bubus-event-internal.h"

#define BUBUS_REPLAY_BATCH 256 /* events in a row, when none is dispatched */

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
      _bubus_replay_tell_malformed (self, reason);
    }
}

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
    _bubus_replay_count (self);
  else
    _bubus_replay_tell_malformed (self, error);
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
      _bubus_replay_count (self);
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
