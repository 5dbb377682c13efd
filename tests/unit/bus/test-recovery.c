/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

/* Whatever goes wrong, the bus goes on: nothing hangs, nothing is left behind (B-17.10). */

static void
advance (Timed      *timed,
         gint64      seconds,
         const char *record)
{
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, record);
  bubus_clock_advance (timed->clock, seconds * SECOND);
  run_pending ();
  g_test_assert_expected_messages ();
}

static void
told_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  bubus_event_wait_finish (BUBUS_EVENT (source), result, &error);
  g_assert_no_error (error);
  trace (data, "told");
}

static void
idle_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, &error);
  g_assert_no_error (error);
  trace (data, "idle");
}

/* Something follows on the bus, and it becomes idle. */
static void
assert_goes_on (Fixture       *fixture,
                BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_off_all (bus);
  g_string_truncate (fixture->trace, 0);
  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  bubus_event_wait_async (event, NULL, told_cb, fixture->trace);
  bubus_event_bus_wait_until_idle_async (bus, NULL, idle_cb, fixture->trace);
  run_pending ();
  g_assert_true (strcmp (fixture->trace->str, "told idle") == 0 || strcmp (fixture->trace->str, "idle told") == 0);
  g_assert_true (bubus_event_bus_is_idle (bus));
  g_assert_cmpuint (bubus_event_bus_get_n_pending (bus), ==, 0);
}

/* ---- who waits for what is given up ---- */

static void
test_awaiter_of_cancelled (Timed         *timed,
                           gconstpointer  data)
{
  g_autoptr (BubusEvent) child = NULL;
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "parent", leave_child_and_defer, &child, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  parent = dispatch_sum (timed->base.bus);
  run_pending ();
  bubus_event_wait_async (child, NULL, told_cb, timed->base.trace);
  bubus_event_wait_async (child, NULL, told_cb, timed->base.trace);
  advance (timed, 60, "parent of*");
  g_assert_error (get_only_error (child), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_cmpstr (timed->base.trace->str, ==, "told told");
  assert_goes_on (&timed->base, timed->base.bus);
}

/* ---- a child that runs in place is given up with its parent ---- */

typedef struct
{
  BubusEventBus   *bus;
  BubusInvocation *innermost;
  BubusEvent      *events[3];
  double           timeouts[3];
} Nest;

static void
nested_done_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, NULL);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
nest (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  Nest *nest = data;
  guint level = event == nest->events[0] ? 1 : 2;

  if (event == nest->events[2])
    return defer_and_keep (event, invocation, &nest->innermost, error);

  bubus_invocation_defer (invocation);
  nest->events[level] = ping_new ("nested");
  bubus_event_set_event_timeout (nest->events[level], nest->timeouts[level]);
  g_assert_true (bubus_invocation_dispatch (invocation, nest->bus, nest->events[level], error));
  bubus_invocation_run_async (invocation, nest->events[level], NULL, nested_done_cb, nest);
  return TRUE;
}

static void
nest_start (Nest          *nested,
            BubusEventBus *bus,
            BubusEventBus *other)
{
  nested->bus = other;
  bubus_event_bus_on (bus, TYPE_PING, "nest", nest, nested, NULL);
  if (other != bus)
    bubus_event_bus_on (other, TYPE_PING, "nest", nest, nested, NULL);
  nested->events[0] = ping_new ("outermost");
  bubus_event_set_event_timeout (nested->events[0], nested->timeouts[0]);
  g_assert_true (bubus_event_bus_dispatch (bus, nested->events[0], NULL));
  run_pending ();
  g_assert_nonnull (nested->innermost);
}

static void
assert_given_up (Nest *nest)
{
  const int codes[] = { BUBUS_ERROR_TIMED_OUT, BUBUS_ERROR_ABORTED, BUBUS_ERROR_ABORTED };

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (bubus_event_get_event_status (nest->events[i]), ==, BUBUS_EVENT_STATUS_COMPLETED);
      g_assert_error (get_only_error (nest->events[i]), BUBUS_ERROR, codes[i]);
    }
  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (nest->innermost)));
}

static void
nest_clear (Nest *nest)
{
  g_object_unref (nest->innermost);
  for (guint i = 0; i < 3; i++)
    g_object_unref (nest->events[i]);
}

static void
test_nested (Timed         *timed,
             gconstpointer  data)
{
  Nest nested = { .timeouts = { 5, -1, -1 } };

  nest_start (&nested, timed->base.bus, timed->base.bus);
  advance (timed, 5, "nest of*Ping*5 seconds");
  assert_given_up (&nested);
  assert_goes_on (&timed->base, timed->base.bus);
  nest_clear (&nested);
}

static void
test_nested_on_another_bus (Timed         *timed,
                            gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  Nest nested = { .timeouts = { 5, -1, -1 } };

  bubus_event_bus_set_event_handler_slow_timeout (other, 0);
  nest_start (&nested, timed->base.bus, other);
  advance (timed, 5, "nest of*Ping*5 seconds");
  assert_given_up (&nested);
  assert_goes_on (&timed->base, timed->base.bus);
  assert_goes_on (&timed->base, other);
  nest_clear (&nested);
}

/* The other bus lives in another main context, which this test runs by hand. */
static void
run_context (GMainContext *context)
{
  g_main_context_push_thread_default (context);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
}

static void
test_nested_in_another_context (Timed         *timed,
                                gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  BubusEventBus *far;
  BubusInvocation *kept = NULL;
  Nest nested = { .timeouts = { 5, 0, 0 } };

  g_main_context_push_thread_default (context);
  far = bubus_event_bus_new ("Far");
  g_main_context_pop_thread_default (context);
  bubus_event_bus_set_event_handler_slow_timeout (far, 0);
  bubus_event_bus_on (far, TYPE_PING, "far", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (far, TYPE_PING, "waiting", trace_label, timed->base.trace, NULL);
  nested.bus = far;
  nested.events[0] = ping_new ("near");
  bubus_event_set_event_timeout (nested.events[0], 5);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "nest", nest, &nested, NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, nested.events[0], NULL));
  run_pending ();
  run_context (context);
  g_assert_nonnull (kept);

  advance (timed, 5, "nest of*Ping*5 seconds");
  g_assert_error (get_only_error (nested.events[0]), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  run_context (context);
  run_pending ();
  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (kept)));
  g_assert_error (get_error (nested.events[1], 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_error (get_error (nested.events[1], 1), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_cmpint (bubus_event_get_event_status (nested.events[0]), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (timed->base.trace->str, ==, "");
  assert_goes_on (&timed->base, timed->base.bus);
  g_assert_true (bubus_event_bus_is_idle (far));

  g_object_unref (kept);
  g_object_unref (nested.events[0]);
  g_object_unref (nested.events[1]);
  g_main_context_push_thread_default (context);
  g_assert_finalize_object (far);
  g_main_context_pop_thread_default (context);
}

/* The innermost handler is the one that expires; those who wait for it are told, and go on. */
static void
test_innermost_expires (Timed         *timed,
                        gconstpointer  data)
{
  Nest nested = { .timeouts = { 5, 4, 2 } };

  nest_start (&nested, timed->base.bus, timed->base.bus);
  advance (timed, 2, "nest of*2 seconds");
  g_assert_no_error (get_only_error (nested.events[0]));
  g_assert_no_error (get_only_error (nested.events[1]));
  g_assert_error (get_only_error (nested.events[2]), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  assert_goes_on (&timed->base, timed->base.bus);
  nest_clear (&nested);
}

/* ---- a handler on the bus that an event is forwarded to ---- */

static void
test_forwarded (Timed         *timed,
                gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_event_handler_slow_timeout (target, 0);
  bubus_event_bus_forward (timed->base.bus, "Ping", NULL, target);
  bubus_event_bus_on (target, TYPE_PING, "hangs", defer_and_keep, &kept, NULL);
  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  advance (timed, 60, "hangs of*");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_error (get_error (event, 1), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  assert_goes_on (&timed->base, timed->base.bus);
  assert_goes_on (&timed->base, target);
  g_object_unref (kept);
}

/* ---- deadlines ---- */

static void
test_deadline_of_parallel (Timed         *timed,
                           gconstpointer  data)
{
  BubusInvocation *kept[2] = { NULL };
  g_autoptr (BubusEvent) event = ping_new ("event");
  g_autoptr (BubusEvent) late = ping_new ("late");
  g_autoptr (GError) error = NULL;

  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_set_event_deadline (event, 5);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "first", defer_and_keep, &kept[0], NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "done", trace_label, timed->base.trace, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "second", defer_and_keep, &kept[1], NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_pending ();
  advance (timed, 5, "*deadline*");
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_no_error (get_error (event, 1));
  g_assert_error (get_error (event, 2), BUBUS_ERROR, BUBUS_ERROR_ABORTED);

  bubus_invocation_return_string (kept[0], "late");
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_false (bubus_invocation_dispatch (kept[1], NULL, late, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_false (bubus_event_is_sealed (late));
  assert_goes_on (&timed->base, timed->base.bus);
  g_object_unref (kept[0]);
  g_object_unref (kept[1]);
}

/* ---- errors that mean something elsewhere ---- */

static gboolean
fail_as_cancelled (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled by the handler itself");
  return FALSE;
}

static void
test_handler_cancels (Timed         *timed,
                      gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");

  bubus_event_bus_on (timed->base.bus, TYPE_PING, "at-once", fail_as_cancelled, NULL, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "later", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  event = dispatch_ping (timed->base.bus, "event");
  g_object_unref (dispatch_sum (timed->base.bus));
  run_pending ();
  bubus_invocation_return_error (kept, error);
  run_until_complete (event);
  g_assert_error (get_error (event, 0), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (get_error (event, 1), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_no_error (get_error (event, 2));
  g_assert_cmpstr (timed->base.trace->str, ==, "event");
  assert_goes_on (&timed->base, timed->base.bus);
  g_object_unref (kept);
}

/* Nobody awaits what the handler causes, so nobody but its own result can be told of the recursion. */
static gboolean
cause_itself (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_ptr_array_add (data, dispatch_ping (bubus_invocation_get_bus (invocation), "again"));
  return TRUE;
}

static void
test_recursion (Timed         *timed,
                gconstpointer  data)
{
  static const guint limits[] = { 2, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (GPtrArray) caused = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (BubusEvent) root = NULL;

      bubus_event_bus_set_max_handler_recursion (timed->base.bus, limits[i]);
      bubus_event_bus_on (timed->base.bus, TYPE_PING, "echo", cause_itself, caused, NULL);
      root = dispatch_ping (timed->base.bus, "root");
      run_until_complete (root);
      g_assert_cmpuint (caused->len, ==, limits[i] + 1);
      for (guint j = 0; j < limits[i]; j++)
        g_assert_no_error (get_only_error (caused->pdata[j]));
      g_assert_error (get_only_error (caused->pdata[limits[i]]), BUBUS_ERROR, BUBUS_ERROR_RECURSION);
      assert_goes_on (&timed->base, timed->base.bus);
    }
}

/* ---- a turn among all buses ---- */

static void
test_global_turn (Timed         *timed,
                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) failed = NULL;
  g_autoptr (BubusEvent) hangs = NULL;
  g_autoptr (BubusEvent) last = NULL;

  bubus_event_bus_set_event_concurrency (timed->base.bus, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  bubus_event_bus_set_event_concurrency (other, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "fails", fail_as_cancelled, NULL, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "hangs", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (other, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  failed = dispatch_sum (timed->base.bus);
  hangs = dispatch_ping (timed->base.bus, "hangs");
  run_pending ();
  g_assert_nonnull (kept);
  last = dispatch_ping (other, "last");
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "");
  advance (timed, 60, "hangs of*");
  g_assert_cmpstr (timed->base.trace->str, ==, "last");
  assert_goes_on (&timed->base, timed->base.bus);
  assert_goes_on (&timed->base, other);
  g_object_unref (kept);
}

/* The bus that has the turn is stopped. */
static void
test_global_turn_and_stop (Timed         *timed,
                           gconstpointer  data)
{
  BubusEventBus *stopped = bubus_event_bus_new ("Stopped");
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) next = NULL;

  bubus_event_bus_set_event_concurrency (timed->base.bus, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  bubus_event_bus_set_event_concurrency (stopped, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  bubus_event_bus_set_event_handler_slow_timeout (stopped, 0);
  bubus_event_bus_on (stopped, TYPE_PING, "hangs", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  event = dispatch_ping (stopped, "event");
  run_pending ();
  next = dispatch_ping (timed->base.bus, "next");
  run_pending ();
  g_assert_cmpstr (timed->base.trace->str, ==, "");
  bubus_event_bus_stop (stopped);
  run_pending ();
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpstr (timed->base.trace->str, ==, "next");
  g_object_unref (kept);
  g_assert_finalize_object (stopped);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  timed_test ("/recovery/awaiter-of-cancelled", test_awaiter_of_cancelled,
              "R-7, B-3.25, B-13.13: who waits for a child that is given up is told");
  timed_test ("/recovery/nested", test_nested, "R-7, B-3.29, 14.29, 14.71: awaited in place, at several levels");
  timed_test ("/recovery/nested/another-bus", test_nested_on_another_bus, "R-7, B-3.29, 14.71: across buses");
  timed_test ("/recovery/nested/another-context", test_nested_in_another_context,
              "R-7, B-17.10: in another main context, by message");
  timed_test ("/recovery/nested/innermost", test_innermost_expires, "R-7, B-13.5: who waits for it has not failed");
  timed_test ("/recovery/forwarded", test_forwarded, "R-7, R-11, 14.71: on the bus that an event is forwarded to");
  timed_test ("/recovery/deadline/parallel", test_deadline_of_parallel,
              "R-7, B-17.13, 14.68, 14.70: those that run are aborted, and what they do later is refused");
  timed_test ("/recovery/handler-cancels", test_handler_cancels, "R-10, B-3.17, B-13.14: just an error result");
  timed_test ("/recovery/recursion", test_recursion, "R-12, B-2.18, B-13.13, 14.83: completes, with the error");
  timed_test ("/recovery/global-turn", test_global_turn, "R-6, R-10, B-4.22, 14.88: a failure gives the turn back");
  timed_test ("/recovery/global-turn/stop", test_global_turn_and_stop, "R-6, R-16, B-17.10: so does a stop");

  return g_test_run ();
}
