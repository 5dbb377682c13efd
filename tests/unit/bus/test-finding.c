/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "finding-fixture.h"

#include "base/bubus-error.h"

static void
filtered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Search *search = data;

  search->events = bubus_event_bus_filter_finish (BUBUS_EVENT_BUS (source), result, &search->error);
  search->done = TRUE;
}

static BubusEventQuery *
query_label (const char *label)
{
  BubusEventQuery *query = bubus_event_query_new (TYPE_PING);

  bubus_event_query_set_include (query, label_is, (gpointer) label, NULL);
  return query;
}

/* ---- expect ---- */

static void
test_expect (Finding       *finding,
             gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = query_label ("b");
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (finding->base.bus, TYPE_PING, "trace", trace_label, finding->base.trace, NULL);
  expect (finding->base.bus, query, 5, &finding->search);
  run_pending ();
  g_assert_false (finding->search.done);
  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "b");
  g_assert_cmpstr (finding->base.trace->str, ==, "a b b");

  results = bubus_event_list_results (finding->search.event);
  g_assert_cmpuint (results->len, ==, 1);
  bubus_clock_advance (finding->clock, 10 * SECOND);
}

typedef struct
{
  BubusEventBus *bus;
  BubusEvent    *event;
} Later;

static gboolean
dispatch_later_cb (gpointer data)
{
  Later *later = data;

  g_assert_true (bubus_event_bus_dispatch (later->bus, later->event, NULL));
  return G_SOURCE_REMOVE;
}

static void
test_before_handlers (Finding       *finding,
                      gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (BubusEvent) event = ping_new ("a");
  Later later = { finding->base.bus, event };

  bubus_event_bus_on (finding->base.bus, TYPE_PING, "after", handler_after, &finding->search, NULL);
  expect (finding->base.bus, query, -1, &finding->search);
  g_idle_add (dispatch_later_cb, &later);
  run_pending ();
  g_assert_no_error (get_only_error (event));
  g_assert_true (finding->search.done);
}

static void
test_expect_times_out (Finding       *finding,
                       gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);

  expect (finding->base.bus, query, 5, &finding->search);
  bubus_clock_advance (finding->clock, 5 * SECOND - 1);
  run_pending ();
  g_assert_false (finding->search.done);
  bubus_clock_advance (finding->clock, 1);
  run_pending ();
  g_assert_error (finding->search.error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_object_unref (dispatch_ping (finding->base.bus, "late"));
}

static void
test_several (Finding       *finding,
              gconstpointer  data)
{
  g_autoptr (BubusEventQuery) a = query_label ("a");
  g_autoptr (BubusEventQuery) any = bubus_event_query_new_for_pattern ("P?ng*");

  expect (finding->base.bus, a, -1, &finding->search);
  expect (finding->base.bus, any, -1, &finding->other);
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "a");
  g_assert_cmpstr (ping_get_label (finding->other.event), ==, "b");
}

static void
test_predicate_is_asked_once (Finding       *finding,
                              gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);

  bubus_event_query_set_include (query, trace_and_refuse, finding->base.trace, NULL);
  g_object_unref (dispatch_ping (finding->base.bus, "queued"));
  expect (finding->base.bus, query, 5, &finding->search);
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  g_object_unref (dispatch_ping (finding->base.bus, "c"));
  run_pending ();
  g_assert_cmpstr (finding->base.trace->str, ==, "queued b c");
  g_object_unref (dispatch_ping (finding->base.bus, "z"));
  run_pending ();
  g_assert_true (finding->search.done);
}

static void
test_queued_and_running (Finding       *finding,
                         gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) running = NULL;
  BubusHandler *handler;

  handler = bubus_event_bus_on (finding->base.bus, TYPE_PING, "slow", defer_and_keep, &invocation, NULL);
  running = dispatch_ping (finding->base.bus, "running");
  run_pending ();
  g_assert_nonnull (invocation);

  expect (finding->base.bus, query, 5, &finding->search);
  bubus_event_bus_find_async (finding->base.bus, query, NULL, found_cb, &finding->other);
  run_pending ();
  g_assert_false (finding->search.done);
  g_assert_true (finding->other.event == running);
  bubus_clock_advance (finding->clock, 5 * SECOND);
  run_pending ();
  g_assert_error (finding->search.error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  search_clear (&finding->search);

  g_object_unref (dispatch_ping (finding->base.bus, "queued"));
  expect (finding->base.bus, query, 5, &finding->search);
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "queued");
  bubus_event_bus_off (finding->base.bus, handler);
  bubus_invocation_return_nothing (invocation);
}

/* ---- find and filter ---- */

static void
test_filter (Finding       *finding,
             gconstpointer  data)
{
  g_autoptr (BubusEventQuery) all = query_ping (-1, 0, -1);
  g_autoptr (BubusEventQuery) recent = query_ping (2, 0, -1);
  g_autoptr (BubusEventQuery) none = query_ping (0, 0, -1);
  g_autoptr (BubusEventQuery) two = query_ping (-1, 0, 2);
  g_autoptr (BubusEventQuery) zero = query_ping (-1, 0, 0);

  filter (finding, all, "");
  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  run_pending ();
  bubus_clock_advance (finding->clock, 3 * SECOND);
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  bubus_clock_advance (finding->clock, 1 * SECOND);
  g_object_unref (dispatch_ping (finding->base.bus, "c"));
  filter (finding, all, "c b a");
  filter (finding, recent, "c b");
  filter (finding, none, "");
  filter (finding, two, "c b");
  filter (finding, zero, "");
}

static void
test_filter_future (Finding       *finding,
                    gconstpointer  data)
{
  g_autoptr (BubusEventQuery) three = query_ping (-1, 10, 3);
  g_autoptr (BubusEventQuery) many = query_ping (-1, 10, -1);

  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  run_pending ();
  bubus_event_bus_filter_async (finding->base.bus, three, NULL, filtered_cb, &finding->search);
  bubus_event_bus_filter_async (finding->base.bus, many, NULL, filtered_cb, &finding->other);
  g_object_unref (dispatch_ping (finding->base.bus, "c"));
  g_object_unref (dispatch_ping (finding->base.bus, "d"));
  run_pending ();
  assert_labels (finding->search.events, "b a c");
  g_assert_false (finding->other.done);
  bubus_clock_advance (finding->clock, 10 * SECOND);
  run_pending ();
  assert_labels (finding->other.events, "b a c d");
  search_clear (&finding->search);

  bubus_event_query_set_limit (three, 0);
  bubus_event_bus_filter_async (finding->base.bus, three, NULL, filtered_cb, &finding->search);
  run_pending ();
  assert_labels (finding->search.events, "");
}

static void
test_find (Finding       *finding,
           gconstpointer  data)
{
  g_autoptr (BubusEventQuery) past = query_ping (-1, 0, -1);
  g_autoptr (BubusEventQuery) future = query_ping (0, 5, -1);

  bubus_event_bus_find_async (finding->base.bus, past, NULL, found_cb, &finding->search);
  run_pending ();
  g_assert_true (finding->search.done && finding->search.event == NULL);
  g_assert_no_error (finding->search.error);

  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  run_pending ();
  bubus_event_bus_find_async (finding->base.bus, past, NULL, found_cb, &finding->search);
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "b");
  search_clear (&finding->search);

  bubus_event_bus_find_async (finding->base.bus, future, NULL, found_cb, &finding->search);
  run_pending ();
  g_assert_false (finding->search.done);
  bubus_clock_advance (finding->clock, 5 * SECOND);
  run_pending ();
  g_assert_true (finding->search.done && finding->search.event == NULL);
  g_assert_no_error (finding->search.error);
}

static void
test_no_history (Finding       *finding,
                 gconstpointer  data)
{
  g_autoptr (BubusEventQuery) past = query_ping (-1, 0, -1);
  g_autoptr (BubusEventQuery) both = query_ping (-1, -1, -1);

  bubus_event_bus_set_max_history_size (finding->base.bus, 0);
  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  run_pending ();
  filter (finding, past, "");
  bubus_event_bus_find_async (finding->base.bus, both, NULL, found_cb, &finding->search);
  g_object_unref (dispatch_ping (finding->base.bus, "b"));
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "b");
}

/* ---- inside of handlers ---- */

static void
reply_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr (BubusInvocation) invocation = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) reply = bubus_event_bus_expect_finish (BUBUS_EVENT_BUS (source), result, &error);

  g_assert_no_error (error);
  bubus_invocation_return_int (invocation, atoi (ping_get_label (reply)));
}

static gboolean
expect_reply (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);

  bubus_invocation_defer (invocation);
  bubus_event_bus_expect_async (data, query, 30, NULL, reply_cb, g_object_ref (invocation));
  return TRUE;
}

static void
test_in_handler (Finding       *finding,
                 gconstpointer  data)
{
  g_autoptr (BubusEvent) request = g_object_new (TYPE_SUM, NULL);
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (finding->base.bus, TYPE_SUM, "expect", expect_reply, finding->base.bus, NULL);
  g_assert_true (bubus_event_bus_dispatch (finding->base.bus, request, NULL));
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (request), ==, BUBUS_EVENT_STATUS_STARTED);
  g_object_unref (dispatch_ping (finding->base.bus, "42"));
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (request), ==, BUBUS_EVENT_STATUS_COMPLETED);
  results = bubus_event_list_results (request);
  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (results->pdata[0])), ==, 42);
}

/* ---- the end ---- */

static void
test_cancelled (Finding       *finding,
                gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = query_ping (-1, 5, -1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  bubus_event_bus_expect_async (finding->base.bus, query, 5, cancellable, expected_cb, &finding->search);
  run_pending ();
  g_cancellable_cancel (cancellable);
  run_pending ();
  g_assert_error (finding->search.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  bubus_event_bus_find_async (finding->base.bus, query, cancellable, found_cb, &finding->other);
  run_pending ();
  g_assert_error (finding->other.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  bubus_clock_advance (finding->clock, 10 * SECOND);
}

static void
test_stopped (Finding       *finding,
              gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = query_ping (-1, -1, -1);

  expect (finding->base.bus, query, -1, &finding->search);
  bubus_event_bus_find_async (finding->base.bus, query, NULL, found_cb, &finding->other);
  run_pending ();
  bubus_event_bus_stop (finding->base.bus);
  run_pending ();
  g_assert_error (finding->search.error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_true (finding->other.done && finding->other.event == NULL);
  g_assert_no_error (finding->other.error);
  search_clear (&finding->search);

  expect (finding->base.bus, query, -1, &finding->search);
  run_pending ();
  g_assert_error (finding->search.error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
}

static void
test_bus_goes (Finding       *finding,
               gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = query_ping (-1, 60, -1);
  GWeakRef weak;

  g_weak_ref_init (&weak, finding->base.bus);
  expect (finding->base.bus, query, 60, &finding->search);
  bubus_event_bus_find_async (finding->base.bus, query, NULL, found_cb, &finding->other);
  run_pending ();
  g_clear_object (&finding->base.bus);
  run_pending ();
  g_assert_error (finding->search.error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_true (finding->other.done && finding->other.event == NULL);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
  bubus_clock_advance (finding->clock, 60 * SECOND);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  finding_test ("/finding/expect", test_expect, "R-15, B-6.1, 14.17, 14.19: the next match, and nothing left behind");
  finding_test ("/finding/before-handlers", test_before_handlers, "R-15, 14.78: told before a handler runs");
  finding_test ("/finding/times-out", test_expect_times_out, "R-15, 14.17: an error when it does not come");
  finding_test ("/finding/several", test_several, "B-6.3, 14.18: each gets its first match");
  finding_test ("/finding/asked-once", test_predicate_is_asked_once, "14.20: once for each candidate, in order");
  finding_test ("/finding/queued-and-running", test_queued_and_running,
                "B-6.7, B-6.8, 14.78: what is queued is yet to come, what runs has been");
  finding_test ("/finding/filter", test_filter, "B-6.7, B-6.10, 14.79: newest first, window, limit");
  finding_test ("/finding/filter-future", test_filter_future, "B-6.10, 14.79: what comes is appended");
  finding_test ("/finding/find", test_find, "B-6.7: past, future, and nothing without an error");
  finding_test ("/finding/no-history", test_no_history, "B-6.12, 14.78: without a history there is a future");
  finding_test ("/finding/in-handler", test_in_handler, "R-3, B-13.16: inside of a handler");
  finding_test ("/finding/cancelled", test_cancelled, "B-6.13: given up by who looks");
  finding_test ("/finding/stopped", test_stopped, "R-16, B-6.13: a stop wakes who waits");
  finding_test ("/finding/bus-goes", test_bus_goes, "B-17.16: to look for something keeps no bus alive");

  return g_test_run ();
}
