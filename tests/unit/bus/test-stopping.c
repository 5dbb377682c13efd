/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static void
idle_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  if (bubus_event_bus_wait_until_idle_for_finish (BUBUS_EVENT_BUS (source), result, &error))
    trace (data, "idle");
  else if (error->domain == BUBUS_ERROR)
    trace (data, "error%d", error->code);
  else
    trace (data, "%s", error->message);
}

static void
accepted_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GError) error = NULL;

  if (bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (source), result, &error))
    trace (data, "accepted");
  else
    trace (data, "refused%d", error->code);
}

static void
state_cb (BubusEventBus *bus,
          GParamSpec    *pspec,
          GString       *string)
{
  g_assert_true (g_main_context_is_owner (bubus_event_bus_get_main_context (bus)));
  trace (string, "state%d", bubus_event_bus_get_state (bus));
}

static void
assert_refuses (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = ping_new ("late");
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_event_bus_dispatch (bus, event, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_false (bubus_event_is_sealed (event));
}

/* ---- draining ---- */

static gboolean
dispatch_two (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("child");
  g_autoptr (BubusEvent) root = ping_new ("root");

  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), child, error)
         && bubus_event_bus_dispatch_with_flags (bubus_invocation_get_bus (invocation), root,
                                                 BUBUS_DISPATCH_DETACHED, error);
}

static void
test_drains (Timed         *timed,
             gconstpointer  data)
{
  BubusEventBus *bus = timed->base.bus;
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = NULL;

  bubus_event_bus_on (bus, TYPE_SUM, "two", dispatch_two, NULL, NULL);
  bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  g_signal_connect (bus, "notify::state", G_CALLBACK (state_cb), timed->base.trace);
  first = dispatch_sum (bus);
  second = dispatch_ping (bus, "a");

  g_assert_cmpint (bubus_event_bus_get_state (bus), ==, BUBUS_EVENT_BUS_STATE_RUNNING);
  bubus_event_bus_stop_async (bus, -1, NULL, trace_stopped_cb, timed->base.trace);
  g_assert_cmpint (bubus_event_bus_get_state (bus), ==, BUBUS_EVENT_BUS_STATE_STOPPING);
  assert_refuses (bus);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "state1 a child root state2 drained");
  g_assert_no_error (get_only_error (first));
  g_assert_no_error (get_only_error (second));
  assert_refuses (bus);
}

static gboolean
dispatch_to (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("back");

  return bubus_event_bus_dispatch (data, child, error);
}

/* An event of a bus that stops causes one on another bus, which causes one on the first. */
static void
test_drains_by_way_of_another_bus (Timed         *timed,
                                   gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) cause = NULL;
  g_autoptr (BubusEvent) outside = g_object_new (TYPE_LOUD_PING, "label", "outside", NULL);

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "there", dispatch_to, other, NULL);
  bubus_event_bus_on (other, TYPE_PING, "back", dispatch_to, timed->base.bus, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  cause = dispatch_sum (timed->base.bus);

  bubus_event_bus_stop_async (timed->base.bus, -1, NULL, trace_stopped_cb, timed->base.trace);
  g_assert_true (bubus_event_bus_dispatch (other, outside, NULL));
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "back drained");
  g_assert_cmpint (bubus_event_get_event_status (cause), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_error (get_only_error (outside), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
}

static void
test_turns_away_who_waits (Timed         *timed,
                           gconstpointer  data)
{
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = ping_new ("second");

  bubus_event_bus_set_max_pending (timed->base.bus, 1);
  first = dispatch_ping (timed->base.bus, "first");
  bubus_event_bus_dispatch_async (timed->base.bus, second, NULL, accepted_cb, timed->base.trace);
  bubus_event_bus_stop_async (timed->base.bus, -1, NULL, trace_stopped_cb, timed->base.trace);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "drained refused4");
  g_assert_false (bubus_event_is_sealed (second));
}

static void
test_never_ran (Timed         *timed,
                gconstpointer  data)
{
  bubus_event_bus_stop_async (timed->base.bus, 5, NULL, trace_stopped_cb, timed->base.trace);
  g_assert_cmpint (bubus_event_bus_get_state (timed->base.bus), ==, BUBUS_EVENT_BUS_STATE_STOPPED);
  bubus_event_bus_stop_async (timed->base.bus, 0, NULL, trace_stopped_cb, timed->base.trace);
  bubus_event_bus_stop (timed->base.bus);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "drained drained");
  assert_refuses (timed->base.bus);
}

/* ---- limits ---- */

static void
test_limit (Timed         *timed,
            gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) running = NULL;
  g_autoptr (BubusEvent) waiting = NULL;
  g_autoptr (GCancellable) cancellable = NULL;

  bubus_event_bus_set_event_timeout (timed->base.bus, 0);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  running = dispatch_sum (timed->base.bus);
  waiting = dispatch_ping (timed->base.bus, "a");
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  bubus_event_bus_wait_until_idle_for_async (timed->base.bus, -1, NULL, idle_cb, timed->base.trace);
  bubus_event_bus_stop_async (timed->base.bus, -1, NULL, trace_stopped_cb, timed->base.trace);
  bubus_event_bus_stop_async (timed->base.bus, 5, NULL, trace_stopped_cb, timed->base.trace);
  bubus_event_bus_stop_async (timed->base.bus, 9, NULL, trace_stopped_cb, timed->base.trace);
  run_pending ();
  cancellable = g_object_ref (bubus_invocation_get_cancellable (kept));
  bubus_clock_advance (timed->clock, 5 * SECOND - 1);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "");

  bubus_clock_advance (timed->clock, 1);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "idle cut cut cut");
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_error (get_only_error (running), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_error (get_only_error (waiting), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_clear_object (&kept);

  bubus_event_bus_stop_async (timed->base.bus, 1, NULL, trace_stopped_cb, timed->base.trace);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "idle cut cut cut cut");
}

static void
test_cancelled (Timed         *timed,
                gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) running = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  running = dispatch_sum (timed->base.bus);
  bubus_event_bus_stop_async (timed->base.bus, -1, cancellable, trace_stopped_cb, timed->base.trace);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "");

  g_cancellable_cancel (cancellable);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "cut");
  g_assert_error (get_only_error (running), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_clear_object (&kept);
}

static void
test_at_once (Timed         *timed,
              gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) event = dispatch_ping (timed->base.bus, "a");
  g_autoptr (BubusEvent) elsewhere = dispatch_ping (other, "b");

  g_cancellable_cancel (cancellable);
  bubus_event_bus_stop_async (timed->base.bus, 0, NULL, trace_stopped_cb, timed->base.trace);
  bubus_event_bus_stop_async (other, -1, cancellable, trace_stopped_cb, timed->base.trace);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (elsewhere), ==, BUBUS_EVENT_STATUS_COMPLETED);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "cut cut");
}

/* ---- other buses ---- */

static void
test_forwarded_to_one_that_stops (Timed         *timed,
                                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (GPtrArray) results = NULL;
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (other, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  bubus_event_bus_forward (timed->base.bus, "*", NULL, other);
  event = dispatch_sum (timed->base.bus);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);

  bubus_event_bus_stop (other);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_no_error (bubus_event_result_get_error (results->pdata[0]));
  g_assert_error (bubus_event_result_get_error (results->pdata[1]), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_true (bubus_event_bus_is_idle (timed->base.bus));
  g_clear_object (&kept);
}

/* The event is complete, and the first bus idle, only when the other bus is done with it. The stop does not wait. */
static void
test_forwarded_from_one_that_stops (Timed         *timed,
                                    gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (other, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  bubus_event_bus_forward (timed->base.bus, "*", NULL, other);
  event = dispatch_sum (timed->base.bus);
  run_pending ();
  bubus_event_bus_wait_until_idle_for_async (timed->base.bus, -1, NULL, idle_cb, timed->base.trace);
  bubus_event_bus_stop_async (timed->base.bus, 0, NULL, trace_stopped_cb, timed->base.trace);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "cut");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);

  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (timed->base.trace->str, ==, "cut idle");
}

/* ---- clear ---- */

static gboolean
clear_inside (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  bubus_event_bus_clear (bubus_invocation_get_bus (invocation));
  trace (data, "cleared");
  return TRUE;
}

static void
assert_empty (BubusEventBus *bus)
{
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (bus);
  g_autoptr (GPtrArray) events = bubus_event_bus_list_history (bus);

  g_assert_cmpuint (handlers->len, ==, 0);
  g_assert_cmpuint (events->len, ==, 0);
}

static void
test_clear (Timed         *timed,
            gconstpointer  data)
{
  BubusEventBus *bus = timed->base.bus;
  BubusEvent *weak;
  BubusEvent *event;

  bubus_event_bus_clear (bus);
  bubus_event_bus_on (bus, TYPE_PING, "clear", clear_inside, timed->base.trace, NULL);
  bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  g_object_unref (dispatch_ping (bus, "a"));
  event = weak = dispatch_ping (bus, "b");
  g_object_add_weak_pointer (G_OBJECT (event), (gpointer *) &weak);
  g_object_unref (event);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "cleared a");
  g_assert_nonnull (weak);

  bubus_event_bus_stop (bus);
  bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  bubus_event_bus_clear (bus);
  g_assert_null (weak);
  assert_empty (bus);
}

/* ---- waiting for a time ---- */

static gboolean
wait_inside (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  bubus_event_bus_wait_until_idle_for_async (bubus_invocation_get_bus (invocation), 5, NULL, idle_cb, data);
  return TRUE;
}

static void
test_wait_for_a_time (Timed         *timed,
                      gconstpointer  data)
{
  BubusEventBus *bus = timed->base.bus;
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) ping = NULL;

  bubus_event_bus_on (bus, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  event = dispatch_sum (bus);
  bubus_event_bus_wait_until_idle_for_async (bus, 5, NULL, idle_cb, timed->base.trace);
  bubus_event_bus_wait_until_idle_for_async (bus, 9, NULL, idle_cb, timed->base.trace);
  bubus_event_bus_wait_until_idle_for_async (bus, 0, NULL, idle_cb, timed->base.trace);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "error9");
  bubus_clock_advance (timed->clock, 5 * SECOND);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "error9 error9");
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "error9 error9 idle");
  bubus_clock_advance (timed->clock, 5 * SECOND);

  g_string_truncate (timed->base.trace, 0);
  bubus_event_bus_on (bus, TYPE_PING, "wait", wait_inside, timed->base.trace, NULL);
  ping = dispatch_ping (bus, "a");
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "error8");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  timed_test ("/stopping/drains", test_drains, "R-16: a bus finishes what it has, and what that causes");
  timed_test ("/stopping/drains/another-bus", test_drains_by_way_of_another_bus,
              "R-16: what an unfinished event causes is accepted by way of another bus too");
  timed_test ("/stopping/room", test_turns_away_who_waits, "R-16: who waits for room is turned away");
  timed_test ("/stopping/never-ran", test_never_ran, "R-16, B-7.10, B-13.18: a bus that never ran, and stops again");
  timed_test ("/stopping/limit", test_limit, "R-16, B-17.10: the first limit counts, and everybody is told");
  timed_test ("/stopping/cancelled", test_cancelled, "R-16: cancelling ends the limit");
  timed_test ("/stopping/at-once", test_at_once, "R-16: stopping without waiting (B test_stop_with_pending_events)");
  timed_test ("/stopping/forwarded-to", test_forwarded_to_one_that_stops, "R-11, R-16: the other bus stops");
  timed_test ("/stopping/forwarded-from", test_forwarded_from_one_that_stops,
              "R-11, R-16, B-13.13: the first bus stops, the other goes on");
  timed_test ("/stopping/clear", test_clear, "R-16, B-13.18: clear in every state");
  timed_test ("/stopping/wait-for", test_wait_for_a_time, "R-3, R-16, B-7.8: waiting until idle for a time");
  return g_test_run ();
}
