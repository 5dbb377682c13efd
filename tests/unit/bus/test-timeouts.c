/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static void
expect_record (const char *record)
{
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, record);
}

static void
test_expires (Timed         *timed,
              gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) next = NULL;
  g_autoptr (BubusEvent) late = ping_new ("late");
  g_autoptr (GError) error = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "slow", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  event = dispatch_sum (timed->base.bus);
  next = dispatch_ping (timed->base.bus, "next");
  run_pending ();
  g_assert_nonnull (kept);

  bubus_clock_advance (timed->clock, 59 * SECOND);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);

  expect_record ("slow of *Sum* has not answered after 60 seconds");
  bubus_clock_advance (timed->clock, SECOND);
  run_pending ();
  g_test_assert_expected_messages ();
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (kept))
                 || bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (timed->base.trace->str, ==, "next");

  bubus_invocation_return_int (kept, 1);
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_false (bubus_invocation_dispatch (kept, NULL, late, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_false (bubus_event_is_sealed (late));
  g_clear_object (&kept);
}

static void
test_precedence (Timed         *timed,
                 gconstpointer  data)
{
  static const struct { double bus, event, handler; int expected; } cases[] = {
    { 10, -1, -1, 10 }, { 10, 5, -1, 5 }, { 10, 5, 2, 2 }, { 10, 5, 20, 20 }, { 0, -1, -1, 0 }, { 10, 0, -1, 0 },
    { 10, 5, 0, 0 }, { 0, 3, -1, 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BubusInvocation *kept = NULL;
      BubusHandler *handler = bubus_event_bus_on (timed->base.bus, TYPE_SUM, "slow", defer_and_keep, &kept, NULL);
      g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, "event-timeout", cases[i].event, NULL);

      bubus_event_bus_set_event_timeout (timed->base.bus, cases[i].bus);
      bubus_handler_set_timeout (handler, cases[i].handler);
      g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
      run_pending ();

      if (cases[i].expected > 0)
        {
          bubus_clock_advance (timed->clock, cases[i].expected * SECOND - 1);
          g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
          expect_record ("*has not answered*");
          bubus_clock_advance (timed->clock, 1);
          run_pending ();
          g_test_assert_expected_messages ();
          g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
        }
      else
        {
          bubus_clock_advance (timed->clock, 100000 * SECOND);
          run_pending ();
          bubus_invocation_return_int (kept, 1);
          run_pending ();
          g_assert_no_error (get_error (event, 0));
        }
      g_clear_object (&kept);
      bubus_event_bus_off (timed->base.bus, handler);
    }
}

static void
test_others_still_run (Timed         *timed,
                       gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  event = dispatch_ping (timed->base.bus, "a");
  run_pending ();
  expect_record ("*");
  bubus_clock_advance (timed->clock, 60 * SECOND);
  run_pending ();
  g_test_assert_expected_messages ();
  g_assert_cmpstr (timed->base.trace->str, ==, "a");
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_no_error (get_error (event, 1));
  g_clear_object (&kept);
}

static void
test_answered_in_time (Timed         *timed,
                       gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "slow", defer_and_keep, &kept, NULL);
  event = dispatch_sum (timed->base.bus);
  run_pending ();
  bubus_invocation_return_int (kept, 5);
  bubus_clock_advance (timed->clock, 1000 * SECOND);
  run_pending ();
  g_assert_no_error (get_error (event, 0));
  g_assert_finalize_object (g_steal_pointer (&kept));
}

/* ---- what ran for it ---- */

typedef struct
{
  BubusEvent      *awaited;
  BubusEvent      *background;
  BubusInvocation *child;
  int              n_told;
} Family;

static void
child_done_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  Family *family = data;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, NULL);
  family->n_told++;
}

static gboolean
await_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  Family *family = data;

  bubus_invocation_defer (invocation);
  family->awaited = ping_new ("awaited");
  family->background = g_object_new (TYPE_LOUD_PING, "label", "background", NULL);
  if (!bubus_event_bus_dispatch (bus, family->awaited, error)
      || !bubus_event_bus_dispatch_with_flags (bus, family->background, BUBUS_DISPATCH_BACKGROUND, error))
    return FALSE;
  bubus_invocation_run_async (invocation, family->awaited, NULL, child_done_cb, family);
  return TRUE;
}

static void
test_cascade (Timed         *timed,
              gconstpointer  data)
{
  Family family = { NULL, NULL, NULL, 0 };
  g_autoptr (BubusEvent) parent = NULL;
  BubusHandler *handler;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "parent", await_child, &family, NULL);
  handler = bubus_event_bus_on_pattern (timed->base.bus, "Ping", "running", defer_and_keep, &family.child, NULL);
  bubus_handler_set_timeout (handler, 0);
  bubus_event_bus_on_pattern (timed->base.bus, "Ping", "waiting", trace_label, timed->base.trace, NULL);
  bubus_event_bus_on_pattern (timed->base.bus, "LoudPing", "background", trace_label, timed->base.trace, NULL);
  parent = dispatch_sum (timed->base.bus);
  run_pending ();
  g_assert_nonnull (family.child);
  g_assert_true (bubus_event_get_event_blocks_parent_completion (family.awaited));
  g_assert_false (bubus_event_get_event_blocks_parent_completion (family.background));

  expect_record ("parent of *Sum* has not answered after 60 seconds");
  bubus_clock_advance (timed->clock, 60 * SECOND);
  run_pending ();
  g_test_assert_expected_messages ();

  g_assert_error (get_error (parent, 0), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_error (get_error (family.awaited, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_error (get_error (family.awaited, 1), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_no_error (get_error (family.background, 0));
  g_assert_cmpstr (timed->base.trace->str, ==, "background");
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (family.n_told, ==, 1);
  g_assert_true (bubus_event_bus_is_idle (timed->base.bus));

  g_clear_object (&family.child);
  g_clear_object (&family.awaited);
  g_clear_object (&family.background);
}

static void
test_queued_children_are_cancelled (Timed         *timed,
                                    gconstpointer  data)
{
  g_autoptr (BubusEvent) child = NULL;
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "parent", leave_child_and_defer, &child, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "trace", trace_label, timed->base.trace, NULL);
  parent = dispatch_sum (timed->base.bus);
  run_pending ();
  expect_record ("*");
  bubus_clock_advance (timed->clock, 60 * SECOND);
  run_pending ();
  g_test_assert_expected_messages ();
  g_assert_error (get_error (child, 0), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_cmpstr (timed->base.trace->str, ==, "");
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

/* ---- flags, recursion ---- */

static gboolean
dispatch_detached (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  BubusEvent **child = data;

  *child = ping_new ("root");
  return bubus_event_bus_dispatch_with_flags (bubus_invocation_get_bus (invocation), *child,
                                              BUBUS_DISPATCH_DETACHED, error);
}

static void
test_detached (Timed         *timed,
               gconstpointer  data)
{
  g_autoptr (BubusEvent) root = NULL;
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GListModel) children = NULL;

  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "parent", dispatch_detached, &root, NULL);
  parent = dispatch_sum (timed->base.bus);
  run_pending ();
  children = bubus_event_list_children (parent);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 0);
  g_assert_null (bubus_event_get_event_parent_id (root));
}

static gboolean
cause_itself (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  BubusEvent **last = data;

  g_clear_object (last);
  *last = ping_new ("again");
  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), *last, error)
         && bubus_invocation_run (invocation, *last, error);
}

static void
test_recursion (Timed         *timed,
                gconstpointer  data)
{
  g_autoptr (BubusEvent) last = NULL;
  g_autoptr (BubusEvent) root = NULL;
  guint depth = 0;

  bubus_event_bus_on (timed->base.bus, TYPE_PING, "echo", cause_itself, &last, NULL);
  root = dispatch_ping (timed->base.bus, "root");
  run_pending ();

  for (BubusEvent *event = last; event != root; depth++)
    {
      g_autoptr (BubusEvent) parent = bubus_event_ref_parent (event);

      event = parent;
    }
  g_assert_cmpuint (depth, ==, 3);
  g_assert_error (get_error (last, 0), BUBUS_ERROR, BUBUS_ERROR_RECURSION);
  g_assert_no_error (get_error (root, 0));
  g_assert_cmpint (bubus_event_get_event_status (root), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

/* A test clock may tell any time. */
static void
test_before_1970 (Timed         *timed,
                  gconstpointer  data)
{
  g_autoptr (BubusClock) clock = bubus_clock_new_test (-10 * SECOND);
  g_autoptr (BubusInvocation) invocation = NULL;
  g_autoptr (BubusEvent) event = ping_new ("event");
  BubusEventBus *bus = g_object_new (BUBUS_TYPE_EVENT_BUS, "clock", clock, NULL);

  bubus_event_bus_on (bus, TYPE_PING, "never", defer_and_keep, &invocation, NULL);
  bubus_event_set_event_deadline (event, 5);
  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  run_pending ();
  bubus_clock_advance (clock, 4 * SECOND);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has reached its deadline*");
  bubus_clock_advance (clock, SECOND);
  run_pending ();
  g_test_assert_expected_messages ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_clear_object (&invocation);
  g_assert_finalize_object (bus);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  timed_test ("/timeouts/expires", test_expires, "R-7, B-17.13: timed out; late answers and dispatches are refused");
  timed_test ("/timeouts/precedence", test_precedence, "R-7, B-1.17: handler, then event, then bus; 0 is none");
  timed_test ("/timeouts/others", test_others_still_run, "B-3.24: the other handlers of the event still run");
  timed_test ("/timeouts/in-time", test_answered_in_time, "B-17.10: an answer in time leaves no timer behind");
  timed_test ("/timeouts/cascade", test_cascade, "R-7: aborted, cancelled, and background children run on");
  timed_test ("/timeouts/queued", test_queued_children_are_cancelled, "R-7: what has not started is cancelled");
  timed_test ("/timeouts/before-1970", test_before_1970, "R-7: a deadline on a clock that tells a negative time");
  timed_test ("/dispatch/detached", test_detached, "R-4: a root of its own");
  timed_test ("/dispatch/recursion", test_recursion, "R-12, B-2.17: a handler that causes itself, once too often");

  return g_test_run ();
}
