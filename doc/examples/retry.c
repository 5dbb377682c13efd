/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* A service that fails twice is asked under several policies. The clock is a test clock, so that the program need not
 * wait. */

/* [attempt] */
static gboolean
fetch (BubusEvent       *event,
       BubusInvocation  *invocation,
       BubusAttempt     *attempt,
       gpointer          user_data,
       GError          **error)
{
  guint number = bubus_attempt_get_number (attempt);
  g_auto (GValue) value = G_VALUE_INIT;

  g_print ("attempt %u after %g s\n", number, bubus_clock_get_time (bubus_attempt_get_clock (attempt)) / 1e9);
  if (number < 3)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, "connection refused");
      return FALSE;
    }

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, "the page");
  bubus_attempt_return_value (attempt, &value);
  return TRUE;
}
/* [/attempt] */

/* [policy] */
static BubusPolicy *
fetch_policy_new (void)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  g_autoptr (BubusSemaphore) semaphore = bubus_semaphore_new ("fetch", 5, BUBUS_SCOPE_GLOBAL);

  bubus_retry_policy_set_wait (policy, 2);
  bubus_retry_policy_set_backoff_factor (policy, 1.5);
  bubus_retry_policy_retry_on (policy, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  bubus_retry_policy_retry_on (policy, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  bubus_retry_policy_set_semaphore (policy, semaphore);
  return BUBUS_POLICY (policy);
}
/* [/policy] */

/* [operation] */
static gboolean
ask_service (BubusAttempt  *attempt,
             gpointer       user_data,
             GError       **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, "connection refused");
  return FALSE;
}

static void
asked_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (!bubus_policy_run_finish (BUBUS_POLICY (source), result, NULL, &error))
    g_print ("%s\n", error->message);
}
/* [/operation] */

/* [breaker] */
static void
ask_carefully (BubusRetryPolicy    *policy,
               BubusCircuitBreaker *breaker)
{
  g_autoptr (BubusOperation) operation = bubus_operation_new (ask_service, NULL, NULL);
  g_autoptr (BubusOperation) guarded = bubus_policy_wrap (BUBUS_POLICY (breaker), operation);

  bubus_policy_run_async (BUBUS_POLICY (policy), guarded, NULL, asked_cb, NULL);
}
/* [/breaker] */

static void
advance (BubusClock *clock,
         guint       seconds)
{
  for (guint i = 0; i < seconds; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      bubus_clock_advance (clock, G_GINT64_CONSTANT (1000000000));
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* [bulkhead] */
static BubusPolicy *
bulkhead_new (void)
{
  /* Two at a time; three more wait for at most a second; the others are refused. */
  return g_object_new (BUBUS_TYPE_SEMAPHORE,
                       "name", "payments", "limit", 2, "max-waiting", 3, "timeout", 1.0, "lax", FALSE, NULL);
}
/* [/bulkhead] */

static gboolean
never_answer (BubusAttempt  *attempt,
              gpointer       user_data,
              GError       **error)
{
  return TRUE;
}

static void
ask_often (BubusClock *clock)
{
  g_autoptr (BubusPolicy) bulkhead = bulkhead_new ();
  g_autoptr (BubusOperation) operation = bubus_operation_new (never_answer, NULL, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  for (guint i = 0; i < 6; i++)
    bubus_policy_run_async (bulkhead, operation, cancellable, asked_cb, NULL);
  advance (clock, 2);
  g_cancellable_cancel (cancellable);
  advance (clock, 0);
}

int
main (void)
{
  g_autoptr (BubusClock) clock = bubus_clock_new_test (0);
  g_autoptr (BubusEventBus) bus = g_object_new (BUBUS_TYPE_EVENT_BUS, "name", "Web", "clock", clock, NULL);
  g_autoptr (BubusPolicy) policy = fetch_policy_new ();
  g_autoptr (BubusRetryPolicy) patient = bubus_retry_policy_new ();
  g_autoptr (BubusCircuitBreaker) breaker = bubus_circuit_breaker_new ();
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("FetchData", NULL);
  g_autoptr (GPtrArray) results = NULL;

  setlocale (LC_ALL, "");
  /* [handler] */
  bubus_event_bus_on_with_policy (bus, "FetchData", "fetch", policy, fetch, NULL, NULL);
  /* [/handler] */
  bubus_event_bus_dispatch (bus, event, NULL);
  advance (clock, 6);
  results = bubus_event_list_results (event);
  g_print ("%s\n", g_value_get_string (bubus_event_result_get_value (g_ptr_array_index (results, 0))));

  bubus_clock_push_thread_default (clock);
  bubus_circuit_breaker_set_failure_threshold (breaker, 2);
  ask_carefully (patient, breaker);
  advance (clock, 10);
  ask_often (clock);
  bubus_clock_pop_thread_default (clock);
  return 0;
}
