/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "journal/bubus-journal-pace-private.h"

/* @n come, the last one after @duration. */
static gint64
let_come (BubusJournalPace *pace,
          guint             n,
          gint64            now,
          gint64            duration)
{
  for (guint i = 1; i <= n; i++)
    if (_bubus_journal_pace_count_waiter (pace))
      _bubus_journal_pace_note_waiter (pace, now + duration * i / n);
  return now + duration;
}

static void
note_syncs (BubusJournalPace *pace,
            gint64            duration)
{
  for (guint i = 0; i < 50; i++)
    _bubus_journal_pace_note_sync (pace, duration);
}

/* The disk is slow: one sync is for all. */
static void
test_slow_disk (void)
{
  BubusJournalPace pace = { 0 };
  gint64 now = 1000000;

  note_syncs (&pace, 8000);
  _bubus_journal_pace_note_told (&pace, 100, 0, now);
  now = let_come (&pace, 100, now, 2000);
  _bubus_journal_pace_note_told (&pace, 100, 0, now + 8000);
  g_assert_cmpuint (pace.n_expected, ==, 100);
  g_assert_cmpint (_bubus_journal_pace_get_patience (&pace), >, 7900);
}

/* Events take longer than the disk: one half is made while the other one is written, also when all were in one group.
 * The halves need not be equal. */
static void
test_fast_disk (void)
{
  BubusJournalPace pace = { 0 };
  gint64 now = 1000000;

  note_syncs (&pace, 500);
  _bubus_journal_pace_note_told (&pace, 100, 0, now);
  now = let_come (&pace, 100, now, 2000);
  _bubus_journal_pace_note_told (&pace, 100, 0, now + 500);
  g_assert_cmpuint (pace.n_expected, ==, 44);
  g_assert_cmpint (_bubus_journal_pace_get_patience (&pace), ==, 1000);

  now = let_come (&pace, 50, now + 500, 1000);
  _bubus_journal_pace_note_told (&pace, 50, 50, now);
  g_assert_cmpuint (pace.n_expected, ==, 44);
  g_assert_cmpint (pace.gather_time, ==, 2000);
}

/* Half of the work of a sync that takes long because it is much takes half of the time: two halves are better than one
 * whole, as long as gathering that takes a good part of the time. */
static void
test_middling_disk (void)
{
  BubusJournalPace pace = { 0 };
  gint64 now = 1000000;

  note_syncs (&pace, 1000);
  _bubus_journal_pace_note_told (&pace, 512, 0, now);
  now = let_come (&pace, 512, now, 600);
  _bubus_journal_pace_note_told (&pace, 512, 0, now + 1000);
  g_assert_cmpint (pace.gather_time, ==, 600);
  g_assert_cmpuint (pace.n_expected, ==, 224);
  g_assert_true (pace.expects);
}

/* One alone waits for nobody. */
static void
test_alone (void)
{
  BubusJournalPace pace = { 0 };

  for (gint64 now = 1000; now < 100000; now += 1000)
    {
      g_assert_true (_bubus_journal_pace_count_waiter (&pace));
      _bubus_journal_pace_note_waiter (&pace, now);
      _bubus_journal_pace_note_sync (&pace, now % 3000);
      _bubus_journal_pace_note_told (&pace, 1, 0, now + 100);
      g_assert_cmpuint (pace.n_expected, ==, 1);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/pace/slow-disk", test_slow_disk);
  g_test_add_func ("/journal/pace/fast-disk", test_fast_disk);
  g_test_add_func ("/journal/pace/middling-disk", test_middling_disk);
  g_test_add_func ("/journal/pace/alone", test_alone);
  return g_test_run ();
}
