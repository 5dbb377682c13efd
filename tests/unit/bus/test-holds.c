/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "middleware-fixture.h"

#include <string.h>

static void
hold_when_started (Probe            *self,
                   BubusEventBus    *bus,
                   BubusEvent       *event,
                   BubusEventStatus  status)
{
  if (status == BUBUS_EVENT_STATUS_STARTED)
    self->hold = bubus_event_bus_hold_event (bus, event);
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    g_assert_null (bubus_event_bus_hold_event (bus, event));
}

static gpointer
release_in_thread (gpointer data)
{
  bubus_hold_release (data);
  bubus_hold_release (data);
  return NULL;
}

static void
test_hold (Fixture       *fixture,
           gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) never = ping_new ("never");

  g_assert_null (bubus_event_bus_hold_event (fixture->bus, never));
  probe->on_event = hold_when_started;
  on_ping (fixture);
  event = dispatch_ping (fixture->bus, "a");
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  g_thread_join (g_thread_new ("release", release_in_thread, probe->hold));
  g_clear_object (&probe->hold);
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static gboolean
cause_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("child");

  return g_str_equal (ping_get_label (event), "child") || bubus_invocation_dispatch (invocation, NULL, child, error);
}

static void
test_completing (Fixture       *fixture,
                 gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", fixture->trace, NULL);
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on_pattern (fixture->bus, "*", "cause", cause_child, NULL, NULL);
  probe->holds = TRUE;
  parent = dispatch_ping (fixture->bus, "parent");
  run_pending ();
  g_assert_cmpuint (probe->n_asked, ==, 1);
  g_assert_nonnull (strstr (fixture->trace->str, "child.cause:completed"));
  g_assert_null (strstr (fixture->trace->str, "child:completed"));

  /* What is held again waits again; and the parent is asked for when its child is complete. */
  for (guint i = 2; i <= 3; i++)
    {
      bubus_hold_release (probe->hold);
      run_pending ();
      g_assert_cmpuint (probe->n_asked, ==, i);
      g_assert_false (bubus_event_bus_is_idle (fixture->bus));
    }
  probe->holds = FALSE;
  g_clear_object (&probe->hold);
  run_until_idle (fixture->bus);
  g_assert_cmpuint (probe->n_asked, ==, 5);
  g_assert_true (g_str_has_suffix (fixture->trace->str, "child:completed parent:completed"));
}

/* Who holds everything for ever does not keep the bus from stopping. */
static void
test_completing_and_stop (Fixture       *fixture,
                          gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;

  probe->holds = TRUE;
  event = dispatch_ping (fixture->bus, "a");
  run_pending ();
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_clear_object (&probe->hold);
}

static void
test_hold_is_dropped (Fixture       *fixture,
                      gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);

  probe->on_event = hold_when_started;
  on_ping (fixture);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  run_pending ();
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  g_clear_object (&probe->hold);
  run_until_idle (fixture->bus);
}

static void
test_hold_and_stop (Fixture       *fixture,
                    gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);
  g_autoptr (BubusEvent) event = NULL;

  probe->on_event = hold_when_started;
  on_ping (fixture);
  event = dispatch_ping (fixture->bus, "a");
  run_pending ();
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  bubus_hold_release (probe->hold);
  g_clear_object (&probe->hold);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/middleware/hold", test_hold, "complete when the last hold is released, in any thread");
  test ("/middleware/completing", test_completing,
        "R-5: completion can be put off when all else is done, and parents wait");
  test ("/middleware/completing-and-stop", test_completing_and_stop, "R-16: stopping always finishes");
  test ("/middleware/hold-is-dropped", test_hold_is_dropped, "a hold that nobody has is released");
  test ("/middleware/hold-and-stop", test_hold_and_stop, "R-16: stopping always finishes");

  return g_test_run ();
}
