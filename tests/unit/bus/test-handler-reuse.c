/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

/* A bus uses the object of a handler that was taken off for the next one, when nobody can tell. */

static void
count_notify_cb (GObject    *object,
                 GParamSpec *pspec,
                 gpointer    data)
{
  ++*(guint *) data;
}

static void
test_fresh (Fixture       *fixture,
            gconstpointer  data)
{
  BubusHandler *first = on_ping (fixture);
  g_autofree char *first_id = g_strdup (bubus_handler_get_id (first));
  BubusHandler *second;

  bubus_handler_set_priority (first, 3);
  bubus_handler_set_timeout (first, 2);
  bubus_handler_set_slow_timeout (first, 1);
  bubus_handler_set_threaded (first, TRUE);
  bubus_handler_set_once (first, TRUE);
  bubus_handler_set_keeps_invocation (first, FALSE);
  g_assert_true (bubus_event_bus_off (fixture->bus, first));
  second = bubus_event_bus_on_pattern (fixture->bus, "P*", "second", trace_label, fixture->trace, NULL);

  g_assert_true (second == first);
  g_assert_cmpstr (bubus_handler_get_id (second), !=, first_id);
  g_assert_cmpstr (bubus_handler_get_name (second), ==, "second");
  g_assert_cmpstr (bubus_handler_get_pattern (second), ==, "P*");
  g_assert_cmpint (bubus_handler_get_priority (second), ==, 0);
  g_assert_cmpfloat (bubus_handler_get_timeout (second), <, 0);
  g_assert_cmpfloat (bubus_handler_get_slow_timeout (second), <, 0);
  g_assert_false (bubus_handler_get_threaded (second) || bubus_handler_get_once (second));
  g_assert_false (bubus_handler_get_tied (second));
  g_assert_true (bubus_handler_get_keeps_invocation (second));
  dispatch_and_run (fixture, "a");
  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a b");
}

static void
test_weak_references (Fixture       *fixture,
                      gconstpointer  data)
{
  gpointer pointer = on_ping (fixture);
  BubusHandler *watched = on_ping (fixture);
  GWeakRef weak;

  g_object_add_weak_pointer (pointer, &pointer);
  g_weak_ref_init (&weak, watched);
  g_assert_true (bubus_event_bus_off (fixture->bus, pointer));
  g_assert_null (pointer);
  g_assert_true (bubus_event_bus_off (fixture->bus, watched));
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
}

static void
test_signals (Fixture       *fixture,
              gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);
  guint n_notified = 0;

  g_signal_connect (handler, "notify::priority", G_CALLBACK (count_notify_cb), &n_notified);
  g_assert_true (bubus_event_bus_off (fixture->bus, handler));
  bubus_handler_set_priority (on_ping (fixture), 1);
  bubus_handler_set_priority (on_ping (fixture), 1);
  g_assert_cmpuint (n_notified, ==, 0);
}

static void
set_true (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
see_error (BubusEvent       *event,
           BubusEventResult *result,
           const GError     *error,
           gpointer          data)
{
  g_assert_not_reached ();
}

static void
test_data (Fixture       *fixture,
           gconstpointer  data)
{
  gboolean object_data_freed = FALSE, user_data_freed = FALSE, error_data_freed = FALSE;
  BubusHandler *handler = on_ping (fixture);

  g_object_set_data_full (G_OBJECT (handler), "data", &object_data_freed, set_true);
  g_assert_true (bubus_event_bus_off (fixture->bus, handler));
  g_assert_true (object_data_freed);

  handler = bubus_event_bus_on (fixture->bus, TYPE_PING, NULL, trace_label, &user_data_freed, set_true);
  g_assert_true (bubus_event_bus_off (fixture->bus, handler));
  g_assert_true (user_data_freed);

  handler = on_ping (fixture);
  bubus_handler_set_error_func (handler, see_error, &error_data_freed, set_true);
  g_assert_true (bubus_event_bus_off (fixture->bus, handler));
  g_assert_true (error_data_freed);
}

static void
test_references (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusHandler) kept = g_object_ref (on_ping (fixture));

  g_assert_true (bubus_event_bus_off (fixture->bus, kept));
  g_assert_true (on_ping (fixture) != kept);
  g_assert_false (bubus_handler_is_registered (kept));
  g_assert_cmpstr (bubus_handler_get_pattern (kept), ==, "Ping");
  g_assert_false (bubus_event_bus_off (fixture->bus, kept));
}

static gboolean
replace_itself (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  Fixture *fixture = data;
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (fixture->bus);
  gpointer itself = g_ptr_array_steal_index (handlers, 0);

  g_object_unref (itself);
  g_assert_true (bubus_event_bus_off (fixture->bus, itself));
  g_assert_true (on_ping (fixture) != itself);
  trace (fixture->trace, "%s", "replaced");
  return TRUE;
}

static void
test_during_call (Fixture       *fixture,
                  gconstpointer  data)
{
  bubus_event_bus_on (fixture->bus, TYPE_PING, "replace-itself", replace_itself, fixture, NULL);
  dispatch_and_run (fixture, "a");
  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "replaced b");
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  BubusHandler *handlers[100];

  for (guint round = 0; round < 2; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
        handlers[i] = on_ping (fixture);
      g_assert_cmpuint (count_handlers (fixture), ==, G_N_ELEMENTS (handlers));
      for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
        g_assert_true (bubus_event_bus_off (fixture->bus, handlers[i]));
    }
  g_assert_cmpuint (count_handlers (fixture), ==, 0);
}

/* ---- ids ---- */

static void
test_ids_at_one_time (Timed         *timed,
                      gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  g_autofree char *second_id = NULL;
  BubusHandler *first = on_ping (fixture);
  BubusHandler *second = on_ping (fixture);

  second_id = g_strdup (bubus_handler_get_id (second));
  g_assert_cmpstr (bubus_handler_get_id (first), !=, second_id);
  g_assert_true (bubus_event_bus_off (fixture->bus, second));
  second = on_ping (fixture);
  g_assert_cmpstr (bubus_handler_get_id (second), !=, second_id);
  g_assert_cmpstr (bubus_handler_get_id (second), !=, bubus_handler_get_id (first));

  bubus_clock_advance (timed->clock, SECOND);
  g_assert_cmpint (bubus_handler_get_registered_at (on_ping (fixture)), ==, bubus_clock_get_time (timed->clock));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/handler-reuse/fresh", test_fresh, "R-9: nothing is left of the registration before");
  test ("/handler-reuse/weak-references", test_weak_references, "R-9: off is the end of a handler that nobody keeps");
  test ("/handler-reuse/signals", test_signals, "R-9: who was connected to the handler before hears nothing");
  test ("/handler-reuse/data", test_data, "R-9: everything that belongs to a handler goes with it");
  test ("/handler-reuse/references", test_references, "R-9: a handler that somebody keeps stays what it was");
  test ("/handler-reuse/during-call", test_during_call, "R-9, B-3.9: not while the handler is called");
  timed_test ("/handler-reuse/ids-at-one-time", test_ids_at_one_time, "R-9: every registration has an id of its own");
  test ("/handler-reuse/many", test_many, "R-9: many at once, twice");

  return g_test_run ();
}
