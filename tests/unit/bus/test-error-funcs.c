/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-clock.h"

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s is busy", ping_get_label (event));
  return FALSE;
}

static void
trace_error (BubusEvent       *event,
             BubusEventResult *result,
             const GError     *error,
             gpointer          data)
{
  g_assert_true (bubus_event_result_get_error (result) == error);
  g_assert_true (bubus_event_result_get_event (result) == event);
  trace (data, "%s:%s:%d", ping_get_label (event), bubus_event_result_get_handler_name (result), error->code);
}

static void
test_error_func (Fixture       *fixture,
                 gconstpointer  data)
{
  BubusHandler *failing = bubus_event_bus_on (fixture->bus, TYPE_PING, "bad", fail, NULL, NULL);
  BubusHandler *good = on_ping (fixture);

  bubus_handler_set_error_func (failing, trace_error, fixture->trace, NULL);
  bubus_handler_set_error_func (good, trace_error, fixture->trace, NULL);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "a:bad:26 a");

  bubus_handler_set_error_func (failing, NULL, NULL, NULL);
  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a:bad:26 a b");
}

static void
count_call (gpointer data)
{
  (*(guint *) data)++;
}

static void
ignore_error (BubusEvent       *event,
              BubusEventResult *result,
              const GError     *error,
              gpointer          data)
{
}

static void
test_error_func_is_freed (Fixture       *fixture,
                          gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);
  guint n_freed = 0;

  bubus_handler_set_error_func (handler, ignore_error, &n_freed, count_call);
  bubus_handler_set_error_func (handler, ignore_error, &n_freed, count_call);
  g_assert_cmpuint (n_freed, ==, 1);
  bubus_event_bus_off (fixture->bus, handler);
  g_assert_cmpuint (n_freed, ==, 2);
}

static void
test_error_func_and_time_out (Fixture       *fixture,
                              gconstpointer  data)
{
  BubusClock *clock = bubus_clock_new_test (0);
  BubusInvocation *kept = NULL;
  BubusEventBus *bus;
  BubusHandler *handler;
  g_autoptr (BubusEvent) event = NULL;

  bubus_clock_push_thread_default (clock);
  bus = bubus_event_bus_new ("Timed");
  bubus_clock_pop_thread_default (clock);
  handler = bubus_event_bus_on (bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
  bubus_handler_set_timeout (handler, 1);
  bubus_handler_set_error_func (handler, trace_error, fixture->trace, NULL);
  event = dispatch_ping (bus, "a");
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "slow of *Ping* has not answered after 1 seconds");
  bubus_clock_advance (clock, G_GINT64_CONSTANT (1000000000));
  run_until_idle (bus);
  g_test_assert_expected_messages ();
  g_assert_cmpstr (fixture->trace->str, ==, "a:slow:9");
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  g_clear_object (&event);
  g_assert_finalize_object (bus);
  g_assert_finalize_object (clock);
  g_assert_cmpstr (fixture->trace->str, ==, "a:slow:9");
}

static void
test_error_func_and_stop (Fixture       *fixture,
                          gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);

  bubus_handler_set_error_func (handler, trace_error, fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a:t:4");
}

/* What the function does is not part of the event, and touches nothing of it. */
static void
dispatch_in_error_func (BubusEvent       *event,
                        BubusEventResult *result,
                        const GError     *error,
                        gpointer          data)
{
  Fixture *fixture = data;
  g_autoptr (BubusEvent) other = NULL;

  bubus_event_bus_off_by_type (fixture->bus, TYPE_PING);
  other = g_object_new (TYPE_SUM, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, other, NULL));
  g_assert_null (bubus_event_get_event_parent_id (other));
}

static void
test_error_func_is_outside (Fixture       *fixture,
                            gconstpointer  data)
{
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "bad", fail, NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;

  bubus_handler_set_error_func (handler, dispatch_in_error_func, fixture, NULL);
  on_ping (fixture);
  event = dispatch_ping (fixture->bus, "a");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
test_error_func_and_tie (Fixture       *fixture,
                         gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusHandler *handler;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "drop", drop_object, &object, NULL);
  handler = on_ping (fixture);
  bubus_handler_tie (handler, object);
  bubus_handler_set_error_func (handler, trace_error, fixture->trace, NULL);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/registration/error-func", test_error_func, "R-10: a handler's failures are seen, one by one");
  test ("/registration/error-func-is-freed", test_error_func_is_freed, "R-10: its data goes when it is replaced");
  test ("/registration/error-func-and-time-out", test_error_func_and_time_out,
        "R-7, R-10: a time-out is a failure, once");
  test ("/registration/error-func-and-stop", test_error_func_and_stop,
        "R-10, R-16: a handler that is not called any more");
  test ("/registration/error-func-is-outside", test_error_func_is_outside, "R-10: it touches nothing");
  test ("/registration/error-func-and-tie", test_error_func_and_tie, "R-9, R-10: not called without the object");

  return g_test_run ();
}
