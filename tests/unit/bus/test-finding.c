/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus-find.h"

/* What a search has come to. */
typedef struct
{
  gboolean    done;
  BubusEvent *event;
  GPtrArray  *events;
  GError     *error;
} Search;

typedef struct
{
  Fixture     base;
  BubusClock *clock;
  Search      search;
  Search      other;
} Finding;

static void
search_clear (Search *search)
{
  g_clear_object (&search->event);
  g_clear_pointer (&search->events, g_ptr_array_unref);
  g_clear_error (&search->error);
  search->done = FALSE;
}

static void
finding_set_up (Finding       *finding,
                gconstpointer  data)
{
  finding->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000) * SECOND);
  bubus_clock_push_thread_default (finding->clock);
  fixture_set_up (&finding->base, data);
}

static void
finding_tear_down (Finding       *finding,
                   gconstpointer  data)
{
  search_clear (&finding->search);
  search_clear (&finding->other);
  if (finding->base.bus != NULL)
    fixture_tear_down (&finding->base, data);
  else
    g_string_free (finding->base.trace, TRUE);
  bubus_clock_pop_thread_default (finding->clock);
  g_assert_finalize_object (finding->clock);
}

static void
expected_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Search *search = data;

  search->event = bubus_event_bus_expect_finish (BUBUS_EVENT_BUS (source), result, &search->error);
  g_assert_true ((search->event == NULL) == (search->error != NULL));
  search->done = TRUE;
}

static void
found_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Search *search = data;

  search->event = bubus_event_bus_find_finish (BUBUS_EVENT_BUS (source), result, &search->error);
  search->done = TRUE;
}

static void
filtered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Search *search = data;

  search->events = bubus_event_bus_filter_finish (BUBUS_EVENT_BUS (source), result, &search->error);
  search->done = TRUE;
}

static void
expect (BubusEventBus   *bus,
        BubusEventQuery *query,
        double           seconds,
        Search          *search)
{
  bubus_event_bus_expect_async (bus, query, seconds, NULL, expected_cb, search);
}

static void
assert_labels (GPtrArray  *events,
               const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_nonnull (events);
  for (guint i = 0; i < events->len; i++)
    trace (text, "%s", ping_get_label (events->pdata[i]));
  g_assert_cmpstr (text->str, ==, expected);
}

static gboolean
label_is (BubusEvent  *event,
          gpointer     data,
          GError     **error)
{
  return g_str_equal (ping_get_label (event), data);
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

/* Looks from inside of the handler whether somebody has been told already. */
static gboolean
handler_after (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  const Search *search = data;

  g_assert_true (search->done);
  g_assert_true (search->event == event);
  bubus_invocation_return_string (invocation, "after");
  return TRUE;
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

static gboolean
trace_and_refuse (BubusEvent  *event,
                  gpointer     data,
                  GError     **error)
{
  trace (data, "%s", ping_get_label (event));
  return g_str_equal (ping_get_label (event), "z");
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

static BubusEventQuery *
query_ping (double past,
            double future,
            int    limit)
{
  return g_object_new (BUBUS_TYPE_EVENT_QUERY, "event-type", TYPE_PING, "past", past, "future", future,
                       "limit", limit, NULL);
}

static void
filter (Finding         *finding,
        BubusEventQuery *query,
        const char      *expected)
{
  g_autoptr (GPtrArray) events = bubus_event_bus_filter (finding->base.bus, query);

  assert_labels (events, expected);
}

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

/* ---- what matches ---- */

static void
set_field_string (BubusEventQuery *query,
                  const char      *name,
                  const char      *string)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_set_string (g_value_init (&value, G_TYPE_STRING), string);
  bubus_event_query_set_field (query, name, &value);
}

static void
set_field_int64 (BubusEventQuery *query,
                 const char      *name,
                 gint64           number)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_set_int64 (g_value_init (&value, G_TYPE_INT64), number);
  bubus_event_query_set_field (query, name, &value);
}

static void
test_matching (Finding       *finding,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) ping = ping_new ("a");
  g_autoptr (BubusEvent) loud = g_object_new (TYPE_LOUD_PING, "label", "a", NULL);
  g_autoptr (BubusEvent) sum = g_object_new (TYPE_SUM, "number", 5, NULL);
  g_autoptr (BubusEventQuery) any = bubus_event_query_new (G_TYPE_INVALID);
  g_autoptr (BubusEventQuery) pings = bubus_event_query_new (TYPE_PING);
  g_autoptr (BubusEventQuery) exact = bubus_event_query_new_for_pattern ("Ping");
  g_autoptr (BubusEventQuery) glob = bubus_event_query_new_for_pattern ("*Ping");
  g_autoptr (BubusEventQuery) number = bubus_event_query_new_for_pattern ("*");

  g_assert_true (bubus_event_query_matches (any, sum));
  g_assert_true (bubus_event_query_matches (pings, loud));
  g_assert_false (bubus_event_query_matches (pings, sum));
  g_assert_true (bubus_event_query_matches (exact, ping));
  g_assert_false (bubus_event_query_matches (exact, loud));
  g_assert_true (bubus_event_query_matches (glob, loud));
  g_assert_false (bubus_event_query_matches (glob, sum));

  set_field_int64 (number, "number", 5);
  g_assert_true (bubus_event_query_matches (number, sum));
  g_assert_false (bubus_event_query_matches (number, ping));
  set_field_int64 (number, "number", 6);
  g_assert_false (bubus_event_query_matches (number, sum));
  set_field_string (number, "number", "5");
  g_assert_false (bubus_event_query_matches (number, sum));

  set_field_string (pings, "label", "a");
  set_field_string (pings, "event_type", "LoudPing");
  g_assert_true (bubus_event_query_matches (pings, loud));
  g_assert_false (bubus_event_query_matches (pings, ping));
}

static gboolean
always (BubusEvent  *event,
        gpointer     data,
        GError     **error)
{
  return TRUE;
}

static gboolean
fail_for_b (BubusEvent  *event,
            gpointer     data,
            GError     **error)
{
  g_assert_true (g_main_context_is_owner (bubus_event_bus_get_main_context (data)));
  if (!g_str_equal (ping_get_label (event), "b"))
    return FALSE;
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "cannot say");
  return FALSE;
}

static void
test_failing_predicate (Finding       *finding,
                        gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_query_set_include (query, always, NULL, NULL);
  bubus_event_query_set_exclude (query, fail_for_b, finding->base.bus, NULL);
  expect (finding->base.bus, query, -1, &finding->search);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*could not say*“Ping”*cannot say*");
  event = dispatch_ping (finding->base.bus, "b");
  run_pending ();
  g_test_assert_expected_messages ();
  g_assert_false (finding->search.done);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_object_unref (dispatch_ping (finding->base.bus, "c"));
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "c");
}

static gboolean
make_child (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  g_object_unref (dispatch_ping (bubus_invocation_get_bus (invocation), data));
  return TRUE;
}

static void
test_child_of (Finding       *finding,
               gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) root = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) stranger = NULL;
  g_autoptr (BubusEventQuery) query = query_ping (-1, 0, -1);
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GPtrArray) elsewhere = NULL;

  bubus_event_bus_on (finding->base.bus, TYPE_SUM, "child", make_child, (gpointer) "child", NULL);
  bubus_event_bus_forward (finding->base.bus, "Ping", NULL, other);
  g_assert_true (bubus_event_bus_dispatch (finding->base.bus, root, NULL));
  stranger = dispatch_ping (finding->base.bus, "stranger");
  run_until_idle (finding->base.bus);
  run_until_idle (other);

  bubus_event_query_set_child_of (query, root);
  g_assert_false (bubus_event_query_matches (query, root));
  g_assert_false (bubus_event_query_matches (query, stranger));
  events = bubus_event_bus_filter (finding->base.bus, query);
  assert_labels (events, "child");
  elsewhere = bubus_event_bus_filter (other, query);
  assert_labels (elsewhere, "child");

  bubus_event_query_set_child_of (query, events->pdata[0]);
  g_assert_false (bubus_event_query_matches (query, root));
  g_assert_false (bubus_event_query_matches (query, events->pdata[0]));
}

static gboolean
make_deeper (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  static const char *const labels[] = { "1", "2", "3", "4", NULL };
  guint depth = atoi (ping_get_label (event));

  if (labels[depth] != NULL)
    g_object_unref (dispatch_ping (data, labels[depth]));
  return TRUE;
}

static void
test_descendants (Finding       *finding,
                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) root = NULL;
  g_autoptr (BubusEventQuery) query = query_ping (-1, 0, -1);
  g_autoptr (GPtrArray) events = NULL;

  bubus_event_bus_on (finding->base.bus, TYPE_PING, "there", make_deeper, other, NULL);
  bubus_event_bus_on (other, TYPE_PING, "back", make_deeper, finding->base.bus, NULL);
  root = dispatch_ping (finding->base.bus, "0");
  run_until_complete (root);
  bubus_event_query_set_child_of (query, root);
  events = bubus_event_bus_filter (other, query);
  assert_labels (events, "3 1");
  filter (finding, query, "4 2");
  run_until_idle (other);
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

/* The predicate is called inside of a handler's dispatch, but is not part of the handler. */
static gboolean
dispatch_in_predicate (BubusEvent  *event,
                       gpointer     data,
                       GError     **error)
{
  g_autoptr (BubusEvent) root = NULL;

  if (!g_str_equal (ping_get_label (event), "child"))
    return FALSE;
  root = dispatch_ping (data, "root");
  g_assert_null (bubus_event_get_event_parent_id (root));
  return TRUE;
}

static void
test_predicate_is_outside_of_handlers (Finding       *finding,
                                       gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);

  bubus_event_query_set_include (query, dispatch_in_predicate, finding->base.bus, NULL);
  bubus_event_bus_on (finding->base.bus, TYPE_SUM, "child", make_child, (gpointer) "child", NULL);
  expect (finding->base.bus, query, -1, &finding->search);
  g_assert_true (bubus_event_bus_dispatch (finding->base.bus, parent, NULL));
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "child");
}

/* ---- threads ---- */

static gpointer
dispatch_in_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  g_object_unref (dispatch_ping (data, "thread"));
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_other_thread (Finding       *finding,
                   gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) busy = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_on (finding->base.bus, TYPE_SUM, "busy", defer_and_keep, &invocation, NULL);
  g_assert_true (bubus_event_bus_dispatch (finding->base.bus, busy, NULL));
  run_pending ();

  bubus_event_query_set_exclude (query, fail_for_b, finding->base.bus, NULL);
  expect (finding->base.bus, query, 5, &finding->search);
  g_thread_join (g_thread_new ("dispatch", dispatch_in_thread, finding->base.bus));
  run_pending ();
  g_assert_cmpstr (ping_get_label (finding->search.event), ==, "thread");
  g_assert_cmpint (bubus_event_get_event_status (finding->search.event), ==, BUBUS_EVENT_STATUS_PENDING);
  bubus_invocation_return_nothing (invocation);
}

/* The bus goes on to the event that the thread has dispatched without a turn of the main loop in between. */
static gboolean
wait_for_thread (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  g_thread_join (g_thread_new ("dispatch", dispatch_in_thread, data));
  return TRUE;
}

static void
test_other_thread_in_between (Finding       *finding,
                              gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (BubusEvent) first = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_set_time_budget (finding->base.bus, 60 * 1000 * 1000);
  bubus_event_bus_on (finding->base.bus, TYPE_SUM, "thread", wait_for_thread, finding->base.bus, NULL);
  bubus_event_bus_on (finding->base.bus, TYPE_PING, "trace", trace_label, finding->base.trace, NULL);
  bubus_event_query_set_include (query, trace_and_refuse, finding->base.trace, NULL);
  expect (finding->base.bus, query, 5, &finding->search);
  g_assert_true (bubus_event_bus_dispatch (finding->base.bus, first, NULL));
  run_pending ();
  g_assert_cmpstr (finding->base.trace->str, ==, "thread thread");
  g_string_truncate (finding->base.trace, 0);

  bubus_event_query_set_include (query, label_is, (gpointer) "thread", NULL);
  bubus_event_bus_on (finding->base.bus, TYPE_PING, "after", handler_after, &finding->search, NULL);
  g_clear_object (&first);
  first = g_object_new (TYPE_SUM, NULL);
  g_assert_true (bubus_event_bus_dispatch (finding->base.bus, first, NULL));
  run_pending ();
  g_assert_true (finding->search.done);
  g_assert_cmpstr (finding->base.trace->str, ==, "thread");
}

/* ---- a search that begins elsewhere ---- */

typedef struct
{
  BubusEventBus   *bus;
  BubusEventQuery *query;
  Search           search;
  int              over;  /* atomic */
} Elsewhere;

static gpointer
find_in_thread (gpointer data)
{
  Elsewhere *elsewhere = data;
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  bubus_event_bus_find_async (elsewhere->bus, elsewhere->query, NULL, found_cb, &elsewhere->search);
  while (!elsewhere->search.done)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_atomic_int_set (&elsewhere->over, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
}

static gboolean
is_in_main_context (BubusEvent  *event,
                    gpointer     data,
                    GError     **error)
{
  return g_main_context_is_owner (bubus_event_bus_get_main_context (data));
}

static void
test_search_in_thread (Finding       *finding,
                       gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = query_ping (-1, -1, -1);
  Elsewhere elsewhere = { finding->base.bus, query };
  GThread *thread;

  bubus_event_query_set_include (query, is_in_main_context, finding->base.bus, NULL);
  g_object_unref (dispatch_ping (finding->base.bus, "a"));
  thread = g_thread_new ("find", find_in_thread, &elsewhere);
  while (!g_atomic_int_get (&elsewhere.over))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_assert_cmpstr (ping_get_label (elsewhere.search.event), ==, "a");
  search_clear (&elsewhere.search);
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

#define finding_test(path, function, summary) \
  g_test_add (path, Finding, summary, finding_set_up, function, finding_tear_down)

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
  finding_test ("/finding/matching", test_matching, "B-6.6, B-6.9: classes, patterns, fields");
  finding_test ("/finding/failing-predicate", test_failing_predicate,
                "R-10, B-6.15: no match, logged, nobody else hurt");
  finding_test ("/finding/child-of", test_child_of, "B-6.11, 14.78: also where it was forwarded, and never itself");
  finding_test ("/finding/descendants", test_descendants, "B-6.11: at any depth, across buses");
  finding_test ("/finding/in-handler", test_in_handler, "R-3, B-13.16: inside of a handler");
  finding_test ("/finding/outside", test_predicate_is_outside_of_handlers, "R-15: a predicate is part of no handler");
  finding_test ("/finding/other-thread", test_other_thread, "R-21: dispatched elsewhere, seen while the bus is busy");
  finding_test ("/finding/other-thread-in-between", test_other_thread_in_between,
                "R-15, R-21: dispatched elsewhere, seen before its handlers run in any case");
  finding_test ("/finding/search-in-thread", test_search_in_thread, "R-21: predicates are called in the bus's context");
  finding_test ("/finding/cancelled", test_cancelled, "B-6.13: given up by who looks");
  finding_test ("/finding/stopped", test_stopped, "R-16, B-6.13: a stop wakes who waits");
  finding_test ("/finding/bus-goes", test_bus_goes, "B-17.16: to look for something keeps no bus alive");

  return g_test_run ();
}
