/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

/* ---- once ---- */

static void
test_once (Fixture       *fixture,
           gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);
  gpointer weak = handler;

  g_object_add_weak_pointer (G_OBJECT (handler), &weak);
  bubus_handler_set_once (handler, TRUE);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  dispatch_and_run (fixture, "c");
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_assert_null (weak);
}

static void
test_once_can_be_undone (Fixture       *fixture,
                         gconstpointer  data)
{
  BubusHandler *handler = on_ping (fixture);

  dispatch_and_run (fixture, "a");
  bubus_handler_set_once (handler, TRUE);
  bubus_handler_set_once (handler, FALSE);
  dispatch_and_run (fixture, "b");
  bubus_handler_set_once (handler, TRUE);
  dispatch_and_run (fixture, "c");
  dispatch_and_run (fixture, "d");
  g_assert_cmpstr (fixture->trace->str, ==, "a b c");
}

/* The parent has been given the handler, so the child that is run in between does not get it. */
static void
test_once_and_queue_jump (Fixture       *fixture,
                          gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "await", run_child_of_parent, (gpointer) "child", NULL);
  bubus_handler_set_once (on_ping (fixture), TRUE);
  parent = dispatch_ping (fixture->bus, "parent");
  run_until_idle (fixture->bus);

  g_assert_cmpstr (fixture->trace->str, ==, "parent");
  results = bubus_event_list_results (parent);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_cmpint (bubus_event_result_get_status (results->pdata[0]), ==, BUBUS_RESULT_STATUS_COMPLETED);
}

static void
test_once_and_deferred (Fixture       *fixture,
                        gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "later", defer_and_keep, &kept, NULL);

  bubus_handler_set_once (handler, TRUE);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_until_idle (fixture->bus);
}

/* A forwarder that was left out, because the event would go in circles, has not been used. */
static void
test_once_and_loop (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  BubusHandler *back = bubus_event_bus_forward (other, "*", "back", fixture->bus);

  bubus_handler_set_once (back, TRUE);
  bubus_event_bus_forward (fixture->bus, "*", "there", other);
  dispatch_and_run (fixture, "a");
  g_assert_true (bubus_handler_is_registered (back));
  g_object_unref (dispatch_ping (other, "b"));
  run_until_idle (other);
  run_until_idle (fixture->bus);
  g_assert_cmpuint (bubus_event_bus_off_all (other), ==, 0);
}

/* ---- ties ---- */

static void
test_tie (Fixture       *fixture,
          gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusHandler *first = on_ping (fixture);
  BubusHandler *second = on_ping (fixture);
  BubusHandler *third = on_ping (fixture);

  bubus_handler_tie (first, object);
  bubus_handler_tie (second, object);
  g_assert_true (bubus_handler_get_tied (first));
  g_assert_false (bubus_handler_get_tied (third));
  bubus_event_bus_off (fixture->bus, second);
  dispatch_and_run (fixture, "a");
  g_assert_finalize_object (object);

  g_assert_cmpuint (count_handlers (fixture), ==, 1);
  dispatch_and_run (fixture, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a a b");
}

static void
test_tie_to_disposed (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);

  bubus_handler_tie (on_ping (fixture), object);
  g_object_run_dispose (object);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);

  bubus_handler_tie (on_ping (fixture), object);
  g_assert_cmpuint (count_handlers (fixture), ==, 1);
  g_object_run_dispose (object);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);
}

/* Neither side keeps the other: the object outlives the handler, and then the bus. */
static void
test_tie_outlives (Fixture       *fixture,
                   gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusEventBus *bus = bubus_event_bus_new ("Short");
  BubusHandler *handler = bubus_event_bus_on (bus, TYPE_PING, "t", trace_label, fixture->trace, NULL);
  BubusHandler *kept = g_object_ref (bubus_event_bus_on (bus, TYPE_PING, "u", trace_label, fixture->trace, NULL));

  bubus_handler_tie (handler, object);
  bubus_handler_tie (kept, object);
  bubus_event_bus_off (bus, handler);
  g_assert_finalize_object (bus);
  g_assert_finalize_object (object);
  g_assert_finalize_object (kept);
}

/* The destroy function of a handler that is tied may drop the object: it goes from within its own handler's end. */
static void
test_tie_to_own_data (Fixture       *fixture,
                      gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "t", trace_label, object, g_object_unref);

  bubus_handler_tie (handler, object);
  g_object_add_weak_pointer (object, (gpointer *) &object);
  bubus_event_bus_off (fixture->bus, handler);
  g_assert_null (object);
}

/* It had been selected; but what it works with is gone (against B-3.9, which would call it). */
static void
test_tie_after_selection (Fixture       *fixture,
                          gconstpointer  data)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "drop", drop_object, &object, NULL);
  bubus_handler_tie (on_ping (fixture), object);
  event = dispatch_ping (fixture->bus, "a");
  run_until_idle (fixture->bus);

  g_assert_cmpstr (fixture->trace->str, ==, "");
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_error (bubus_event_result_get_error (results->pdata[1]), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

typedef struct
{
  Fixture  *fixture;
  GObject  *object;
  gboolean  was_there;
} Dropper;

static gboolean
drop_own_object (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  Dropper *self = data;
  gpointer weak = self->object;

  g_object_add_weak_pointer (self->object, &weak);
  g_object_unref (self->object);
  self->was_there = weak != NULL;
  if (weak != NULL)
    g_object_remove_weak_pointer (self->object, &weak);
  return TRUE;
}

static void
test_tie_during_call (Fixture       *fixture,
                      gconstpointer  data)
{
  Dropper dropper = { fixture, g_object_new (G_TYPE_OBJECT, NULL), FALSE };
  gpointer weak = dropper.object;

  g_object_add_weak_pointer (dropper.object, &weak);
  bubus_handler_tie (bubus_event_bus_on (fixture->bus, TYPE_PING, "d", drop_own_object, &dropper, NULL),
                     dropper.object);
  dispatch_and_run (fixture, "a");
  g_assert_true (dropper.was_there);
  g_assert_null (weak);
  g_assert_cmpuint (count_handlers (fixture), ==, 0);
}

static gpointer
drop_in_thread (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

/* The object goes in another thread while the bus calls, and is given back wherever that ends. */
static void
test_tie_and_threads (Fixture       *fixture,
                      gconstpointer  data)
{
  for (guint round = 0; round < 200; round++)
    {
      GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
      GThread *thread;

      for (guint i = 0; i < 3; i++)
        bubus_handler_tie (on_ping (fixture), object);
      g_object_unref (dispatch_ping (fixture->bus, "x"));
      thread = g_thread_new ("drop", drop_in_thread, object);
      if (round % 2 == 0)
        bubus_event_bus_off_by_type (fixture->bus, TYPE_PING);
      run_until_idle (fixture->bus);
      g_thread_join (thread);
      g_assert_cmpuint (count_handlers (fixture), ==, 0);
    }
}

static void
test_tie_and_bus_in_threads (Fixture       *fixture,
                             gconstpointer  data)
{
  for (guint round = 0; round < 200; round++)
    {
      GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
      BubusEventBus *bus = bubus_event_bus_new ("Short");
      GThread *thread;

      bubus_handler_tie (bubus_event_bus_on (bus, TYPE_PING, "t", trace_label, fixture->trace, NULL), object);
      thread = g_thread_new ("drop", drop_in_thread, object);
      g_object_unref (bus);
      g_thread_join (thread);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/registration/once", test_once, "R-9: once is for the first event only, also when more are queued");
  test ("/registration/once-undone", test_once_can_be_undone, "R-9: once may be set and taken back");
  test ("/registration/once-and-queue-jump", test_once_and_queue_jump, "R-9, B-17.7: once, with a child in between");
  test ("/registration/once-and-deferred", test_once_and_deferred, "R-9: once is off before it answers");
  test ("/registration/once-and-loop", test_once_and_loop, "R-9, R-11: a forwarder that is left out is not used up");
  test ("/registration/tie", test_tie, "R-9: the handler goes with the object");
  test ("/registration/tie-to-disposed", test_tie_to_disposed, "R-9: also when the object is only disposed of");
  test ("/registration/tie-outlives", test_tie_outlives, "R-9: neither keeps the other");
  test ("/registration/tie-to-own-data", test_tie_to_own_data, "R-9: the handler's data may be the object");
  test ("/registration/tie-after-selection", test_tie_after_selection, "R-9: not called without the object");
  test ("/registration/tie-during-call", test_tie_during_call, "R-9: the object is there during the call");
  test ("/registration/tie-and-threads", test_tie_and_threads, "R-9: the object goes in another thread");
  test ("/registration/tie-and-bus-in-threads", test_tie_and_bus_in_threads, "R-9: object and bus go at the same time");

  return g_test_run ();
}
