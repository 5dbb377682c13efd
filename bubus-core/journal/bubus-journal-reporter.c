/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-reporter-private.h"

struct _BubusJournalReporter
{
  gatomicrefcount       ref_count;
  GWeakRef              journal;
  BubusJournalTellFunc  tell;
  GMainContext         *context;
  GMutex                lock;
  GError               *error;    /* nullable: not told yet; guarded by @lock */
  gboolean              queued;   /* guarded by @lock */
};

BubusJournalReporter *
_bubus_journal_reporter_new (BubusJournal          *journal,
                             BubusJournalTellFunc   tell)
{
  BubusJournalReporter *self = g_new0 (BubusJournalReporter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_weak_ref_init (&self->journal, journal);
  self->tell = tell;
  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->lock);
  return self;
}

void
_bubus_journal_reporter_unref (gpointer data)
{
  BubusJournalReporter *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_weak_ref_clear (&self->journal);
  g_main_context_unref (self->context);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* What was not told yet, or NULL. */
GError *
_bubus_journal_reporter_steal_error (BubusJournalReporter *self)
{
  GError *error;

  g_mutex_lock (&self->lock);
  error = g_steal_pointer (&self->error);
  self->queued = FALSE;
  g_mutex_unlock (&self->lock);
  return error;
}

static gboolean
bubus_journal_reporter_cb (gpointer data)
{
  BubusJournalReporter *self = data;
  g_autoptr (BubusJournal) journal = g_weak_ref_get (&self->journal);
  g_autoptr (GError) error = NULL;

  if (journal == NULL)
    return G_SOURCE_REMOVE;

  error = _bubus_journal_reporter_steal_error (self);
  self->tell (journal, error);
  return G_SOURCE_REMOVE;
}

static void
bubus_journal_reporter_queue (BubusJournalReporter *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_ref_count_inc (&self->ref_count);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_journal_reporter_cb, self, _bubus_journal_reporter_unref);
  g_source_attach (source, self->context);
}

/* In any thread. */
void
_bubus_journal_reporter_changed (const GError *error,
                                 gpointer      data)
{
  BubusJournalReporter *self = data;
  gboolean queued;

  g_mutex_lock (&self->lock);
  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  queued = self->queued;
  self->queued = TRUE;
  g_mutex_unlock (&self->lock);

  if (!queued)
    bubus_journal_reporter_queue (self);
}

