/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "clock-fixture.h"

void
log_set_up (Log           *log,
            gconstpointer  kind)
{
  log->clock = kind != NULL ? bubus_clock_new_test (START_NS) : bubus_clock_new_real ();
  log->calls = g_string_new (NULL);
}

void
log_tear_down (Log           *log,
               gconstpointer  kind)
{
  if (log->clock != NULL)
    g_assert_finalize_object (log->clock);
  g_string_free (log->calls, TRUE);
}

static void
step_cb (gpointer user_data)
{
  Step *step = user_data;
  Log *log = step->log;

  log->n_calls++;
  log->thread = g_thread_self ();
  g_string_append_printf (log->calls, "%s%s", log->calls->len > 0 ? " " : "", step->name);
  if (bubus_clock_is_test (log->clock))
    g_string_append_printf (log->calls, "@%d", (int) (bubus_clock_get_time (log->clock) - START_NS));
  if (step->act != NULL)
    step->act (step);
}

static void
step_released (gpointer user_data)
{
  Step *step = user_data;

  g_atomic_int_inc (&step->log->n_released);
}

void
step_add (Step         *step,
          Log          *log,
          gint64        duration_ns,
          GMainContext *context)
{
  step->log = log;
  step->id = bubus_clock_add_timeout (log->clock, duration_ns, context, step_cb, step, step_released);
  g_assert_cmpuint (step->id, !=, 0);
}

void
act_remove_other (Step *step)
{
  g_assert_true (bubus_clock_remove_timeout (step->log->clock, step->other->id));
}

void
act_remove_self (Step *step)
{
  g_assert_false (bubus_clock_remove_timeout (step->log->clock, step->id));
}

void
act_add_other_now (Step *step)
{
  step_add (step->other, step->log, 0, NULL);
}

void
act_drop_clock (Step *step)
{
  g_clear_object (&step->log->clock);
}
