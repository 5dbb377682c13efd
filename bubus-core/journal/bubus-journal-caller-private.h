/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-mailbox-private.h"
#include "bubus-journal-writer-private.h"

G_BEGIN_DECLS

/* Somebody who waits for the writer's thread, and goes on in a main context. That thread never gives anything back:
 * with the last of it, it could give the journal back, which waits for the thread. */
typedef struct _BubusJournalCaller BubusJournalCaller;
struct _BubusJournalCaller
{
  BubusJournalWaiter   waiter;
  GMainContext        *context;   /* not owned */
  int                  priority;  /* where that is not the mailbox's */
  void               (*go_on) (BubusJournalCaller *self);
  void               (*end)   (BubusJournalCaller *self);  /* after that, in any case */
};

void _bubus_journal_caller_init  (BubusJournalCaller  *self,
                                  BubusJournalMailbox *mailbox,
                                  GMainContext        *context,
                                  int                  priority);

G_END_DECLS
