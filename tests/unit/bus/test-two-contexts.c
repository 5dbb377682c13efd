/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

static void
answer_when_complete_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  g_assert_no_error (error);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

/* The bus to call is the data. */
static gboolean
call_other_bus (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;

  if (g_str_equal (ping_get_label (event), "child"))
    return TRUE;

  child = ping_new ("child");
  if (!g_str_equal (ping_get_label (event), "forwarded"))
    bubus_event_set_event_concurrency (child, bubus_event_get_event_concurrency (event));
  if (!bubus_event_bus_dispatch (data, child, error))
    return FALSE;
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, child, NULL, answer_when_complete_cb, NULL);
  return TRUE;
}

static BubusEventBus *
other_bus_new (GMainContext *context)
{
  BubusEventBus *bus;

  g_main_context_push_thread_default (context);
  bus = bubus_event_bus_new ("Other");
  g_main_context_pop_thread_default (context);
  return bus;
}

static void
run_both_contexts (GMainContext *other)
{
  for (guint i = 0; i < 20; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_main_context_iteration (other, FALSE);
    }
}

static void
test_call_each_other (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) other = other_bus_new (context);
  g_autoptr (BubusEvent) left = NULL;
  g_autoptr (BubusEvent) right = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "left", call_other_bus, other, NULL);
  bubus_event_bus_on (other, TYPE_PING, "right", call_other_bus, fixture->bus, NULL);
  right = dispatch_ping (other, "right");
  left = dispatch_ping (fixture->bus, "left");
  run_both_contexts (context);
  g_assert_cmpint (bubus_event_get_event_status (left), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (right), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
test_global_serial_child_elsewhere (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) other = other_bus_new (context);
  g_autoptr (BubusEvent) event = ping_new ("parent");

  bubus_event_bus_on (fixture->bus, TYPE_PING, "calls", call_other_bus, other, NULL);
  bubus_event_set_event_concurrency (event, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_both_contexts (context);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

/* The event is also on the other bus, where it waits for the turn that it has on this one; its child is behind. */
static void
test_child_behind_global_serial (Fixture       *fixture,
                                 gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) other = other_bus_new (context);
  g_autoptr (BubusEvent) event = ping_new ("forwarded");

  bubus_event_bus_forward (fixture->bus, "*", "forwards", other);
  bubus_handler_set_priority (bubus_event_bus_on (fixture->bus, TYPE_PING, "calls", call_other_bus, other, NULL), -1);
  bubus_event_set_event_concurrency (event, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_both_contexts (context);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/concurrency/call-each-other", test_call_each_other,
        "R-3: handlers of two threads that wait for the other's bus let each other pass");
  test ("/concurrency/global-serial-child-elsewhere", test_global_serial_child_elsewhere,
        "R-6: a child passes the turn that its parent has, also in another main context");
  test ("/concurrency/child-behind-global-serial", test_child_behind_global_serial,
        "R-6: and what stands before it in the queue and waits for that turn");
  return g_test_run ();
}
