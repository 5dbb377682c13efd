/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "bus/bubus-event-bus-find.h"

#define N_EVENTS 300

static gboolean
defer_and_add (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  bubus_invocation_defer (invocation);
  g_ptr_array_add (data, g_object_ref (invocation));
  return TRUE;
}

static void
answer_some (GPtrArray *invocations,
             GRand     *rand,
             guint      n)
{
  for (; n > 0 && invocations->len > 0; n--)
    {
      guint index = (guint) g_rand_int_range (rand, 0, (gint32) invocations->len);
      g_autoptr (BubusInvocation) invocation = g_ptr_array_steal_index (invocations, index);

      bubus_invocation_return_nothing (invocation);
    }
  run_pending ();
}

static void
check_filter (BubusEventBus *bus,
              int            limit)
{
  g_autoptr (BubusEventQuery) query = g_object_new (BUBUS_TYPE_EVENT_QUERY, "past", -1.0, "limit", limit, NULL);
  g_autoptr (GPtrArray) found = bubus_event_bus_filter (bus, query);
  g_autoptr (GPtrArray) known = bubus_event_bus_list_history (bus);

  g_assert_cmpuint (found->len, ==, limit < 0 ? known->len : MIN ((guint) limit, known->len));
  for (guint i = 0; i < found->len; i++)
    g_assert_true (found->pdata[i] == known->pdata[known->len - 1 - i]);
}

/* Events are remembered as they are complete, which is not as they were dispatched. */
static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  static const int limits[] = { 1, 2, 7, 8, 9, 40, -1 };
  g_autoptr (GPtrArray) invocations = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  bubus_event_bus_set_max_history_size (fixture->bus, N_EVENTS / 2);
  bubus_event_bus_set_max_pending (fixture->bus, 0);
  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "defer", defer_and_add, invocations, NULL);
  for (guint i = 0; i < N_EVENTS; i++)
    {
      g_object_unref (dispatch_ping (fixture->bus, "x"));
      run_pending ();
      answer_some (invocations, rand, (guint) g_rand_int_range (rand, 0, 3));
      for (guint j = 0; j < G_N_ELEMENTS (limits); j++)
        check_filter (fixture->bus, limits[j]);
    }
  answer_some (invocations, rand, N_EVENTS);
  check_filter (fixture->bus, -1);
}

static void
dispatch_many (Fixture *fixture)
{
  bubus_event_bus_set_max_history_size (fixture->bus, -1);
  for (guint i = 0; i < N_EVENTS; i++)
    g_object_unref (dispatch_ping (fixture->bus, "x"));
  run_pending ();
}

static gboolean
is_not_held (BubusEvent  *event,
             gpointer     oldest,
             GError     **error)
{
  g_assert_cmpint (G_OBJECT (oldest)->ref_count, ==, 1);
  return TRUE;
}

/* Only the history has a reference to the oldest: it has not been looked at. */
static void
test_stops (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (GPtrArray) known = NULL;
  g_autoptr (GPtrArray) found = NULL;
  gpointer oldest;

  dispatch_many (fixture);
  known = bubus_event_bus_list_history (fixture->bus);
  oldest = known->pdata[0];
  g_clear_pointer (&known, g_ptr_array_unref);

  bubus_event_query_set_past (query, -1);
  bubus_event_query_set_limit (query, 1);
  bubus_event_query_set_include (query, is_not_held, oldest, NULL);
  found = bubus_event_bus_filter (fixture->bus, query);
  g_assert_cmpuint (found->len, ==, 1);
}

static gboolean
clear_once (BubusEvent  *event,
            gpointer     data,
            GError     **error)
{
  BubusEventBus **bus = data;

  if (*bus != NULL)
    bubus_event_bus_clear (g_steal_pointer (bus));
  return TRUE;
}

/* What the bus forgets meanwhile does not come; the first few are taken at once. */
static void
test_forgotten (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_PING);
  g_autoptr (GPtrArray) found = NULL;
  BubusEventBus *bus = fixture->bus;

  dispatch_many (fixture);
  bubus_event_query_set_past (query, -1);
  bubus_event_query_set_include (query, clear_once, &bus, NULL);
  found = bubus_event_bus_filter (fixture->bus, query);
  g_assert_cmpuint (found->len, >, 0);
  g_assert_cmpuint (found->len, <, N_EVENTS);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/recent/order", test_order, "R-15, B-6.7: the newest first, in whatever order they were complete");
  test ("/recent/stops", test_stops, "R-15: who looks for one event does not look at all");
  test ("/recent/forgotten", test_forgotten, "R-15: the bus may forget while a predicate runs");

  return g_test_run ();
}
