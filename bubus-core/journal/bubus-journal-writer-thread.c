/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-writer-thread-private.h"

#include "bubus-journal-checksum-private.h"

#define BUBUS_WRITER_LINGER    (5 * G_TIME_SPAN_MILLISECOND)
#define BUBUS_WRITER_KEPT      (4 * BUBUS_WRITER_EAGER)   /* a larger buffer is given back, when it was hardly used */

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
  gint64 time = g_get_monotonic_time () - start;

  g_mutex_lock (&self->lock);
  _bubus_journal_pace_note_sync (&self->pace, time);
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
  if (self->batch->allocated_len > BUBUS_WRITER_KEPT && self->batch->len < self->batch->allocated_len / 8)
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
  guint n_before = self->waiters.length - self->n_hurried;
  guint n_left;

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

  n_left = self->waiters.length - self->n_hurried;
  if (n_left < n_before)
    _bubus_journal_pace_note_told (&self->pace, n_before - n_left, n_left, g_get_monotonic_time ());
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
  _bubus_journal_writer_plan_sync (self);
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
    _bubus_journal_writer_plan_retry (self);
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

static gboolean
bubus_journal_writer_has_enough_locked (BubusJournalWriter *self)
{
  if (self->waiters.length > 0)
    return self->waiters.length >= self->pace.n_expected;
  return self->filling->len >= BUBUS_WRITER_EAGER;
}

gboolean
_bubus_journal_writer_is_urgent_locked (BubusJournalWriter *self)
{
  return self->stopping || self->jobs.length > 0 || self->n_hurried > 0 || self->sync_due || self->retry_due
         || bubus_journal_writer_has_enough_locked (self);
}

/* Where nobody waits, a moment makes one write of many. Where somebody does, others who are expected are waited
 * for, and share a sync. */
static void
bubus_journal_writer_linger_locked (BubusJournalWriter *self)
{
  gint64 until = g_get_monotonic_time () + BUBUS_WRITER_LINGER;
  gboolean waited_for = FALSE;
  gboolean timed_out = FALSE;

  while (!timed_out && !_bubus_journal_writer_is_urgent_locked (self))
    {
      self->lingering = TRUE;
      if (!waited_for && self->waiters.length > 0)
        until = MIN (until, g_get_monotonic_time () + _bubus_journal_pace_get_patience (&self->pace));
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

gpointer
_bubus_journal_writer_thread (gpointer data)
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
