/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "middleware-fixture.h"

#include "base/bubus-clock.h"
#include "base/bubus-error.h"

static gboolean
succeed (BubusEvent       *event,
         BubusInvocation  *invocation,
         gpointer          data,
         GError          **error)
{
  return TRUE;
}

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  bubus_event_bus_on (fixture->bus, TYPE_PING, "x", succeed, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "y", fail, NULL, NULL);
  add_probe (fixture->bus, "probe", fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_assert_cmpstr (fixture->trace->str, ==, "a:pending");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==,
                   "a:pending a.x:pending a.y:pending a.x:started a:started a.x:completed a.y:started a.y:error "
                   "a:completed");
}

static void
test_order_without_handlers (Fixture       *fixture,
                             gconstpointer  data)
{
  add_probe (fixture->bus, "probe", fixture->trace, NULL);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "a:pending a:completed");
}

static void
test_order_on_time_out (Fixture       *fixture,
                        gconstpointer  data)
{
  BubusClock *clock = bubus_clock_new_test (0);
  BubusInvocation *kept = NULL;
  BubusEventBus *bus;

  bubus_clock_push_thread_default (clock);
  bus = bubus_event_bus_new ("Timed");
  bubus_clock_pop_thread_default (clock);
  bubus_event_bus_set_event_timeout (bus, 1);
  bubus_event_bus_on (bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
  add_probe (bus, "probe", fixture->trace, NULL);
  g_object_unref (dispatch_ping (bus, "a"));
  run_pending ();

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has not answered*");
  bubus_clock_advance (clock, G_GINT64_CONSTANT (1000000000));
  run_until_idle (bus);
  g_test_assert_expected_messages ();
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==,
                   "a:pending a.slow:pending a.slow:started a:started a.slow:error a:completed");
  g_assert_finalize_object (bus);
  g_assert_finalize_object (clock);
}

static gpointer
register_in_thread (gpointer data)
{
  bubus_event_bus_on (data, TYPE_PING, "thread", succeed, NULL, NULL);
  return NULL;
}

static void
test_handlers (Fixture       *fixture,
               gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "probe", fixture->trace, NULL);
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "x", succeed, NULL, NULL);

  bubus_event_bus_off (fixture->bus, handler);
  g_assert_cmpstr (fixture->trace->str, ==, "+x -x");

  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("register", register_in_thread, fixture->bus));
  g_main_context_release (NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "+x -x");
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "+x -x +thread");
  probe->trace = NULL;
}

static void
dispatch_when_started (Probe            *self,
                       BubusEventBus    *bus,
                       BubusEvent       *event,
                       BubusEventStatus  status)
{
  g_autoptr (BubusEvent) other = NULL;

  if (status != BUBUS_EVENT_STATUS_STARTED || !g_str_equal (ping_get_label (event), "child"))
    return;

  other = dispatch_ping (bus, "other");
  g_assert_null (bubus_event_get_event_parent_id (other));
}

static void
test_hook_is_no_handler (Fixture       *fixture,
                         gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "probe", NULL, NULL);

  probe->on_event = dispatch_when_started;
  bubus_event_bus_on (fixture->bus, TYPE_PING, "run", run_child_of_parent, (gpointer) "child", NULL);
  dispatch_and_run (fixture, "parent");
}

static void
remove_itself (Probe            *self,
               BubusEventBus    *bus,
               BubusEvent       *event,
               BubusEventStatus  status)
{
  g_object_ref (self);
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (self));
  bubus_event_bus_off_all (bus);
  g_object_unref (self);
}

static void
test_hook_removes_itself (Fixture       *fixture,
                          gconstpointer  data)
{
  GString *first = g_string_new (NULL);
  GString *second = g_string_new (NULL);
  Probe *last;

  add_probe (fixture->bus, "first", first, NULL)->on_event = remove_itself;
  last = add_probe (fixture->bus, "second", second, NULL);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (first->str, ==, "a:pending");
  g_assert_cmpstr (second->str, ==, "a:pending a:completed");
  last->trace = NULL;
  g_string_free (first, TRUE);
  g_string_free (second, TRUE);
}

static void
stop_when_started (Probe            *self,
                   BubusEventBus    *bus,
                   BubusEvent       *event,
                   BubusEventStatus  status)
{
  if (status != BUBUS_EVENT_STATUS_STARTED)
    return;

  bubus_event_bus_stop (bus);
  g_assert_cmpint (bubus_event_get_event_status (self->data), ==, BUBUS_EVENT_STATUS_PENDING);
}

/* The handler that starts is called still, the next one is not; and nothing is failed inside of the hook. */
static void
test_hook_stops_the_bus (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = NULL;
  g_autoptr (GPtrArray) results = NULL;
  Probe *probe = add_probe (fixture->bus, "probe", NULL, NULL);

  on_ping (fixture);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "u", trace_label, fixture->trace, NULL);
  probe->on_event = stop_when_started;
  first = dispatch_ping (fixture->bus, "a");
  probe->data = second = dispatch_ping (fixture->bus, "b");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  results = bubus_event_list_results (first);
  g_assert_error (bubus_event_result_get_error (results->pdata[1]), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpint (bubus_event_get_event_status (second), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
test_asked_outside_of_locks (Fixture       *fixture,
                             gconstpointer  data)
{
  Probe *asking = add_probe (fixture->bus, "asking", NULL, trace_intercepted);
  Probe *other;

  asking->data = fixture->trace;
  asking->idle_bus = fixture->bus;
  other = add_probe (fixture->bus, "other", NULL, NULL);
  g_assert_true (bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (other)));
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "asking(a)");
}

/* ---- stops ---- */

static void
test_not_asked_while_draining (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr (BubusEvent) late = ping_new ("late");
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "a");

  add_probe (fixture->bus, "asked", NULL, trace_intercepted)->data = fixture->trace;
  bubus_event_bus_stop_async (fixture->bus, -1, NULL, NULL, NULL);
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, late, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  run_until_complete (event);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/middleware/order", test_order, "B-8.6, test 84: what is told, in the same order each time");
  test ("/middleware/order-without-handlers", test_order_without_handlers, "B-8.7: pending and completed only");
  test ("/middleware/order-on-time-out", test_order_on_time_out, "B-8.6, test 84: monotonic when time is over");
  test ("/middleware/handlers", test_handlers, "B-8.9: handlers that come and go, in the bus's context");
  test ("/middleware/hook-is-no-handler", test_hook_is_no_handler, "R-4: what a hook dispatches is a root");
  test ("/middleware/hook-removes-itself", test_hook_removes_itself, "R-10: the others are told still");
  test ("/middleware/hook-stops-the-bus", test_hook_stops_the_bus, "R-10, R-16: after the hook, and wholly");
  test ("/middleware/asked-outside-of-locks", test_asked_outside_of_locks,
        "R-10: a middleware may use the bus when it is asked what it is for");
  test ("/middleware/not-asked-while-draining", test_not_asked_while_draining,
        "R-12, R-16: nobody sees what is refused");

  return g_test_run ();
}
