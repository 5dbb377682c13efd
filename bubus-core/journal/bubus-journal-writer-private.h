/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"
#include "base/bubus-queue-internal.h"
#include "bubus-journal-file-private.h"
#include "bubus-journal-live-private.h"
#include "bubus-journal-mailbox-private.h"
#include "journal/bubus-journal.h"

G_BEGIN_DECLS

/* What a journal was made with. */
typedef struct
{
  char                  *name;           /* for messages */
  char                  *path;           /* nullable */
  BubusClock            *clock;
  GMainContext          *context;        /* where the timeouts of the clock come */
  BubusJournalLive      *live;           /* not owned; NULL: accepted events are not recorded */
  BubusJournalMailbox   *mailbox;        /* not owned */
  BubusJournalDurability durability;
  double                 sync_interval;  /* seconds */
  gboolean               checksums;
  guint                  retry_limit;
  double                 retry_delay;    /* seconds */
  guint64                max_backlog;    /* bytes */
  guint64                rotate_size;    /* bytes; 0: never */
  double                 rotate_age;     /* seconds; 0: never */
  guint64                max_total;      /* bytes; 0: unlimited */
  gboolean               compress;
} BubusJournalOptions;

/* Somebody who wants to know what becomes of a record, or, in a hurry, of all that was appended before. The writer's
 * thread mostly hands over all of a batch at once, and does not look at each. Some are called there instead, without
 * its lock. */
typedef struct _BubusJournalWaiter BubusJournalWaiter;
struct _BubusJournalWaiter
{
  BubusJournalLetter letter;  /* is sent */
  guint64            record;  /* in a hurry: all up to this one */
  GError            *error;   /* nullable: what it came to; the waiter's */
  void             (*done) (BubusJournalWaiter *self);  /* nullable: is called */
};

/* Work for the writer's thread between two batches. */
typedef void (*BubusJournalJobFunc) (BubusJournalFile *file,
                                     gpointer          data);

typedef struct
{
  guint64  n_written;
  guint64  n_lost;
  gboolean failing;
  gboolean congested;
} BubusJournalState;

/* Tells that the state has changed; @error is nullable. In any thread, without the lock. */
typedef void (*BubusJournalStateFunc) (const GError *error,
                                       gpointer      data);

typedef struct _BubusJournalWriter BubusJournalWriter;

BubusJournalWriter *_bubus_journal_writer_new        (const BubusJournalOptions *options,
                                                      BubusJournalStateFunc      changed,
                                                      gpointer                   data) G_GNUC_WARN_UNUSED_RESULT;
void                _bubus_journal_writer_stop       (BubusJournalWriter        *self);
void                _bubus_journal_writer_unref      (BubusJournalWriter        *self);
guint64             _bubus_journal_writer_append     (BubusJournalWriter        *self,
                                                      const char                *line,
                                                      gsize                      length,
                                                      BubusJournalWaiter        *waiter);
void                _bubus_journal_writer_note_too_long (BubusJournalWriter *self,
                                                         gboolean            shortened);
void                _bubus_journal_writer_flush      (BubusJournalWriter        *self,
                                                      BubusJournalWaiter        *waiter);
void                _bubus_journal_writer_run        (BubusJournalWriter        *self,
                                                      BubusJournalJobFunc        func,
                                                      gpointer                   data);
void                _bubus_journal_writer_tell       (BubusJournalWriter        *self,
                                                      BubusJournalWaiter        *waiter,
                                                      const GError              *error);
void                _bubus_journal_writer_get_state  (BubusJournalWriter        *self,
                                                      BubusJournalState         *state);

G_END_DECLS
