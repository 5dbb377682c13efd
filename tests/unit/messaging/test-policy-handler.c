/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

#include "flow/bubus-retry-policy.h"
#include "messaging/bubus-policy-handler.h"

/* Fails twice, then answers with the number of the attempt. */
static gboolean
third_time (BubusEvent       *event,
            BubusInvocation  *invocation,
            BubusAttempt     *attempt,
            gpointer          data,
            GError          **error)
{
  Fixture *fixture = data;
  guint number = bubus_attempt_get_number (attempt);
  g_auto (GValue) value = G_VALUE_INIT;

  trace (fixture, "%u@%g", number, bubus_clock_get_time (fixture->clock) / 1e9 - 1700000000);
  if (number < 3)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "unreachable");
      return FALSE;
    }
  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "at last");
  bubus_attempt_return_value (attempt, &value);
  return TRUE;
}

static BubusEvent *
dispatch (Fixture *fixture)
{
  BubusEvent *event = bubus_generic_event_new ("Fetch", NULL);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  settle ();
  return event;
}

static BubusEventResult *
ref_only_result (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  return bubus_event_result_ref (results->pdata[0]);
}

static void
test_retry (Fixture       *fixture,
            gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEventResult) result = NULL;
  BubusHandler *handler;

  handler = bubus_event_bus_on_with_policy (fixture->bus, "Fetch", "fetch", BUBUS_POLICY (policy), third_time,
                                            fixture, NULL);
  event = dispatch (fixture);
  advance (fixture, 3);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  advance (fixture, 3);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  result = ref_only_result (event);
  g_assert_cmpstr (g_value_get_string (bubus_event_result_get_value (result)), ==, "at last");
  g_assert_cmpstr (bubus_event_result_get_handler_name (result), ==, "fetch");
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@3 3@6");

  g_assert_true (bubus_event_bus_off (fixture->bus, handler));
  g_assert_finalize_object (policy);
}

/* The time limit of the event is the outer one (B-9.17): no attempt is made after it. */
static void
test_outer_timeout (Fixture       *fixture,
                    gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEventResult) result = NULL;

  bubus_event_bus_set_event_timeout (fixture->bus, 5);
  bubus_event_bus_on_with_policy (fixture->bus, "Fetch", "fetch", BUBUS_POLICY (policy), third_time, fixture, NULL);
  event = dispatch (fixture);
  advance (fixture, 3);
  advance (fixture, 2);
  result = ref_only_result (event);
  g_assert_error (bubus_event_result_get_error (result), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  advance (fixture, 100);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@3");
  g_object_unref (policy);
}

/* Taken off, and the bus stopped, while it waits for the next attempt. */
static void
test_stop (Fixture       *fixture,
           gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEventResult) result = NULL;
  BubusHandler *handler;

  handler = bubus_event_bus_on_with_policy (fixture->bus, "Fetch", NULL, BUBUS_POLICY (policy), third_time, fixture,
                                            NULL);
  event = dispatch (fixture);
  g_assert_true (bubus_event_bus_off (fixture->bus, handler));
  bubus_event_bus_stop (fixture->bus);
  settle ();
  result = ref_only_result (event);
  g_assert_error (bubus_event_result_get_error (result), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  advance (fixture, 100);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0");
  g_clear_pointer (&result, bubus_event_result_unref);
  g_clear_object (&event);
  g_object_unref (policy);
}

static gboolean
at_once (BubusEvent       *event,
         BubusInvocation  *invocation,
         BubusAttempt     *attempt,
         gpointer          data,
         GError          **error)
{
  trace (data, "child");
  bubus_attempt_return_nothing (attempt);
  return TRUE;
}

static gboolean
run_child (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  g_autoptr (BubusEvent) child = bubus_generic_event_new ("Child", NULL);

  if (!bubus_invocation_dispatch (invocation, NULL, child, error) || !bubus_invocation_run (invocation, child, error))
    return FALSE;
  trace (data, "parent");
  return TRUE;
}

/* What succeeds at once can be awaited in place. */
static void
test_in_place (Fixture       *fixture,
               gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on_with_policy (fixture->bus, "Child", NULL, BUBUS_POLICY (policy), at_once, fixture, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Fetch", NULL, run_child, fixture, NULL);
  event = dispatch (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "child parent");
  g_object_unref (policy);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/policy-handler/retry", test_retry, "R-22: a handler is called again, and has one result");
  test ("/messaging/policy-handler/outer-timeout", test_outer_timeout, "B-9.17: one time limit for all");
  test ("/messaging/policy-handler/in-place", test_in_place, "R-2: what succeeds at once can be awaited in place");
  test ("/messaging/policy-handler/stop", test_stop, "A stopped bus makes no more attempts");

  return g_test_run ();
}
