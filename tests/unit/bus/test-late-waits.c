/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"
#include "bus/bubus-results-wait.h"

/* What a handler that answers later awaits in callbacks of which the bus knows nothing. It handles Sum; its child stands
 * in the same queue behind it, and behind “queued”. */
typedef struct
{
  Fixture         *fixture;
  BubusInvocation *invocation;
  BubusEvent      *event;
  BubusEvent      *child;
  BubusEvent      *queued;
  GCancellable    *cancellable;  /* nullable: of the wait; with a reference */
  GError          *error;
  guint            n_told;
} Late;

static gboolean
dispatch_child_and_defer (BubusEvent       *event,
                          BubusInvocation  *invocation,
                          gpointer          data,
                          GError          **error)
{
  Late *late = data;

  late->invocation = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  return bubus_event_bus_dispatch (late->fixture->bus, late->child, error);
}

static gboolean
defer (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  ((Late *) data)->invocation = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  return TRUE;
}

static void
late_init (Late             *late,
           Fixture          *fixture,
           BubusHandlerFunc  func)
{
  *late = (Late) { fixture };
  late->child = ping_new ("child");
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", func, late, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  late->event = dispatch_sum (fixture->bus);
  late->queued = dispatch_ping (fixture->bus, "queued");
  run_pending ();
}

static void
late_call (Late        *late,
           GSourceFunc  callback)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, callback, late, NULL);
  run_pending ();
}

static void
late_finish (Late       *late,
             const char *trace)
{
  bubus_invocation_return_nothing (late->invocation);
  run_until_complete (late->event);
  run_until_idle (late->fixture->bus);
  run_pending ();
  g_assert_cmpstr (late->fixture->trace->str, ==, trace);
  g_clear_object (&late->cancellable);
  g_clear_object (&late->child);
  g_clear_object (&late->queued);
  g_clear_object (&late->event);
  g_clear_object (&late->invocation);
}

/* ---- callbacks ---- */

static void
waited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Late *late = data;

  late->n_told++;
  if (bubus_event_wait_finish (BUBUS_EVENT (source), result, &late->error))
    trace (late->fixture->trace, "told");
}

static gboolean
wait_cb (gpointer data)
{
  Late *late = data;

  bubus_event_wait_async (late->child, late->cancellable, waited_cb, late);
  return G_SOURCE_REMOVE;
}

static gboolean
wait_for_itself_cb (gpointer data)
{
  Late *late = data;

  bubus_event_wait_async (late->event, late->cancellable, waited_cb, late);
  return G_SOURCE_REMOVE;
}

static gboolean
dispatch_cb (gpointer data)
{
  Late *late = data;

  g_assert_true (bubus_invocation_dispatch (late->invocation, NULL, late->child, NULL));
  return G_SOURCE_REMOVE;
}

static gboolean
dispatch_and_wait_cb (gpointer data)
{
  dispatch_cb (data);
  return wait_cb (data);
}

static void
results_waited_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  Late *late = data;

  g_assert_true (bubus_results_wait_finish (BUBUS_RESULTS (source), result, NULL));
  late->n_told++;
  g_object_unref (source);
}

static gboolean
dispatch_and_wait_for_results_cb (gpointer data)
{
  Late *late = data;

  dispatch_cb (data);
  bubus_results_wait_async (bubus_results_new (late->child), NULL, results_waited_cb, late);
  return G_SOURCE_REMOVE;
}

static void
idle_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Late *late = data;

  late->n_told++;
  g_assert_false (bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, &late->error));
}

static gboolean
wait_until_idle_cb (gpointer data)
{
  Late *late = data;

  bubus_event_bus_wait_until_idle_async (late->fixture->bus, late->cancellable, idle_cb, late);
  return G_SOURCE_REMOVE;
}

/* ---- tests ---- */

static void
test_same_callback (Fixture       *fixture,
                    gconstpointer  data)
{
  Late late;

  late_init (&late, fixture, defer);
  late_call (&late, dispatch_and_wait_cb);
  g_assert_no_error (late.error);
  g_assert_cmpstr (fixture->trace->str, ==, "child told");
  late_finish (&late, "child told queued");
}

static void
test_results (Fixture       *fixture,
              gconstpointer  data)
{
  Late late;

  late_init (&late, fixture, defer);
  late_call (&late, dispatch_and_wait_for_results_cb);
  g_assert_cmpuint (late.n_told, ==, 1);
  late_finish (&late, "child queued");
}

static void
test_own_cancellable (Fixture       *fixture,
                      gconstpointer  data)
{
  Late late;

  late_init (&late, fixture, dispatch_child_and_defer);
  late.cancellable = g_object_ref (bubus_invocation_get_cancellable (late.invocation));
  late_call (&late, wait_cb);
  g_assert_no_error (late.error);
  g_assert_cmpstr (fixture->trace->str, ==, "child told");
  late_finish (&late, "child told queued");
}

static void
test_itself (Fixture       *fixture,
             gconstpointer  data)
{
  Late late;

  late_init (&late, fixture, dispatch_child_and_defer);
  late.cancellable = g_object_ref (bubus_invocation_get_cancellable (late.invocation));
  late_call (&late, wait_for_itself_cb);
  g_assert_error (late.error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  g_clear_error (&late.error);
  late_call (&late, wait_until_idle_cb);
  g_assert_error (late.error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  g_clear_error (&late.error);
  g_assert_cmpuint (late.n_told, ==, 2);
  late_finish (&late, "queued child");
}

/* Somebody else's wait changes nothing. Who waits can only be guessed, so it is said once what the handler must do. */
static void
test_unknown (Fixture       *fixture,
              gconstpointer  data)
{
  Late late;

  late_init (&late, fixture, dispatch_child_and_defer);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "“Ping” is waited for*after “Sum”*parent answers later*");
  late_call (&late, wait_cb);
  g_test_assert_expected_messages ();
  late_call (&late, wait_cb);
  g_assert_cmpuint (late.n_told, ==, 0);
  late_finish (&late, "queued child told told");
}

static void
test_later_callback (Fixture       *fixture,
                     gconstpointer  data)
{
  Late late;

  late_init (&late, fixture, defer);
  late_call (&late, dispatch_cb);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "“Ping” is waited for*");
  late_call (&late, wait_cb);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (late.n_told, ==, 0);
  late_finish (&late, "queued child told");
}

static void
test_observer (Fixture       *fixture,
               gconstpointer  data)
{
  Late late;

  late_init (&late, fixture, defer);
  late.cancellable = g_cancellable_new ();
  late_call (&late, dispatch_and_wait_cb);
  g_assert_cmpuint (late.n_told, ==, 0);
  late_finish (&late, "queued child told");
}

/* What does not stand behind the handler's event needs no hint. */
static void
test_elsewhere (Fixture       *fixture,
                gconstpointer  data)
{
  Late late;

  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  late_init (&late, fixture, dispatch_child_and_defer);
  late_call (&late, wait_cb);
  g_assert_cmpuint (late.n_told, ==, 1);
  late_finish (&late, "queued child told");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/late-waits/same-callback", test_same_callback, "R-2, R-4: the callback that has dispatched the child awaits it");
  test ("/late-waits/results", test_results, "R-2, R-14: or its results");
  test ("/late-waits/own-cancellable", test_own_cancellable, "R-2: a wait that ends with the handler is the handler's");
  test ("/late-waits/itself", test_itself, "R-3: what the handler waits for waits for it");
  test ("/late-waits/unknown", test_unknown, "R-1, R-3: a passive wait, and what it may mean");
  test ("/late-waits/later", test_later_callback, "R-1: the dispatch says nothing of the next callback");
  test ("/late-waits/observer", test_observer, "R-1: who has a cancellable of his own is somebody else");
  test ("/late-waits/elsewhere", test_elsewhere, "R-1: nothing is said where nothing hangs");

  return g_test_run ();
}
