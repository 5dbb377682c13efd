/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static void
test_rejected_dispatch_leaves_no_trace (Fixture       *fixture,
                                        gconstpointer  data)
{
  g_autoptr (BubusEvent) kept = NULL;
  g_autoptr (BubusEvent) event = ping_new ("refused");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) path = NULL;
  g_autoptr (GPtrArray) history = NULL;

  bubus_event_bus_set_max_pending (fixture->bus, 1);
  kept = dispatch_ping (fixture->bus, "kept");

  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL);
  path = bubus_event_dup_event_path (event);
  g_assert_cmpuint (g_strv_length (path), ==, 0);
  g_assert_false (bubus_event_is_sealed (event));
  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 1);

  run_until_idle (fixture->bus);
  g_clear_error (&error);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_no_error (error);
}

static void
test_invalid_event (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusEvent) event = g_object_new (TYPE_PING, NULL);
  g_autoptr (BubusEvent) sum = g_object_new (TYPE_SUM, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
  g_assert_cmpstr (error->message, ==, "“label” of Ping is required");
  g_clear_error (&error);

  ((Sum *) sum)->number = 1001;
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, sum, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
}

static void
test_default_limits (Fixture       *fixture,
                     gconstpointer  data)
{
  g_assert_cmpint (bubus_event_bus_get_max_history_size (fixture->bus), ==, 50);
  g_assert_cmpuint (bubus_event_bus_get_max_pending (fixture->bus), ==, 100);
  bubus_event_bus_set_max_history_size (fixture->bus, -1);
  g_assert_cmpuint (bubus_event_bus_get_max_pending (fixture->bus), ==, 0);
  bubus_event_bus_set_max_pending (fixture->bus, 7);
  bubus_event_bus_set_max_history_size (fixture->bus, 3);
  g_assert_cmpuint (bubus_event_bus_get_max_pending (fixture->bus), ==, 7);
}

static void
test_history_is_bounded (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (GPtrArray) history = NULL;

  bubus_event_bus_set_max_history_size (fixture->bus, 2);
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *label = g_strdup_printf ("%d", i);
      g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, label);
    }
  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 5);
  g_clear_pointer (&history, g_ptr_array_unref);

  run_until_idle (fixture->bus);
  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, 2);
  g_assert_cmpstr (ping_get_label (history->pdata[0]), ==, "3");
  g_assert_cmpstr (ping_get_label (history->pdata[1]), ==, "4");
}

static void
test_history_of_nothing (Fixture       *fixture,
                         gconstpointer  data)
{
  BubusEvent *event = dispatch_ping (fixture->bus, "a");

  bubus_event_bus_set_max_history_size (fixture->bus, 0);
  run_until_idle (fixture->bus);
  g_assert_finalize_object (event);
}

static void
dispatched_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;
  gboolean accepted = bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (source), result, &error);

  trace (data, "%s", accepted ? "accepted" : error->message);
}

static void
test_dispatch_async_waits_for_room (Fixture       *fixture,
                                    gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) first = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_set_max_pending (fixture->bus, 1);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, first, NULL));
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *label = g_strdup_printf ("%d", i);
      g_autoptr (BubusEvent) event = ping_new (label);

      bubus_event_bus_dispatch_async (fixture->bus, event, NULL, dispatched_cb, fixture->trace);
    }

  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 1);

  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_until_idle (fixture->bus);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_nonnull (strstr (fixture->trace->str, "0"));
  g_assert_nonnull (strstr (fixture->trace->str, "2"));
}

static void
test_dispatch_async_can_be_cancelled (Fixture       *fixture,
                                      gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (BubusEvent) first = dispatch_ping (fixture->bus, "first");
  g_autoptr (BubusEvent) second = ping_new ("second");

  bubus_event_bus_set_max_pending (fixture->bus, 1);
  bubus_event_bus_set_time_budget (fixture->bus, 0);
  bubus_event_bus_dispatch_async (fixture->bus, second, cancellable, dispatched_cb, fixture->trace);
  bubus_event_bus_wait_until_idle_async (fixture->bus, cancellable, trace_idle_cb, fixture->trace);
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_nonnull (strstr (fixture->trace->str, "Operation was cancelled"));
  g_assert_false (bubus_event_is_sealed (second) && bubus_event_get_event_pending_bus_count (second) > 0);
  run_until_idle (fixture->bus);
}

static gboolean
dispatch_child (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  g_autoptr (BubusEvent) child = g_object_new (TYPE_SUM, NULL);

  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), child, error);
}

static void
test_children_have_room_of_their_own (Fixture       *fixture,
                                      gconstpointer  data)
{
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_set_max_pending (fixture->bus, 2);
  for (int i = 0; i < 3; i++)
    bubus_event_bus_on (fixture->bus, TYPE_PING, "dispatch", dispatch_child, NULL, NULL);
  first = dispatch_ping (fixture->bus, "a");
  second = dispatch_ping (fixture->bus, "b");
  run_until_complete (first);

  results = bubus_event_list_results (first);
  g_assert_cmpint (bubus_event_result_get_status (results->pdata[0]), ==, BUBUS_RESULT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_result_get_status (results->pdata[1]), ==, BUBUS_RESULT_STATUS_COMPLETED);
  g_assert_error (bubus_event_result_get_error (results->pdata[2]), BUBUS_ERROR, BUBUS_ERROR_FULL);
}

static gboolean
dispatch_same_type (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          data,
                    GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("child");

  (*(int *) data)++;
  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), child, error);
}

static void
test_depth_is_limited (Fixture       *fixture,
                       gconstpointer  data)
{
  int n_calls = 0;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) history = NULL;
  BubusEvent *last;

  bubus_event_bus_set_max_depth (fixture->bus, 3);
  bubus_event_bus_set_max_handler_recursion (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "storm", dispatch_same_type, &n_calls, NULL);
  event = dispatch_ping (fixture->bus, "root");
  run_until_idle (fixture->bus);

  g_assert_cmpint (n_calls, ==, 4);
  history = bubus_event_bus_list_history (fixture->bus);
  last = history->pdata[history->len - 1];
  g_assert_error (get_only_error (last), BUBUS_ERROR, BUBUS_ERROR_TOO_DEEP);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/event-bus/rejected", test_rejected_dispatch_leaves_no_trace, "R-12, B-17.3: a refusal leaves no trace");
  test ("/event-bus/invalid", test_invalid_event, "an invalid event is refused with the reason");
  test ("/event-bus/default-limits", test_default_limits, "R-13: defaults");
  test ("/event-bus/history/bounded", test_history_is_bounded, "R-13: completed events go, oldest first");
  test ("/event-bus/history/none", test_history_of_nothing, "R-13: 0 remembers nothing");
  test ("/event-bus/room", test_dispatch_async_waits_for_room, "R-13: an asynchronous dispatch waits for room");
  test ("/event-bus/room/cancelled", test_dispatch_async_can_be_cancelled,
        "waits for room and idleness can be cancelled");
  test ("/event-bus/room/children", test_children_have_room_of_their_own,
        "R-13: a full bus does not starve its handlers");
  test ("/event-bus/depth", test_depth_is_limited, "R-12: too deep");

  return g_test_run ();
}
