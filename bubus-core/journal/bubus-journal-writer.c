/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-writer-thread-private.h"

#include "base/bubus-error.h"

#define BUBUS_WRITER_MAX_DELAY 60.0                       /* seconds between two attempts */

static BubusJournalWriter *
bubus_journal_writer_ref (BubusJournalWriter *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_bubus_journal_writer_unref (BubusJournalWriter *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  _bubus_journal_file_clear (&self->file);
  _bubus_journal_rotation_clear (&self->rotation);
  g_string_free (self->filling, TRUE);
  g_string_free (self->batch, TRUE);
  g_object_unref (self->options.clock);
  g_main_context_unref (self->options.context);
  g_free (self->options.name);
  g_free (self->options.path);
  g_cond_clear (&self->wake);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
bubus_journal_waiters_init (BubusJournalWaiters *self)
{
  _bubus_queue_init (&self->letters);
  _bubus_queue_init (&self->calls);
}

/* Takes over what the options own. */
BubusJournalWriter *
_bubus_journal_writer_new (const BubusJournalOptions *options,
                           BubusJournalStateFunc      changed,
                           gpointer                   data)
{
  BubusJournalWriter *self = g_new0 (BubusJournalWriter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->options = *options;
  self->changed = changed;
  self->data = data;
  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  self->filling = g_string_new (NULL);
  self->batch = g_string_new (NULL);
  bubus_journal_waiters_init (&self->waiters);
  bubus_journal_waiters_init (&self->batch_waiters);
  _bubus_queue_init (&self->hurried);
  _bubus_queue_init (&self->jobs);
  _bubus_journal_file_init (&self->file, options->name, options->path);
  self->file.exclusive = options->live != NULL;
  self->file.sync_directory = options->durability != BUBUS_JOURNAL_DURABILITY_NONE;
  _bubus_journal_rotation_init (&self->rotation, &self->options);
  return self;
}

/* ---- time ---- */

static void
bubus_journal_writer_retry_cb (gpointer data)
{
  BubusJournalWriter *self = data;

  g_mutex_lock (&self->lock);
  self->retry_due = TRUE;
  self->retry_id = 0;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

static void
bubus_journal_writer_sync_cb (gpointer data)
{
  BubusJournalWriter *self = data;

  g_mutex_lock (&self->lock);
  self->sync_due = TRUE;
  self->sync_id = 0;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

static guint
bubus_journal_writer_add_timeout (BubusJournalWriter *self,
                                  double              seconds,
                                  BubusClockFunc      func)
{
  return bubus_clock_add_timeout (self->options.clock, (gint64) (seconds * 1e9), self->options.context, func,
                                  bubus_journal_writer_ref (self), (GDestroyNotify) _bubus_journal_writer_unref);
}

void
_bubus_journal_writer_plan_retry (BubusJournalWriter *self)
{
  double delay = self->options.retry_delay;
  guint id;

  g_mutex_lock (&self->lock);
  id = self->retry_id;
  g_mutex_unlock (&self->lock);
  if (id != 0)
    return;

  for (guint i = 1; i < self->n_attempts && delay < BUBUS_WRITER_MAX_DELAY; i++)
    delay *= 2;
  id = bubus_journal_writer_add_timeout (self, MIN (delay, BUBUS_WRITER_MAX_DELAY), bubus_journal_writer_retry_cb);

  g_mutex_lock (&self->lock);
  if (!self->retry_due)
    self->retry_id = id;
  g_mutex_unlock (&self->lock);
}

void
_bubus_journal_writer_plan_sync (BubusJournalWriter *self)
{
  guint id;

  if (self->options.durability != BUBUS_JOURNAL_DURABILITY_PERIODIC || !self->file.dirty)
    return;

  g_mutex_lock (&self->lock);
  id = self->sync_id;
  g_mutex_unlock (&self->lock);
  if (id != 0)
    return;

  id = bubus_journal_writer_add_timeout (self, self->options.sync_interval, bubus_journal_writer_sync_cb);
  g_mutex_lock (&self->lock);
  if (!self->sync_due)
    self->sync_id = id;
  g_mutex_unlock (&self->lock);
}

static void
bubus_journal_writer_cancel_timeouts (BubusJournalWriter *self)
{
  guint ids[2];

  g_mutex_lock (&self->lock);
  ids[0] = self->retry_id;
  ids[1] = self->sync_id;
  self->retry_id = self->sync_id = 0;
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i] != 0)
      bubus_clock_remove_timeout (self->options.clock, ids[i]);
}

static void
bubus_journal_writer_wake_locked (BubusJournalWriter *self)
{
  if (self->thread == NULL)
    self->thread = g_thread_new ("bubus-journal", _bubus_journal_writer_thread, self);
  else
    g_cond_signal (&self->wake);
}

/* ---- from outside ---- */

/* Whether this made it worth telling. */
static gboolean
bubus_journal_writer_note_backlog_locked (BubusJournalWriter *self)
{
  gboolean congested = !self->state.congested && self->backlog > self->options.max_backlog / 2;

  if (congested)
    self->state.congested = TRUE;
  return congested;
}

/* Counts a record that is lost because the disk does not keep up; whether it is the first one. */
static gboolean
bubus_journal_writer_overflow_locked (BubusJournalWriter *self,
                                      GError            **error)
{
  gboolean first = !self->overflowing;

  self->overflowing = TRUE;
  self->state.n_lost++;
  if (first)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL,
                 "the journal “%s” cannot be written as fast as events are completed: there are %" G_GSIZE_FORMAT
                 " bytes to be written, which is the limit", self->options.name, self->backlog);
  return first;
}

static void
bubus_journal_writer_add_locked (BubusJournalWriter *self,
                                 const char         *line,
                                 gsize               length,
                                 BubusJournalWaiter *waiter)
{
  gboolean was_empty = self->filling->len == 0;

  g_string_append_len (self->filling, line, length);
  self->backlog += length;
  self->n_records++;
  if (waiter != NULL)
    {
      _bubus_queue_push_tail (waiter->done != NULL ? &self->waiters.calls : &self->waiters.letters,
                              &waiter->letter.link);
      if (_bubus_journal_pace_count_waiter (&self->pace))
        _bubus_journal_pace_note_waiter (&self->pace, g_get_monotonic_time ());
    }
  if (was_empty || (self->lingering && (_bubus_journal_waiters_count (&self->waiters) == 1
                                        || _bubus_journal_writer_is_urgent_locked (self))))
    {
      self->lingering = FALSE; /* until the thread looks again: one call of the system is enough */
      bubus_journal_writer_wake_locked (self);
    }
}

/* Appends a line with its newline. Gives the number of the record, or 0 when there is no room for it: then it is lost,
 * and @waiter is not asked for. May be called from any thread. */
guint64
_bubus_journal_writer_append (BubusJournalWriter *self,
                              const char         *line,
                              gsize               length,
                              BubusJournalWaiter *waiter)
{
  g_autoptr (GError) error = NULL;
  gboolean changed, overflowed = FALSE;
  guint64 record = 0;

  g_mutex_lock (&self->lock);
  if (G_LIKELY (self->backlog + length <= self->options.max_backlog))
    {
      bubus_journal_writer_add_locked (self, line, length, waiter);
      record = self->n_records;
    }
  else if (waiter == NULL)
    overflowed = bubus_journal_writer_overflow_locked (self, &error);
  changed = bubus_journal_writer_note_backlog_locked (self) || overflowed;
  g_mutex_unlock (&self->lock);

  if (G_UNLIKELY (changed))
    self->changed (error, self->data);
  return record;
}

/* A line is not written, or not all of it. May be called from any thread. */
void
_bubus_journal_writer_note_too_long (BubusJournalWriter *self,
                                     gboolean            shortened)
{
  g_autoptr (GError) error = g_error_new (BUBUS_ERROR, BUBUS_ERROR_JOURNAL,
                                          shortened ? "an event's results are too long for the journal “%s”"
                                                    : "an event is too long for the journal “%s”", self->options.name);

  g_mutex_lock (&self->lock);
  self->state.n_lost += !shortened;
  g_mutex_unlock (&self->lock);
  self->changed (error, self->data);
}

/* Waits for all that has been appended so far. May be called from any thread. */
void
_bubus_journal_writer_flush (BubusJournalWriter *self,
                             BubusJournalWaiter *waiter)
{
  g_mutex_lock (&self->lock);
  waiter->record = self->n_records;
  _bubus_queue_push_tail (&self->hurried, &waiter->letter.link);
  bubus_journal_writer_wake_locked (self);
  g_mutex_unlock (&self->lock);
}

/* Has something done with the file between two writes. May be called from any thread. */
void
_bubus_journal_writer_run (BubusJournalWriter  *self,
                           BubusJournalJobFunc  func,
                           gpointer             data)
{
  BubusJournalJob *job = g_new0 (BubusJournalJob, 1);

  job->func = func;
  job->data = data;
  g_mutex_lock (&self->lock);
  _bubus_queue_push_tail (&self->jobs, &job->link);
  bubus_journal_writer_wake_locked (self);
  g_mutex_unlock (&self->lock);
}

void
_bubus_journal_writer_get_state (BubusJournalWriter *self,
                                 BubusJournalState  *state)
{
  g_mutex_lock (&self->lock);
  *state = self->state;
  g_mutex_unlock (&self->lock);
}

/* Writes what is left, once; what cannot be written is lost. */
void
_bubus_journal_writer_stop (BubusJournalWriter *self)
{
  GThread *thread;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  thread = g_steal_pointer (&self->thread);
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);

  if (thread != NULL)
    g_thread_join (thread);
  bubus_journal_writer_cancel_timeouts (self);
}
