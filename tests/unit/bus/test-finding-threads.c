/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "finding-fixture.h"

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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  finding_test ("/finding/other-thread", test_other_thread, "R-21: dispatched elsewhere, seen while the bus is busy");
  finding_test ("/finding/other-thread-in-between", test_other_thread_in_between,
                "R-15, R-21: dispatched elsewhere, seen before its handlers run in any case");
  finding_test ("/finding/search-in-thread", test_search_in_thread, "R-21: predicates are called in the bus's context");

  return g_test_run ();
}
