/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

/* ---- from where ---- */

typedef struct
{
  GString *trace;
  double   seconds;
} Stopper;

static gboolean
stop_inside (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  const Stopper *stopper = data;

  bubus_event_bus_stop_async (bubus_invocation_get_bus (invocation), stopper->seconds, NULL,
                              trace_stopped_cb, stopper->trace);
  trace (stopper->trace, "asked");
  return TRUE;
}

static void
test_inside_a_handler (Timed         *timed,
                       gconstpointer  data)
{
  static const struct
  {
    double      seconds;
    const char *expected;
    gboolean    handled;
  } cases[] = {
    { -1, "asked a drained", TRUE },
    { 5, "asked a drained", TRUE },
    { 0, "asked cut", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Inside");
      Stopper stopper = { timed->base.trace, cases[i].seconds };
      g_autoptr (BubusEvent) first = NULL;
      g_autoptr (BubusEvent) second = NULL;

      g_string_truncate (timed->base.trace, 0);
      bubus_event_bus_on (bus, TYPE_SUM, "stop", stop_inside, &stopper, NULL);
      bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
      first = dispatch_sum (bus);
      second = dispatch_ping (bus, "a");
      run_pending ();
      g_assert_cmpstr (timed->base.trace->str, ==, cases[i].expected);
      g_assert_true ((get_only_error (second) == NULL) == cases[i].handled);
      g_assert_no_error (get_only_error (first));
      g_assert_finalize_object (g_steal_pointer (&bus));
    }
}

/* @data is the bus: whoever waits for an event may stop it. */
static void
stop_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  bubus_event_wait_finish (BUBUS_EVENT (source), result, NULL);
  bubus_event_bus_stop (data);
}

static void
stop_again_cb (BubusEventBus *bus,
               GParamSpec    *pspec,
               gpointer       data)
{
  bubus_event_bus_stop (bus);
}

static void
test_from_an_observer (Timed         *timed,
                       gconstpointer  data)
{
  g_autoptr (BubusEvent) first = dispatch_ping (timed->base.bus, "a");
  g_autoptr (BubusEvent) second = dispatch_ping (timed->base.bus, "b");

  bubus_event_bus_set_time_budget (timed->base.bus, 0);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  g_signal_connect (timed->base.bus, "notify::state", G_CALLBACK (stop_again_cb), NULL);
  bubus_event_wait_async (first, NULL, stop_cb, timed->base.bus);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "a");
  g_assert_error (get_only_error (second), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpint (bubus_event_bus_get_state (timed->base.bus), ==, BUBUS_EVENT_BUS_STATE_STOPPED);
}

static gpointer
stop_in_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GString *string = g_string_new (NULL);

  g_main_context_push_thread_default (context);
  bubus_event_bus_stop_async (data, -1, NULL, trace_stopped_cb, string);
  while (string->len == 0)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return string;
}

static void
test_from_another_thread (Timed         *timed,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) event = dispatch_ping (timed->base.bus, "a");
  GThread *thread;
  GString *said;

  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  thread = g_thread_new ("stop", stop_in_thread, timed->base.bus);
  while (bubus_event_bus_get_state (timed->base.bus) != BUBUS_EVENT_BUS_STATE_STOPPED)
    g_main_context_iteration (NULL, FALSE);
  said = g_thread_join (thread);
  g_assert_cmpstr (said->str, ==, "drained");
  g_assert_cmpstr (timed->base.trace->str, ==, "a");
  g_string_free (said, TRUE);
}

/* ---- main contexts that do not run ---- */

/* A bus of a main context that nobody runs. */
static BubusEventBus *
dead_bus_new (GMainContext *context)
{
  BubusEventBus *bus;

  g_main_context_push_thread_default (context);
  bus = bubus_event_bus_new ("Dead");
  g_main_context_pop_thread_default (context);
  return bus;
}

static void
test_context_that_nobody_runs (Timed         *timed,
                               gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  BubusEventBus *bus = dead_bus_new (context);
  g_autoptr (BubusEvent) event = dispatch_ping (bus, "a");

  bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  bubus_event_bus_stop_async (bus, 5, NULL, trace_stopped_cb, timed->base.trace);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "");
  bubus_clock_advance (timed->clock, 5 * SECOND);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "cut");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_finalize_object (bus);
}

/* A thread that has the main context, and never gets to it until it is let go. */
typedef struct
{
  GMainContext *context;
  GMutex        lock;
  GCond         cond;
  gboolean      owned;
  gboolean      let_go;
} Blocker;

static gpointer
block_context (gpointer data)
{
  Blocker *blocker = data;

  g_assert_true (g_main_context_acquire (blocker->context));
  g_mutex_lock (&blocker->lock);
  blocker->owned = TRUE;
  g_cond_broadcast (&blocker->cond);
  while (!blocker->let_go)
    g_cond_wait (&blocker->cond, &blocker->lock);
  g_mutex_unlock (&blocker->lock);
  while (g_main_context_iteration (blocker->context, FALSE))
    ;
  g_main_context_release (blocker->context);
  return NULL;
}

static void
given_up_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_assert_cmpint (bubus_event_bus_get_state (BUBUS_EVENT_BUS (source)), ==, BUBUS_EVENT_BUS_STATE_STOPPING);
  trace (data, bubus_event_bus_stop_finish (BUBUS_EVENT_BUS (source), result) ? "drained" : "cut");
}

static void
test_context_that_is_blocked (Timed         *timed,
                              gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Blocker blocker = { .context = context };
  BubusEventBus *bus = dead_bus_new (context);
  g_autoptr (BubusEvent) event = dispatch_ping (bus, "a");
  GThread *thread = g_thread_new ("blocker", block_context, &blocker);

  g_mutex_lock (&blocker.lock);
  while (!blocker.owned)
    g_cond_wait (&blocker.cond, &blocker.lock);
  g_mutex_unlock (&blocker.lock);

  bubus_event_bus_stop_async (bus, 5, NULL, given_up_cb, timed->base.trace);
  bubus_clock_advance (timed->clock, 5 * SECOND);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "");
  bubus_clock_advance (timed->clock, SECOND);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "cut");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_PENDING);

  g_mutex_lock (&blocker.lock);
  blocker.let_go = TRUE;
  g_cond_broadcast (&blocker.cond);
  g_mutex_unlock (&blocker.lock);
  g_thread_join (thread);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_bus_get_state (bus), ==, BUBUS_EVENT_BUS_STATE_STOPPED);
  g_assert_finalize_object (bus);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  timed_test ("/stopping/inside", test_inside_a_handler, "R-16: stopping inside of a handler");
  timed_test ("/stopping/observer", test_from_an_observer, "R-16: stopping when told of something");
  timed_test ("/stopping/thread", test_from_another_thread, "R-16, R-21: stopping from another thread");
  timed_test ("/stopping/context/dead", test_context_that_nobody_runs, "R-16, B-13.7: nobody runs the main context");
  timed_test ("/stopping/context/blocked", test_context_that_is_blocked, "R-16, B-13.7: the main context is blocked");
  return g_test_run ();
}
