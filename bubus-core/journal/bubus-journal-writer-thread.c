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

/* Moves those in a hurry whose time has come to @done: they wait for what is before @last or it. */
static void
bubus_journal_writer_collect_hurried_locked (BubusJournalWriter *self,
                                             guint64             last,
                                             BubusQueue         *done)
{
  BubusLink *link = _bubus_queue_peek_head (&self->hurried);

  while (link != NULL)
    {
      BubusJournalWaiter *waiter = BUBUS_LINK_OWNER (link, BubusJournalWaiter, letter.link);

      link = _bubus_queue_next (&self->hurried, link);
      if (waiter->record > last)
        continue;
      _bubus_queue_remove (&self->hurried, &waiter->letter.link);
      _bubus_queue_push_tail (done, &waiter->letter.link);
    }
}

/* Those of the batch are about to be told. */
static void
bubus_journal_writer_note_told_locked (BubusJournalWriter *self)
{
  guint n_told = _bubus_journal_waiters_count (&self->batch_waiters);

  if (n_told > 0)
    _bubus_journal_pace_note_told (&self->pace, n_told, _bubus_journal_waiters_count (&self->waiters),
                                   g_get_monotonic_time ());
}

/* In the thread, without the lock. The letter goes out with all that the thread has done. */
void
_bubus_journal_writer_tell (BubusJournalWriter *self,
                            BubusJournalWaiter *waiter,
                            const GError       *error)
{
  waiter->error = error != NULL ? g_error_copy (error) : NULL;
  if (waiter->done != NULL)
    waiter->done (waiter);
  else
    _bubus_journal_mailbox_put (self->options.mailbox, &waiter->letter);
}

static void
bubus_journal_writer_tell_each (BubusJournalWriter *self,
                                BubusQueue         *waiters,
                                const GError       *error)
{
  BubusLink *link;

  while ((link = _bubus_queue_pop_head (waiters)) != NULL)
    _bubus_journal_writer_tell (self, BUBUS_LINK_OWNER (link, BubusJournalWaiter, letter.link), error);
}

static void
bubus_journal_writer_tell_batch (BubusJournalWriter *self,
                                 const GError       *error)
{
  if (error == NULL)
    _bubus_journal_mailbox_put_all (self->options.mailbox, &self->batch_waiters.letters);
  else
    bubus_journal_writer_tell_each (self, &self->batch_waiters.letters, error);
  bubus_journal_writer_tell_each (self, &self->batch_waiters.calls, error);
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
  BubusQueue hurried;
  gboolean changed;

  _bubus_queue_init (&hurried);
  g_mutex_lock (&self->lock);
  self->state.n_written += self->batch_records;
  self->backlog -= self->batch->len;
  changed = bubus_journal_writer_relax_locked (self) || self->state.failing;
  self->state.failing = FALSE;
  bubus_journal_writer_note_told_locked (self);
  bubus_journal_writer_collect_hurried_locked (self, synced ? self->batch_last : 0, &hurried);
  self->overflowing = FALSE;
  g_mutex_unlock (&self->lock);

  bubus_journal_writer_forget_batch (self);
  if (changed)
    self->changed (NULL, self->data);
  bubus_journal_writer_tell_batch (self, NULL);
  bubus_journal_writer_tell_each (self, &hurried, NULL);
  _bubus_journal_mailbox_send (self->options.mailbox);
  _bubus_journal_writer_plan_sync (self);
}

static void
bubus_journal_writer_fail (BubusJournalWriter *self,
                           guint64             hurried,
                           const GError       *error)
{
  gboolean over = ++self->n_attempts > self->options.retry_limit;
  BubusQueue decided;
  gboolean changed;

  _bubus_queue_init (&decided);
  g_mutex_lock (&self->lock);
  over = over || self->stopping;
  changed = !self->state.failing;
  self->state.failing = TRUE;
  if (over)
    {
      self->state.n_lost += self->batch_records;
      self->backlog -= self->batch->len;
      changed = bubus_journal_writer_relax_locked (self) || changed;
      bubus_journal_writer_note_told_locked (self);
    }
  bubus_journal_writer_collect_hurried_locked (self, hurried, &decided);
  g_mutex_unlock (&self->lock);

  if (over || self->batch->len == 0)
    bubus_journal_writer_forget_batch (self);
  else
    _bubus_journal_writer_plan_retry (self);
  if (changed)
    self->changed (error, self->data);
  if (over)
    bubus_journal_writer_tell_batch (self, error);
  bubus_journal_writer_tell_each (self, &decided, error);
  _bubus_journal_mailbox_send (self->options.mailbox);
}

/* ---- the thread ---- */

static gboolean
bubus_journal_writer_has_work_locked (BubusJournalWriter *self)
{
  return self->stopping || self->jobs.length > 0 || self->hurried.length > 0 || self->sync_due
         || (self->batch->len > 0 ? self->retry_due : self->filling->len > 0);
}

static gboolean
bubus_journal_writer_has_enough_locked (BubusJournalWriter *self)
{
  guint n_waiters = _bubus_journal_waiters_count (&self->waiters);

  if (n_waiters > 0)
    return n_waiters >= self->pace.n_expected;

  /* A sync that nobody waits for would be in the way of those who are about to come. */
  return self->filling->len >= BUBUS_WRITER_EAGER
         && (!self->pace.expects || self->backlog > self->options.max_backlog / 2);
}

gboolean
_bubus_journal_writer_is_urgent_locked (BubusJournalWriter *self)
{
  return self->stopping || self->jobs.length > 0 || self->hurried.length > 0 || self->sync_due || self->retry_due
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
      if (!waited_for && _bubus_journal_waiters_count (&self->waiters) > 0)
        until = MIN (until, g_get_monotonic_time () + _bubus_journal_pace_get_patience (&self->pace));
      waited_for = _bubus_journal_waiters_count (&self->waiters) > 0;
      timed_out = !g_cond_wait_until (&self->wake, &self->lock, until);
    }
  self->pace.expects = self->pace.expects && !timed_out;
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
  _bubus_queue_take_all (&self->batch_waiters.letters, &self->waiters.letters);
  _bubus_queue_take_all (&self->batch_waiters.calls, &self->waiters.calls);
  self->batch_records = self->n_records - self->batch_last;
  self->batch_last = self->n_records;
}

static gboolean
bubus_journal_writer_wants_sync_locked (BubusJournalWriter *self)
{
  return self->options.durability == BUBUS_JOURNAL_DURABILITY_BEFORE_ACK || self->hurried.length > 0 || self->sync_due
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
  _bubus_journal_mailbox_send (self->options.mailbox);
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
