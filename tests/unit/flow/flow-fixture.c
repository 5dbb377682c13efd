/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow-fixture.h"

#include "flow/bubus-overload-private.h"

/* The machine is never busy, whatever else it does while tests run. */
static gboolean
is_calm (double *processor,
         double *memory)
{
  *processor = *memory = 0;
  return TRUE;
}

void
trace (Fixture    *fixture,
       const char *format,
       ...)
{
  va_list args;

  va_start (args, format);
  trace_valist (fixture->trace, format, args);
  va_end (args);
}

/* Traces the number of the attempt and the second in which it was made. */
static gboolean
try_it (BubusAttempt  *attempt,
        gpointer       user_data,
        GError       **error)
{
  Fixture *fixture = user_data;
  guint number = bubus_attempt_get_number (attempt);

  trace (fixture, "%u@%g", number, bubus_clock_get_time (bubus_attempt_get_clock (attempt)) / 1e9);
  if (fixture->keep)
    g_ptr_array_add (fixture->attempts, g_object_ref (attempt));
  else if (number <= fixture->n_failures)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "failure %u", number);
      return FALSE;
    }
  else
    bubus_attempt_return_nothing (attempt);
  return TRUE;
}

void
answer (Fixture    *fixture,
        guint       attempt,
        const char *text)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_cmpuint (attempt, <, fixture->attempts->len);
  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  bubus_attempt_return_value (fixture->attempts->pdata[attempt], &value);
}

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary (data);
  fixture->clock = bubus_clock_new_test (0);
  bubus_clock_push_thread_default (fixture->clock);
  _bubus_overload_set_load_func (is_calm);
  fixture->trace = g_string_new (NULL);
  fixture->attempts = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->operation = bubus_operation_new (try_it, fixture, NULL);
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  settle ();
  g_ptr_array_unref (fixture->attempts);
  g_assert_finalize_object (fixture->operation);
  bubus_clock_pop_thread_default (fixture->clock);
  g_assert_finalize_object (fixture->clock);
  g_string_free (fixture->trace, TRUE);
  g_clear_error (&fixture->error);
  if (G_IS_VALUE (&fixture->value))
    g_value_unset (&fixture->value);
}

static void
ran_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_assert_false (fixture->done);
  fixture->done = TRUE;
  fixture->succeeded = bubus_policy_run_finish (BUBUS_POLICY (source), result, &fixture->value, &fixture->error);
  g_assert_true (fixture->succeeded == (fixture->error == NULL));
}

void
run (Fixture      *fixture,
     gpointer      policy,
     GCancellable *cancellable)
{
  fixture->done = FALSE;
  g_clear_error (&fixture->error);
  if (G_IS_VALUE (&fixture->value))
    g_value_unset (&fixture->value);
  bubus_policy_run_async (policy, fixture->operation, cancellable, ran_cb, fixture);
  settle ();
}

void
advance (Fixture *fixture,
         double   seconds)
{
  bubus_clock_advance (fixture->clock, (gint64) (seconds * 1e9));
  settle ();
}
