/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"
#include "bus/bubus-invocation-private.h"

static gboolean
pass_gate (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  Gate *gate = data;

  gate->thread = g_thread_self ();
  gate_set (gate, &gate->arrived);
  gate_wait (gate, &gate->open);
  bubus_invocation_return_int (invocation, 5);
  return TRUE;
}

static BubusHandler *
on_threaded (BubusEventBus    *bus,
             GType             type,
             const char       *name,
             BubusHandlerFunc  func,
             gpointer          data)
{
  BubusHandler *handler = bubus_event_bus_on (bus, type, name, func, data, NULL);

  bubus_handler_set_threaded (handler, TRUE);
  return handler;
}

static void
run_until_abandoned (BubusEventBus *bus,
                     guint          n_abandoned)
{
  while (bubus_event_bus_get_n_abandoned (bus) != n_abandoned)
    g_main_context_iteration (NULL, TRUE);
}

/* A thread gives back what it holds of the bus after its handler has been answered. */
static void
run_until_released (BubusEventBus *bus)
{
  while (G_OBJECT (bus)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
}

static void
threaded_tear_down (Timed         *timed,
                    gconstpointer  data)
{
  run_until_released (timed->base.bus);
  timed_tear_down (timed, data);
}

#define threaded_test(path, function, summary) \
  g_test_add (path, Timed, summary, timed_set_up, function, threaded_tear_down)

static void
test_runs_elsewhere (Timed         *timed,
                     gconstpointer  data)
{
  Gate gate = { 0 };
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) results = NULL;

  on_threaded (timed->base.bus, TYPE_PING, "blocks", pass_gate, &gate);
  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  gate_wait (&gate, &gate.arrived);
  run_pending ();
  g_assert_true (gate.thread != g_thread_self ());
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  gate_set (&gate, &gate.open);
  run_until_complete (event);
  results = bubus_event_list_results (event);
  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (results->pdata[0])), ==, 5);
}

static void
test_time_limit (Timed         *timed,
                 gconstpointer  data)
{
  Gate gate = { 0 };
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) next = NULL;
  BubusHandler *handler = on_threaded (timed->base.bus, TYPE_PING, "hangs", pass_gate, &gate);

  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  gate_wait (&gate, &gate.arrived);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "hangs of*has not answered*");
  bubus_clock_advance (timed->clock, 60 * SECOND);
  run_until_complete (event);
  g_test_assert_expected_messages ();
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_cmpuint (bubus_event_bus_get_n_abandoned (timed->base.bus), ==, 1);

  bubus_event_bus_off (timed->base.bus, handler);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  next = dispatch_ping (timed->base.bus, "next");
  run_until_complete (next);
  g_assert_cmpstr (timed->base.trace->str, ==, "next");

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "hangs of*returned after it was given up");
  gate_set (&gate, &gate.open);
  run_until_abandoned (timed->base.bus, 0);
  g_test_assert_expected_messages ();
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
}

typedef struct
{
  Gate      gate;
  GError   *error;
  gboolean  completed;
} Awaiting;

static gboolean
await_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  Awaiting *awaiting = data;
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");

  awaiting->completed = bubus_invocation_run (invocation, child, &awaiting->error);
  gate_set (&awaiting->gate, &awaiting->gate.arrived);
  return TRUE;
}

/* In its thread the handler waits; the child's handlers run in the bus's context, before what else is queued. */
static void
test_awaits (Timed         *timed,
             gconstpointer  data)
{
  Awaiting awaiting = { 0 };
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) queued = NULL;
  g_autoptr (GListModel) children = NULL;

  on_threaded (timed->base.bus, TYPE_SUM, "parent", await_child, &awaiting);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  queued = dispatch_ping (timed->base.bus, "queued");
  run_until_complete (queued);
  g_assert_no_error (awaiting.error);
  g_assert_true (awaiting.completed);
  g_assert_cmpstr (timed->base.trace->str, ==, "child queued");
  children = bubus_event_list_children (event);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 1);
}

/* A handler that is given up while it waits for a child is told, and cannot dispatch any more. */
static void
test_given_up_while_waiting (Timed         *timed,
                             gconstpointer  data)
{
  Awaiting awaiting = { 0 };
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

  on_threaded (timed->base.bus, TYPE_SUM, "parent", await_child, &awaiting);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "hangs", defer_and_keep, &kept, NULL);
  bubus_event_set_event_timeout (event, 1);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "parent of*has not answered*");
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "parent of*returned after it was given up");
  bubus_clock_advance (timed->clock, SECOND);
  run_until_complete (event);
  gate_wait (&awaiting.gate, &awaiting.gate.arrived);
  run_until_abandoned (timed->base.bus, 0);
  g_test_assert_expected_messages ();
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_false (awaiting.completed);
  g_assert_error (awaiting.error, BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_error_free (awaiting.error);
  g_object_unref (kept);
}

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  if (data == NULL)
    return FALSE;
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED, data);
  return FALSE;
}

static void
test_fails (Timed         *timed,
            gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  on_threaded (timed->base.bus, TYPE_PING, "says-why", fail, (gpointer) "why");
  on_threaded (timed->base.bus, TYPE_PING, "does-not", fail, NULL);
  event = dispatch_ping (timed->base.bus, "event");
  run_until_complete (event);
  g_assert_cmpstr (get_error (event, 0)->message, ==, "why");
  g_assert_error (get_error (event, 1), BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
}

static void
test_parallel_threads (Timed         *timed,
                       gconstpointer  data)
{
  Gate gates[3] = { 0 };
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_event_handler_concurrency (timed->base.bus, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  for (guint i = 0; i < G_N_ELEMENTS (gates); i++)
    on_threaded (timed->base.bus, TYPE_PING, "blocks", pass_gate, &gates[i]);
  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  for (guint i = 0; i < G_N_ELEMENTS (gates); i++)
    gate_wait (&gates[i], &gates[i].arrived);
  for (guint i = G_N_ELEMENTS (gates); i-- > 0;)
    gate_set (&gates[i], &gates[i].open);
  run_until_complete (event);
  for (guint i = 0; i < G_N_ELEMENTS (gates); i++)
    g_assert_no_error (get_error (event, i));
}

static gboolean
arrive_and_answer (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  g_atomic_int_inc ((int *) data);
  bubus_invocation_return_int (invocation, 1);
  return TRUE;
}

static gboolean
await_arrival (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  while (g_atomic_int_get ((int *) data) == 0)
    g_thread_yield ();
  return TRUE;
}

/* The bus looks whether a handler has won while two threads decide which. */
static void
test_race (Timed         *timed,
           gconstpointer  data)
{
  int n_arrived = 0;

  on_threaded (timed->base.bus, TYPE_SUM, "one", arrive_and_answer, &n_arrived);
  on_threaded (timed->base.bus, TYPE_SUM, "two", arrive_and_answer, &n_arrived);
  for (guint i = 0; i < 10; i++)
    bubus_event_bus_on (timed->base.bus, TYPE_SUM, "awaits", await_arrival, &n_arrived, NULL);

  for (guint round = 0; round < 100; round++)
    {
      g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

      g_atomic_int_set (&n_arrived, 0);
      bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
      bubus_event_set_event_handler_completion (event, BUBUS_HANDLER_COMPLETION_FIRST);
      g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
      run_until_complete (event);
      run_until_abandoned (timed->base.bus, 0);
      g_assert_true ((get_error (event, 0) == NULL) != (get_error (event, 1) == NULL));
    }
}

/* The bus stops while a thread is in a handler: the event is failed, and the thread is not waited for. */
static void
test_stop (Timed         *timed,
           gconstpointer  data)
{
  Gate gate = { 0 };
  g_autoptr (BubusEvent) event = NULL;

  on_threaded (timed->base.bus, TYPE_PING, "blocks", pass_gate, &gate);
  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  gate_wait (&gate, &gate.arrived);
  bubus_event_bus_stop (timed->base.bus);
  run_until_complete (event);
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*returned after it was given up");
  gate_set (&gate, &gate.open);
  run_until_abandoned (timed->base.bus, 0);
  g_test_assert_expected_messages ();
}

/* ---- without a thread ---- */

/* There is one thread for all, and it stands at the gate. */
typedef struct
{
  Gate        gate;
  BubusEvent *event;
  int         n_calls;  /* atomic: of the handler that has no thread */
} Crowd;

static gboolean
count_call (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  g_atomic_int_inc (&((Crowd *) data)->n_calls);
  return TRUE;
}

static void
crowd_init (Crowd *crowd,
            Timed *timed)
{
  *crowd = (Crowd) { 0 };
  _bubus_invocation_set_max_threads (1);
  bubus_event_bus_set_event_concurrency (timed->base.bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  on_threaded (timed->base.bus, TYPE_SUM, "blocks", pass_gate, &crowd->gate);
  on_threaded (timed->base.bus, TYPE_PING, "counts", count_call, crowd);
  crowd->event = dispatch_sum (timed->base.bus);
  run_pending ();
  gate_wait (&crowd->gate, &crowd->gate.arrived);
}

static void
crowd_check (Crowd *crowd,
             Timed *timed,
             int    n_calls)
{
  gate_set (&crowd->gate, &crowd->gate.open);
  run_until_complete (crowd->event);
  g_clear_object (&crowd->event);
  run_until_released (timed->base.bus);
  g_assert_cmpint (g_atomic_int_get (&crowd->n_calls), ==, n_calls);
  g_assert_cmpuint (bubus_event_bus_get_n_abandoned (timed->base.bus), ==, 0);
  _bubus_invocation_set_max_threads (-1);
}

static void
test_waits_for_thread (Timed         *timed,
                       gconstpointer  data)
{
  Crowd crowd;
  g_autoptr (BubusEvent) event = NULL;

  crowd_init (&crowd, timed);
  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  gate_set (&crowd.gate, &crowd.gate.open);
  run_until_complete (event);
  g_assert_no_error (get_only_error (event));
  crowd_check (&crowd, timed, 1);
}

static void
test_expires_without_thread (Timed         *timed,
                             gconstpointer  data)
{
  Crowd crowd;
  g_autoptr (BubusEvent) event = ping_new ("event");

  crowd_init (&crowd, timed);
  bubus_event_set_event_timeout (event, 1);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_pending ();
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "counts of*has not answered*");
  bubus_clock_advance (timed->clock, SECOND);
  run_until_complete (event);
  g_test_assert_expected_messages ();
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_cmpuint (bubus_event_bus_get_n_abandoned (timed->base.bus), ==, 0);
  crowd_check (&crowd, timed, 0);
}

static gboolean
answer_at_once (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  bubus_invocation_return_int (invocation, 1);
  return TRUE;
}

static void
test_loses_without_thread (Timed         *timed,
                           gconstpointer  data)
{
  Crowd crowd;
  g_autoptr (BubusEvent) event = ping_new ("event");

  crowd_init (&crowd, timed);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "wins", answer_at_once, NULL, NULL);
  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_set_event_handler_completion (event, BUBUS_HANDLER_COMPLETION_FIRST);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_until_complete (event);
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  crowd_check (&crowd, timed, 0);
}

static void
test_stopped_without_thread (Timed         *timed,
                             gconstpointer  data)
{
  Crowd crowd;
  g_autoptr (BubusEvent) event = NULL;

  crowd_init (&crowd, timed);
  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  bubus_event_bus_stop (timed->base.bus);
  run_until_complete (event);
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpuint (bubus_event_bus_get_n_abandoned (timed->base.bus), ==, 1);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "blocks of*returned after it was given up");
  crowd_check (&crowd, timed, 0);
  g_test_assert_expected_messages ();
}

/* ---- circles ---- */

/* Each blocks in its thread for the other's event; the circle is found all the same. */
typedef struct
{
  BubusEvent *awaited;
  GError     *error;
} Circle;

static gboolean
run_other (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  Circle *circle = data;

  bubus_invocation_run (invocation, circle->awaited, &circle->error);
  return TRUE;
}

static void
test_circle (Timed         *timed,
             gconstpointer  data)
{
  g_autoptr (BubusEvent) sum = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) ping = ping_new ("ping");
  Circle circles[] = { { ping, NULL }, { sum, NULL } };
  const char *ways[] = { "Sum → Ping → Sum", "Ping → Sum → Ping" };

  bubus_event_bus_set_event_concurrency (timed->base.bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  on_threaded (timed->base.bus, TYPE_SUM, "sum", run_other, &circles[0]);
  on_threaded (timed->base.bus, TYPE_PING, "ping", run_other, &circles[1]);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, sum, NULL));
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, ping, NULL));
  run_until_complete (sum);
  run_until_complete (ping);
  g_assert_true (circles[0].error != NULL || circles[1].error != NULL);
  for (guint i = 0; i < 2; i++)
    {
      if (circles[i].error == NULL)
        continue;
      g_assert_error (circles[i].error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
      g_assert_nonnull (strstr (circles[i].error->message, ways[i]));
      g_error_free (circles[i].error);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  threaded_test ("/threaded/elsewhere", test_runs_elsewhere, "R-8: in a thread of its own, while the context goes on");
  threaded_test ("/threaded/time-limit", test_time_limit, "R-7, R-8, B-13.4: its time limit frees the bus");
  threaded_test ("/threaded/awaits", test_awaits, "R-2, R-8: it waits in its thread, for what runs in the context");
  threaded_test ("/threaded/given-up", test_given_up_while_waiting, "B-17.13: given up while it waits for a child");
  threaded_test ("/threaded/fails", test_fails, "R-10: failures are results");
  threaded_test ("/threaded/parallel", test_parallel_threads, "R-6, R-8: handlers of one event in their threads");
  threaded_test ("/threaded/race", test_race, "B-3.33, R-8, R-21: of handlers in two threads one wins");
  threaded_test ("/threaded/stop", test_stop, "R-16: a stop does not wait for a thread");
  threaded_test ("/threaded/no-thread", test_waits_for_thread, "R-8: it waits for a thread when there is none");
  threaded_test ("/threaded/no-thread/expired", test_expires_without_thread,
                 "R-7, R-8: what has used up its time before a thread came is not called");
  threaded_test ("/threaded/no-thread/lost", test_loses_without_thread, "B-3.33, R-8: nor is what has lost");
  threaded_test ("/threaded/no-thread/stopped", test_stopped_without_thread, "R-8, R-16: nor what was stopped");
  threaded_test ("/threaded/circle", test_circle, "R-3, R-8: a circle of handlers in threads is named");

  return g_test_run ();
}
