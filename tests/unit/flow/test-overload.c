/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"

#include "flow/bubus-overload-private.h"

static void
test_slow (Fixture       *fixture,
           gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  g_assert_cmpfloat (bubus_retry_policy_get_slow_timeout (policy), ==, 0);
  bubus_retry_policy_set_slow_timeout (policy, 4);
  bubus_operation_set_name (fixture->operation, "fetch");
  g_assert_cmpstr (bubus_operation_get_name (fixture->operation), ==, "fetch");

  /* Attempts and waits count together, and it is said once. */
  fixture->n_failures = 2;
  run (fixture, policy, NULL);
  advance (fixture, 3.9);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_WARNING,
                         "fetch is slow: it has been tried for 4 seconds, and is at attempt 3 of 4");
  advance (fixture, 0.1);
  g_test_assert_expected_messages ();
  advance (fixture, 10);
  g_assert_true (fixture->succeeded);

  /* Nothing is said of what is done in time. */
  fixture->n_failures = 1;
  run (fixture, policy, NULL);
  advance (fixture, 3);
  g_assert_true (fixture->succeeded);
  advance (fixture, 10);
  g_assert_finalize_object (policy);
}

static void
ran_one_of_many_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  guint *n_done = user_data;

  (*n_done)++;
  bubus_policy_run_finish (BUBUS_POLICY (source), result, NULL, NULL);
}

static void
start (Fixture          *fixture,
       BubusRetryPolicy *policy,
       guint             n,
       guint            *n_done)
{
  for (guint i = 0; i < n; i++)
    bubus_policy_run_async (BUBUS_POLICY (policy), fixture->operation, NULL, ran_one_of_many_cb, n_done);
  settle ();
}

static void
answer_all (Fixture *fixture)
{
  for (guint i = 0; i < fixture->attempts->len; i++)
    bubus_attempt_return_nothing (fixture->attempts->pdata[i]);
  g_ptr_array_set_size (fixture->attempts, 0);
  settle ();
}

static void
test_slow_rate (Fixture       *fixture,
                gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  guint n_done = 0;

  bubus_retry_policy_set_slow_timeout (policy, 1);
  bubus_retry_policy_set_timeout (policy, 0);
  fixture->keep = TRUE;
  start (fixture, policy, 5, &n_done);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_WARNING, "an operation is slow: *");
  advance (fixture, 1);
  g_test_assert_expected_messages ();
  start (fixture, policy, 1, &n_done);
  advance (fixture, 1);  /* slow 1 s after the others: not said */
  start (fixture, policy, 1, &n_done);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_WARNING, "an operation is slow: *");
  advance (fixture, 1);
  g_test_assert_expected_messages ();
  answer_all (fixture);
  g_assert_cmpuint (n_done, ==, 7);
  g_assert_finalize_object (policy);
}

static void
test_many_at_once (Fixture       *fixture,
                   gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();
  guint n_done = 0;

  bubus_retry_policy_set_timeout (policy, 0);
  fixture->keep = TRUE;
  start (fixture, policy, 30, &n_done);

  /* The 31st is one too many; for five seconds nothing is said of others. */
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "overload: 31 operations run under retry policies at once, *");
  start (fixture, policy, 5, &n_done);
  g_test_assert_expected_messages ();
  advance (fixture, 4.9);
  start (fixture, policy, 1, &n_done);
  advance (fixture, 0.1);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "overload: 37 operations run under retry policies at once, *");
  start (fixture, policy, 1, &n_done);
  g_test_assert_expected_messages ();

  /* Those that have ended do not count. */
  answer_all (fixture);
  advance (fixture, 10);
  start (fixture, policy, 30, &n_done);
  answer_all (fixture);
  g_assert_cmpuint (n_done, ==, 67);
  g_assert_finalize_object (policy);
}

static gboolean
is_busy (double *processor,
         double *memory)
{
  *processor = 0.5;
  *memory = 0.9;
  return TRUE;
}

static gboolean
cannot_say (double *processor,
            double *memory)
{
  return FALSE;
}

static void
test_busy_machine (Fixture       *fixture,
                   gconstpointer  data)
{
  BubusRetryPolicy *policy = bubus_retry_policy_new ();

  _bubus_overload_set_load_func (cannot_say);
  run (fixture, policy, NULL);
  _bubus_overload_set_load_func (is_busy);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE,
                         "overload: 50 % of the processor and 90 % of the memory are in use, *");
  run (fixture, policy, NULL);
  g_test_assert_expected_messages ();
  run (fixture, policy, NULL);
  advance (fixture, 5);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "overload: *");
  run (fixture, policy, NULL);
  g_test_assert_expected_messages ();
  g_assert_finalize_object (policy);
}

/* What the kernel says of this machine is between nothing and all, whatever it is. */
static void
test_this_machine (Fixture       *fixture,
                   gconstpointer  data)
{
  double processor = -1, memory = -1;

  for (guint i = 0; i < 3; i++)
    if (_bubus_overload_read_load (&processor, &memory))
      {
        g_assert_cmpfloat (processor, >=, 0);
        g_assert_cmpfloat (processor, <=, 1);
        g_assert_cmpfloat (memory, >=, 0);
        g_assert_cmpfloat (memory, <=, 1);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/flow/retry/slow", test_slow, "R-22, B-9.16: an operation is called slow");
  test ("/flow/retry/slow/rate", test_slow_rate, "R-22, B-9.16: at most once in two seconds");
  test ("/flow/retry/overload/many", test_many_at_once, "R-22, B-9.15: more than thirty, once in five seconds");
  test ("/flow/retry/overload/machine", test_busy_machine, "R-22, B-9.15: a machine that has nothing left");
  test ("/flow/retry/overload/this-machine", test_this_machine, "R-22, B-9.15: what this machine says");

  return g_test_run ();
}
