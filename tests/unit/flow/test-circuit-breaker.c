/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"

static void
assert_refused (Fixture             *fixture,
                BubusCircuitBreaker *breaker)
{
  run (fixture, breaker, NULL);
  g_assert_true (fixture->done);
  g_assert_error (fixture->error, BUBUS_ERROR, BUBUS_ERROR_CIRCUIT_OPEN);
}

static void
count_cb (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  ++*(guint *) user_data;
}

static void
test_circuit (Fixture       *fixture,
              gconstpointer  data)
{
  BubusCircuitBreaker *breaker = bubus_circuit_breaker_new ();
  guint n_changes = 0;

  g_object_set (breaker, "failure-threshold", 2u, "reset-timeout", 10.0, NULL);
  g_signal_connect (breaker, "notify::state", G_CALLBACK (count_cb), &n_changes);

  /* A success in between starts the count anew. */
  fixture->n_failures = 1;
  run (fixture, breaker, NULL);
  fixture->n_failures = 0;
  run (fixture, breaker, NULL);
  g_assert_true (fixture->succeeded);
  fixture->n_failures = 1;
  run (fixture, breaker, NULL);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_CLOSED);
  run (fixture, breaker, NULL);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_OPEN);
  g_assert_cmpuint (n_changes, ==, 1);

  assert_refused (fixture, breaker);
  advance (fixture, 9.9);
  assert_refused (fixture, breaker);

  /* A test that fails opens it for another while. */
  advance (fixture, 0.1);
  run (fixture, breaker, NULL);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE);
  assert_refused (fixture, breaker);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 1@0 1@0 1@0 1@10");

  advance (fixture, 10);
  fixture->n_failures = 0;
  run (fixture, breaker, NULL);
  g_assert_true (fixture->succeeded);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_CLOSED);
  g_assert_finalize_object (breaker);
}

static void
test_one_test (Fixture       *fixture,
               gconstpointer  data)
{
  BubusCircuitBreaker *breaker = bubus_circuit_breaker_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_object_set (breaker, "failure-threshold", 1u, "reset-timeout", 1.0, NULL);
  fixture->n_failures = 1;
  run (fixture, breaker, NULL);
  advance (fixture, 1);

  /* While the one operation is on its way, the others are refused. */
  fixture->keep = TRUE;
  run (fixture, breaker, cancellable);
  g_assert_false (fixture->done);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_HALF_OPEN);
  assert_refused (fixture, breaker);

  /* Cancelled, it says nothing; the next is the test. */
  fixture->done = FALSE;
  g_clear_error (&fixture->error);
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_HALF_OPEN);
  run (fixture, breaker, NULL);
  g_assert_false (fixture->done);
  answer (fixture, 1, "yes");
  settle ();
  g_assert_true (fixture->succeeded);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_CLOSED);
  g_assert_finalize_object (breaker);
}

/* A test that says nothing for as long as the circuit stays open is not waited for any longer. */
static void
test_lost_test (Fixture       *fixture,
                gconstpointer  data)
{
  BubusCircuitBreaker *breaker = bubus_circuit_breaker_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_object_set (breaker, "failure-threshold", 1u, "reset-timeout", 10.0, NULL);
  fixture->n_failures = 1;
  run (fixture, breaker, NULL);
  advance (fixture, 10);
  fixture->keep = TRUE;
  run (fixture, breaker, cancellable);
  advance (fixture, 9.5);
  assert_refused (fixture, breaker);

  g_clear_error (&fixture->error);
  fixture->done = FALSE;
  advance (fixture, 0.5);
  run (fixture, breaker, NULL);
  g_assert_false (fixture->done);
  answer (fixture, 1, "yes");
  settle ();
  g_assert_true (fixture->succeeded);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_CLOSED);

  fixture->done = FALSE;
  g_cancellable_cancel (cancellable);
  settle ();
  g_assert_true (fixture->done);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_CLOSED);
  g_assert_finalize_object (breaker);
}

/* Under a retry policy every attempt counts, those that time out as well. */
static void
test_under_retry (Fixture       *fixture,
                  gconstpointer  data)
{
  BubusCircuitBreaker *breaker = bubus_circuit_breaker_new ();
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  BubusOperation *operation = fixture->operation;

  g_object_set (breaker, "failure-threshold", 2u, NULL);
  fixture->operation = bubus_policy_wrap (BUBUS_POLICY (breaker), operation);
  fixture->keep = TRUE;
  run (fixture, policy, NULL);
  advance (fixture, 5);
  advance (fixture, 3);
  advance (fixture, 5);
  g_assert_cmpint (bubus_circuit_breaker_get_state (breaker), ==, BUBUS_CIRCUIT_STATE_OPEN);
  advance (fixture, 3);
  advance (fixture, 3);
  g_assert_cmpstr (fixture->trace->str, ==, "1@0 2@8");
  g_assert_error (fixture->error, BUBUS_ERROR, BUBUS_ERROR_CIRCUIT_OPEN);

  g_assert_finalize_object (fixture->operation);
  fixture->operation = operation;
  g_assert_finalize_object (policy);
  g_assert_finalize_object (breaker);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/flow/circuit-breaker/circuit", test_circuit, "Failures in a row open the circuit, a test closes it");
  test ("/flow/circuit-breaker/one-test", test_one_test, "A half open circuit lets one operation through");
  test ("/flow/circuit-breaker/lost-test", test_lost_test, "A test that never ends does not keep a circuit half open");
  test ("/flow/circuit-breaker/under-retry", test_under_retry, "Attempts that time out are failures");

  return g_test_run ();
}
