/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "life-cycle-fixture.h"

/* All tests run in this time. */
static BubusClock *test_clock;

void
outcome_clear (Outcome *self)
{
  g_clear_error (&self->error);
}

typedef gboolean (*LifeCycleFinish) (BubusHost     *host,
                                     GAsyncResult  *result,
                                     GError       **error);

static void
life_cycle_finish (GObject         *source,
                   GAsyncResult    *result,
                   Outcome         *outcome,
                   LifeCycleFinish  finish)
{
  outcome->done = TRUE;
  g_assert_cmpint (finish (BUBUS_HOST (source), result, &outcome->error), ==, outcome->error == NULL);
}

void
life_cycle_activated_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  life_cycle_finish (source, result, user_data, bubus_host_activate_plugin_finish);
}

void
life_cycle_deactivated_cb (GObject      *source,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  life_cycle_finish (source, result, user_data, bubus_host_deactivate_plugin_finish);
}

void
life_cycle_all_deactivated_cb (GObject      *source,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  life_cycle_finish (source, result, user_data, bubus_host_deactivate_all_finish);
}

/* Lets everything happen that can happen while the time stands still. */
void
life_cycle_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
life_cycle_pass (gint64 duration)
{
  bubus_clock_advance (test_clock, duration);
  life_cycle_settle ();
}

void
life_cycle_set (HostFixture *fixture,
                const char  *key,
                gboolean     value)
{
  g_object_set_data (G_OBJECT (fixture->bus), key, GINT_TO_POINTER (value));
}

BubusPluginContext *
life_cycle_get_context (HostFixture *fixture)
{
  return g_object_get_data (G_OBJECT (fixture->bus), "context");
}

void
life_cycle_start (HostFixture *fixture,
                  const char  *name,
                  Outcome     *outcome)
{
  bubus_host_activate_plugin_async (fixture->host, name, NULL, life_cycle_activated_cb, outcome);
  life_cycle_settle ();
}

void
life_cycle_stop (HostFixture *fixture,
                 const char  *name,
                 Outcome     *outcome)
{
  bubus_host_deactivate_plugin_async (fixture->host, name, NULL, life_cycle_deactivated_cb, outcome);
  life_cycle_settle ();
}

void
life_cycle_add_slow (HostFixture *fixture)
{
  host_fixture_add_plugin (fixture, "slow", "slow", "");
  host_fixture_scan (fixture);
}

/* Has a call of the handler that answers later. */
BubusEvent *
life_cycle_begin_call (HostFixture *fixture)
{
  BubusEvent *event = bubus_generic_event_new ("WaitEvent", NULL);

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  life_cycle_settle ();
  g_assert_nonnull (g_object_get_data (G_OBJECT (fixture->bus), "invocation"));
  return event;
}

BubusInvocation *
life_cycle_steal_call (HostFixture *fixture)
{
  return g_object_steal_data (G_OBJECT (fixture->bus), "invocation");
}

/* Runs the tests that have been added. */
int
life_cycle_run (void)
{
  int status;

  test_clock = bubus_clock_new_test (0);
  bubus_clock_push_thread_default (test_clock);
  status = g_test_run ();
  bubus_clock_pop_thread_default (test_clock);
  g_object_unref (test_clock);
  return status;
}
