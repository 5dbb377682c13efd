/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-pace-private.h"
#include "bubus-journal-rotation-private.h"

G_BEGIN_DECLS

/* Records go into a buffer, and a thread of their own takes them from there, all that have come together at once: one
 * write, and one sync if it is wanted, for many events. So nobody else ever waits for the disk. */

#define BUBUS_WRITER_EAGER     65536                      /* bytes for which the thread does not wait any longer */

typedef struct
{
  BubusLink           link;
  BubusJournalJobFunc func;
  gpointer            data;
} BubusJournalJob;

/* Those who wait for records. */
typedef struct
{
  BubusQueue letters;
  BubusQueue calls;    /* those who are called in the writer's thread */
} BubusJournalWaiters;

static inline guint
_bubus_journal_waiters_count (const BubusJournalWaiters *self)
{
  return self->letters.length + self->calls.length;
}

struct _BubusJournalWriter
{
  gatomicrefcount       ref_count;
  BubusJournalOptions   options;
  BubusJournalStateFunc changed;
  gpointer              data;

  GMutex                lock;           /* guards what follows */
  GCond                 wake;
  GThread              *thread;         /* started with the first work */
  GString              *filling;        /* records whose turn has not come */
  guint64               n_records;      /* that were ever appended */
  BubusJournalWaiters   waiters;        /* for records in @filling */
  BubusQueue            hurried;        /* the next attempt decides, is made at once, and includes a sync */
  BubusQueue            jobs;
  gboolean              lingering;
  gboolean              stopping;
  gboolean              overflowing;    /* a record was lost because there was no room for it */
  gboolean              retry_due;
  gboolean              sync_due;
  guint                 retry_id;       /* timeouts; 0: none */
  guint                 sync_id;
  gsize                 backlog;        /* bytes in both buffers */
  BubusJournalState     state;

  /* The thread's own. */
  BubusJournalFile      file;
  BubusJournalRotation  rotation;
  GString              *batch;          /* what is being written, or has to be tried again */
  guint64               batch_records;
  BubusJournalWaiters   batch_waiters;
  guint64               batch_last;     /* the number of the last record that has been in a batch */
  guint                 n_attempts;     /* that have failed with this batch */
  BubusJournalPace      pace;           /* guarded by the lock */
};

void     _bubus_journal_writer_plan_retry       (BubusJournalWriter *self);
void     _bubus_journal_writer_plan_sync        (BubusJournalWriter *self);
gboolean _bubus_journal_writer_is_urgent_locked (BubusJournalWriter *self);
gpointer _bubus_journal_writer_thread           (gpointer            data);

G_END_DECLS
