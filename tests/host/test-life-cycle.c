/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <malloc.h>
#include <string.h>

#include "host-fixture.h"

#define SECOND (G_GINT64_CONSTANT (1000000000))

/* All tests run in this time, which stands still. */
static BubusClock *test_clock;

/* One that somebody waits for. */
typedef struct
{
  gboolean  done;
  GError   *error;
} Outcome;

static void
outcome_clear (Outcome *self)
{
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static void
life_cycle_activated_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->done = TRUE;
  g_assert_cmpint (bubus_host_activate_plugin_finish (BUBUS_HOST (source), result, &outcome->error), ==,
                   outcome->error == NULL);
}

static void
life_cycle_deactivated_cb (GObject      *source,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->done = TRUE;
  g_assert_cmpint (bubus_host_deactivate_plugin_finish (BUBUS_HOST (source), result, &outcome->error), ==,
                   outcome->error == NULL);
}

static void
life_cycle_all_deactivated_cb (GObject      *source,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->done = TRUE;
  g_assert_cmpint (bubus_host_deactivate_all_finish (BUBUS_HOST (source), result, &outcome->error), ==,
                   outcome->error == NULL);
}

/* Lets everything happen that can happen while the time stands still. */
static void
life_cycle_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
life_cycle_pass (gint64 duration)
{
  bubus_clock_advance (test_clock, duration);
  life_cycle_settle ();
}

static void
life_cycle_set (HostFixture *fixture,
                const char  *key,
                gboolean     value)
{
  g_object_set_data (G_OBJECT (fixture->bus), key, GINT_TO_POINTER (value));
}

static BubusPluginContext *
life_cycle_get_context (HostFixture *fixture)
{
  return g_object_get_data (G_OBJECT (fixture->bus), "context");
}

static void
life_cycle_start (HostFixture *fixture,
                  const char  *name,
                  Outcome     *outcome)
{
  bubus_host_activate_plugin_async (fixture->host, name, NULL, life_cycle_activated_cb, outcome);
  life_cycle_settle ();
}

static void
life_cycle_stop (HostFixture *fixture,
                 const char  *name,
                 Outcome     *outcome)
{
  bubus_host_deactivate_plugin_async (fixture->host, name, NULL, life_cycle_deactivated_cb, outcome);
  life_cycle_settle ();
}

static void
life_cycle_add_slow (HostFixture *fixture)
{
  host_fixture_add_plugin (fixture, "slow", "slow", "");
  host_fixture_scan (fixture);
}

/* Has a call of the handler that answers later. */
static BubusEvent *
life_cycle_begin_call (HostFixture *fixture)
{
  BubusEvent *event = bubus_generic_event_new ("WaitEvent", NULL);

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  life_cycle_settle ();
  g_assert_nonnull (g_object_get_data (G_OBJECT (fixture->bus), "invocation"));
  return event;
}

static BubusInvocation *
life_cycle_steal_call (HostFixture *fixture)
{
  return g_object_steal_data (G_OBJECT (fixture->bus), "invocation");
}

/* ---- activation ---- */

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

/* ---- draining ---- */

static gboolean
life_cycle_deactivate_first (BubusEvent       *event,
                             BubusInvocation  *invocation,
                             gpointer          user_data,
                             GError          **error)
{
  return bubus_host_deactivate_plugin (user_data, "slow", error);
}

static void
test_life_cycle_drains (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autoptr (BubusInvocation) call = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) late = bubus_generic_event_new ("PingEvent", NULL);
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GPtrArray) late_results = NULL;
  g_auto (Outcome) outcome = { FALSE };

  g_test_summary ("A handler that has begun may finish; no new event reaches the plugin meanwhile");

  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  event = life_cycle_begin_call (fixture);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, late, NULL));
  life_cycle_stop (fixture, "slow", &outcome);
  g_assert_false (outcome.done);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_DRAINING);
  g_assert_null (bubus_plugin_context_on_pattern (life_cycle_get_context (fixture), NULL, "*", "new",
                                                  life_cycle_deactivate_first, NULL, NULL));

  call = life_cycle_steal_call (fixture);
  bubus_invocation_return_string (call, "finished");
  life_cycle_settle ();
  g_assert_true (outcome.done);
  g_assert_no_error (outcome.error);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_UNLOADED);
  results = bubus_event_list_results (event);
  g_assert_cmpstr (g_value_get_string (bubus_event_result_get_value (results->pdata[0])), ==, "finished");
  late_results = bubus_event_list_results (late);
  g_assert_cmpuint (late_results->len, ==, 0);
}

static void
life_cycle_assert_cancelled (BubusInvocation *call,
                             BubusEvent      *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  g_assert_error (bubus_event_result_get_error (results->pdata[0]), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (call)));
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  bubus_invocation_return_string (call, "too late");
}

static void
test_life_cycle_drains_until (HostFixture   *fixture,
                              gconstpointer  user_data)
{
  g_autoptr (BubusInvocation) call = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_auto (Outcome) outcome = { FALSE };

  g_test_summary ("A handler that does not finish in time is cancelled");

  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  event = life_cycle_begin_call (fixture);
  call = life_cycle_steal_call (fixture);
  life_cycle_stop (fixture, "slow", &outcome);
  life_cycle_pass (9 * SECOND);
  g_assert_false (outcome.done);
  life_cycle_pass (SECOND);
  g_assert_true (outcome.done);
  g_assert_no_error (outcome.error);
  life_cycle_assert_cancelled (call, event);
}

static void
test_life_cycle_cut_off (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (BubusInvocation) call = NULL;
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("Deactivating at once cancels the handlers that have begun");

  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  event = life_cycle_begin_call (fixture);
  call = life_cycle_steal_call (fixture);
  host_fixture_deactivate (fixture, "slow");
  life_cycle_settle ();
  life_cycle_assert_cancelled (call, event);
}

static void
test_life_cycle_ends_later (HostFixture   *fixture,
                            gconstpointer  user_data)
{
  g_auto (Outcome) outcome = { FALSE };
  g_auto (Outcome) hanging = { FALSE };

  g_test_summary ("A plugin can end its work later, but not for ever");

  life_cycle_set (fixture, "defer-deactivate", TRUE);
  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  life_cycle_stop (fixture, "slow", &outcome);
  g_assert_false (outcome.done);
  bubus_plugin_context_return_done (life_cycle_get_context (fixture));
  life_cycle_settle ();
  g_assert_true (outcome.done);
  g_assert_no_error (outcome.error);

  host_fixture_activate (fixture, "slow");
  life_cycle_stop (fixture, "slow", &hanging);
  life_cycle_pass (10 * SECOND);
  g_assert_error (hanging.error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_UNLOADED);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
}

static void
test_life_cycle_all (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_auto (Outcome) outcome = { FALSE };

  g_test_summary ("All plugins go in the reverse order of their activation, each when the one before is gone");

  host_fixture_add_recorder (fixture, "before", "");
  host_fixture_add_recorder (fixture, "after", "slow");
  life_cycle_set (fixture, "defer-deactivate", TRUE);
  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "before");
  host_fixture_activate (fixture, "slow");
  host_fixture_activate (fixture, "after");
  host_fixture_assert_log (fixture, "+before +after");
  host_fixture_activate (fixture, "slow");
  bubus_host_deactivate_all_async (fixture->host, NULL, life_cycle_all_deactivated_cb, &outcome);
  life_cycle_settle ();
  host_fixture_assert_log (fixture, "-after ~after");
  life_cycle_pass (5 * SECOND);
  g_assert_false (outcome.done);
  bubus_host_set_deactivation_timeout (fixture->host, 20);
  life_cycle_pass (5 * SECOND);
  g_assert_error (outcome.error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  host_fixture_assert_log (fixture, "-before ~before");
}

static void
test_life_cycle_quits (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_autoptr (BubusEvent) refused = NULL;
  g_autoptr (GPtrArray) results = NULL;
  g_autofree char *answer = NULL;
  g_autofree char *nobody = NULL;

  g_test_summary ("A plugin can deactivate itself in its own handler, when that has returned");

  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  g_object_set_data (G_OBJECT (fixture->bus), "host", fixture->host);
  refused = host_fixture_dispatch (fixture, bubus_generic_event_new ("QuitAtOnceEvent", NULL));
  results = bubus_event_list_results (refused);
  g_assert_error (bubus_event_result_get_error (results->pdata[0]), BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_ACTIVE);

  answer = host_fixture_ping (fixture, "QuitEvent");
  g_assert_cmpstr (answer, ==, "quit");
  life_cycle_settle ();
  host_fixture_assert_state (fixture, "slow", BUBUS_PLUGIN_STATE_UNLOADED);
  nobody = host_fixture_ping (fixture, "PingEvent");
  g_assert_cmpstr (nobody, ==, "");
  host_fixture_activate (fixture, "slow");
}

static void
test_life_cycle_selected (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) results = NULL;
  BubusHandler *handler;

  g_test_summary ("A handler that was selected before its plugin was deactivated is not called any more");

  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  handler = bubus_event_bus_on_pattern (fixture->bus, "PingEvent", "first", life_cycle_deactivate_first, fixture->host,
                                        NULL);
  bubus_handler_set_priority (handler, 1);
  event = host_fixture_dispatch (fixture, bubus_generic_event_new ("PingEvent", NULL));
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_null (bubus_event_result_get_error (results->pdata[0]));
  g_assert_error (bubus_event_result_get_error (results->pdata[1]), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

static gboolean
life_cycle_drop_host (BubusEvent       *event,
                      BubusInvocation  *invocation,
                      gpointer          user_data,
                      GError          **error)
{
  HostFixture *fixture = user_data;

  g_object_set_data (G_OBJECT (fixture->bus), "context", NULL);
  g_assert_finalize_object (fixture->host);
  fixture->host = bubus_host_new (fixture->bus);
  return TRUE;
}

static void
test_life_cycle_host_goes (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_autoptr (BubusInvocation) call = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autofree char *answer = NULL;

  g_test_summary ("A host can go while handlers of its plugins have not answered, and in a handler");

  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  event = life_cycle_begin_call (fixture);
  call = life_cycle_steal_call (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "DropEvent", "drop", life_cycle_drop_host, fixture, NULL);
  life_cycle_drop_host (NULL, NULL, fixture, NULL);
  life_cycle_settle ();
  life_cycle_assert_cancelled (call, event);
  answer = host_fixture_ping (fixture, "DropEvent");
}

static void
test_life_cycle_host_goes_inside (HostFixture   *fixture,
                                  gconstpointer  user_data)
{
  g_autofree char *answer = NULL;

  g_test_summary ("A host can go in a handler of its own plugin");

  life_cycle_add_slow (fixture);
  host_fixture_activate (fixture, "slow");
  g_object_set_data_full (G_OBJECT (fixture->bus), "host", g_steal_pointer (&fixture->host), g_object_unref);
  answer = host_fixture_ping (fixture, "DropHostEvent");
  g_assert_cmpstr (answer, ==, "dropped");
  fixture->host = bubus_host_new (fixture->bus);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
}

/* ---- many times ---- */

static void
test_life_cycle_many_times (HostFixture   *fixture,
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

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);

  test_clock = bubus_clock_new_test (0);
  bubus_clock_push_thread_default (test_clock);

  host_fixture_add_test ("/host/life-cycle/later", test_life_cycle_later);
  host_fixture_add_test ("/host/life-cycle/fails-later", test_life_cycle_fails_later);
  host_fixture_add_test ("/host/life-cycle/hangs", test_life_cycle_hangs);
  host_fixture_add_test ("/host/life-cycle/without-limit", test_life_cycle_without_limit);
  host_fixture_add_test ("/host/life-cycle/at-once", test_life_cycle_at_once);
  host_fixture_add_test ("/host/life-cycle/cancelled", test_life_cycle_cancelled);
  host_fixture_add_test ("/host/life-cycle/queue", test_life_cycle_queue);
  host_fixture_add_test ("/host/life-cycle/drains", test_life_cycle_drains);
  host_fixture_add_test ("/host/life-cycle/drains-until", test_life_cycle_drains_until);
  host_fixture_add_test ("/host/life-cycle/cut-off", test_life_cycle_cut_off);
  host_fixture_add_test ("/host/life-cycle/ends-later", test_life_cycle_ends_later);
  host_fixture_add_test ("/host/life-cycle/all", test_life_cycle_all);
  host_fixture_add_test ("/host/life-cycle/quits", test_life_cycle_quits);
  host_fixture_add_test ("/host/life-cycle/selected", test_life_cycle_selected);
  host_fixture_add_test ("/host/life-cycle/host-goes", test_life_cycle_host_goes);
  host_fixture_add_test ("/host/life-cycle/host-goes-inside", test_life_cycle_host_goes_inside);
  host_fixture_add_test ("/host/life-cycle/many-times", test_life_cycle_many_times);
  status = g_test_run ();

  bubus_clock_pop_thread_default (test_clock);
  g_object_unref (test_clock);
  return status;
}
