/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "journal/bubus-journal.h"

G_BEGIN_DECLS

/* What the writer's thread tells, in the main context in which the journal was made. It outlives the journal. */
typedef struct _BubusJournalReporter BubusJournalReporter;

/* The state has changed; @error is nullable. */
typedef void (*BubusJournalTellFunc) (BubusJournal *journal,
                                      const GError *error);

BubusJournalReporter *_bubus_journal_reporter_new         (BubusJournal          *journal,
                                                           BubusJournalTellFunc   tell) G_GNUC_WARN_UNUSED_RESULT;
void                  _bubus_journal_reporter_unref       (gpointer               data);
GError               *_bubus_journal_reporter_steal_error (BubusJournalReporter  *self);
void                  _bubus_journal_reporter_changed     (const GError          *error,
                                                           gpointer               data);

G_END_DECLS
