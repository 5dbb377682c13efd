/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-writer-private.h"

#include <string.h>

#include "base/bubus-error.h"
#include "bubus-journal-checksum-private.h"
#include "bubus-journal-rotation-private.h"

/* Records go into a buffer, and a thread of their own takes them from there, all that have come together at once: one
 * write, and one sync if it is wanted, for many events. So nobody else ever waits for the disk. */

#define BUBUS_WRITER_EAGER     65536                      /* bytes for which the thread does not wait any longer */
#define BUBUS_WRITER_LINGER    (5 * G_TIME_SPAN_MILLISECOND)
#define BUBUS_WRITER_PATIENCE  4                          /* into how many parts a sync's time is divided */
#define BUBUS_WRITER_MAX_DELAY 60.0                       /* seconds between two attempts */
#define BUBUS_WRITER_KEPT      (4 * BUBUS_WRITER_EAGER)   /* a larger buffer is given back */

typedef struct
{
  BubusLink           link;
  BubusJournalJobFunc func;
  gpointer            data;
} BubusJournalJob;

struct _BubusJournalWriter
{
  gatomicrefcount       ref_count;
  BubusJournalOptions   options;
  BubusJournalStateFunc changed;
  gpointer              data;

  GMutex                lock;           /* guards what follows */
  GCond                 wake;
  GThread              *thread;         /* started with the first work */
  GString              *filling;        /* records whose turn has not come */
  guint64               n_records;      /* that were ever appended */
  BubusQueue            waiters;
  BubusQueue            jobs;
  guint                 n_hurried;      /* waiters that are in a hurry */
  gboolean              lingering;
  gboolean              stopping;
  gboolean              overflowing;    /* a record was lost because there was no room for it */
  gboolean              retry_due;
  gboolean              sync_due;
  guint                 retry_id;       /* timeouts; 0: none */
  guint                 sync_id;
  gsize                 backlog;        /* bytes in both buffers */
  BubusJournalState     state;

  /* The thread's own. */
  BubusJournalFile      file;
  BubusJournalRotation  rotation;
  GString              *batch;          /* what is being written, or has to be tried again */
  guint64               batch_records;
  guint64               batch_last;     /* the number of the last record that has been in a batch */
  guint                 n_attempts;     /* that have failed with this batch */
  gint64                sync_time;      /* that the last sync took, in microseconds; guarded by the lock */
  guint                 n_expected;     /* waiters: as many as the last batch had; guarded by the lock */
};

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
  _bubus_queue_init (&self->waiters);
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

static void
bubus_journal_writer_plan_retry (BubusJournalWriter *self)
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

static void
bubus_journal_writer_plan_sync (BubusJournalWriter *self)
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

/* ---- one attempt, in the thread and without the lock ---- */

static void
bubus_journal_writer_drop_written (BubusJournalWriter *self,
                                   gsize               length)
{
  guint64 n = 0;

  for (gsize i = 0; i < length; i++)
    n += self->batch->str[i] == '\n';
  g_string_erase (self->batch, 0, length);
  self->batch_records -= n;
  g_mutex_lock (&self->lock);
  self->state.n_written += n;
  self->backlog -= length;
  g_mutex_unlock (&self->lock);
}

static gboolean
bubus_journal_writer_write (BubusJournalWriter  *self,
                            GError             **error)
{
  gsize kept = 0;
  gboolean written;

  if (self->batch->len == 0)
    return TRUE;
  if (!_bubus_journal_file_lock (&self->file, error))
    return FALSE;

  written = _bubus_journal_rotation_rotate (&self->rotation, &self->file, self->batch->len,
                                            self->batch_last - self->batch_records, error)
            && _bubus_journal_file_append (&self->file, self->batch->str, self->batch->len, &kept, error);
  _bubus_journal_file_unlock (&self->file);

  if (!written && kept > 0)
    bubus_journal_writer_drop_written (self, kept);
  return written;
}

/* What could not be synchronized may be lost although it is in memory, and asking again says nothing about it: it has
 * to be written again. */
static void
bubus_journal_writer_take_back (BubusJournalWriter *self)
{
  if (self->batch->len > 0 && _bubus_journal_file_lock (&self->file, NULL))
    {
      _bubus_journal_file_take_back (&self->file, self->batch->len);
      _bubus_journal_file_unlock (&self->file);
    }
  _bubus_journal_file_close (&self->file);
}

static gboolean
bubus_journal_writer_sync (BubusJournalWriter  *self,
                           GError             **error)
{
  gint64 start = g_get_monotonic_time ();
  gboolean synced = _bubus_journal_file_sync (&self->file, error);

  g_mutex_lock (&self->lock);
  self->sync_time = g_get_monotonic_time () - start;
  g_mutex_unlock (&self->lock);
  return synced;
}

static gboolean
bubus_journal_writer_commit (BubusJournalWriter  *self,
                             gboolean             sync,
                             GError             **error)
{
  if (!bubus_journal_writer_write (self, error))
    return FALSE;
  if (!sync || bubus_journal_writer_sync (self, error))
    return TRUE;

  bubus_journal_writer_take_back (self);
  return FALSE;
}

/* ---- what an attempt leads to ---- */

static void
bubus_journal_writer_forget_batch (BubusJournalWriter *self)
{
  if (self->batch->allocated_len > BUBUS_WRITER_KEPT)
    {
      g_string_free (self->batch, TRUE);
      self->batch = g_string_new (NULL);
    }
  g_string_truncate (self->batch, 0);
  self->batch_records = 0;
  self->n_attempts = 0;
}

/* Moves the waiters whose time has come to @done. */
static void
bubus_journal_writer_collect_locked (BubusJournalWriter *self,
                                     guint64             last,     /* of those that wait for their record */
                                     guint64             hurried,  /* of those that are in a hurry */
                                     BubusQueue         *done)
{
  BubusLink *link = _bubus_queue_peek_head (&self->waiters);

  while (link != NULL)
    {
      BubusJournalWaiter *waiter = BUBUS_LINK_OWNER (link, BubusJournalWaiter, link);

      link = _bubus_queue_next (&self->waiters, link);
      if (waiter->record > (waiter->hurry ? hurried : last))
        continue;
      _bubus_queue_remove (&self->waiters, &waiter->link);
      self->n_hurried -= waiter->hurry;
      _bubus_queue_push_tail (done, &waiter->link);
    }
}

static void
bubus_journal_writer_tell_waiters (BubusQueue   *done,
                                   const GError *error)
{
  BubusLink *link;

  while ((link = _bubus_queue_pop_head (done)) != NULL)
    {
      BubusJournalWaiter *waiter = BUBUS_LINK_OWNER (link, BubusJournalWaiter, link);

      waiter->done (waiter, error);
    }
}

/* Whether something changed that is told. */
static gboolean
bubus_journal_writer_relax_locked (BubusJournalWriter *self)
{
  gboolean relaxed = self->state.congested && self->backlog <= self->options.max_backlog / 4;

  if (relaxed)
    self->state.congested = FALSE;
  return relaxed;
}

static void
bubus_journal_writer_succeed (BubusJournalWriter *self,
                              gboolean            synced)
{
  BubusQueue done;
  gboolean changed;

  _bubus_queue_init (&done);
  g_mutex_lock (&self->lock);
  self->state.n_written += self->batch_records;
  self->backlog -= self->batch->len;
  changed = bubus_journal_writer_relax_locked (self) || self->state.failing;
  self->state.failing = FALSE;
  bubus_journal_writer_collect_locked (self, self->batch_last, synced ? self->batch_last : 0, &done);
  self->overflowing = FALSE;
  g_mutex_unlock (&self->lock);

  bubus_journal_writer_forget_batch (self);
  if (changed)
    self->changed (NULL, self->data);
  bubus_journal_writer_tell_waiters (&done, NULL);
  bubus_journal_writer_plan_sync (self);
}

static void
bubus_journal_writer_fail (BubusJournalWriter *self,
                           guint64             hurried,
                           const GError       *error)
{
  gboolean over = ++self->n_attempts > self->options.retry_limit;
  BubusQueue done;
  gboolean changed;

  _bubus_queue_init (&done);
  g_mutex_lock (&self->lock);
  over = over || self->stopping;
  changed = !self->state.failing;
  self->state.failing = TRUE;
  if (over)
    {
      self->state.n_lost += self->batch_records;
      self->backlog -= self->batch->len;
      changed = bubus_journal_writer_relax_locked (self) || changed;
    }
  bubus_journal_writer_collect_locked (self, over ? self->batch_last : 0, hurried, &done);
  g_mutex_unlock (&self->lock);

  if (over || self->batch->len == 0)
    bubus_journal_writer_forget_batch (self);
  else
    bubus_journal_writer_plan_retry (self);
  if (changed)
    self->changed (error, self->data);
  bubus_journal_writer_tell_waiters (&done, error);
}

/* ---- the thread ---- */

static gboolean
bubus_journal_writer_has_work_locked (BubusJournalWriter *self)
{
  return self->stopping || self->jobs.length > 0 || self->n_hurried > 0 || self->sync_due
         || (self->batch->len > 0 ? self->retry_due : self->filling->len > 0);
}

/* Waiters that are in no hurry are waited for until there are as many as the last time. */
static gboolean
bubus_journal_writer_has_all_locked (BubusJournalWriter *self)
{
  return self->waiters.length > 0 && self->waiters.length >= self->n_expected;
}

static gboolean
bubus_journal_writer_is_urgent_locked (BubusJournalWriter *self)
{
  return self->stopping || self->jobs.length > 0 || self->n_hurried > 0 || self->sync_due || self->retry_due
         || self->filling->len >= BUBUS_WRITER_EAGER || bubus_journal_writer_has_all_locked (self);
}

/* Where nobody waits, a moment makes one write of many. Where somebody does, a part of the time that a sync takes makes
 * one sync of many. */
static void
bubus_journal_writer_linger_locked (BubusJournalWriter *self)
{
  gint64 until = g_get_monotonic_time () + BUBUS_WRITER_LINGER;
  gboolean waited_for = FALSE;
  gboolean timed_out = FALSE;

  self->lingering = TRUE;
  while (!timed_out && !bubus_journal_writer_is_urgent_locked (self))
    {
      if (!waited_for && self->waiters.length > 0)
        until = MIN (until, g_get_monotonic_time () + self->sync_time / BUBUS_WRITER_PATIENCE);
      waited_for = self->waiters.length > 0;
      timed_out = !g_cond_wait_until (&self->wake, &self->lock, until);
    }
  self->lingering = FALSE;
}

static void
bubus_journal_writer_wait_locked (BubusJournalWriter *self)
{
  while (!bubus_journal_writer_has_work_locked (self))
    g_cond_wait (&self->wake, &self->lock);
  bubus_journal_writer_linger_locked (self);
}

static void
bubus_journal_writer_take_locked (BubusJournalWriter *self)
{
  GString *empty = self->batch;

  if (self->batch->len > 0 || self->filling->len == 0)
    return;

  self->batch = self->filling;
  self->filling = empty;
  self->batch_records = self->n_records - self->batch_last;
  self->batch_last = self->n_records;
}

static gboolean
bubus_journal_writer_wants_sync_locked (BubusJournalWriter *self)
{
  return self->options.durability == BUBUS_JOURNAL_DURABILITY_BEFORE_ACK || self->n_hurried > 0 || self->sync_due
         || (self->stopping && self->options.durability != BUBUS_JOURNAL_DURABILITY_NONE);
}

static void
bubus_journal_writer_attempt (BubusJournalWriter *self)
{
  g_autoptr (GError) error = NULL;
  gboolean fresh, sync;
  guint64 hurried;

  g_mutex_lock (&self->lock);
  fresh = self->batch->len == 0;
  bubus_journal_writer_take_locked (self);
  sync = bubus_journal_writer_wants_sync_locked (self);
  hurried = self->n_records;
  self->n_expected = self->waiters.length - self->n_hurried;
  self->retry_due = self->sync_due = FALSE;
  g_mutex_unlock (&self->lock);

  if (fresh && self->options.checksums)
    _bubus_checksum_fill (self->batch->str, self->batch->len);
  if (bubus_journal_writer_commit (self, sync, &error))
    bubus_journal_writer_succeed (self, sync);
  else
    bubus_journal_writer_fail (self, hurried, error);
}

static gboolean
bubus_journal_writer_run_job (BubusJournalWriter *self)
{
  BubusLink *link;
  BubusJournalJob *job;

  g_mutex_lock (&self->lock);
  link = _bubus_queue_pop_head (&self->jobs);
  g_mutex_unlock (&self->lock);
  if (link == NULL)
    return FALSE;

  job = BUBUS_LINK_OWNER (link, BubusJournalJob, link);
  job->func (&self->file, job->data);
  g_free (job);
  return TRUE;
}

static gpointer
bubus_journal_writer_thread (gpointer data)
{
  BubusJournalWriter *self = data;
  gboolean over = FALSE;

  while (!over)
    {
      g_mutex_lock (&self->lock);
      bubus_journal_writer_wait_locked (self);
      g_mutex_unlock (&self->lock);

      if (bubus_journal_writer_run_job (self))
        continue;
      bubus_journal_writer_attempt (self);

      g_mutex_lock (&self->lock);
      over = self->stopping && self->filling->len == 0 && self->batch->len == 0 && self->jobs.length == 0;
      g_mutex_unlock (&self->lock);
    }
  return NULL;
}

static void
bubus_journal_writer_wake_locked (BubusJournalWriter *self)
{
  if (self->thread == NULL)
    self->thread = g_thread_new ("bubus-journal", bubus_journal_writer_thread, self);
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
      waiter->record = self->n_records;
      _bubus_queue_push_tail (&self->waiters, &waiter->link);
    }
  if (was_empty || (self->lingering && (self->waiters.length == 1 || bubus_journal_writer_is_urgent_locked (self))))
    bubus_journal_writer_wake_locked (self);
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

/* Waits for all that has been appended so far. May be called from any thread. */
void
_bubus_journal_writer_flush (BubusJournalWriter *self,
                             BubusJournalWaiter *waiter)
{
  waiter->hurry = TRUE;
  g_mutex_lock (&self->lock);
  waiter->record = self->n_records;
  self->n_hurried++;
  _bubus_queue_push_tail (&self->waiters, &waiter->link);
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
