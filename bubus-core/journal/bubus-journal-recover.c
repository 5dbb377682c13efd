/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-private.h"

#include "base/bubus-error.h"
#include "bubus-journal-line-private.h"
#include "bubus-journal-quarantine-private.h"
#include "bubus-journal-scan-private.h"
#include "bubus-journal-wait-private.h"
#include "codec/bubus-event-json.h"
#include "event/bubus-event-internal.h"

/* A recovery: the task's data. */
typedef struct
{
  BubusEventBus    *bus;
  BubusJournalScan *scan;
  BubusJournalLive *live;
  GQueue            events;       /* marked and recorded, to be dispatched; owns a reference to each */
  guint             n_recovered;
} BubusJournalRecovery;

static void
bubus_journal_recovery_free (BubusJournalRecovery *self)
{
  g_object_unref (self->bus);
  _bubus_journal_scan_free (self->scan);
  g_queue_clear_full (&self->events, g_object_unref);
  g_free (self);
}

/* ---- marks ---- */

static BubusMember *
bubus_event_find_retry (BubusEvent *event)
{
  BubusEventExtras *extras = _bubus_event_get_private (event)->extras;

  for (guint i = 0; extras != NULL && extras->members != NULL && i < extras->members->len; i++)
    {
      BubusMember *member = &g_array_index (extras->members, BubusMember, i);

      if (g_str_equal (member->name, BUBUS_JOURNAL_RETRY))
        return member;
    }
  return NULL;
}

static guint
bubus_event_get_n_retries (BubusEvent *event)
{
  const BubusMember *member = bubus_event_find_retry (event);
  guint64 n = member != NULL ? g_ascii_strtoull (bubus_json_get_text (member->value), NULL, 10) : 0;

  return MIN (n, G_MAXUINT);
}

/* Nobody else knows the event yet. */
static void
bubus_event_mark_retry (BubusEvent *event)
{
  g_autofree char *text = g_strdup_printf ("%u", bubus_event_get_n_retries (event) + 1);
  g_autoptr (BubusJson) value = bubus_json_new (text, -1, NULL);
  BubusMember *member = bubus_event_find_retry (event);

  if (member == NULL)
    {
      _bubus_event_add_member (event, BUBUS_JOURNAL_RETRY, value);
      return;
    }
  bubus_json_unref (member->value);
  member->value = bubus_json_ref (value);
}

/**
 * bubus_journal_get_n_retries:
 * @self: a journal
 * @event: an event
 *
 * Says how often the event has been dispatched again by [method@Journal.recover_async] because the process had died
 * before it was complete. Its handlers may have run before, or some of them.
 *
 * The event carries that number as the member `journal_retry` of its JSON. May be called from any thread, for an event
 * that has been dispatched.
 *
 * Returns: the number of times; 0 for an event that runs for the first time
 *
 * Since: 1.0
 */
guint
bubus_journal_get_n_retries (BubusJournal *self,
                             BubusEvent   *event)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), 0);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), 0);

  return bubus_event_get_n_retries (event);
}

/* ---- events, one after the other ---- */

/* An event that cannot be had any more, because its class has become another one. The journal says so, and what it was
 * is kept in quarantine. */
static gboolean
bubus_journal_recovery_give_up (GTask         *task,
                                GBytes        *text,
                                const GError  *reason,
                                GError       **error)
{
  BubusJournal *journal = g_task_get_source_object (task);
  const char *path = g_file_peek_path (bubus_journal_get_file (journal));
  g_autofree char *message = g_strdup_printf ("%s: quarantined: %s", path, reason->message);
  BubusJournalLine line = { .path = path };
  BubusQuarantine quarantine;
  gboolean added;

  line.text = (char *) g_bytes_get_data (text, &line.length);
  _bubus_quarantine_init (&quarantine, path);
  added = _bubus_quarantine_add (&quarantine, &line, reason->message, error);
  _bubus_quarantine_clear (&quarantine);
  if (added)
    _bubus_journal_record_end (journal, line.text, line.length, reason->message);
  _bubus_journal_tell_damage (journal, message);
  return added;
}

/* Marks the event, and records that: whatever happens next, it is not taken for one that never ran. */
static gboolean
bubus_journal_recovery_take (GTask   *task,
                             GBytes  *text,
                             GError **error)
{
  BubusJournal *journal = g_task_get_source_object (task);
  BubusJournalRecovery *self = g_task_get_task_data (task);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GError) reason = NULL;
  gsize length;
  const char *data = g_bytes_get_data (text, &length);

  event = bubus_event_new_from_json (data, length, BUBUS_JSON_RESET, &reason);
  if (event == NULL || !bubus_event_validate (event, &reason))
    return bubus_journal_recovery_give_up (task, text, reason, error);

  bubus_event_mark_retry (event);
  _bubus_journal_live_add (self->live, &_bubus_event_get_private (event)->id, TRUE);
  _bubus_journal_record_acceptance (journal, event, NULL);
  g_queue_push_tail (&self->events, g_steal_pointer (&event));
  return TRUE;
}

static gboolean
bubus_journal_recovery_take_all (GTask   *task,
                                 GError **error)
{
  BubusJournalRecovery *self = g_task_get_task_data (task);

  while (!g_queue_is_empty (&self->scan->unfinished))
    {
      g_autoptr (GBytes) text = g_queue_pop_head (&self->scan->unfinished);

      if (!bubus_journal_recovery_take (task, text, error))
        return FALSE;
    }
  return TRUE;
}

static void bubus_journal_recovery_dispatch_next (GTask *task);

static void
bubus_journal_recovery_dispatched_cb (GObject      *object,
                                      GAsyncResult *result,
                                      gpointer      data)
{
  g_autoptr (GTask) task = data;
  BubusJournalRecovery *self = g_task_get_task_data (task);
  GError *error = NULL;

  /* What is refused stays unfinished: the next recovery tries again. */
  if (!bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (object), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->n_recovered++;
  bubus_journal_recovery_dispatch_next (task);
}

static void
bubus_journal_recovery_dispatch_next (GTask *task)
{
  BubusJournalRecovery *self = g_task_get_task_data (task);
  g_autoptr (BubusEvent) event = g_queue_pop_head (&self->events);

  if (event == NULL)
    g_task_return_boolean (task, TRUE);
  else
    bubus_event_bus_dispatch_async (self->bus, event, g_task_get_cancellable (task),
                                    bubus_journal_recovery_dispatched_cb, g_object_ref (task));
}

static void
bubus_journal_recovery_recorded (GTask        *task,
                                 const GError *error)
{
  if (error != NULL && _bubus_journal_is_required (g_task_get_source_object (task)))
    g_task_return_error (task, g_error_copy (error));
  else
    bubus_journal_recovery_dispatch_next (task);
}

static void
bubus_journal_recovery_go_on (GTask *task)
{
  BubusJournal *journal = g_task_get_source_object (task);
  BubusJournalRecovery *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (!bubus_journal_recovery_take_all (task, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  _bubus_journal_live_set_recovered (self->live);
  _bubus_journal_writer_flush (_bubus_journal_get_writer (journal),
                               _bubus_journal_task_waiter_new (task, bubus_journal_recovery_recorded));
}

/* ---- the whole ---- */

static void
bubus_journal_recovery_scanned (GTask        *task,
                                const GError *error)
{
  BubusJournalRecovery *self = g_task_get_task_data (task);

  for (guint i = 0; i < self->scan->damages->len; i++)
    _bubus_journal_tell_damage (g_task_get_source_object (task), self->scan->damages->pdata[i]);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else if (!g_task_return_error_if_cancelled (task))
    bubus_journal_recovery_go_on (task);
}

typedef struct
{
  BubusJournalRecovery *recovery;
  BubusJournalWriter   *writer;
  BubusJournalWaiter   *waiter;    /* holds the task, and so the recovery */
} BubusJournalScanJob;

/* In the writer's thread. */
static void
bubus_journal_recovery_scan (BubusJournalFile *file,
                             gpointer          data)
{
  BubusJournalScanJob *job = data;
  g_autoptr (GError) error = NULL;

  _bubus_journal_scan_run (job->recovery->scan, file, job->recovery->live, &error);
  _bubus_journal_writer_tell (job->writer, job->waiter, error);
  g_free (job);
}

/**
 * bubus_journal_recover_async:
 * @self: a journal, in recovery mode
 * @bus: a bus, which has the journal among its middleware
 * @cancellable: (nullable): ends the recovery; what has not been dispatched by then stays unfinished
 * @callback: (scope async) (closure user_data): called when everything has been dispatched
 * @user_data: passed to @callback
 *
 * Reads what earlier lives of the journal have left, and dispatches every event that was accepted and is not complete:
 * under the same id, in the order in which they were accepted, waiting for room if need be.
 *
 * Each event is handled at least once: handlers that had run before the process died run again. Such an event can be
 * told by [method@Journal.get_n_retries]. A child is dispatched again by itself, with the id of its parent; a parent
 * that is dispatched again dispatches its children anew.
 *
 * A last line that is not complete is cut off; it was never acknowledged. Other lines that are no events, or whose
 * checksum is wrong, are copied to the file beside the journal whose name ends with `.quarantine`, one JSON object for
 * each, with the file, the line, the offset, the reason and the bytes. Both is told by [signal@Journal::damaged].
 *
 * To be called once, when the handlers are registered. The event classes must be registered
 * ([func@Event.register_type]). Until then, nothing that recovery may need is removed by rotation.
 *
 * Fails with %BUBUS_ERROR_JOURNAL when the journal cannot be read, another process has it, or it is not in recovery
 * mode, and with the error of the bus when it does not take an event.
 *
 * Since: 1.0
 */
void
bubus_journal_recover_async (BubusJournal        *self,
                             BubusEventBus       *bus,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  BubusJournalRecovery *recovery;
  BubusJournalScanJob *job;
  GError *error = NULL;

  g_return_if_fail (BUBUS_IS_JOURNAL (self));
  g_return_if_fail (BUBUS_IS_EVENT_BUS (bus));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  recovery = g_new0 (BubusJournalRecovery, 1);
  recovery->bus = g_object_ref (bus);
  recovery->scan = _bubus_journal_scan_new ();
  recovery->live = _bubus_journal_get_live (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_journal_recover_async);
  g_task_set_task_data (task, recovery, (GDestroyNotify) bubus_journal_recovery_free);
  if (!_bubus_journal_check_recovering (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  job = g_new0 (BubusJournalScanJob, 1);
  job->recovery = recovery;
  job->writer = _bubus_journal_get_writer (self);
  job->waiter = _bubus_journal_task_waiter_new (task, bubus_journal_recovery_scanned);
  _bubus_journal_writer_run (job->writer, bubus_journal_recovery_scan, job);
}

/**
 * bubus_journal_recover_finish:
 * @self: a journal
 * @result: what the callback was given
 * @n_recovered: (out) (optional): where to put how many events were dispatched
 * @error: (nullable): where to put why it failed
 *
 * Finishes [method@Journal.recover_async].
 *
 * Returns: whether all unfinished events were dispatched
 *
 * Since: 1.0
 */
gboolean
bubus_journal_recover_finish (BubusJournal  *self,
                              GAsyncResult  *result,
                              guint         *n_recovered,
                              GError       **error)
{
  BubusJournalRecovery *recovery;

  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  recovery = g_task_get_task_data (G_TASK (result));
  if (n_recovered != NULL)
    *n_recovered = recovery->n_recovered;
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * bubus_journal_count_unfinished:
 * @self: a journal in recovery mode
 *
 * Says how many events the journal has recorded as accepted and not yet as complete. May be called from any thread.
 *
 * Returns: the number of events
 *
 * Since: 1.0
 */
guint
bubus_journal_count_unfinished (BubusJournal *self)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), 0);

  return _bubus_journal_live_count (_bubus_journal_get_live (self));
}
