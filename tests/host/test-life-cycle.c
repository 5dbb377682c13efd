/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "life-cycle-fixture.h"

static void
test_life_cycle_later (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_auto (Outcome) outcome = { FALSE };
  g_autofree char *answer = NULL;

  g_test_summary ("A plugin can become active later, and what depends on it waits");

  host_fixture_add_recorder (fixture, "fast", "slow");
  life_cycle_set (fixture, "defer-activate", TRUE);
  life_cycle_add_slow (fixture);
  life_cycle_start (fixture, "fast", &outcome);
  g_assert_false (outcome.done);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_LOADING);
  host_fixture_assert_state (fixture, "fast", BUBUS_PLUGIN_STATE_RESOLVED);

  bubus_plugin_context_return_done (life_cycle_get_context (fixture));
  life_cycle_settle ();
  g_assert_true (outcome.done);
  g_assert_no_error (outcome.error);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_ACTIVE);
  host_fixture_assert_state (fixture, "fast", BUBUS_PLUGIN_STATE_ACTIVE);
  answer = host_fixture_ping (fixture, "PingEvent");
  g_assert_cmpstr (answer, ==, "slow fast");
  life_cycle_pass (100 * SECOND);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_ACTIVE);
}

static void
test_life_cycle_fails_later (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_auto (Outcome) outcome = { FALSE };

  g_test_summary ("A plugin that fails later leaves nothing behind, and what depends on it is skipped");

  host_fixture_add_recorder (fixture, "fast", "slow");
  life_cycle_set (fixture, "defer-activate", TRUE);
  life_cycle_add_slow (fixture);
  life_cycle_start (fixture, "fast", &outcome);
  bubus_plugin_context_return_error_literal (life_cycle_get_context (fixture), G_IO_ERROR, G_IO_ERROR_BUSY, "no time");
  bubus_plugin_context_return_done (life_cycle_get_context (fixture));
  life_cycle_settle ();
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpstr (outcome.error->message, ==,
                   "Failed to activate “fast”: failed to activate “slow” (needed by “fast”): no time");
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_state (fixture, "fast", BUBUS_PLUGIN_STATE_SKIPPED);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
}

static void
test_life_cycle_hangs (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_auto (Outcome) outcome = { FALSE };
  g_auto (Outcome) again = { FALSE };

  g_test_summary ("A plugin that never answers fails when its time is over, and can be tried again");

  life_cycle_set (fixture, "defer-activate", TRUE);
  life_cycle_add_slow (fixture);
  life_cycle_start (fixture, "slow", &outcome);
  life_cycle_pass (29 * SECOND);
  g_assert_false (outcome.done);
  life_cycle_pass (SECOND);
  g_assert_error (outcome.error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  host_fixture_assert_contains (outcome.error->message, "“slow” has not answered within 30 s");
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_FAILED);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
  bubus_plugin_context_return_done (life_cycle_get_context (fixture));

  life_cycle_set (fixture, "defer-activate", FALSE);
  life_cycle_start (fixture, "slow", &again);
  g_assert_no_error (again.error);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_ACTIVE);
}

static void
test_life_cycle_without_limit (HostFixture   *fixture,
                               gconstpointer  user_data)
{
  g_auto (Outcome) outcome = { FALSE };

  g_test_summary ("The limit is the host's, and 0 is none");

  bubus_host_set_activation_timeout (fixture->host, 0);
  life_cycle_set (fixture, "defer-activate", TRUE);
  life_cycle_add_slow (fixture);
  life_cycle_start (fixture, "slow", &outcome);
  life_cycle_pass (100000 * SECOND);
  g_assert_false (outcome.done);
  bubus_plugin_context_return_done (life_cycle_get_context (fixture));
  life_cycle_settle ();
  g_assert_true (outcome.done);
  g_assert_no_error (outcome.error);
}

static void
test_life_cycle_at_once (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("Who does not want to wait for a plugin that answers later is told so");

  life_cycle_set (fixture, "defer-activate", TRUE);
  life_cycle_add_slow (fixture);
  error = host_fixture_fail_activation (fixture, "slow", BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK,
                                        BUBUS_PLUGIN_STATE_FAILED);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
}

static void
test_life_cycle_cancelled (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Outcome) outcome = { FALSE };
  g_auto (Outcome) before = { FALSE };

  g_test_summary ("Who does not want to wait any longer need not");

  life_cycle_set (fixture, "defer-activate", TRUE);
  life_cycle_add_slow (fixture);
  bubus_host_activate_plugin_async (fixture->host, "slow", cancellable, life_cycle_activated_cb, &outcome);
  life_cycle_settle ();
  g_assert_false (outcome.done);
  g_cancellable_cancel (cancellable);
  life_cycle_settle ();
  g_assert_error (outcome.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_FAILED);

  bubus_host_activate_plugin_async (fixture->host, "slow", cancellable, life_cycle_activated_cb, &before);
  life_cycle_settle ();
  g_assert_error (before.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_life_cycle_queue (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_auto (Outcome) first = { FALSE };
  g_auto (Outcome) second = { FALSE };
  g_auto (Outcome) third = { FALSE };
  g_auto (Outcome) unknown = { FALSE };
  g_autoptr (GError) error = NULL;

  g_test_summary ("What is asked for while a plugin is on its way waits, and what cannot wait is refused");

  host_fixture_add_recorder (fixture, "other", "");
  life_cycle_set (fixture, "defer-activate", TRUE);
  life_cycle_add_slow (fixture);
  life_cycle_start (fixture, "slow", &first);
  life_cycle_start (fixture, "other", &second);
  life_cycle_stop (fixture, "slow", &third);
  life_cycle_start (fixture, "nobody", &unknown);
  host_fixture_assert_log (fixture, "");
  g_assert_false (bubus_host_activate_plugin (fixture->host, "other", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  g_assert_false (bubus_host_scan (fixture->host, NULL));

  bubus_plugin_context_return_done (life_cycle_get_context (fixture));
  life_cycle_settle ();
  g_assert_true (first.done && second.done && third.done);
  g_assert_no_error (first.error);
  g_assert_no_error (second.error);
  g_assert_no_error (third.error);
  g_assert_error (unknown.error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_UNLOADED);
  host_fixture_assert_log (fixture, "+other");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/life-cycle/later", test_life_cycle_later);
  host_fixture_add_test ("/host/life-cycle/fails-later", test_life_cycle_fails_later);
  host_fixture_add_test ("/host/life-cycle/hangs", test_life_cycle_hangs);
  host_fixture_add_test ("/host/life-cycle/without-limit", test_life_cycle_without_limit);
  host_fixture_add_test ("/host/life-cycle/at-once", test_life_cycle_at_once);
  host_fixture_add_test ("/host/life-cycle/cancelled", test_life_cycle_cancelled);
  host_fixture_add_test ("/host/life-cycle/queue", test_life_cycle_queue);

  return life_cycle_run ();
}
