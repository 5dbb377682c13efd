/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "messaging-fixture.h"

#include "messaging/bubus-recorder.h"

static void
dispatch (Fixture    *fixture,
          const char *event_type)
{
  g_autoptr (BubusEvent) event = bubus_generic_event_new (event_type, NULL);

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
}

static void
test_checks (Fixture       *fixture,
             gconstpointer  data)
{
  static const char *const right[] = { "OrderPlaced", "EmailSent", "OrderPlaced", NULL };
  static const char *const shorter[] = { "OrderPlaced", "EmailSent", NULL };
  static const char *const nothing[] = { NULL };
  BubusRecorder *recorder = bubus_recorder_new (fixture->bus);
  g_autoptr (GPtrArray) orders = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (bubus_recorder_check_sequence (recorder, nothing, &error));
  dispatch (fixture, "OrderPlaced");
  dispatch (fixture, "EmailSent");
  dispatch (fixture, "OrderPlaced");
  g_assert_cmpuint (bubus_recorder_count (recorder, NULL), ==, 3);
  g_assert_true (bubus_recorder_check_count (recorder, "Order*", 2, &error));
  g_assert_true (bubus_recorder_check_sequence (recorder, right, &error));
  g_assert_no_error (error);
  orders = bubus_recorder_list_events (recorder, "OrderPlaced");
  g_assert_cmpuint (orders->len, ==, 2);

  g_assert_false (bubus_recorder_check_count (recorder, "EmailSent", 2, &error));
  g_assert_cmpstr (error->message, ==,
                   "Expected 2 × EmailSent, but there were 1; seen: OrderPlaced, EmailSent, OrderPlaced");
  g_clear_error (&error);
  g_assert_false (bubus_recorder_check_sequence (recorder, shorter, &error));
  g_assert_cmpstr (error->message, ==, "Expected OrderPlaced, EmailSent; seen: OrderPlaced, EmailSent, OrderPlaced");
  g_clear_error (&error);

  bubus_recorder_clear (recorder);
  g_assert_false (bubus_recorder_check_sequence (recorder, shorter, &error));
  g_assert_cmpstr (error->message, ==, "Expected OrderPlaced, EmailSent; seen: nothing");
  g_assert_finalize_object (recorder);

  /* The bus goes on without it. */
  dispatch (fixture, "OrderPlaced");
  settle ();
}

static gboolean
drain_inside (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  return bubus_recorder_drain (data, 1, error);
}

static void
test_drain (Fixture       *fixture,
            gconstpointer  data)
{
  BubusRecorder *recorder = bubus_recorder_new (fixture->bus);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_on_pattern (fixture->bus, "Slow", "slow", keep, fixture, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Drain", "drain", drain_inside, recorder, NULL);
  dispatch (fixture, "Quick");
  g_assert_true (bubus_recorder_drain (recorder, 10, &error));
  g_assert_no_error (error);
  g_assert_true (bubus_recorder_check_no_errors (recorder, &error));

  dispatch (fixture, "Slow");
  g_assert_false (bubus_recorder_drain (recorder, 0, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_cmpstr (error->message, ==, "The bus is not idle after 0 s; unfinished: Slow");
  g_clear_error (&error);
  settle ();
  bubus_invocation_return_nothing (fixture->kept->pdata[0]);

  /* Inside a handler no main context is run. */
  dispatch (fixture, "Drain");
  g_assert_true (bubus_recorder_drain (recorder, 10, &error));
  g_assert_false (bubus_recorder_check_no_errors (recorder, &error));
  g_assert_cmpstr (error->message, ==, "drain of “Drain” failed: The main context cannot be run from inside itself");
  g_assert_finalize_object (recorder);
}

static void
test_advance (Fixture       *fixture,
              gconstpointer  data)
{
  BubusRecorder *recorder = bubus_recorder_new (fixture->bus);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_set_event_timeout (fixture->bus, 3);
  bubus_event_bus_on_pattern (fixture->bus, "Slow", "slow", keep, fixture, NULL);
  dispatch (fixture, "Slow");
  g_assert_true (bubus_recorder_advance (recorder, 0, &error));
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  g_assert_true (bubus_recorder_advance (recorder, 3, &error));
  g_assert_no_error (error);
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  g_assert_false (bubus_recorder_check_no_errors (recorder, &error));
  g_assert_finalize_object (recorder);
}

static void
waited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;
  gboolean there = bubus_recorder_wait_finish (BUBUS_RECORDER (source), result, &error);

  trace (data, there ? "there" : "cancelled");
  g_assert_true (there == (error == NULL));
}

static void
test_wait (Fixture       *fixture,
           gconstpointer  data)
{
  BubusRecorder *recorder = bubus_recorder_new (fixture->bus);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  dispatch (fixture, "Tick");
  bubus_recorder_wait_async (recorder, "Tick", 1, NULL, waited_cb, fixture);
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "there");

  bubus_recorder_wait_async (recorder, "Tick", 3, NULL, waited_cb, fixture);
  bubus_recorder_wait_async (recorder, "Tock", 1, cancellable, waited_cb, fixture);
  dispatch (fixture, "Tick");
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "there");
  dispatch (fixture, "Tick");
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "there there");
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_cmpstr (fixture->trace->str, ==, "there there cancelled");
  g_assert_finalize_object (recorder);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/messaging/recorder/checks", test_checks, "B-15.6: what was dispatched, and words for what was not");
  test ("/messaging/recorder/drain", test_drain, "A bus is run until it is idle, or says what is not finished");
  test ("/messaging/recorder/advance", test_advance, "The test clock is moved, and what follows done");
  test ("/messaging/recorder/wait", test_wait, "Events can be waited for");

  return g_test_run ();
}
