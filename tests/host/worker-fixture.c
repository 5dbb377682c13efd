/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "worker-fixture.h"

void
worker_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

gboolean
worker_finish (HostFixture    *fixture,
               GAsyncResult  **result,
               WorkerFinish    finish,
               GError        **error)
{
  g_autoptr (GAsyncResult) taken = NULL;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  taken = g_steal_pointer (result);
  return finish (fixture->host, taken, error);
}

gboolean
worker_try (HostFixture  *fixture,
            const char   *name,
            GError      **error)
{
  GAsyncResult *result = NULL;

  bubus_host_activate_plugin_async (fixture->host, name, NULL, worker_cb, &result);
  return worker_finish (fixture, &result, bubus_host_activate_plugin_finish, error);
}

void
worker_activate (HostFixture *fixture,
                 const char  *name)
{
  g_autoptr (GError) error = NULL;

  worker_try (fixture, name, &error);
  g_assert_no_error (error);
  host_fixture_assert_state (fixture, name, BUBUS_PLUGIN_STATE_ACTIVE);
}

void
worker_deactivate (HostFixture *fixture,
                   const char  *name)
{
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  bubus_host_deactivate_plugin_async (fixture->host, name, NULL, worker_cb, &result);
  worker_finish (fixture, &result, bubus_host_deactivate_plugin_finish, &error);
  g_assert_no_error (error);
  host_fixture_assert_state (fixture, name, BUBUS_PLUGIN_STATE_UNLOADED);
}

guint
worker_get_pid (HostFixture *fixture,
                const char  *name)
{
  return bubus_plugin_info_get_process_id (bubus_host_lookup_plugin (fixture->host, name));
}

/* Neither running, nor a zombie. */
void
worker_assert_gone (guint pid)
{
  while (kill ((pid_t) pid, 0) == 0)
    g_thread_yield ();
  g_assert_cmpint (errno, ==, ESRCH);
}

void
worker_start (HostFixture *fixture,
              const char  *name,
              const char  *source)
{
  host_fixture_add_plugin (fixture, name, source, ISOLATED);
  host_fixture_scan (fixture);
  worker_activate (fixture, name);
}

BubusEvent *
worker_send (HostFixture *fixture,
             const char  *type)
{
  BubusEvent *event = bubus_generic_event_new (type, NULL);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  return event;
}

void
worker_await (BubusEvent *event)
{
  while (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED)
    g_main_context_iteration (NULL, TRUE);
}

const GError *
worker_get_error (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  return bubus_event_result_get_error (g_ptr_array_index (results, 0));
}

const GValue *
worker_get_value (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  g_assert_no_error (bubus_event_result_get_error (g_ptr_array_index (results, 0)));
  return bubus_event_result_get_value (g_ptr_array_index (results, 0));
}

void
worker_assert_answer (HostFixture *fixture,
                      const char  *type,
                      const char  *expected)
{
  g_autofree char *answer = host_fixture_ping (fixture, type);

  g_assert_cmpstr (answer, ==, expected);
}

/* The handler of an event takes its process along. */
void
worker_assert_crash (HostFixture *fixture,
                     const char  *type,
                     const char  *reason)
{
  g_autoptr (BubusEvent) event = worker_send (fixture, type);

  worker_await (event);
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  g_test_message ("%s: %s", type, worker_get_error (event)->message);
  host_fixture_assert_contains (worker_get_error (event)->message, reason);
}

void
worker_expect_restart (void)
{
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*is started again*");
}

static gboolean
worker_answer_from_host (BubusEvent       *event,
                         BubusInvocation  *invocation,
                         gpointer          user_data,
                         GError          **error)
{
  bubus_invocation_return_string (invocation, "the host");
  return TRUE;
}

/* The host itself handles “FromHost”. */
void
worker_add_host_answer (HostFixture *fixture)
{
  bubus_event_bus_on_pattern (fixture->bus, "FromHost", "host", worker_answer_from_host, NULL, NULL);
}

void
timed_host_set_up (TimedHost     *self,
                   gconstpointer  user_data)
{
  self->clock = bubus_clock_new_test (0);
  bubus_clock_push_thread_default (self->clock);
  host_fixture_set_up (&self->host, NULL);
  bubus_clock_pop_thread_default (self->clock);
}

void
timed_host_tear_down (TimedHost     *self,
                      gconstpointer  user_data)
{
  host_fixture_tear_down (&self->host, NULL);
  g_assert_finalize_object (self->clock);
}
