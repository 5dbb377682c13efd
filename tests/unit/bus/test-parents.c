/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static guint
count_children (BubusEvent *event)
{
  g_autoptr (GListModel) children = bubus_event_list_children (event);

  return g_list_model_get_n_items (children);
}

static void
assert_parent (BubusEvent *child,
               BubusEvent *parent)
{
  g_autoptr (BubusEvent) found = bubus_event_ref_parent (child);

  g_assert_true (found == parent);
  g_assert_cmpstr (bubus_event_get_event_parent_id (child), ==, bubus_event_get_event_id (parent));
}

/* ---- lineage ---- */

typedef struct
{
  BubusEventBus *other;
  BubusEvent    *events[3];
} Lineage;

static gboolean
dispatch_next (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  Lineage *lineage = data;
  BubusEventBus *bus = lineage->other != NULL ? lineage->other : bubus_invocation_get_bus (invocation);

  for (guint i = 0; i < 2; i++)
    if (event == lineage->events[i])
      lineage->events[i + 1] = dispatch_ping (bus, "next");
  return TRUE;
}

static void
lineage_clear (Lineage *lineage)
{
  for (guint i = 0; i < 3; i++)
    g_clear_object (&lineage->events[i]);
}

static void
test_levels (Fixture       *fixture,
             gconstpointer  data)
{
  Lineage lineage = { NULL };

  bubus_event_bus_on (fixture->bus, TYPE_PING, "next", dispatch_next, &lineage, NULL);
  lineage.events[0] = dispatch_ping (fixture->bus, "root");
  run_until_idle (fixture->bus);
  g_assert_null (bubus_event_get_event_parent_id (lineage.events[0]));
  assert_parent (lineage.events[1], lineage.events[0]);
  assert_parent (lineage.events[2], lineage.events[1]);
  g_assert_cmpuint (count_children (lineage.events[0]), ==, 1);
  g_assert_cmpuint (count_children (lineage.events[2]), ==, 0);
  lineage_clear (&lineage);
}

static void
test_another_bus (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  Lineage lineage = { other };

  bubus_event_bus_on (fixture->bus, TYPE_PING, "next", dispatch_next, &lineage, NULL);
  lineage.events[0] = dispatch_ping (fixture->bus, "root");
  run_until_complete (lineage.events[0]);
  assert_parent (lineage.events[1], lineage.events[0]);
  g_assert_cmpint (bubus_event_get_event_status (lineage.events[1]), ==, BUBUS_EVENT_STATUS_COMPLETED);
  run_until_idle (other);
  lineage_clear (&lineage);
}

/* ---- who dispatched which ---- */

static gboolean
dispatch_two (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  const char *labels[] = { "first", "second" };

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *label = g_strdup_printf ("%s-%s", (const char *) data, labels[i]);

      g_object_unref (dispatch_ping (bubus_invocation_get_bus (invocation), label));
    }
  return TRUE;
}

static gboolean
do_nothing (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  return TRUE;
}

static void
trace_children (GString    *string,
                GListModel *children)
{
  for (guint i = 0; i < g_list_model_get_n_items (children); i++)
    {
      g_autoptr (BubusEvent) child = g_list_model_get_item (children, i);

      trace (string, "%s", ping_get_label (child));
    }
}

static void
check_children_of_handlers (Fixture                 *fixture,
                            BubusHandlerConcurrency  concurrency)
{
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);
  g_autoptr (GListModel) all = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_set_event_handler_concurrency (event, concurrency);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "a", dispatch_two, (gpointer) "a", NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "none", do_nothing, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "b", dispatch_two, (gpointer) "b", NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);

  all = bubus_event_list_children (event);
  trace_children (fixture->trace, all);
  trace (fixture->trace, "|");
  results = bubus_event_list_results (event);
  for (guint i = 0; i < results->len; i++)
    {
      g_autoptr (GListModel) children = bubus_event_result_list_children (results->pdata[i]);

      trace_children (fixture->trace, children);
      trace (fixture->trace, "|");
    }
  g_assert_cmpstr (fixture->trace->str, ==,
                   "a-first a-second b-first b-second | a-first a-second | | b-first b-second |");
}

static void
test_several_handlers (Fixture       *fixture,
                       gconstpointer  data)
{
  check_children_of_handlers (fixture, BUBUS_HANDLER_CONCURRENCY_SERIAL);
}

static void
test_parallel_handlers (Fixture       *fixture,
                        gconstpointer  data)
{
  check_children_of_handlers (fixture, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
}

/* ---- when there is no parent, or another ---- */

#define SOMEBODY "01890a5d-ac96-774b-bcce-b302099a8057"

static gboolean
dispatch_adopted (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  BubusEvent **adopted = data;

  *adopted = g_object_new (TYPE_PING, "label", "adopted", "event-parent-id", SOMEBODY, NULL);
  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), *adopted, error);
}

static void
test_explicit_parent (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (BubusEvent) adopted = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "adopt", dispatch_adopted, &adopted, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);
  g_assert_no_error (get_only_error (event));
  g_assert_cmpstr (bubus_event_get_event_parent_id (adopted), ==, SOMEBODY);
}

/* Once the function has returned, the bus does not know who dispatches. The invocation does, as long as it is kept. */
static void
test_deferred_handler (Fixture       *fixture,
                       gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) root = NULL;
  g_autoptr (BubusEvent) child = ping_new ("child");
  g_autoptr (GError) error = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "later", defer_and_keep, &kept, NULL);
  event = dispatch_sum (fixture->bus);
  run_pending ();
  root = dispatch_ping (fixture->bus, "root");
  g_assert_true (bubus_invocation_dispatch (kept, NULL, child, &error));
  g_assert_no_error (error);
  g_assert_null (bubus_event_get_event_parent_id (root));
  assert_parent (child, event);

  bubus_invocation_return_nothing (kept);
  g_clear_object (&kept);
  run_until_complete (event);
  g_assert_cmpint (bubus_event_get_event_status (child), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static gboolean
dispatch_in_background (BubusEvent       *event,
                        BubusInvocation  *invocation,
                        gpointer          data,
                        GError          **error)
{
  BubusEvent **child = data;

  *child = ping_new ("background");
  return bubus_event_bus_dispatch_with_flags (bubus_invocation_get_bus (invocation), *child, BUBUS_DISPATCH_BACKGROUND,
                                              error);
}

static void
test_background (Fixture       *fixture,
                 gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) child = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", dispatch_in_background, &child, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "later", defer_and_keep, &kept, NULL);
  event = dispatch_sum (fixture->bus);
  run_pending ();
  g_assert_nonnull (kept);
  assert_parent (child, event);
  g_assert_false (bubus_event_get_event_blocks_parent_completion (child));
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (child), ==, BUBUS_EVENT_STATUS_STARTED);
  bubus_invocation_return_nothing (kept);
  g_clear_object (&kept);
}

/* The parent has been forgotten by its bus and by everybody else. */
static void
test_parent_stays (Fixture       *fixture,
                   gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  BubusEvent *child = NULL;
  BubusEvent *event;
  gpointer weak;

  bubus_event_bus_set_max_history_size (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", dispatch_in_background, &child, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "later", defer_and_keep, &kept, NULL);
  weak = event = dispatch_sum (fixture->bus);
  g_object_add_weak_pointer (weak, &weak);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_object_unref (event);
  g_assert_nonnull (weak);
  assert_parent (child, weak);

  bubus_invocation_return_nothing (kept);
  g_clear_object (&kept);
  run_until_idle (fixture->bus);
  run_pending ();
  g_assert_finalize_object (child);
  g_assert_null (weak);
}

/* ---- the bus of a handler ---- */

static gboolean
run_child_and_trace_bus (BubusEvent       *event,
                         BubusInvocation  *invocation,
                         gpointer          data,
                         GError          **error)
{
  g_autoptr (BubusEvent) child = g_object_new (TYPE_LOUD_PING, "label", "child", NULL);

  if (!bubus_invocation_dispatch (invocation, NULL, child, error) || !bubus_invocation_run (invocation, child, error))
    return FALSE;
  return trace_bus (event, invocation, data, error);
}

/* The event has been forwarded before its last handler on the first bus is called, and that runs a nested event. */
static void
test_bus_of_handler (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on_pattern (target, "*", "trace", trace_bus, fixture->trace, NULL);
  bubus_event_bus_forward (fixture->bus, "Ping", NULL, target);
  bubus_event_bus_forward (fixture->bus, "LoudPing", NULL, target);
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "nested", run_child_and_trace_bus, fixture->trace, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "LoudPing", "trace", trace_bus, fixture->trace, NULL);
  event = dispatch_ping (fixture->bus, "event");
  run_until_complete (event);
  run_until_idle (target);
  g_assert_cmpstr (fixture->trace->str, ==, "Main Target Main Target");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/parents/levels", test_levels, "R-4, B-1.40: children of children, in synchronous handlers");
  test ("/parents/another-bus", test_another_bus, "R-4: on whichever bus the child is dispatched");
  test ("/parents/handlers", test_several_handlers, "R-4, B-1.14, B-1.44: each handler has its own, in their order");
  test ("/parents/handlers/parallel", test_parallel_handlers, "R-4, B-1.44: also when handlers run in parallel");
  test ("/parents/explicit", test_explicit_parent, "B-1.39: a parent that was named before is kept");
  test ("/parents/deferred", test_deferred_handler, "R-4: through the invocation, which outlives the first return");
  test ("/parents/background", test_background, "R-5, B-4.10: a link that does not block");
  test ("/parents/stays", test_parent_stays, "R-5, B-4.14: a child holds its parent alive, and nobody else has to");
  test ("/parents/bus-of-handler", test_bus_of_handler, "B-1.43: the bus that calls, wherever the event is by now");

  return g_test_run ();
}
