/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-mailbox-private.h"

struct _BubusJournalMailbox
{
  gatomicrefcount  ref_count;
  GMainContext    *context;
  BubusQueue       outgoing;  /* the writer's own */
  GMutex           lock;
  BubusQueue       letters;   /* guarded by @lock */
  gboolean         attached;  /* there is a source that will look; guarded by @lock */
  BubusQueue       taken;     /* letters that are being opened; the context's own */
};

BubusJournalMailbox *
_bubus_journal_mailbox_new (GMainContext *context)
{
  BubusJournalMailbox *self = g_new0 (BubusJournalMailbox, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (context);
  g_mutex_init (&self->lock);
  _bubus_queue_init (&self->outgoing);
  _bubus_queue_init (&self->letters);
  _bubus_queue_init (&self->taken);
  return self;
}

void
_bubus_journal_mailbox_unref (BubusJournalMailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

GMainContext *
_bubus_journal_mailbox_get_context (BubusJournalMailbox *self)
{
  return self->context;
}

/* All at once: who posts does not wait for who opens. */
static void
bubus_journal_mailbox_take (BubusJournalMailbox *self)
{
  g_mutex_lock (&self->lock);
  _bubus_queue_take_all (&self->taken, &self->letters);
  g_mutex_unlock (&self->lock);
}

/* Whether there is nothing left; then there is no source any more. */
static gboolean
bubus_journal_mailbox_detach (BubusJournalMailbox *self)
{
  gboolean empty;

  g_mutex_lock (&self->lock);
  empty = self->letters.length == 0;
  self->attached = !empty;
  g_mutex_unlock (&self->lock);
  return empty;
}

/* Only what is there now: other sources have their turn before what comes in meanwhile. A letter that runs the context
 * finds those behind it still there. */
static gboolean
bubus_journal_mailbox_cb (gpointer data)
{
  BubusJournalMailbox *self = data;
  BubusLink *link;

  bubus_journal_mailbox_take (self);
  while ((link = _bubus_queue_pop_head (&self->taken)) != NULL)
    {
      BubusJournalLetter *letter = BUBUS_LINK_OWNER (link, BubusJournalLetter, link);

      letter->open (letter);
    }

  return bubus_journal_mailbox_detach (self) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
bubus_journal_mailbox_attach (BubusJournalMailbox *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_atomic_ref_count_inc (&self->ref_count);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_can_recurse (source, TRUE); /* a callback may run the context, and wait for the next letter */
  g_source_set_callback (source, bubus_journal_mailbox_cb, self, (GDestroyNotify) _bubus_journal_mailbox_unref);
  g_source_attach (source, self->context);
}

/* By the writer's thread, as the next. */
void
_bubus_journal_mailbox_put (BubusJournalMailbox *self,
                            BubusJournalLetter  *letter)
{
  _bubus_queue_push_tail (&self->outgoing, &letter->link);
}

void
_bubus_journal_mailbox_put_all (BubusJournalMailbox *self,
                                BubusQueue          *letters)
{
  _bubus_queue_take_all (&self->outgoing, letters);
}

void
_bubus_journal_mailbox_send (BubusJournalMailbox *self)
{
  gboolean attached;

  if (self->outgoing.length == 0)
    return;

  g_mutex_lock (&self->lock);
  attached = self->attached;
  self->attached = TRUE;
  _bubus_queue_take_all (&self->letters, &self->outgoing);
  g_mutex_unlock (&self->lock);

  if (!attached)
    bubus_journal_mailbox_attach (self);
}
