/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-event-bus.h"
#include "bus/bubus-hold.h"
#include "journal/bubus-journal.h"

G_BEGIN_DECLS

/* Where events wait until the disk has what says that they are accepted, or complete. Those that come in one iteration of a main
 * context wait for one sync. May be used from any thread. */
typedef struct
{
  GMutex      lock;
  GHashTable *open;  /* GMainContext → BubusJournalGate, for one iteration of each; guarded by @lock */
} BubusJournalGates;

void _bubus_journal_gates_init  (BubusJournalGates *self);
void _bubus_journal_gates_clear (BubusJournalGates *self);
void _bubus_journal_gates_enter (BubusJournal      *journal,
                                 BubusInterception *interception);
void _bubus_journal_gates_hold  (BubusJournal      *journal,
                                 BubusEventBus     *bus,
                                 BubusEvent        *event,
                                 BubusHold         *hold);

G_END_DECLS
