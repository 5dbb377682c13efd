/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

/* The source of a bus among others of its main context. A user interface draws with FRAME. */
#define FRAME (G_PRIORITY_HIGH_IDLE + 20)
#define BELOW_FRAME (FRAME + 10)

typedef struct
{
  GString *trace;
  int      n_left;
} Drawing;

static gboolean
draw_cb (gpointer data)
{
  Drawing *drawing = data;

  trace (drawing->trace, "frame");
  return --drawing->n_left > 0;
}

static void
drawing_init (Drawing *drawing,
              Fixture *fixture,
              int      n_frames)
{
  *drawing = (Drawing) { fixture->trace, n_frames };
  g_idle_add_full (FRAME, draw_cb, drawing, NULL);
}

static void
dispatch_abc (Fixture *fixture)
{
  const char *labels[] = { "a", "b", "c" };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    g_object_unref (dispatch_ping (fixture->bus, labels[i]));
}

static void
test_default (Fixture       *fixture,
              gconstpointer  data)
{
  Drawing drawing;
  int priority;

  g_object_get (fixture->bus, "priority", &priority, NULL);
  g_assert_cmpint (priority, ==, G_PRIORITY_DEFAULT);
  bubus_event_bus_set_time_budget (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  dispatch_abc (fixture);
  drawing_init (&drawing, fixture, 2);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "a b c frame frame");
}

static void
test_below (Fixture       *fixture,
            gconstpointer  data)
{
  Drawing drawing;

  bubus_event_bus_set_priority (fixture->bus, BELOW_FRAME);
  g_assert_cmpint (bubus_event_bus_get_priority (fixture->bus), ==, BELOW_FRAME);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  dispatch_abc (fixture);
  drawing_init (&drawing, fixture, 2);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "frame frame a b c");
}

static void
test_constructed (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) bus = g_object_new (BUBUS_TYPE_EVENT_BUS, "name", "Low", "priority", BELOW_FRAME, NULL);
  Drawing drawing;

  bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_object_unref (dispatch_ping (bus, "a"));
  drawing_init (&drawing, fixture, 1);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "frame a");
}

static void
count_notify_cb (GObject    *bus,
                 GParamSpec *pspec,
                 gpointer    data)
{
  (*(int *) data)++;
}

static gboolean
step_down (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  bubus_event_bus_set_priority (bubus_invocation_get_bus (invocation), BELOW_FRAME);
  return trace_label (event, invocation, data, error);
}

/* What is in the queue moves with the bus. */
static void
test_changed (Fixture       *fixture,
              gconstpointer  data)
{
  Drawing drawing;
  int n_notified = 0;

  g_signal_connect (fixture->bus, "notify::priority", G_CALLBACK (count_notify_cb), &n_notified);
  bubus_event_bus_set_time_budget (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", step_down, fixture->trace, NULL);
  dispatch_abc (fixture);
  drawing_init (&drawing, fixture, 2);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "a frame frame b c");
  g_assert_cmpint (n_notified, ==, 1);
}

/* What is sent to the bus from other threads comes with its priority too. */
static gboolean
run_child (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (data, "child");

  return bubus_invocation_run (invocation, child, error);
}

static gboolean
stop_when_complete (gpointer data)
{
  return bubus_event_get_event_status (data) != BUBUS_EVENT_STATUS_COMPLETED;
}

static void
test_messages (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) sum = NULL;
  guint source_id;

  bubus_event_bus_set_priority (fixture->bus, BELOW_FRAME);
  bubus_event_bus_set_time_budget (fixture->bus, 0); /* what comes while the parent begins is not for the same turn */
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_handler_set_threaded (bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", run_child, fixture->bus, NULL), TRUE);
  sum = dispatch_sum (fixture->bus);
  while (bubus_event_get_event_status (sum) == BUBUS_EVENT_STATUS_PENDING)
    g_main_context_iteration (NULL, TRUE);

  source_id = g_idle_add_full (FRAME, stop_when_complete, sum, NULL);
  while (bubus_event_bus_get_n_pending (fixture->bus) < 2)
    g_thread_yield ();
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_source_remove (source_id);
  run_until_complete (sum);
  g_assert_cmpstr (fixture->trace->str, ==, "child");
  while (G_OBJECT (fixture->bus)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/priority/default", test_default, "R-21: what is less urgent waits while the bus has something to do");
  test ("/priority/below", test_below, "R-21: what is between the bus and the default is served first");
  test ("/priority/constructed", test_constructed, "the same when the bus is made with it");
  test ("/priority/changed", test_changed, "events that wait move with the bus");
  test ("/priority/messages", test_messages, "R-2, R-21: what other threads ask of the bus is work like any other");

  return g_test_run ();
}
