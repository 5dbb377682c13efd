/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "life-cycle-fixture.h"

static gboolean
life_cycle_deactivate_first (BubusEvent       *event,
                             BubusInvocation  *invocation,
                             gpointer          user_data,
                             GError          **error)
{
  return bubus_host_deactivate_plugin (user_data, "slow", error);
}

static void
test_draining_drains (HostFixture   *fixture,
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
test_draining_drains_until (HostFixture   *fixture,
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
test_draining_cut_off (HostFixture   *fixture,
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
test_draining_ends_later (HostFixture   *fixture,
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
test_draining_all (HostFixture   *fixture,
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
test_draining_quits (HostFixture   *fixture,
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
test_draining_selected (HostFixture   *fixture,
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
test_draining_host_goes (HostFixture   *fixture,
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
test_draining_host_goes_inside (HostFixture   *fixture,
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/draining/drains", test_draining_drains);
  host_fixture_add_test ("/host/draining/drains-until", test_draining_drains_until);
  host_fixture_add_test ("/host/draining/cut-off", test_draining_cut_off);
  host_fixture_add_test ("/host/draining/ends-later", test_draining_ends_later);
  host_fixture_add_test ("/host/draining/all", test_draining_all);
  host_fixture_add_test ("/host/draining/quits", test_draining_quits);
  host_fixture_add_test ("/host/draining/selected", test_draining_selected);
  host_fixture_add_test ("/host/draining/host-goes", test_draining_host_goes);
  host_fixture_add_test ("/host/draining/host-goes-inside", test_draining_host_goes_inside);

  return life_cycle_run ();
}
