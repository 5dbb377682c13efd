/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-caller-private.h"

static void
bubus_journal_caller_open (BubusJournalLetter *letter)
{
  BubusJournalCaller *self = (BubusJournalCaller *) letter;

  self->go_on (self);
  self->end (self);
}

static gboolean
bubus_journal_caller_cb (gpointer data)
{
  BubusJournalCaller *self = data;

  self->go_on (self);
  return G_SOURCE_REMOVE;
}

static void
bubus_journal_caller_end (gpointer data)
{
  BubusJournalCaller *self = data;

  self->end (self);
}

/* To another main context than the journal's. */
static void
bubus_journal_caller_send (BubusJournalWaiter *waiter)
{
  BubusJournalCaller *self = (BubusJournalCaller *) waiter;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, self->priority);
  g_source_set_callback (source, bubus_journal_caller_cb, self, bubus_journal_caller_end);
  g_source_attach (source, self->context);
}

/* What is to be called is set by whoever it belongs to. */
void
_bubus_journal_caller_init (BubusJournalCaller  *self,
                            BubusJournalMailbox *mailbox,
                            GMainContext        *context,
                            int                  priority)
{
  gboolean same = context == _bubus_journal_mailbox_get_context (mailbox);

  self->waiter.letter.open = bubus_journal_caller_open;
  self->waiter.done = same ? NULL : bubus_journal_caller_send;
  self->context = context;
  self->priority = priority;
}
