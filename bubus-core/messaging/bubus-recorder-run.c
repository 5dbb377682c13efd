/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-recorder.h"

#include "base/bubus-clock.h"
#include "base/bubus-error.h"

/* Running the main context, for tests that have no main loop. */

/* In real seconds; how long advance() waits for what it has set going. */
#define PATIENCE 10.0

typedef struct
{
  gboolean  idle;
  gboolean  over;   /* the patience is at an end */
  GError   *error;
} BubusDrain;

static void
bubus_recorder_idle_cb (GObject      *source,
                        GAsyncResult *result,
                        gpointer      data)
{
  BubusDrain *drain = data;

  drain->idle = TRUE;
  bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, &drain->error);
}

static gboolean
bubus_recorder_over_cb (gpointer data)
{
  ((BubusDrain *) data)->over = TRUE;
  return G_SOURCE_CONTINUE;
}

static char *
bubus_recorder_describe_unfinished (BubusRecorder *self)
{
  g_autoptr (GPtrArray) events = bubus_recorder_list_events (self, NULL);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    if (bubus_event_get_event_status (events->pdata[i]) != BUBUS_EVENT_STATUS_COMPLETED)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", bubus_event_get_event_type (events->pdata[i]));
  return g_string_free (text, FALSE);
}

/* Handlers are called by sources, and must not run the main context again. */
static gboolean
bubus_recorder_check_outside (GError **error)
{
  if (g_main_depth () == 0)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK, "The main context cannot be run from inside itself");
  return FALSE;
}

static void
bubus_recorder_run (BubusRecorder *self,
                    BubusDrain    *drain,
                    double         seconds)
{
  GMainContext *context = bubus_event_bus_get_main_context (bubus_recorder_get_bus (self));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GSource) limit = g_timeout_source_new ((guint) (CLAMP (seconds, 0, 86400) * 1000));

  g_source_set_callback (limit, bubus_recorder_over_cb, drain, NULL);
  g_source_attach (limit, context);
  bubus_event_bus_wait_until_idle_async (bubus_recorder_get_bus (self), cancellable, bubus_recorder_idle_cb, drain);
  while (!drain->idle && !drain->over)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (limit);

  drain->over = !drain->idle;
  g_cancellable_cancel (cancellable);
  while (!drain->idle)
    g_main_context_iteration (context, TRUE);
}

/**
 * bubus_recorder_drain:
 * @self: a recorder
 * @seconds: how long to wait at most, in real time
 * @error: (nullable): where to put why the bus is not idle
 *
 * Runs the main context of the bus until the bus is idle. For tests, which have no main loop.
 *
 * Fails with %BUBUS_ERROR_TIMED_OUT, naming what is unfinished, when that takes too long, and with
 * %BUBUS_ERROR_WOULD_DEADLOCK inside a handler, or anything else that the main loop calls.
 *
 * Returns: whether the bus is idle
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_drain (BubusRecorder  *self,
                      double          seconds,
                      GError        **error)
{
  BubusDrain drain = { FALSE, FALSE, NULL };
  g_autofree char *unfinished = NULL;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (seconds >= 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!bubus_recorder_check_outside (error))
    return FALSE;

  bubus_recorder_run (self, &drain, seconds);
  if (drain.over)
    {
      g_clear_error (&drain.error);
      unfinished = bubus_recorder_describe_unfinished (self);
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "The bus is not idle after %g s; unfinished: %s", seconds,
                   unfinished);
      return FALSE;
    }
  if (drain.error == NULL)
    return TRUE;

  g_propagate_error (error, drain.error);
  return FALSE;
}

/**
 * bubus_recorder_advance:
 * @self: a recorder of a bus with a test clock
 * @seconds: how far
 * @error: (nullable): where to put what went wrong
 *
 * Moves the test clock of the bus, and runs the main context as long as there is something to do at once.
 *
 * Events may be unfinished then, because they wait for a later time.
 *
 * Fails with %BUBUS_ERROR_WOULD_DEADLOCK inside a handler, or anything else that the main loop calls, and with
 * %BUBUS_ERROR_TIMED_OUT when there is no end to what there is to do, after ten seconds.
 *
 * Returns: whether it was done
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_advance (BubusRecorder  *self,
                        double          seconds,
                        GError        **error)
{
  g_autoptr (BubusClock) clock = NULL;
  gint64 end_us = g_get_monotonic_time () + (gint64) (PATIENCE * 1e6);
  GMainContext *context;

  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (seconds >= 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_object_get (bubus_recorder_get_bus (self), "clock", &clock, NULL);
  g_return_val_if_fail (bubus_clock_is_test (clock), FALSE);
  if (!bubus_recorder_check_outside (error))
    return FALSE;

  context = bubus_event_bus_get_main_context (bubus_recorder_get_bus (self));
  bubus_clock_advance (clock, (gint64) (MIN (seconds, 3155760000.0) * 1e9));
  while (g_main_context_iteration (context, FALSE))
    if (g_get_monotonic_time () > end_us)
      {
        g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "There is no end to what there is to do");
        return FALSE;
      }
  return TRUE;
}
