/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "results-fixture.h"

typedef struct
{
  Timed     base;
  gboolean  done;
  GError   *error;
} Waiting;

static void
waiting_set_up (Waiting       *waiting,
                gconstpointer  data)
{
  timed_set_up (&waiting->base, data);
}

static void
waiting_tear_down (Waiting       *waiting,
                   gconstpointer  data)
{
  g_clear_error (&waiting->error);
  timed_tear_down (&waiting->base, data);
}

#define waiting_test(path, function, summary) \
  g_test_add (path, Waiting, summary, waiting_set_up, function, waiting_tear_down)

static void
results_waited_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  Waiting *waiting = data;

  g_clear_error (&waiting->error);
  waiting->done = bubus_results_wait_finish (BUBUS_RESULTS (source), result, &waiting->error);
  g_assert_true (waiting->done == (waiting->error == NULL));
}

static void
event_waited_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  Waiting *waiting = data;

  g_clear_error (&waiting->error);
  waiting->done = bubus_event_wait_for_finish (BUBUS_EVENT (source), result, &waiting->error);
  g_assert_true (waiting->done == (waiting->error == NULL));
}

static void
test_wait (Waiting         *waiting,
           gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  on_string (waiting->base.base.bus, "handler", "value");
  event = dispatch_ping (waiting->base.base.bus, "ask");
  results = bubus_results_new (event);
  bubus_results_set_timeout (results, 5);
  bubus_results_wait_async (results, NULL, results_waited_cb, waiting);
  g_assert_false (waiting->done);
  run_pending ();
  g_assert_true (waiting->done);
  assert_list (results, "value");
  bubus_clock_advance (waiting->base.clock, 10 * SECOND);
}

static void
test_wait_times_out (Waiting         *waiting,
                     gconstpointer  data)
{
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  bubus_event_bus_on (waiting->base.base.bus, TYPE_PING, "slow", defer_and_keep, &invocation, NULL);
  event = dispatch_ping (waiting->base.base.bus, "ask");
  results = bubus_results_new (event);
  bubus_results_set_timeout (results, 5);
  bubus_results_wait_async (results, NULL, results_waited_cb, waiting);
  run_pending ();
  bubus_clock_advance (waiting->base.clock, 5 * SECOND - 1);
  run_pending ();
  g_assert_no_error (waiting->error);

  bubus_clock_advance (waiting->base.clock, 1);
  run_pending ();
  g_assert_error (waiting->error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_false (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (invocation)));

  bubus_invocation_return_string (invocation, "late");
  run_until_complete (event);
  assert_list (results, "late");
}

static void
test_wait_for (Waiting         *waiting,
               gconstpointer  data)
{
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (waiting->base.base.bus, TYPE_PING, "slow", defer_and_keep, &invocation, NULL);
  event = dispatch_ping (waiting->base.base.bus, "ask");
  bubus_event_wait_for_async (event, 0, NULL, event_waited_cb, waiting);
  run_pending ();
  g_assert_null (waiting->error);
  bubus_clock_advance (waiting->base.clock, 0);
  run_pending ();
  g_assert_error (waiting->error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);

  bubus_event_wait_for_async (event, G_MAXDOUBLE, NULL, event_waited_cb, waiting);
  bubus_clock_advance (waiting->base.clock, 30 * SECOND);
  run_pending ();
  bubus_invocation_return_nothing (invocation);
  run_pending ();
  g_assert_true (waiting->done);

  waiting->done = FALSE;
  bubus_event_wait_for_async (event, 0, NULL, event_waited_cb, waiting);
  run_pending ();
  g_assert_true (waiting->done);
}

static void
test_wait_for_is_cancelled (Waiting         *waiting,
                            gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (waiting->base.base.bus, TYPE_PING, "slow", defer_and_keep, &invocation, NULL);
  event = dispatch_ping (waiting->base.base.bus, "ask");
  bubus_event_wait_for_async (event, 5, cancellable, event_waited_cb, waiting);
  run_pending ();
  g_cancellable_cancel (cancellable);
  run_pending ();
  g_assert_error (waiting->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  bubus_clock_advance (waiting->base.clock, 10 * SECOND);
  run_pending ();
  g_assert_error (waiting->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  bubus_invocation_return_nothing (invocation);
}

static void
test_wait_undispatched (Waiting         *waiting,
                        gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("ask");
  g_autoptr (BubusResults) results = bubus_results_new (event);

  bubus_results_wait_async (results, NULL, results_waited_cb, waiting);
  run_pending ();
  g_assert_error (waiting->error, BUBUS_ERROR, BUBUS_ERROR_NOT_DISPATCHED);
}

/* In a handler: the child's results, without a turn of the main loop. */
static gboolean
ask_in_place (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");
  g_autoptr (BubusResults) results = bubus_results_new (child);
  const GValue *value;

  if (!bubus_invocation_run (invocation, child, error))
    return FALSE;
  value = bubus_results_get_first (results, error);
  if (value == NULL)
    return FALSE;
  trace (data, "%s", g_value_get_string (value));
  return TRUE;
}

static void
test_in_handler (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", ask_in_place, fixture->trace, NULL);
  on_string (fixture->bus, "child", "value");
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  run_until_idle (fixture->bus);
  g_assert_no_error (get_only_error (parent));
  g_assert_cmpstr (fixture->trace->str, ==, "value");
}

static void
child_waited_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (BubusInvocation) invocation = data;
  g_autoptr (GError) error = NULL;
  const GValue *value;

  bubus_results_wait_finish (BUBUS_RESULTS (source), result, &error);
  g_assert_no_error (error);
  value = bubus_results_get_first (BUBUS_RESULTS (source), &error);
  g_assert_no_error (error);
  bubus_invocation_return_int (invocation, atoi (g_value_get_string (value)));
}

static gboolean
ask_and_defer (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");
  g_autoptr (BubusResults) results = bubus_results_new (child);

  bubus_invocation_defer (invocation);
  bubus_results_wait_async (results, NULL, child_waited_cb, g_object_ref (invocation));
  g_assert_cmpint (bubus_event_get_event_status (child), ==, BUBUS_EVENT_STATUS_COMPLETED);
  return TRUE;
}

static void
test_in_deferred_handler (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusResults) results = bubus_results_new (parent);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", ask_and_defer, fixture->trace, NULL);
  on_string (fixture->bus, "child", "42");
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  dispatch_and_run (fixture, "other");
  assert_value (bubus_results_get_first (results, NULL), "42");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  waiting_test ("/results/wait", test_wait, "B-5.24: waiting until the event is complete");
  waiting_test ("/results/wait-times-out", test_wait_times_out, "14.60: the limit is the caller's, the event goes on");
  waiting_test ("/results/wait-for", test_wait_for, "R-14: a limit for a plain wait");
  waiting_test ("/results/wait-for-cancelled", test_wait_for_is_cancelled, "R-14: a wait ends once");
  waiting_test ("/results/wait-undispatched", test_wait_undispatched, "R-3: no wait without end");
  test ("/results/in-handler", test_in_handler, "R-3, B-13.16: results inside of a handler");
  test ("/results/in-deferred-handler", test_in_deferred_handler, "R-2: inside of a handler the event runs in place");

  return g_test_run ();
}
