/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static gboolean
return_number (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  bubus_invocation_return_int (invocation, GPOINTER_TO_INT (data));
  return TRUE;
}

static gboolean
return_nothing (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  return TRUE;
}

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED, "on purpose");
  return FALSE;
}

static gboolean
return_event (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) other = ping_new ("value");

  bubus_invocation_return_object (invocation, G_OBJECT (other));
  return TRUE;
}

static gboolean
answer_and_fail (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  bubus_invocation_return_int (invocation, 1);
  return fail (event, invocation, data, error);
}

static BubusEvent *
dispatch_race (BubusEventBus *bus,
               gboolean       parallel)
{
  BubusEvent *event = ping_new ("race");

  bubus_event_set_event_handler_completion (event, BUBUS_HANDLER_COMPLETION_FIRST);
  if (parallel)
    bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  return event;
}

static void
test_serial (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "fail", fail, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "nothing", return_nothing, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "event", return_event, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "withdrawn", answer_and_fail, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "zero", return_number, GINT_TO_POINTER (0), NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "late", return_number, GINT_TO_POINTER (1), NULL);
  event = dispatch_race (fixture->bus, FALSE);
  run_until_complete (event);

  results = bubus_event_list_results (event);
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
  g_assert_no_error (get_error (event, 1));
  g_assert_no_error (get_error (event, 2));
  g_assert_error (get_error (event, 3), BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (results->pdata[4])), ==, 0);
  g_assert_error (get_error (event, 5), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_cmpint (bubus_event_result_get_started_at (results->pdata[5]), ==, 0);
}

typedef struct
{
  BubusInvocation *kept;
  BubusEvent      *child;
} Runner;

static gboolean
run_on (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  Runner *runner = data;

  runner->kept = g_object_ref (invocation);
  runner->child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");
  bubus_invocation_defer (invocation);
  return TRUE;
}

static gboolean
is_race (BubusEvent *event)
{
  return strcmp (ping_get_label (event), "race") == 0;
}

static gboolean
run_on_in_race (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  return !is_race (event) || run_on (event, invocation, data, error);
}

static void
runner_clear (Runner *runner)
{
  g_clear_object (&runner->kept);
  g_clear_object (&runner->child);
}

static void
test_parallel (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  Runner winner = { NULL };
  Runner loser = { NULL };

  bubus_event_bus_on (fixture->bus, TYPE_PING, "loser", run_on_in_race, &loser, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "winner", run_on_in_race, &winner, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  event = dispatch_race (fixture->bus, TRUE);
  run_pending ();

  bubus_invocation_return_int (winner.kept, 7);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_no_error (get_error (event, 1));
  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (loser.kept)));
  g_assert_cmpstr (fixture->trace->str, ==, "race child");
  g_assert_error (get_error (loser.child, 2), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_no_error (get_error (winner.child, 2));

  bubus_invocation_return_int (loser.kept, 8);
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  runner_clear (&winner);
  runner_clear (&loser);
}

/* Who answers second before anybody has looked loses all the same. */
static void
test_photo_finish (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  BubusInvocation *first = NULL, *second = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "second", defer_and_keep, &second, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "first", defer_and_keep, &first, NULL);
  event = dispatch_race (fixture->bus, TRUE);
  run_pending ();
  bubus_invocation_return_int (first, 1);
  bubus_invocation_return_int (second, 2);
  run_pending ();
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_no_error (get_error (event, 1));
  g_object_unref (first);
  g_object_unref (second);
}

static void
test_nobody_wins (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "fail", fail, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "nothing", return_nothing, NULL, NULL);
  event = dispatch_race (fixture->bus, TRUE);
  run_until_complete (event);
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
  g_assert_no_error (get_error (event, 1));
}

/* A forwarded event is decided on each bus by the settings of that bus; forwarding wins nothing. */
static void
test_forwarded (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_event_handler_completion (target, BUBUS_HANDLER_COMPLETION_FIRST);
  bubus_event_bus_forward (fixture->bus, "*", NULL, target);
  for (int i = 1; i <= 2; i++)
    {
      bubus_event_bus_on (fixture->bus, TYPE_PING, "near", return_number, GINT_TO_POINTER (i), NULL);
      bubus_event_bus_on (target, TYPE_PING, "far", return_number, GINT_TO_POINTER (i), NULL);
    }
  event = dispatch_ping (fixture->bus, "event");
  run_until_complete (event);
  run_until_idle (target);
  for (guint i = 0; i < 4; i++)
    g_assert_no_error (get_error (event, i));
  g_assert_error (get_error (event, 4), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/first/serial", test_serial, "B-3.33: the first value wins, also a falsy one; what follows never starts");
  test ("/first/parallel", test_parallel, "B-3.33: losers are aborted, and what blocks them is cancelled");
  test ("/first/photo-finish", test_photo_finish, "B-3.33: there is one winner");
  test ("/first/nobody", test_nobody_wins, "B-3.33: without a value all handlers run");
  test ("/first/forwarded", test_forwarded, "R-6, B-1.16, 14.53: by the settings of the bus that handles the event");

  return g_test_run ();
}
