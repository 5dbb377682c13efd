/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"

#include <math.h>

static void
test_defaults (Fixture       *fixture,
               gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  g_assert_cmpfloat (bubus_retry_policy_get_timeout (policy), ==, 5);
  g_assert_cmpuint (bubus_retry_policy_get_retries (policy), ==, 3);
  g_assert_cmpfloat (bubus_retry_policy_get_wait (policy), ==, 3);
  g_assert_cmpfloat (bubus_retry_policy_get_backoff_factor (policy), ==, 1);
  g_assert_cmpfloat (bubus_retry_policy_get_max_wait (policy), ==, 0);
  g_assert_cmpfloat (bubus_retry_policy_get_jitter (policy), ==, 0);
  g_assert_null (bubus_retry_policy_get_semaphore (policy));
  g_assert_finalize_object (policy);
}

static void
test_total_attempts (Fixture       *fixture,
                     gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  fixture->n_failures = 10;
  run (fixture, policy, NULL);
  for (int i = 0; i < 20; i++)
    advance (fixture, 1);

  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@3 3@6 4@9");
  g_assert_true (fixture->done);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
  g_assert_cmpstr (fixture->error->message, ==, "failure 4");
  g_assert_null (g_value_get_string (&fixture->value));
  g_assert_finalize_object (policy);
}

static void
test_backoff (Fixture       *fixture,
              gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  g_object_set (policy, "wait", 2.0, "backoff-factor", 1.5, NULL);
  g_assert_cmpfloat (bubus_retry_policy_get_delay (policy, 1), ==, 2);
  g_assert_cmpfloat (bubus_retry_policy_get_delay (policy, 2), ==, 3);
  g_assert_cmpfloat (bubus_retry_policy_get_delay (policy, 3), ==, 4.5);

  fixture->n_failures = 3;
  run (fixture, policy, NULL);
  for (int i = 0; i < 40; i++)
    advance (fixture, 0.25);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@2 3@5 4@9.5");
  g_assert_true (fixture->succeeded);

  bubus_retry_policy_set_max_wait (policy, 2.5);
  g_assert_cmpfloat (bubus_retry_policy_get_delay (policy, 1), ==, 2);
  g_assert_cmpfloat (bubus_retry_policy_get_delay (policy, 9), ==, 2.5);
  bubus_retry_policy_set_max_wait (policy, 0);
  g_assert_cmpfloat (bubus_retry_policy_get_delay (policy, G_MAXUINT), ==, INFINITY);
  bubus_retry_policy_set_wait (policy, 0);
  g_assert_cmpfloat (bubus_retry_policy_get_delay (policy, G_MAXUINT), ==, 0);
  g_assert_finalize_object (policy);
}

/* However often it is drawn, the wait is not longer than without jitter, and not shorter than the part allows. */
static void
test_jitter (Fixture       *fixture,
             gconstpointer  data)
{
  for (int i = 0; i < 20; i++)
    {
      BubusRetryPolicy *policy = bubus_retry_policy_new ();

      g_object_set (policy, "wait", 4.0, "jitter", 0.25, "retries", 1u, NULL);
      g_string_truncate (fixture->trace, 0);
      fixture->n_failures = 1;
      run (fixture, policy, NULL);
      advance (fixture, 2.999);
      g_assert_false (fixture->done);
      advance (fixture, 1.002);
      g_assert_true (fixture->succeeded);
      g_assert_finalize_object (policy);
    }
}

static void
test_attempt_timeout (Fixture       *fixture,
                      gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  GCancellable *first;

  g_object_set (policy, "retries", 1u, NULL);
  fixture->keep = TRUE;
  run (fixture, policy, NULL);
  first = bubus_attempt_get_cancellable (fixture->attempts->pdata[0]);
  advance (fixture, 4);
  g_assert_false (g_cancellable_is_cancelled (first));
  advance (fixture, 1);
  g_assert_true (g_cancellable_is_cancelled (first));

  /* The late answer is dropped; the wait is not part of the limit (B-9.2). */
  answer (fixture, 0, "late");
  advance (fixture, 3);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@8");
  g_assert_false (fixture->done);
  advance (fixture, 5);
  g_assert_true (fixture->done);
  g_assert_error (fixture->error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_assert_cmpstr (fixture->error->message, ==, "Attempt 2 took longer than 5 s");
  g_assert_finalize_object (policy);
}

static void
test_value (Fixture       *fixture,
            gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  fixture->keep = TRUE;
  run (fixture, policy, NULL);
  answer (fixture, 0, "first");
  answer (fixture, 0, "second");
  settle ();
  g_assert_true (fixture->succeeded);
  g_assert_cmpstr (g_value_get_string (&fixture->value), ==, "first");
  g_assert_finalize_object (policy);
}

static void
test_cancel (Fixture       *fixture,
             gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) other = g_cancellable_new ();

  /* During an attempt. */
  fixture->keep = TRUE;
  run (fixture, policy, cancellable);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_true (fixture->done);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_cancellable_is_cancelled (bubus_attempt_get_cancellable (fixture->attempts->pdata[0])));

  /* While it waits for the next. */
  fixture->keep = FALSE;
  fixture->n_failures = 10;
  run (fixture, policy, other);
  g_assert_false (fixture->done);
  g_cancellable_cancel (other);
  settle ();
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  advance (fixture, 100);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 1@0");

  /* Before it begins. */
  run (fixture, policy, other);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 1@0");
  g_assert_finalize_object (policy);
}

static gboolean
only_second (const GError *error,
             guint         attempt,
             gpointer      user_data)
{
  return attempt == 1;
}

static void
test_reasons (Fixture       *fixture,
              gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  g_object_set (policy, "wait", 0.0, NULL);
  fixture->n_failures = 2;

  bubus_retry_policy_retry_on (policy, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  run (fixture, policy, NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0");
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);

  g_string_truncate (fixture->trace, 0);
  bubus_retry_policy_set_predicate (policy, only_second, NULL, NULL);
  run (fixture, policy, NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@0");

  g_string_truncate (fixture->trace, 0);
  bubus_retry_policy_retry_on (policy, G_IO_ERROR, -1);
  run (fixture, policy, NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@0 3@0");
  g_assert_true (fixture->succeeded);
  g_assert_finalize_object (policy);
}

static gboolean
fail_with (BubusAttempt  *attempt,
           gpointer       user_data,
           GError       **error)
{
  guint *n_attempts = user_data;

  ++*n_attempts;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "own");
  return FALSE;
}

static gboolean
fail_silently (BubusAttempt  *attempt,
               gpointer       user_data,
               GError       **error)
{
  return FALSE;
}

static void
failed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError **error = user_data;

  g_assert_false (bubus_policy_run_finish (BUBUS_POLICY (source), result, NULL, error));
}

static void
test_final_errors (Fixture       *fixture,
                   gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  guint n_attempts = 0;
  BubusOperation *cancelled = bubus_operation_new (fail_with, &n_attempts, NULL);
  BubusOperation *silent = bubus_operation_new (fail_silently, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_object_set (policy, "wait", 0.0, NULL);
  bubus_policy_run_async (BUBUS_POLICY (policy), cancelled, NULL, failed_cb, &error);
  settle ();
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (n_attempts, ==, 1);
  g_clear_error (&error);

  bubus_policy_run_async (BUBUS_POLICY (policy), silent, NULL, failed_cb, &error);
  settle ();
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
  g_assert_finalize_object (cancelled);
  g_assert_finalize_object (silent);
  g_assert_finalize_object (policy);
}

/* Without a wait, and with answers at once, the repetitions must not pile up on the stack. */
static void
test_many_repetitions (Fixture       *fixture,
                       gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  g_object_set (policy, "wait", 0.0, "retries", 20000u, NULL);
  fixture->n_failures = 20000;
  run (fixture, policy, NULL);
  g_assert_true (fixture->succeeded);
  g_assert_finalize_object (policy);
}

static gpointer
answer_thread (gpointer data)
{
  bubus_attempt_return_nothing (data);
  return NULL;
}

static void
test_answer_from_thread (Fixture       *fixture,
                         gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  fixture->keep = TRUE;
  run (fixture, policy, NULL);
  g_thread_join (g_thread_new ("answer", answer_thread, fixture->attempts->pdata[0]));
  while (!fixture->done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (fixture->succeeded);
  g_assert_cmpstr (g_value_get_string (&fixture->value), ==, NULL);
  g_assert_finalize_object (policy);
}

static void
test_semaphore (Fixture       *fixture,
                gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  BubusSemaphore *semaphore = bubus_semaphore_new ("retry", 1, BUBUS_SCOPE_GLOBAL);
  g_autoptr (BubusPermit) permit = NULL;
  g_autoptr (GError) error = NULL;

  bubus_retry_policy_set_semaphore (policy, semaphore);
  fixture->n_failures = 1;
  run (fixture, policy, NULL);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0");

  /* Held while it waits for the second attempt (B-9.6), and given back at the end. */
  g_assert_null (bubus_semaphore_try_acquire (semaphore, NULL, NULL, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL);
  g_clear_error (&error);
  advance (fixture, 3);
  g_assert_true (fixture->succeeded);
  permit = bubus_semaphore_try_acquire (semaphore, NULL, NULL, &error);
  g_assert_no_error (error);

  /* A lax semaphore is waited for as long as an attempt may take, and then done without (B-9.8, B-9.9). */
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*“retry” (limit 1) within 5 s: going on without");
  g_string_truncate (fixture->trace, 0);
  fixture->n_failures = 0;
  run (fixture, policy, NULL);
  advance (fixture, 4.9);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  advance (fixture, 0.1);
  g_assert_cmpstr (fixture->trace->str, ==, "1@8");
  g_test_assert_expected_messages ();

  g_clear_object (&permit);
  g_assert_finalize_object (policy);
  g_assert_finalize_object (semaphore);
}

/* A retried operation that runs another one under the same semaphore does not wait for itself (B-9.10). */
static void
test_reentrant (Fixture       *fixture,
                gconstpointer  data)
{
  BubusRetryPolicy *outer = bubus_retry_policy_new ();
  BubusRetryPolicy *inner = bubus_retry_policy_new ();
  BubusSemaphore *semaphore = bubus_semaphore_new ("reentrant", 1, BUBUS_SCOPE_GLOBAL);
  BubusOperation *operation = fixture->operation;

  bubus_retry_policy_set_semaphore (outer, semaphore);
  bubus_retry_policy_set_semaphore (inner, semaphore);
  fixture->operation = bubus_policy_wrap (BUBUS_POLICY (inner), operation);
  run (fixture, outer, NULL);
  g_assert_true (fixture->succeeded);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0");

  g_assert_finalize_object (fixture->operation);
  fixture->operation = operation;
  g_assert_finalize_object (outer);
  g_assert_finalize_object (inner);
  g_assert_finalize_object (semaphore);
}

/* What an attempt starts by itself, not as a wrapped operation, is told what the chain of calls has. */
static void
test_held (Fixture       *fixture,
           gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  BubusSemaphore *semaphore = bubus_semaphore_new ("held", 1, BUBUS_SCOPE_GLOBAL);
  BubusPermit *permit;

  bubus_retry_policy_set_semaphore (policy, semaphore);
  fixture->keep = TRUE;
  run (fixture, policy, NULL);
  g_assert_cmpuint (fixture->attempts->len, ==, 1);
  permit = bubus_attempt_get_permit (fixture->attempts->pdata[0]);
  g_assert_true (bubus_permit_is_held (permit));

  run (fixture, policy, NULL);
  g_assert_cmpuint (fixture->attempts->len, ==, 1);

  bubus_operation_set_held (fixture->operation, permit);
  g_assert_true (bubus_operation_get_held (fixture->operation) == permit);
  bubus_policy_run_async (BUBUS_POLICY (policy), fixture->operation, NULL, NULL, NULL);
  settle ();
  g_assert_cmpuint (fixture->attempts->len, ==, 2);
  bubus_operation_set_held (fixture->operation, NULL);

  /* The place is free when both have given it back; then it is the turn of who has waited. */
  fixture->done = FALSE;
  answer (fixture, 0, "outer");
  settle ();
  g_assert_cmpuint (fixture->attempts->len, ==, 2);
  g_assert_true (fixture->done);
  fixture->done = FALSE;
  answer (fixture, 1, "inner");
  settle ();
  g_assert_cmpuint (fixture->attempts->len, ==, 3);
  g_clear_error (&fixture->error);
  g_value_unset (&fixture->value);
  answer (fixture, 2, "last");
  settle ();
  g_assert_true (fixture->done);

  g_ptr_array_set_size (fixture->attempts, 0);
  g_assert_finalize_object (policy);
  g_assert_finalize_object (semaphore);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/flow/retry/defaults", test_defaults, "R-22: the names and defaults of the README");
  test ("/flow/retry/total-attempts", test_total_attempts, "B-9.1, B-9.5: retries + 1 attempts, the last error");
  test ("/flow/retry/backoff", test_backoff, "B-9.2: the wait after attempt k is wait × factor^(k−1)");
  test ("/flow/retry/jitter", test_jitter, "Jitter makes waits shorter, up to its part");
  test ("/flow/retry/attempt-timeout", test_attempt_timeout, "B-9.3: every attempt has a time limit");
  test ("/flow/retry/value", test_value, "The first answer counts");
  test ("/flow/retry/cancel", test_cancel, "B-9.4: a cancellation ends attempts and waits");
  test ("/flow/retry/reasons", test_reasons, "B-9.4: other errors than the chosen ones are final");
  test ("/flow/retry/final-errors", test_final_errors, "B-9.4: cancellations are not tried again");
  test ("/flow/retry/many-repetitions", test_many_repetitions, "Repetitions do not pile up on the stack");
  test ("/flow/retry/answer-from-thread", test_answer_from_thread, "Answers may come from any thread");
  test ("/flow/retry/semaphore", test_semaphore, "B-9.6, B-9.8, B-9.9: one place over all attempts");
  test ("/flow/retry/reentrant", test_reentrant, "B-9.10: a chain of calls needs one place only");
  test ("/flow/retry/held", test_held, "B-9.10: also where the chain is known by its permit only");

  return g_test_run ();
}
