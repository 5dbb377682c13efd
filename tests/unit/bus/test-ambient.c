/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "bus/bubus-ambient.h"

/* What is around is named by an object's data. */
static GObject *
ambient_new (const char *name)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_set_data (object, "name", (gpointer) name);
  return object;
}

static const char *
get_name (void)
{
  GObject *object = bubus_ambient_get_current ();

  return object != NULL ? g_object_get_data (object, "name") : "nothing";
}

static gboolean
trace_ambient (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  trace (data, "%s:%s", ping_get_label (event), get_name ());
  return TRUE;
}

static void
test_around_handlers (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GObject) outer = ambient_new ("outer");
  g_autoptr (GObject) inner = ambient_new ("inner");
  g_autoptr (BubusEvent) a = NULL;
  g_autoptr (BubusEvent) b = NULL;
  g_autoptr (BubusEvent) c = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_ambient, fixture->trace, NULL);
  bubus_ambient_push (outer);
  a = dispatch_ping (fixture->bus, "a");
  bubus_ambient_push (inner);
  b = dispatch_ping (fixture->bus, "b");
  bubus_ambient_pop (inner);
  g_assert_cmpstr (get_name (), ==, "outer");
  bubus_ambient_pop (outer);
  c = dispatch_ping (fixture->bus, "c");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a:outer b:inner c:nothing");
  g_assert_cmpstr (get_name (), ==, "nothing");
}

/* What is around goes with the event, once that is complete. */
static void
test_released (Fixture       *fixture,
               gconstpointer  data)
{
  GObject *object = ambient_new ("object");
  g_autoptr (GObject) seen = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_ambient_push (object);
  event = dispatch_ping (fixture->bus, "event");
  bubus_ambient_pop (object);
  seen = bubus_event_ref_ambient (event);
  g_assert_true (seen == object);
  g_clear_object (&seen);
  run_until_complete (event);
  g_assert_null (bubus_event_ref_ambient (event));
  g_assert_finalize_object (object);
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  GObject *object = ambient_new ("object");
  g_autoptr (BubusEvent) event = ping_new ("event");

  bubus_event_bus_stop (fixture->bus);
  bubus_ambient_push (object);
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  bubus_ambient_pop (object);
  g_assert_null (bubus_event_ref_ambient (event));
  g_assert_finalize_object (object);
}

typedef struct
{
  Fixture         *fixture;
  GObject         *pushed;
  BubusInvocation *kept;
} Parent;

static gboolean
dispatch_children (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  Parent *parent = data;
  g_autoptr (BubusEvent) inherits = dispatch_ping (parent->fixture->bus, "inherits");
  g_autoptr (BubusEvent) own = NULL;

  bubus_ambient_push (parent->pushed); /* and forgets to pop it */
  own = dispatch_ping (parent->fixture->bus, "own");
  parent->kept = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  return bubus_invocation_run (invocation, own, error);
}

static void
test_children (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GObject) around = ambient_new ("around");
  g_autoptr (GObject) pushed = ambient_new ("pushed");
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) late = ping_new ("late");
  Parent parent = { fixture, pushed, NULL };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", dispatch_children, &parent, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_ambient, fixture->trace, NULL);
  bubus_ambient_push (around);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  bubus_ambient_pop (around);
  run_pending ();
  g_assert_cmpstr (get_name (), ==, "nothing");

  g_assert_true (bubus_invocation_dispatch (parent.kept, NULL, late, NULL));
  bubus_invocation_return_nothing (parent.kept);
  run_until_complete (event);
  g_assert_cmpstr (fixture->trace->str, ==, "own:pushed inherits:around late:around");
  g_object_unref (parent.kept);
}

static void
test_forwarded (Fixture       *fixture,
                gconstpointer  data)
{
  BubusEventBus *target = bubus_event_bus_new ("Target");
  g_autoptr (GObject) around = ambient_new ("around");
  g_autoptr (GObject) later = ambient_new ("later");
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_forward (fixture->bus, "*", NULL, target);
  bubus_event_bus_on (target, TYPE_PING, "trace", trace_ambient, fixture->trace, NULL);
  bubus_ambient_push (around);
  event = dispatch_ping (fixture->bus, "event");
  bubus_ambient_pop (around);
  bubus_ambient_push (later);
  run_until_complete (event);
  bubus_ambient_pop (later);
  g_assert_cmpstr (fixture->trace->str, ==, "event:around");
  run_until_idle (target);
  g_assert_finalize_object (target);
}

static void
test_threaded (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GObject) around = ambient_new ("around");
  g_autoptr (BubusEvent) event = NULL;

  bubus_handler_set_threaded (bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_ambient, fixture->trace, NULL),
                              TRUE);
  bubus_ambient_push (around);
  event = dispatch_ping (fixture->bus, "event");
  bubus_ambient_pop (around);
  run_until_complete (event);
  g_assert_cmpstr (fixture->trace->str, ==, "event:around");
  while (G_OBJECT (fixture->bus)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/ambient/handlers", test_around_handlers, "R-20, B-2.23, B-13.9: captured at dispatch, restored around handlers");
  test ("/ambient/released", test_released, "B-2.23: given back when the event is complete");
  test ("/ambient/refused", test_refused, "R-12: a refused event remembers nothing");
  test ("/ambient/children", test_children, "B-2.23: inherited, and what a handler leaves behind does not leak");
  test ("/ambient/forwarded", test_forwarded, "B-2.23: goes with the event to other buses; the first dispatch counts");
  test ("/ambient/threaded", test_threaded, "R-20: also in threads");

  return g_test_run ();
}
