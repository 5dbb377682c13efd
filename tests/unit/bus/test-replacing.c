/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "middleware-fixture.h"

#include "base/bubus-error.h"

#include <string.h>

static gboolean
replace_old (Probe              *self,
             BubusEvent         *event,
             BubusInterception  *interception,
             GError            **error)
{
  g_autoptr (BubusEvent) replacement = NULL;

  if (!g_str_equal (ping_get_label (event), "old"))
    return TRUE;
  replacement = ping_new (self->data != NULL ? self->data : "new");
  bubus_interception_replace (interception, replacement);
  return TRUE;
}

static void
test_replaced (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) old = NULL;
  g_autoptr (BubusEvent) replacement = NULL;
  g_autoptr (GPtrArray) results = NULL;
  BubusInvocation *kept = NULL;

  add_probe (fixture->bus, "replace", NULL, replace_old);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  bubus_event_bus_on (fixture->bus, TYPE_PING, "later", defer_and_keep, &kept, NULL);
  bubus_event_bus_set_max_pending (fixture->bus, 1);
  old = dispatch_ping (fixture->bus, "old");
  g_assert_cmpstr (fixture->trace->str, ==, "after(new)");
  replacement = bubus_event_dup_replacement (old);
  g_assert_cmpstr (ping_get_label (replacement), ==, "new");
  g_assert_cmpstr (bubus_event_get_event_parent_id (replacement), ==, bubus_event_get_event_id (old));
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (old), !=, BUBUS_EVENT_STATUS_COMPLETED);
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (old), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (replacement), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_completed_at (old), ==, bubus_event_get_event_completed_at (replacement));
  results = bubus_event_list_results (old);
  g_assert_cmpuint (results->len, ==, 0);
}

static void
test_awaiting_replaced (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GPtrArray) results = NULL;

  add_probe (fixture->bus, "replace", NULL, replace_old);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "run", run_child_of_parent, (gpointer) "old", NULL);
  on_ping (fixture);
  parent = dispatch_ping (fixture->bus, "parent");
  dispatch_and_run (fixture, "next");
  g_assert_cmpstr (fixture->trace->str, ==, "new parent next");
  results = bubus_event_list_results (parent);
  g_assert_no_error (bubus_event_result_get_error (results->pdata[0]));
}

/* Awaits an event that has been replaced on two buses before. */
static gboolean
run_replaced_twice (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          data,
                    GError          **error)
{
  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;
  return bubus_invocation_run (invocation, data, error);
}

/* Both are waited for: the second would stand behind the handler that waits. */
static void
test_awaiting_replaced_twice (Fixture       *fixture,
                              gconstpointer  data)
{
  BubusEventBus *other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) parent = ping_new ("parent"), old = ping_new ("old");
  g_autoptr (GPtrArray) results = NULL;

  add_probe (fixture->bus, "replace", NULL, replace_old)->data = (gpointer) "second";
  add_probe (other, "replace", NULL, replace_old)->data = (gpointer) "first";
  bubus_event_bus_on (fixture->bus, TYPE_PING, "run", run_replaced_twice, old, NULL);
  on_ping (fixture);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  g_assert_true (bubus_event_bus_dispatch (other, old, NULL));
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, old, NULL));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "second parent");
  results = bubus_event_list_results (parent);
  g_assert_no_error (bubus_event_result_get_error (results->pdata[0]));

  bubus_event_bus_stop (other);
  g_assert_finalize_object (other);
}

static gboolean
replace_with_invalid (Probe              *self,
                      BubusEvent         *event,
                      BubusInterception  *interception,
                      GError            **error)
{
  g_autoptr (BubusEvent) invalid = g_object_new (TYPE_PING, NULL);

  bubus_interception_replace (interception, invalid);
  return TRUE;
}

static void
test_replaced_by_invalid (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("a");
  g_autoptr (GError) error = NULL;

  add_probe (fixture->bus, "replace", NULL, replace_with_invalid);
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
  g_assert_false (bubus_event_is_sealed (event));
}

static gpointer
dispatch_in_thread (gpointer data)
{
  const char *labels[] = { "a", "bad", "old", "z" };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    g_object_unref (dispatch_ping (data, labels[i]));
  return NULL;
}

/* The thread cannot call the middleware: all is accepted, and looked at where the bus lives. */
static void
test_dispatched_in_thread (Fixture       *fixture,
                           gconstpointer  data)
{
  add_probe (fixture->bus, "refuse", fixture->trace, refuse);
  add_probe (fixture->bus, "replace", NULL, replace_old);
  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("dispatch", dispatch_in_thread, fixture->bus));
  g_main_context_release (NULL);
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 4);
  run_until_idle (fixture->bus);
  g_assert_true (g_str_has_prefix (fixture->trace->str, "a:pending bad:pending bad:completed old:pending new:pending"));
  g_assert_nonnull (strstr (fixture->trace->str, "new:completed old:completed"));
  g_assert_true (g_str_has_suffix (fixture->trace->str, "z:completed"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/middleware/replaced", test_replaced, "the original is complete when its replacement is");
  test ("/middleware/awaiting-replaced", test_awaiting_replaced, "R-2: the replacement runs in place");
  test ("/middleware/awaiting-replaced-twice", test_awaiting_replaced_twice, "R-2: all of them run in place");
  test ("/middleware/replaced-by-invalid", test_replaced_by_invalid, "R-12: refused without a trace");
  test ("/middleware/dispatched-in-thread", test_dispatched_in_thread, "R-21: looked at where the bus lives");

  return g_test_run ();
}
