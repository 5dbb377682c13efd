/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static void
test_dispatch_is_passive (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  event = dispatch_ping (fixture->bus, "a");

  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_PENDING);
  g_assert_cmpint (bubus_event_get_event_started_at (event), ==, 0);
  g_assert_cmpint (bubus_event_get_event_completed_at (event), ==, 0);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 1);
  g_assert_cmpuint (bubus_event_get_event_pending_bus_count (event), ==, 1);

  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_created_at (event), <=, bubus_event_get_event_started_at (event));
  g_assert_cmpint (bubus_event_get_event_started_at (event), <=, bubus_event_get_event_completed_at (event));
  g_assert_cmpuint (bubus_event_get_event_pending_bus_count (event), ==, 0);
}

static void
test_no_handlers (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "a");
  g_autoptr (GPtrArray) results = NULL;

  run_until_idle (fixture->bus);
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 0);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_started_at (event), ==, bubus_event_get_event_completed_at (event));
}

static void
test_fifo (Fixture       *fixture,
           gconstpointer  data)
{
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  for (int i = 0; i < 10; i++)
    {
      g_autofree char *label = g_strdup_printf ("%d", i);
      g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, label);
    }

  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "0 1 2 3 4 5 6 7 8 9");
}

static void
test_fifo_with_deferred (Fixture       *fixture,
                         gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  first = g_object_new (TYPE_SUM, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, first, NULL));
  second = dispatch_ping (fixture->bus, "later");

  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_cmpint (bubus_event_get_event_status (first), ==, BUBUS_EVENT_STATUS_STARTED);

  bubus_invocation_return_int (kept, 7);
  g_clear_object (&kept);
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "later");
}

static void
test_sealed (Fixture       *fixture,
             gconstpointer  data)
{
  if (g_test_subprocess ())
    {
      g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "a");

      g_object_set (event, "label", "b", NULL);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*label*of Ping cannot be changed: the event has been dispatched*");
}

/* ---- registration ---- */

static gboolean
trace_data (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  gpointer *pair = data;

  trace (pair[0], "%s", (char *) pair[1]);
  return TRUE;
}

#define on_type(fixture, type, text) \
  bubus_event_bus_on ((fixture)->bus, type, text, trace_data, \
                      g_memdup2 ((gpointer[]) { (fixture)->trace, (gpointer) text }, 2 * sizeof (gpointer)), g_free)
#define on_pattern(fixture, pattern, text) \
  bubus_event_bus_on_pattern ((fixture)->bus, pattern, text, trace_data, \
                              g_memdup2 ((gpointer[]) { (fixture)->trace, (gpointer) text }, 2 * sizeof (gpointer)), g_free)

static void
dispatch_loud_and_run (Fixture *fixture)
{
  g_autoptr (BubusEvent) event = g_object_new (TYPE_LOUD_PING, "label", "x", NULL);
  g_autoptr (GError) error = NULL;

  g_string_truncate (fixture->trace, 0);
  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  run_until_idle (fixture->bus);
}

static void
test_selection_order (Fixture       *fixture,
                      gconstpointer  data)
{
  BubusHandler *last;

  on_pattern (fixture, "*", "all");
  on_pattern (fixture, "Loud*", "glob");
  on_type (fixture, BUBUS_TYPE_EVENT, "base");
  on_type (fixture, TYPE_PING, "parent");
  on_type (fixture, TYPE_SUM, "other");
  on_pattern (fixture, "LoudPing", "name");
  on_type (fixture, TYPE_LOUD_PING, "exact");
  last = on_pattern (fixture, "*Ping", "glob2");
  on_pattern (fixture, "Ping", "not-by-parent-name");

  dispatch_loud_and_run (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "name exact parent base glob glob2 all");

  bubus_handler_set_priority (last, 1);
  dispatch_loud_and_run (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "glob2 name exact parent base glob all");
}

static void
test_every_registration_is_a_handler (Fixture       *fixture,
                                      gconstpointer  data)
{
  BubusHandler *first = on_ping (fixture);
  BubusHandler *second = on_ping (fixture);
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "a");
  g_autoptr (GPtrArray) results = NULL;

  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a a");
  g_assert_cmpstr (bubus_handler_get_id (first), !=, bubus_handler_get_id (second));
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 2);
}

static void
test_off (Fixture       *fixture,
          gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);
  gpointer weak = handler;

  g_object_add_weak_pointer (G_OBJECT (handler), &weak);
  dispatch_and_run (fixture, "a");
  g_object_ref (handler);
  g_assert_true (bubus_event_bus_off (fixture->bus, handler));
  g_assert_false (bubus_event_bus_off (fixture->bus, handler));
  g_assert_false (bubus_handler_is_registered (handler));
  g_object_unref (handler);
  g_assert_null (weak);

  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a");
}

static gboolean
off_itself (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  BubusHandler **handler = data;

  g_assert_true (bubus_event_bus_off (bubus_invocation_get_bus (invocation), *handler));
  *handler = NULL;
  return TRUE;
}

static void
test_off_inside_the_handler (Fixture       *fixture,
                             gconstpointer  data)
{
  BubusHandler *handler = NULL;

  handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "once", off_itself, &handler, NULL);
  on_ping (fixture);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a b");
  g_assert_null (handler);
}

static gboolean
register_another (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  bubus_event_bus_on (bubus_invocation_get_bus (invocation), TYPE_PING, "new", trace_label, data, NULL);
  return TRUE;
}

static void
test_handlers_are_selected_at_the_turn (Fixture       *fixture,
                                        gconstpointer  data)
{
  g_autoptr (BubusEvent) first = dispatch_ping (fixture->bus, "a");
  g_autoptr (BubusEvent) second = dispatch_ping (fixture->bus, "b");

  bubus_event_bus_on (fixture->bus, TYPE_PING, "register", register_another, fixture->trace, NULL);
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "b");
}

static void
count_call (gpointer data)
{
  (*(int *) data)++;
}

static void
test_notify_is_called_once (Fixture       *fixture,
                            gconstpointer  data)
{
  int n_notified = 0;
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "n", trace_label, &n_notified, count_call);

  bubus_event_bus_on_pattern (fixture->bus, "*", "m", trace_label, &n_notified, count_call);
  bubus_event_bus_off (fixture->bus, handler);
  g_assert_cmpint (n_notified, ==, 1);
  g_object_run_dispose (G_OBJECT (fixture->bus));
  g_assert_cmpint (n_notified, ==, 2);
}

/* ---- the end ---- */

static void
test_stop_fails_what_is_unfinished (Fixture       *fixture,
                                    gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) running = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) waiting = NULL;
  g_autoptr (BubusEvent) late = ping_new ("late");
  g_autoptr (GError) error = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, running, NULL));
  waiting = dispatch_ping (fixture->bus, "a");
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);

  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (running), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (waiting), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_error (get_only_error (running), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_error (get_only_error (waiting), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  g_assert_cmpstr (fixture->trace->str, ==, "");

  bubus_invocation_return_int (kept, 3);
  g_assert_error (get_only_error (running), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_clear_object (&kept);

  g_assert_false (bubus_event_bus_dispatch (fixture->bus, late, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  bubus_event_bus_stop (fixture->bus);
}

static gboolean
stop_bus (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          data,
          GError          **error)
{
  bubus_event_bus_stop (bubus_invocation_get_bus (invocation));
  return TRUE;
}

static void
test_stop_inside_a_handler (Fixture       *fixture,
                            gconstpointer  data)
{
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "stop", stop_bus, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  first = dispatch_ping (fixture->bus, "a");
  second = dispatch_ping (fixture->bus, "b");
  run_until_idle (fixture->bus);

  results = bubus_event_list_results (first);
  g_assert_cmpint (bubus_event_result_get_status (results->pdata[0]), ==, BUBUS_RESULT_STATUS_COMPLETED);
  g_assert_error (bubus_event_result_get_error (results->pdata[1]), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpint (bubus_event_get_event_status (second), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static void
test_bus_lives_while_busy (Fixture       *fixture,
                           gconstpointer  data)
{
  BubusEventBus *bus = bubus_event_bus_new ("Short");
  g_autoptr (BubusEvent) event = NULL;
  gpointer weak = bus;

  g_object_add_weak_pointer (G_OBJECT (bus), &weak);
  bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  event = dispatch_ping (bus, "a");
  g_object_unref (bus);
  g_assert_nonnull (weak);
  run_until_complete (event);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (weak);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
}

static gboolean
wait_for_idle (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  bubus_event_bus_wait_until_idle_async (bubus_invocation_get_bus (invocation), NULL, trace_idle_cb, data);
  return TRUE;
}

static void
test_wait_until_idle (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autofree char *expected = g_strdup_printf ("idle a idle error%d", BUBUS_ERROR_WOULD_DEADLOCK);

  bubus_event_bus_wait_until_idle_async (fixture->bus, NULL, trace_idle_cb, fixture->trace);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  bubus_event_bus_wait_until_idle_async (fixture->bus, NULL, trace_idle_cb, fixture->trace);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "wait", wait_for_idle, fixture->trace, NULL);
  {
    g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

    g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, expected);
}

static gboolean
count_down (gpointer data)
{
  return --(*(int *) data) > 0;
}

static void
test_time_budget (Fixture       *fixture,
                  gconstpointer  data)
{
  int n_left = 3;

  bubus_event_bus_set_time_budget (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_idle_add_full (G_PRIORITY_DEFAULT, count_down, &n_left, NULL);
  for (int i = 0; i < 3; i++)
    g_object_unref (dispatch_ping (fixture->bus, "x"));
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "x");
  while (n_left > 0)
    g_main_context_iteration (NULL, FALSE);
}

/* A bus with nothing to do leaves its main loop alone: two iterations handle an event and find that nothing is left. */
static void
test_sleeps (Fixture       *fixture,
             gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "keep", defer_and_keep, &kept, NULL);
  event = dispatch_ping (fixture->bus, "x");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_nonnull (kept);
  g_main_context_iteration (NULL, FALSE);
  g_assert_false (g_main_context_pending (NULL));

  bubus_invocation_return_nothing (kept);
  g_object_unref (kept);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_main_context_iteration (NULL, FALSE);
  g_assert_false (g_main_context_pending (NULL));
}

static gpointer
dispatch_many (gpointer data)
{
  for (int i = 0; i < 1000; i++)
    g_object_unref (dispatch_ping (data, "t"));
  return NULL;
}

static gboolean
check_thread (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  static int n_calls;

  g_assert_true (g_main_context_is_owner (bubus_event_bus_get_main_context (bubus_invocation_get_bus (invocation))));
  *(int *) data = ++n_calls;
  return TRUE;
}

static void
test_dispatch_from_threads (Fixture       *fixture,
                            gconstpointer  data)
{
  GThread *threads[4];
  int n_calls = 0;

  bubus_event_bus_set_max_pending (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "check", check_thread, &n_calls, NULL);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("producer", dispatch_many, fixture->bus);
  while (n_calls < 4000)
    g_main_context_iteration (NULL, TRUE);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (n_calls, ==, 4000);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/event-bus/dispatch-is-passive", test_dispatch_is_passive, "B-2.1: no handler runs before dispatch returns");
  test ("/event-bus/sealed", test_sealed, "properties of a dispatched event are fixed");
  test ("/event-bus/no-handlers", test_no_handlers, "B-2.22, B-1.12: an event without handlers completes");
  test ("/event-bus/fifo", test_fifo, "B-2.6: first in, first out");
  test ("/event-bus/fifo/deferred", test_fifo_with_deferred, "B-17.4, B-17.5: no other event in between");
  test ("/event-bus/selection-order", test_selection_order, "R-9: priority, nearness, order of registration");
  test ("/event-bus/registrations", test_every_registration_is_a_handler, "R-9: every registration runs");
  test ("/event-bus/off", test_off, "R-9: a handler taken off is released");
  test ("/event-bus/off/inside", test_off_inside_the_handler, "B-3.9: off from inside the handler");
  test ("/event-bus/selection-time", test_handlers_are_selected_at_the_turn, "B-2.7: selected when the turn comes");
  test ("/event-bus/notify", test_notify_is_called_once, "user data is given back once");
  test ("/event-bus/stop", test_stop_fails_what_is_unfinished, "R-16: stop fails what is unfinished");
  test ("/event-bus/stop/inside", test_stop_inside_a_handler, "R-16: stop inside a handler");
  test ("/event-bus/life", test_bus_lives_while_busy, "B-17.16, B-7.13: unreferenced idle buses go");
  test ("/event-bus/wait-until-idle", test_wait_until_idle, "R-3, B-7.8: waiting until idle");
  test ("/event-bus/time-budget", test_time_budget, "R-21: other sources get their turn");
  test ("/event-bus/sleeps", test_sleeps, "a bus with nothing to do does not keep its loop awake");
  test ("/event-bus/threads", test_dispatch_from_threads, "R-21, B-17.11: dispatch from any thread");

  return g_test_run ();
}
