/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "event/bubus-event-internal.h"
#include "history/bubus-history-view-private.h"
#include "support/list-mirror.h"

#define N_VISITS 40
#define N_ROUNDS 2000

static const BubusHistoryStage stages[] = {
  BUBUS_HISTORY_GONE, BUBUS_HISTORY_PENDING, BUBUS_HISTORY_STARTED, BUBUS_HISTORY_COMPLETED,
};

/* How many runs of neighbours come, or go: what a model says that says no more than it must. */
static guint
count_runs (const gboolean *shown,
            const gboolean *wanted,
            gboolean        coming)
{
  gboolean inside = FALSE;
  guint n_runs = 0;

  for (guint i = 0; i < N_VISITS; i++)
    {
      gboolean changes = coming ? wanted[i] && !shown[i] : shown[i] && !wanted[i];
      gboolean breaks = coming ? wanted[i] && shown[i] : shown[i] && wanted[i];

      n_runs += changes && !inside;
      inside = changes || (inside && !breaks);
    }
  return n_runs;
}

static guint
count_signals (Mirror *mirror)
{
  guint n_signals = 0;

  for (const char *at = mirror->changes->str; *at != '\0'; at++)
    n_signals += *at == '-';
  return n_signals;
}

static void
test_random_changes (void)
{
  BubusVisit *visits[N_VISITS];
  gboolean shown[N_VISITS] = { FALSE };
  g_autoptr (GListModel) view = _bubus_history_view_new (BUBUS_HISTORY_PENDING | BUBUS_HISTORY_COMPLETED);
  g_autoptr (Mirror) mirror = mirror_new (view);

  g_test_summary ("B-7.1: whatever changes is told exactly, and in as few steps as possible");
  for (guint i = 0; i < N_VISITS; i++)
    {
      visits[i] = &_bubus_event_get_private (g_object_new (BUBUS_TYPE_EVENT, NULL))->first;
      visits[i]->sequence = i;
    }

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GArray) changes = g_array_new (FALSE, FALSE, sizeof (BubusHistoryChange));
      gboolean wanted[N_VISITS];
      guint n_shown = 0;

      memcpy (wanted, shown, sizeof wanted);
      for (guint i = N_VISITS; i-- > 0;)
        if (g_test_rand_int_range (0, 3) == 0)
          {
            BubusHistoryChange change = { visits[i], stages[g_test_rand_int_range (0, G_N_ELEMENTS (stages))] };

            g_array_append_val (changes, change);
            wanted[i] = change.stage == BUBUS_HISTORY_PENDING || change.stage == BUBUS_HISTORY_COMPLETED;
          }

      g_string_truncate (mirror->changes, 0);
      _bubus_history_view_update (BUBUS_HISTORY_VIEW (view), changes);
      g_assert_cmpuint (count_signals (mirror), ==,
                        count_runs (shown, wanted, FALSE) + count_runs (shown, wanted, TRUE));
      memcpy (shown, wanted, sizeof shown);
      for (guint i = 0; i < N_VISITS; i++)
        if (shown[i])
          g_assert_true (mirror->items->pdata[n_shown++] == _bubus_visit_get_event (visits[i]));
      g_assert_cmpuint (n_shown, ==, mirror->items->len);
    }

  g_clear_pointer (&mirror, mirror_free);
  g_assert_finalize_object (g_steal_pointer (&view));
  for (guint i = 0; i < N_VISITS; i++)
    g_assert_finalize_object (_bubus_visit_get_event (visits[i]));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history-view/random", test_random_changes);
  return g_test_run ();
}
