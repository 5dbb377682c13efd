/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "bus/bubus-event-bus.h"
#include "codec/bubus-generic-event.h"
#include "middleware/bubus-logger.h"
#include "middleware/bubus-metrics.h"

typedef struct
{
  BubusClock    *clock;
  BubusEventBus *bus;
  GPtrArray     *kept;
} Fixture;

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "no tea");
  return FALSE;
}

static gboolean
keep (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_ptr_array_add (((Fixture *) data)->kept, g_object_ref (invocation));
  bubus_invocation_defer (invocation);
  return TRUE;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_test_summary (data);
  fixture->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000000000000));
  bubus_clock_push_thread_default (fixture->clock);
  fixture->bus = bubus_event_bus_new ("Shop");
  fixture->kept = g_ptr_array_new_with_free_func (g_object_unref);
  bubus_event_bus_on_pattern (fixture->bus, "Tea*", "brew", fail, NULL, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Tea*", "pour", fail, NULL, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Slow", "slow", keep, fixture, NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_ptr_array_unref (fixture->kept);
  g_assert_finalize_object (fixture->bus);
  bubus_clock_pop_thread_default (fixture->clock);
  g_assert_finalize_object (fixture->clock);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
dispatch (Fixture    *fixture,
          const char *event_type)
{
  g_autoptr (BubusEvent) event = bubus_generic_event_new (event_type, g_variant_new_parsed ("{'secret': <1>}"));

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  settle ();
}

static void
test_logger (Fixture       *fixture,
             gconstpointer  data)
{
  BubusLogger *logger = bubus_logger_new (G_LOG_LEVEL_MESSAGE);

  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (logger));
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE,
                         "Tea#???? on Shop#???? took 0.000 ms: 2 handlers, 2 failed (brew: no tea)");
  dispatch (fixture, "Tea");
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "Line\\nbreak#???? on Shop#???? took 0.000 ms: 0 handlers");
  dispatch (fixture, "Line\nbreak");
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "Slow#???? on Shop#???? took 1500.000 ms: 1 handler");
  dispatch (fixture, "Slow");
  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1500000000));
  bubus_invocation_return_nothing (fixture->kept->pdata[0]);
  settle ();
  g_test_assert_expected_messages ();

  g_assert_true (bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (logger)));
  g_assert_finalize_object (logger);
}

static void
test_metrics (Fixture       *fixture,
              gconstpointer  data)
{
  BubusMetrics *metrics = bubus_metrics_new ();
  g_autofree char *text = NULL;

  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (metrics));
  dispatch (fixture, "Tea");
  dispatch (fixture, "Tea");
  dispatch (fixture, "Slow");
  g_assert_cmpuint (bubus_metrics_get_n_dispatched (metrics, "Tea"), ==, 2);
  g_assert_cmpuint (bubus_metrics_get_n_completed (metrics, "Tea"), ==, 2);
  g_assert_cmpuint (bubus_metrics_get_n_failed (metrics, "Tea"), ==, 4);
  g_assert_cmpuint (bubus_metrics_get_n_dispatched (metrics, "Slow"), ==, 1);
  g_assert_cmpuint (bubus_metrics_get_n_completed (metrics, "Slow"), ==, 0);
  g_assert_cmpuint (bubus_metrics_get_n_dispatched (metrics, "Coffee"), ==, 0);

  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (500000000));
  bubus_invocation_return_nothing (fixture->kept->pdata[0]);
  settle ();
  text = bubus_metrics_to_text (metrics);
  g_assert_nonnull (strstr (text, "# TYPE bubus_event_seconds histogram\n"));
  g_assert_nonnull (strstr (text, "bubus_events_completed_total{event_type=\"Slow\"} 1\n"));
  g_assert_nonnull (strstr (text, "bubus_handler_failures_total{event_type=\"Tea\"} 4\n"));
  g_assert_nonnull (strstr (text, "bubus_event_seconds_bucket{event_type=\"Slow\",le=\"0.1\"} 0\n"));
  g_assert_nonnull (strstr (text, "bubus_event_seconds_bucket{event_type=\"Slow\",le=\"1\"} 1\n"));
  g_assert_nonnull (strstr (text, "bubus_event_seconds_bucket{event_type=\"Slow\",le=\"+Inf\"} 1\n"));
  g_assert_nonnull (strstr (text, "bubus_event_seconds_sum{event_type=\"Slow\"} 0.5\n"));

  g_assert_true (bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (metrics)));
  g_assert_finalize_object (metrics);
}

static void
test_metrics_hostile (Fixture       *fixture,
                      gconstpointer  data)
{
  BubusMetrics *metrics = bubus_metrics_new ();
  g_autofree char *text = NULL;

  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (metrics));
  dispatch (fixture, "a\"b\\c\nd");
  for (guint i = 0; i < 1100; i++)
    {
      g_autofree char *event_type = g_strdup_printf ("Type%u", i);

      dispatch (fixture, event_type);
    }
  text = bubus_metrics_to_text (metrics);
  g_assert_nonnull (strstr (text, "{event_type=\"a\\\"b\\\\c\\nd\"} 1\n"));
  g_assert_cmpuint (bubus_metrics_get_n_completed (metrics, "Type998"), ==, 1);
  g_assert_cmpuint (bubus_metrics_get_n_completed (metrics, "Type999"), ==, 0);
  g_assert_cmpuint (bubus_metrics_get_n_completed (metrics, "other"), ==, 101);

  g_assert_true (bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (metrics)));
  g_assert_finalize_object (metrics);
}

#define test(path, function, summary) g_test_add (path, Fixture, summary, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/middleware/logger", test_logger, "B-8.10: one line for every event, without what it carries");
  test ("/middleware/metrics", test_metrics, "Counts and times by event type");
  test ("/middleware/metrics-hostile", test_metrics_hostile, "Event types of any text, and any number of them");

  return g_test_run ();
}
