/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "finding-fixture.h"

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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  finding_test ("/finding/matching", test_matching, "B-6.6, B-6.9: classes, patterns, fields");
  finding_test ("/finding/failing-predicate", test_failing_predicate,
                "R-10, B-6.15: no match, logged, nobody else hurt");
  finding_test ("/finding/child-of", test_child_of, "B-6.11, 14.78: also where it was forwarded, and never itself");
  finding_test ("/finding/descendants", test_descendants, "B-6.11: at any depth, across buses");
  finding_test ("/finding/outside", test_predicate_is_outside_of_handlers, "R-15: a predicate is part of no handler");

  return g_test_run ();
}
