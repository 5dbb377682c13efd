/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <malloc.h>
#include <sys/wait.h>

#include "life-cycle-fixture.h"
#include "worker-fixture.h"

static void
test_many_times_host (HostFixture   *fixture,
                            gconstpointer  user_data)
{
  struct mallinfo2 before = { 0 };
  struct mallinfo2 after;

  g_test_summary ("A plugin that comes and goes a thousand times leaves nothing");

  life_cycle_add_slow (fixture);
  for (guint i = 0; i < 1000; i++)
    {
      g_auto (Outcome) started = { FALSE };
      g_auto (Outcome) stopped = { FALSE };
      g_autofree char *answer = NULL;

      if (i == 100)
        before = mallinfo2 ();
      life_cycle_start (fixture, "slow", &started);
      answer = host_fixture_ping (fixture, "PingEvent");
      g_assert_cmpstr (answer, ==, "slow");
      life_cycle_stop (fixture, "slow", &stopped);
      g_assert_true (started.done && stopped.done);
      g_assert_no_error (stopped.error);
    }

  after = mallinfo2 ();
  g_test_message ("from %zu to %zu bytes", before.uordblks, after.uordblks);
  g_assert_cmpuint (after.uordblks, <, before.uordblks + 32 * 1024);
}

static guint
many_times_count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
test_many_times_worker (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  struct mallinfo2 before = { 0 };
  struct mallinfo2 after;
  guint n_descriptors = 0;

  g_test_summary ("A plugin in a process of its own that comes and goes a thousand times leaves nothing, no descriptor "
                  "and no process");

  host_fixture_add_plugin (fixture, "errand", "errand", ISOLATED);
  host_fixture_scan (fixture);
  for (guint i = 0; i < 1000; i++)
    {
      if (i == 100)
        {
          before = mallinfo2 ();
          n_descriptors = many_times_count_descriptors ();
        }
      worker_activate (fixture, "errand");
      if (i % 100 == 0)
        worker_assert_answer (fixture, "RunOwn", "first");
      worker_deactivate (fixture, "errand");
    }

  after = mallinfo2 ();
  g_test_message ("from %zu to %zu bytes", before.uordblks, after.uordblks);
  g_assert_cmpuint (after.uordblks, <, before.uordblks + 32 * 1024);
  /* GLib may be about to close the last one. */
  g_assert_cmpuint (many_times_count_descriptors (), <, n_descriptors + 10);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/many-times/host", test_many_times_host);
  host_fixture_add_test ("/host/many-times/worker", test_many_times_worker);

  return life_cycle_run ();
}
