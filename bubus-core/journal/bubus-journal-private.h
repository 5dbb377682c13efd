/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-admission-private.h"
#include "bubus-journal-gate-private.h"
#include "bubus-journal-keeper-private.h"
#include "bubus-journal-mailbox-private.h"
#include "bubus-journal-reporter-private.h"
#include "bubus-journal-writer-private.h"

G_BEGIN_DECLS

struct _BubusJournal
{
  GObject               parent_instance;

  GFile                *file;       /* set once, as what follows */
  BubusJournalOptions   options;
  gboolean              recovery;
  gboolean              require;
  BubusJournalReporter *reporter;
  BubusJournalLive      live;
  gboolean              durable_completion;
  BubusJournalGates     gates;
  BubusJournalAdmissions admissions;
  BubusJournalKeeper    keeper;
  BubusJournalWriter   *writer;
  BubusJournalMailbox  *mailbox;
  int                   n_parked;   /* atomic: events that are recorded and wait for room on a bus */

  gboolean              failing;    /* as it was told; in the journal's main context */
  gboolean              congested;
};

BubusJournalWriter *_bubus_journal_get_writer    (BubusJournal       *self);
BubusJournalMailbox *_bubus_journal_get_mailbox  (BubusJournal       *self);
int                *_bubus_journal_get_n_parked  (BubusJournal       *self);
BubusJournalGates  *_bubus_journal_get_gates     (BubusJournal       *self);
BubusJournalAdmissions *_bubus_journal_get_admissions (BubusJournal  *self);
BubusJournalKeeper *_bubus_journal_get_keeper    (BubusJournal       *self);
BubusJournalLive   *_bubus_journal_get_live      (BubusJournal       *self);
gboolean            _bubus_journal_is_recovering (BubusJournal       *self);
gboolean            _bubus_journal_check_recovering (BubusJournal    *self,
                                                     GError         **error);
gboolean            _bubus_journal_is_required   (BubusJournal       *self);
gboolean            _bubus_journal_has_checksums (BubusJournal       *self);
void                _bubus_journal_tell_damage   (BubusJournal       *self,
                                                  const char         *message);

/* bubus-journal-dispatch.c */
gboolean            _bubus_journal_is_admitting      (BubusJournal       *self,
                                                      BubusEvent         *event);

/* bubus-journal-record.c */
gboolean            _bubus_journal_record_completion (BubusJournal       *self,
                                                      BubusEvent         *event);
gboolean            _bubus_journal_record_acceptance (BubusJournal       *self,
                                                      BubusEvent         *event,
                                                      BubusJournalWaiter *waiter);
void                _bubus_journal_record_pending    (BubusJournal       *self,
                                                      BubusEvent         *event);
void                _bubus_journal_record_end        (BubusJournal       *self,
                                                      const char         *text,
                                                      gsize               length,
                                                      const char         *reason);
void                _bubus_journal_record_refusal    (BubusJournal       *self,
                                                      BubusEvent         *event,
                                                      const char         *reason);

G_END_DECLS
