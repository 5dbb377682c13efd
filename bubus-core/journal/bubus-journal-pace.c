/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-pace-private.h"

/* Those who are told mostly come again: each makes its next event. One sync for all is best when gathering them takes
 * little beside it. Otherwise one half is gathered while the other one waits for the disk, so that neither who makes
 * events nor the disk stands still. Without that, all would soon be in one group, and take turns with the disk. Whether a
 * sync of half as much would take half as long is not known, so that the limit lies in the middle. */
static gboolean
bubus_journal_pace_is_brisk (const BubusJournalPace *self)
{
  return 2 * self->gather_time < self->sync_time;
}

/* One that took long is no rule. */
void
_bubus_journal_pace_note_sync (BubusJournalPace *self,
                               gint64            duration)
{
  self->sync_time = (3 * self->sync_time + duration) / 4;
}

/* @n_told are about to be told, and @n_left have come while the disk was busy. */
void
_bubus_journal_pace_note_told (BubusJournalPace *self,
                               guint             n_told,
                               guint             n_left,
                               gint64            now)
{
  guint n_in_flight = n_told + n_left;

  if (self->n_at > 0)
    self->gather_time = (self->came_at - self->told_at) * n_in_flight / self->n_at;
  self->told_at = now;
  self->n_came = self->n_at = 0;
  self->expects = TRUE;
  self->n_expected = bubus_journal_pace_is_brisk (self) ? n_in_flight : (7 * n_in_flight + 15) / 16;
}

/* The time in which those who are expected should have come. */
gint64
_bubus_journal_pace_get_patience (const BubusJournalPace *self)
{
  return bubus_journal_pace_is_brisk (self) ? self->sync_time : self->gather_time / 2;
}
