/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-hold.h"
#include "journal/bubus-journal.h"

G_BEGIN_DECLS

/* The events whose completion is recorded and not told yet. May be used from any thread. */
typedef struct
{
  GMutex      lock;
  GHashTable *events;  /* of BubusKeptEvent, by id; guarded by @lock */
} BubusJournalKeeper;

void     _bubus_journal_keeper_init   (BubusJournalKeeper *self);
void     _bubus_journal_keeper_clear  (BubusJournalKeeper *self);
gboolean _bubus_journal_keeper_forget (BubusJournalKeeper *self,
                                       BubusEvent         *event);
void     _bubus_journal_keep          (BubusJournal       *journal,
                                       BubusEventBus      *bus,
                                       BubusEvent         *event);
void     _bubus_journal_let_go        (BubusJournal       *journal,
                                       BubusEvent         *event,
                                       const GError       *error);

G_END_DECLS
