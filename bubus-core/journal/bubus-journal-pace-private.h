/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How those who wait for the disk come, and how the disk goes: for whom a sync waits, and how long. Times are in
 * microseconds. */
typedef struct
{
  gint64   sync_time;    /* that a sync takes */
  gint64   gather_time;  /* until as many wait again as did */
  gint64   told_at;      /* when the last ones were told */
  gint64   came_at;      /* when one of those has come that have come since */
  guint    n_at;         /* how many had come by then */
  guint    n_came;       /* since then */
  guint    n_expected;   /* for whom a sync waits */
  gboolean expects;      /* those who were told are expected to come again */
} BubusJournalPace;

void   _bubus_journal_pace_note_sync    (BubusJournalPace       *self,
                                         gint64                  duration);
void   _bubus_journal_pace_note_told    (BubusJournalPace       *self,
                                         guint                   n_told,
                                         guint                   n_left,
                                         gint64                  now);
gint64 _bubus_journal_pace_get_patience (const BubusJournalPace *self);

/* One has come. Of many the time is not looked at for each. */
static inline gboolean
_bubus_journal_pace_count_waiter (BubusJournalPace *self)
{
  return ++self->n_came < 16 || self->n_came % 16 == 0;
}

static inline void
_bubus_journal_pace_note_waiter (BubusJournalPace *self,
                                 gint64            now)
{
  self->came_at = now;
  self->n_at = self->n_came;
}

G_END_DECLS
