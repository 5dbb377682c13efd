/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

typedef struct
{
  BubusClock *clock;
  gint64      seconds;
} Sleeper;

/* A handler that blocks: time goes by while it is called. */
static gboolean
sleep_on (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          data,
          GError          **error)
{
  Sleeper *sleeper = data;

  bubus_clock_advance (sleeper->clock, sleeper->seconds * SECOND);
  return TRUE;
}

static void
expect_warning (const char *text)
{
  g_test_expect_message ("Bubus", G_LOG_LEVEL_WARNING, text);
}

static void
test_deadline (Timed         *timed,
               gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  Sleeper sleeper = { timed->clock, 3 };
  g_autoptr (BubusEvent) event = ping_new ("event");
  g_autoptr (BubusEvent) next = NULL;

  bubus_event_set_event_deadline (event, 5);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "done", sleep_on, &sleeper, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "running", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "waiting", trace_label, timed->base.trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_pending ();
  bubus_clock_advance (timed->clock, SECOND);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*Ping*deadline*Main*");
  bubus_clock_advance (timed->clock, SECOND);
  run_pending ();
  g_test_assert_expected_messages ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_no_error (get_error (event, 0));
  g_assert_error (get_error (event, 1), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_assert_error (get_error (event, 2), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
  g_assert_true (g_cancellable_is_cancelled (bubus_invocation_get_cancellable (kept)));
  g_clear_object (&kept);

  next = dispatch_ping (timed->base.bus, "next");
  run_pending ();
  bubus_invocation_return_nothing (kept);
  g_clear_object (&kept);
  run_until_complete (next);
  g_assert_cmpstr (timed->base.trace->str, ==, "next");
}

/* A synchronous handler cannot be interrupted, but those after it do not start. */
static void
test_deadline_between_handlers (Timed         *timed,
                                gconstpointer  data)
{
  Sleeper sleeper = { timed->clock, 6 };
  g_autoptr (BubusEvent) event = ping_new ("event");

  bubus_event_set_event_deadline (event, 5);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "slow", sleep_on, &sleeper, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "waiting", trace_label, timed->base.trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*deadline*");
  run_until_complete (event);
  g_test_assert_expected_messages ();
  g_assert_no_error (get_error (event, 0));
  g_assert_error (get_error (event, 1), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

static void
test_deadline_is_inherited (Timed         *timed,
                            gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_event_deadline (timed->base.bus, 2);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "running", defer_and_keep, &kept, NULL);
  event = ping_new ("without");
  bubus_event_set_event_deadline (event, 0);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_pending ();
  bubus_clock_advance (timed->clock, 10 * SECOND);
  bubus_invocation_return_nothing (kept);
  g_clear_object (&kept);
  run_until_complete (event);
  g_assert_no_error (get_only_error (event));
  g_clear_object (&event);

  event = dispatch_ping (timed->base.bus, "with");
  run_pending ();
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*deadline*");
  bubus_clock_advance (timed->clock, 2 * SECOND);
  run_until_complete (event);
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_clear_object (&kept);
}

/* A handler that has timed out is not called aborted by the event's deadline (B-3.27). */
static void
test_deadline_after_timeout (Timed         *timed,
                             gconstpointer  data)
{
  BubusInvocation *first = NULL, *second = NULL;
  g_autoptr (BubusEvent) event = ping_new ("event");

  bubus_event_set_event_deadline (event, 5);
  bubus_event_set_event_timeout (event, 2);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "first", defer_and_keep, &first, NULL);
  bubus_handler_set_timeout (bubus_event_bus_on (timed->base.bus, TYPE_PING, "second", defer_and_keep, &second, NULL),
                             60);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_pending ();
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "first*2 seconds");
  bubus_clock_advance (timed->clock, 2 * SECOND);
  run_pending ();
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*deadline*");
  bubus_clock_advance (timed->clock, 3 * SECOND);
  run_until_complete (event);
  g_test_assert_expected_messages ();
  g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_error (get_error (event, 1), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
  g_object_unref (first);
  g_object_unref (second);
}

static void
test_slow_handler (Timed         *timed,
                   gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_event_handler_slow_timeout (timed->base.bus, 15);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
  event = dispatch_ping (timed->base.bus, "event");
  run_pending ();
  bubus_clock_advance (timed->clock, 14 * SECOND);
  expect_warning ("slow is slow*Ping*15 seconds");
  bubus_clock_advance (timed->clock, SECOND);
  g_test_assert_expected_messages ();
  bubus_clock_advance (timed->clock, 44 * SECOND);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "slow of*60 seconds");
  bubus_clock_advance (timed->clock, SECOND);
  run_until_complete (event);
  g_test_assert_expected_messages ();
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_clear_object (&kept);
}

static void
test_slow_precedence (Timed         *timed,
                      gconstpointer  data)
{
  static const struct { double bus, event, handler; int expected; } cases[] = {
    { 10, -1, -1, 10 }, { 10, 5, -1, 5 }, { 10, 5, 2, 2 }, { 0, -1, -1, 0 }, { 10, 0, -1, 0 }, { 10, 5, 0, 0 },
  };

  bubus_event_bus_set_event_timeout (timed->base.bus, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BubusInvocation *kept = NULL;
      BubusHandler *handler = bubus_event_bus_on (timed->base.bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
      g_autoptr (BubusEvent) event = ping_new ("event");

      bubus_event_bus_set_event_handler_slow_timeout (timed->base.bus, cases[i].bus);
      bubus_event_set_event_handler_slow_timeout (event, cases[i].event);
      bubus_handler_set_slow_timeout (handler, cases[i].handler);
      g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
      run_pending ();
      bubus_clock_advance (timed->clock, MAX (cases[i].expected, 1) * SECOND - 1);
      if (cases[i].expected > 0)
        expect_warning ("slow is slow*");
      bubus_clock_advance (timed->clock, 1);
      g_test_assert_expected_messages ();
      bubus_clock_advance (timed->clock, 100 * SECOND);
      bubus_invocation_return_nothing (kept);
      run_until_complete (event);
      g_object_unref (kept);
      bubus_event_bus_off (timed->base.bus, handler);
    }
}

static void
test_slow_synchronous (Timed         *timed,
                       gconstpointer  data)
{
  Sleeper sleeper = { timed->clock, 20 };

  bubus_event_bus_set_event_handler_slow_timeout (timed->base.bus, 15);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "slow", sleep_on, &sleeper, NULL);
  g_object_unref (dispatch_ping (timed->base.bus, "first"));
  expect_warning ("slow is slow*Ping*20 seconds");
  run_until_idle (timed->base.bus);
  g_test_assert_expected_messages ();

  for (guint i = 0; i < 2; i++)
    g_object_unref (dispatch_ping (timed->base.bus, "unsaid"));
  run_until_idle (timed->base.bus);
  g_object_unref (dispatch_ping (timed->base.bus, "said"));
  expect_warning ("slow is slow*20 seconds; 3 times since this was said last");
  run_until_idle (timed->base.bus);
  g_test_assert_expected_messages ();
}

static void
test_slow_event (Timed         *timed,
                 gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = ping_new ("event");

  bubus_event_set_event_slow_timeout (event, 5);
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "first", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (timed->base.bus, TYPE_SUM, "other", defer_and_keep, &kept, NULL);
  g_assert_true (bubus_event_bus_dispatch (timed->base.bus, event, NULL));
  run_pending ();
  bubus_clock_advance (timed->clock, 4 * SECOND);
  expect_warning ("*Ping*slow*Main*5 seconds");
  bubus_clock_advance (timed->clock, SECOND);
  g_test_assert_expected_messages ();
  bubus_clock_advance (timed->clock, 10 * SECOND);
  bubus_invocation_return_nothing (kept);
  run_until_complete (event);
  g_object_unref (kept);
}

static void
test_declared_defaults (Fixture       *fixture,
                        gconstpointer  data)
{
  guint n_pspecs;
  g_autofree GParamSpec **pspecs =
    g_object_class_list_properties (G_OBJECT_GET_CLASS (fixture->bus), &n_pspecs);
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new (NULL);

  for (guint i = 0; i < n_pspecs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      if (!(pspecs[i]->flags & G_PARAM_WRITABLE) || (pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY))
        continue;
      g_object_get_property (G_OBJECT (bus), pspecs[i]->name, g_value_init (&value, pspecs[i]->value_type));
      g_test_message ("%s", pspecs[i]->name);
      g_assert_true (g_param_value_defaults (pspecs[i], &value));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  timed_test ("/limits/deadline", test_deadline, "R-7, B-3.27: completed, aborted, cancelled; the bus goes on");
  timed_test ("/limits/deadline/between", test_deadline_between_handlers, "R-7, R-8: a hard cap across handlers");
  timed_test ("/limits/deadline/inherited", test_deadline_is_inherited, "R-7: the bus's word, and 0 for none");
  timed_test ("/limits/deadline/after-timeout", test_deadline_after_timeout, "B-3.27: no result is relabelled");
  timed_test ("/limits/slow/handler", test_slow_handler, "R-8: called slow first, then timed out");
  timed_test ("/limits/slow/precedence", test_slow_precedence, "R-8, B-1.17: handler, then event, then bus; 0 is off");
  timed_test ("/limits/slow/synchronous", test_slow_synchronous, "R-8, B-13.6: blocking handlers; one warning a minute");
  timed_test ("/limits/slow/event", test_slow_event, "B-3.18: the event as a whole");
  test ("/limits/declared-defaults", test_declared_defaults, "R-7, R-8, R-13: properties declare what they are");

  return g_test_run ();
}
