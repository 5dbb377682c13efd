/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-caller-private.h"
#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

/* An event on its way through the journal to a bus, and in the end the result of that. Whoever is told may keep it; one
 * that nobody keeps is used again, because an object that comes and goes costs more than the record of the event. */
#define BUBUS_TYPE_JOURNAL_ADMISSION (_bubus_journal_admission_get_type ())

G_DECLARE_FINAL_TYPE (BubusJournalAdmission, _bubus_journal_admission, BUBUS, JOURNAL_ADMISSION, GObject)

struct _BubusJournalAdmission
{
  GObject              parent_instance;

  BubusLink            link;         /* among those to use again */
  BubusJournalCaller   caller;
  BubusJournal        *journal;
  BubusEventBus       *bus;
  BubusEvent          *event;
  GCancellable        *cancellable;  /* nullable */
  GMainContext        *context;      /* where the callback is called */
  GAsyncReadyCallback  callback;     /* nullable */
  gpointer             user_data;
  gboolean             recorded;     /* as accepted, by this admission */
  gboolean             waited;       /* the caller has returned long since: the callback may be called at once */
  GError              *error;        /* nullable: why the event was refused */
};

/* Those to use again. May be used from any thread. */
typedef struct
{
  GMutex     lock;
  BubusQueue spare;  /* owned; guarded by @lock */
} BubusJournalAdmissions;

void _bubus_journal_admissions_init  (BubusJournalAdmissions *self);
void _bubus_journal_admissions_clear (BubusJournalAdmissions *self);

BubusJournalAdmission *
     _bubus_journal_admission_new    (BubusJournal           *journal,
                                      BubusEventBus          *bus,
                                      BubusEvent             *event,
                                      GCancellable           *cancellable,
                                      GAsyncReadyCallback     callback,
                                      gpointer                user_data) G_GNUC_WARN_UNUSED_RESULT;
void _bubus_journal_admission_give_back (BubusJournalAdmission *self);
void _bubus_journal_admission_return (BubusJournalAdmission  *self,
                                      GError                 *error);

G_END_DECLS
