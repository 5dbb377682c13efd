/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How those who wait for the disk come, and how the disk goes: for whom a sync waits, and how long. Times are in
 * microseconds. */
typedef struct
{
  gint64 sync_time;    /* that a sync takes */
  gint64 gather_time;  /* until as many wait again as did */
  gint64 told_at;      /* when the last ones were told */
  gint64 came_at;      /* when the last one has come since */
  guint  n_came;       /* since then */
  guint  n_expected;   /* for whom a sync waits */
} BubusJournalPace;

void   _bubus_journal_pace_note_sync    (BubusJournalPace       *self,
                                         gint64                  duration);
void   _bubus_journal_pace_note_waiter  (BubusJournalPace       *self,
                                         gint64                  now);
void   _bubus_journal_pace_note_told    (BubusJournalPace       *self,
                                         guint                   n_told,
                                         guint                   n_left,
                                         gint64                  now);
gint64 _bubus_journal_pace_get_patience (const BubusJournalPace *self);

G_END_DECLS
