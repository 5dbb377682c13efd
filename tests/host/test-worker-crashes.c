/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "worker-fixture.h"

static void
test_worker_crashes (TimedHost     *timed,
                     gconstpointer  user_data)
{
  static const struct { const char *type; const char *reason; } crashes[] = {
    { "Segv", "signal 11" }, { "Abort", "signal 6" }, { "Exit", "status 7" }, { "Grandchild", "status 9" },
    { "Garbage", "cannot be understood" }, { "Nonsense", "cannot be understood" }, { "Frame", "4294967295 bytes" },
    { "Close", "Its process" }, /* the host may end it, or it ends itself */
  };
  HostFixture *fixture = &timed->host;

  g_test_summary ("A handler that takes its process along fails its event; all else goes on, and so does the plugin");

  worker_add_host_answer (fixture);
  worker_start (fixture, "crash", "crash");
  for (guint i = 0; i < G_N_ELEMENTS (crashes); i++)
    {
      guint pid = worker_get_pid (fixture, "crash");
      g_autoptr (BubusEvent) waiting = NULL;

      worker_expect_restart ();
      worker_assert_crash (fixture, crashes[i].type, crashes[i].reason);
      worker_assert_gone (pid);
      g_test_assert_expected_messages ();
      worker_assert_answer (fixture, "FromHost", "the host");

      /* What comes in between waits for the new process. */
      waiting = worker_send (fixture, "Pid");
      g_assert_cmpuint (worker_get_pid (fixture, "crash"), ==, 0);
      bubus_clock_advance (timed->clock, SECOND);
      worker_await (waiting);
      g_assert_nonnull (worker_get_value (waiting));
      g_assert_cmpuint (worker_get_pid (fixture, "crash"), !=, pid);
      bubus_clock_advance (timed->clock, 3600 * SECOND);
    }
  worker_deactivate (fixture, "crash");
}

static void
test_worker_innocent (TimedHost     *timed,
                      gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  g_autoptr (BubusEvent) innocent = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("All events that the process was handling fail with it");

  bubus_event_set_event_concurrency (innocent, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  worker_start (fixture, "crash", "crash");
  bubus_event_bus_dispatch (fixture->bus, innocent, &error);
  g_assert_no_error (error);
  worker_expect_restart ();
  worker_assert_crash (fixture, "Segv", "signal 11");
  worker_await (innocent);
  g_assert_error (worker_get_error (innocent), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  g_test_assert_expected_messages ();
}

static void
test_worker_hang (TimedHost     *timed,
                  gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("A process that does not come back to its main loop is killed");

  g_object_set (fixture->host, "worker-hang-timeout", 5.0, NULL);
  worker_start (fixture, "crash", "crash");
  event = worker_send (fixture, "Loop");
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  worker_expect_restart ();
  bubus_clock_advance (timed->clock, 5 * SECOND);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  bubus_clock_advance (timed->clock, 5 * SECOND);
  worker_await (event);
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  host_fixture_assert_contains (worker_get_error (event)->message, "has not answered for 5 s");
  g_test_assert_expected_messages ();
}

static void
test_worker_memory (TimedHost     *timed,
                    gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;

  g_test_summary ("A plugin that takes more memory than it may comes to its end before the host does");

  g_object_set (fixture->host, "worker-memory-limit", (guint64) 64 << 20, "worker-restart-limit", 0, NULL);
  worker_start (fixture, "crash", "crash");
  worker_assert_crash (fixture, "Memory", "signal 6");
  while (bubus_plugin_info_get_state (bubus_host_lookup_plugin (fixture->host, "crash")) != BUBUS_PLUGIN_STATE_FAILED)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_worker_limit (TimedHost     *timed,
                   gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  BubusPluginInfo *info;
  g_autoptr (BubusEvent) waiting = NULL;

  g_test_summary ("After so many crashes in a row the plugin has failed, with the signal as the reason");

  g_object_set (fixture->host, "worker-restart-limit", 2, "worker-restart-delay", 1.0, NULL);
  worker_start (fixture, "crash", "crash");
  info = bubus_host_lookup_plugin (fixture->host, "crash");
  for (guint i = 0; i < 2; i++)
    {
      worker_expect_restart ();
      worker_assert_crash (fixture, "Segv", "signal 11");
      g_test_assert_expected_messages ();
      bubus_clock_advance (timed->clock, (1 << i) * SECOND - 1);
      g_assert_cmpuint (worker_get_pid (fixture, "crash"), ==, 0);
      bubus_clock_advance (timed->clock, 1);
      while (worker_get_pid (fixture, "crash") == 0)
        g_main_context_iteration (NULL, TRUE);
    }
  worker_assert_crash (fixture, "Segv", "signal 11");
  while (bubus_plugin_info_get_state (info) != BUBUS_PLUGIN_STATE_FAILED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (bubus_plugin_info_get_error (info), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  host_fixture_assert_contains (bubus_plugin_info_get_error (info)->message, "signal 11");
  host_fixture_assert_contains (bubus_plugin_info_get_error (info)->message, "2 times");
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
  worker_activate (fixture, "crash");
}

/* ---- limits ---- */

static void
test_worker_cancelled (TimedHost     *timed,
                       gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (BubusEvent) next = NULL;
  g_autoptr (GError) error = NULL;
  guint pid;

  g_test_summary ("A handler in a worker that takes too long is given up, and the worker goes on (R-7)");

  bubus_event_set_event_timeout (event, 2);
  worker_start (fixture, "crash", "crash");
  pid = worker_get_pid (fixture, "crash");
  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  while (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_STARTED)
    g_main_context_iteration (NULL, TRUE);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has not answered after 2 seconds*");
  bubus_clock_advance (timed->clock, 2 * SECOND);
  worker_await (event);
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_test_assert_expected_messages ();
  next = host_fixture_dispatch (fixture, bubus_generic_event_new ("Pid", NULL));
  g_assert_nonnull (worker_get_value (next));
  g_assert_cmpuint (worker_get_pid (fixture, "crash"), ==, pid);
}

static void
test_worker_room (HostFixture   *fixture,
                  gconstpointer  user_data)
{
  g_autoptr (BubusEvent) first = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (BubusEvent) second = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A worker has only so many events at a time");

  g_object_set (fixture->host, "worker-max-in-flight", 1, NULL);
  bubus_event_set_event_concurrency (first, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_set_event_concurrency (second, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  worker_start (fixture, "crash", "crash");
  bubus_event_bus_dispatch (fixture->bus, first, &error);
  g_assert_no_error (error);
  bubus_event_bus_dispatch (fixture->bus, second, &error);
  g_assert_no_error (error);
  worker_await (second);
  g_assert_error (worker_get_error (second), BUBUS_ERROR, BUBUS_ERROR_FULL);
  g_assert_cmpint (bubus_event_get_event_status (first), ==, BUBUS_EVENT_STATUS_STARTED);

  g_assert_false (bubus_host_deactivate_plugin (fixture->host, "crash", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  worker_await (first);
  g_assert_error (worker_get_error (first), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

static void
test_worker_frame_size (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autofree char *text = g_strnfill (4096, 'x');
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("An event that is too large for a worker fails, and the worker goes on");

  g_object_set (fixture->host, "worker-max-frame-size", 2048, NULL);
  worker_start (fixture, "errand", "errand");
  event = host_fixture_dispatch (fixture, bubus_generic_event_new ("Answer",
                                                                   g_variant_new_parsed ("{'text': <%s>}", text)));
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_FULL);
  worker_assert_answer (fixture, "Answer", "first");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/worker-crashes/room", test_worker_room);
  host_fixture_add_test ("/host/worker-crashes/frame-size", test_worker_frame_size);
  timed_host_add_test ("/host/worker-crashes/crashes", test_worker_crashes);
  timed_host_add_test ("/host/worker-crashes/innocent", test_worker_innocent);
  timed_host_add_test ("/host/worker-crashes/hang", test_worker_hang);
  timed_host_add_test ("/host/worker-crashes/memory", test_worker_memory);
  timed_host_add_test ("/host/worker-crashes/limit", test_worker_limit);
  timed_host_add_test ("/host/worker-crashes/cancelled", test_worker_cancelled);

  return g_test_run ();
}
