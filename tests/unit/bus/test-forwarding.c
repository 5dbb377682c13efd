/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static char *
join_names (BubusEvent *event)
{
  g_auto (GStrv) path = bubus_event_dup_event_path (event);

  for (char **label = path; *label != NULL; label++)
    *strchr (*label, '#') = '\0';
  return g_strjoinv (" ", path);
}

static void
run_all (BubusEventBus **buses,
         guint           n_buses)
{
  for (guint i = 0; i < n_buses; i++)
    run_until_idle (buses[i]);
}

static void
test_levels (Fixture       *fixture,
             gconstpointer  data)
{
  BubusEventBus *buses[] = { fixture->bus, bubus_event_bus_new ("Auth"), bubus_event_bus_new ("Data") };
  g_autoptr (BubusEvent) event = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GPtrArray) results = NULL;

  for (guint i = 0; i < 3; i++)
    bubus_event_bus_on_pattern (buses[i], "*", "trace", trace_bus, fixture->trace, NULL);
  bubus_event_bus_forward (buses[0], "*", NULL, buses[1]);
  bubus_event_bus_forward (buses[1], "*", NULL, buses[2]);
  event = dispatch_ping (buses[0], "a");
  run_until_complete (event);

  g_assert_cmpstr (fixture->trace->str, ==, "Main Auth Data");
  path = join_names (event);
  g_assert_cmpstr (path, ==, "Main Auth Data");
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 5);
  g_assert_cmpstr (bubus_event_result_get_handler_name (results->pdata[1]), ==, "forward_to_Auth");
  g_assert_null (bubus_event_result_get_value (results->pdata[1]));
  g_assert_cmpstr (bubus_event_result_get_eventbus_name (results->pdata[4]), ==, "Data");
  g_assert_cmpstr (bubus_event_result_get_eventbus_id (results->pdata[4]), ==, bubus_event_bus_get_id (buses[2]));

  run_all (buses, 3);
  g_assert_finalize_object (buses[1]);
  g_assert_finalize_object (buses[2]);
}

static void
test_ring (Fixture       *fixture,
           gconstpointer  data)
{
  BubusEventBus *buses[] = { fixture->bus, bubus_event_bus_new ("Auth"), bubus_event_bus_new ("Data") };

  for (guint i = 0; i < 3; i++)
    {
      bubus_event_bus_on_pattern (buses[i], "*", "trace", trace_bus, fixture->trace, NULL);
      bubus_event_bus_forward (buses[i], "*", NULL, buses[(i + 1) % 3]);
    }

  for (guint i = 0; i < 3; i++)
    {
      const char *expected[] = { "Main Auth Data", "Auth Data Main", "Data Main Auth" };
      g_autoptr (BubusEvent) event = dispatch_ping (buses[i], "a");
      g_autofree char *path = NULL;

      run_until_complete (event);
      g_assert_cmpstr (fixture->trace->str, ==, expected[i]);
      path = join_names (event);
      g_assert_cmpstr (path, ==, expected[i]);
      g_string_truncate (fixture->trace, 0);
      run_all (buses, 3);
      g_assert_cmpuint (bubus_event_bus_get_n_pending (buses[i]), ==, 0);
    }

  g_assert_finalize_object (buses[1]);
  g_assert_finalize_object (buses[2]);
}

static void
test_same_names (Fixture       *fixture,
                 gconstpointer  data)
{
  BubusEventBus *twin = bubus_event_bus_new ("Main");
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on_pattern (twin, "*", "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_forward (fixture->bus, "*", NULL, twin);
  event = dispatch_ping (fixture->bus, "a");
  run_until_complete (event);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_cmpstr (bubus_event_bus_get_label (twin), !=, bubus_event_bus_get_label (fixture->bus));
  run_until_idle (twin);
  g_assert_finalize_object (twin);
}

static void
test_completion_waits_for_all_buses (Fixture       *fixture,
                                     gconstpointer  data)
{
  BubusEventBus *target = bubus_event_bus_new ("Target");
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_forward (fixture->bus, "*", NULL, target);
  bubus_event_bus_on (target, TYPE_PING, "defer", defer_and_keep, &kept, NULL);
  event = dispatch_ping (fixture->bus, "a");
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_cmpuint (bubus_event_get_event_pending_bus_count (event), ==, 1);

  bubus_invocation_return_nothing (kept);
  g_clear_object (&kept);
  run_until_complete (event);
  run_until_idle (target);
  g_assert_finalize_object (target);
}

static void
test_dispatched_twice (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  event = dispatch_ping (fixture->bus, "a");
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
}

static void
test_completed_event_on_another_bus (Fixture       *fixture,
                                     gconstpointer  data)
{
  BubusEventBus *other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) event = NULL;
  gint64 completed_at;

  bubus_event_bus_on (other, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  event = dispatch_ping (fixture->bus, "a");
  run_until_complete (event);
  completed_at = bubus_event_get_event_completed_at (event);

  g_assert_true (bubus_event_bus_dispatch (other, event, NULL));
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  run_until_idle (other);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_cmpint (bubus_event_get_event_completed_at (event), ==, completed_at);
  g_assert_finalize_object (other);
}

static gboolean
run_forwarded (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");

  trace (data, "P+");
  if (!bubus_invocation_run (invocation, child, error))
    return FALSE;
  trace (data, "P-");
  return TRUE;
}

static void
test_awaited_event_runs_on_all_buses (Fixture       *fixture,
                                      gconstpointer  data)
{
  BubusEventBus *target = bubus_event_bus_new ("Target");
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", run_forwarded, fixture->trace, NULL);
  bubus_event_bus_forward (fixture->bus, "Ping", NULL, target);
  bubus_event_bus_on (target, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  g_object_unref (dispatch_ping (target, "other"));
  run_until_complete (parent);
  run_until_idle (target);
  g_assert_cmpstr (fixture->trace->str, ==, "P+ child P- other");
  g_assert_finalize_object (target);
}

static void
test_forwarded_events_are_no_children (Fixture       *fixture,
                                       gconstpointer  data)
{
  BubusEventBus *target = bubus_event_bus_new ("Target");
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GListModel) children = NULL;

  bubus_event_bus_forward (fixture->bus, "*", NULL, target);
  event = dispatch_ping (fixture->bus, "a");
  run_until_complete (event);
  children = bubus_event_list_children (event);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 0);
  g_assert_null (bubus_event_get_event_parent_id (event));
  run_until_idle (target);
  g_assert_finalize_object (target);
}

static void
test_target_is_gone (Fixture       *fixture,
                     gconstpointer  data)
{
  BubusEventBus *target = bubus_event_bus_new ("Target");
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_forward (fixture->bus, "*", NULL, target);
  g_assert_finalize_object (target);
  event = dispatch_ping (fixture->bus, "a");
  run_until_complete (event);
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
}

/* ---- another thread ---- */

typedef struct
{
  GMutex         mutex;
  GCond          cond;
  GMainLoop     *loop;
  BubusEventBus *bus;
  GThread       *handled_in;
} OtherThread;

static gboolean
note_thread (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  ((OtherThread *) data)->handled_in = g_thread_self ();
  return TRUE;
}

static gpointer
run_other_bus (gpointer data)
{
  OtherThread *other = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  GMainLoop *loop = g_main_loop_new (context, FALSE);

  g_main_context_push_thread_default (context);
  g_mutex_lock (&other->mutex);
  other->bus = unlimited_bus_new ("Other");
  bubus_event_bus_on (other->bus, TYPE_PING, "note", note_thread, other, NULL);
  other->loop = loop;
  g_cond_signal (&other->cond);
  g_mutex_unlock (&other->mutex);

  g_main_loop_run (loop);
  g_main_context_pop_thread_default (context);
  g_main_loop_unref (loop);
  return NULL;
}

static void
test_forwarding_to_another_thread (Fixture       *fixture,
                                   gconstpointer  data)
{
  OtherThread other = { 0 };
  g_autoptr (GThread) thread = g_thread_new ("other", run_other_bus, &other);
  g_autoptr (BubusEvent) event = NULL;
  GThread *self = g_thread_self ();

  g_mutex_lock (&other.mutex);
  while (other.loop == NULL)
    g_cond_wait (&other.cond, &other.mutex);
  g_mutex_unlock (&other.mutex);

  bubus_event_bus_forward (fixture->bus, "*", NULL, other.bus);
  event = dispatch_ping (fixture->bus, "a");
  run_until_complete (event);
  g_assert_nonnull (other.handled_in);
  g_assert_true (other.handled_in != self);

  run_until_idle (fixture->bus);
  g_main_loop_quit (other.loop);
  g_thread_join (g_steal_pointer (&thread));
  g_assert_finalize_object (other.bus);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/forwarding/levels", test_levels, "R-11, B-2.14: through three buses, results of all in one event");
  test ("/forwarding/ring", test_ring, "R-11, B-17.8: each bus sees the event once, wherever it enters");
  test ("/forwarding/same-names", test_same_names, "R-11, R-17: buses of one name are told apart by their id");
  test ("/forwarding/completion", test_completion_waits_for_all_buses, "R-11, B-13.12: complete when no bus has it");
  test ("/forwarding/twice", test_dispatched_twice, "B-17.7: no handler runs twice");
  test ("/forwarding/after-completion", test_completed_event_on_another_bus, "R-11, B-13.12: never goes back");
  test ("/forwarding/awaited", test_awaited_event_runs_on_all_buses, "R-2, B-4.8: in place on every bus");
  test ("/forwarding/no-children", test_forwarded_events_are_no_children, "B-1.42: forwarded is not dispatched anew");
  test ("/forwarding/target-gone", test_target_is_gone, "R-11: a target that is gone is an error result");
  test ("/forwarding/thread", test_forwarding_to_another_thread, "R-6, R-21: by message, in the other bus's context");

  return g_test_run ();
}
