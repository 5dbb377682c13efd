/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "exec-runner.h"

#include "exec-error.h"
#include "exec-job.h"

static void
exec_runner_clear (gpointer data)
{
  ExecRunner *self = data;

  g_strfreev (self->argv);
  g_clear_object (&self->clock);
}

void
exec_runner_unref (gpointer data)
{
  g_rc_box_release_full (data, exec_runner_clear);
}

/* A program that is missing when it is to be run is an error of that event; one that is missing now is one of the
 * settings. */
static gboolean
exec_runner_check_program (ExecRunner  *self,
                           GError     **error)
{
  g_autofree char *path = self->argv[0] != NULL ? g_find_program_in_path (self->argv[0]) : NULL;

  if (path != NULL)
    return TRUE;

  if (self->argv[0] == NULL)
    g_set_error_literal (error, EXEC_ERROR, EXEC_ERROR_NOT_STARTED, "The setting “command” names no program");
  else
    g_set_error (error, EXEC_ERROR, EXEC_ERROR_NOT_STARTED, "There is no program “%s”", self->argv[0]);
  return FALSE;
}

ExecRunner *
exec_runner_new (GVariant  *settings,
                 GError   **error)
{
  ExecRunner *self = g_rc_box_new0 (ExecRunner);
  gint64 max_output, max_running, max_waiting;
  double timeout;

  g_variant_lookup (settings, "command", "^as", &self->argv);
  g_variant_lookup (settings, "timeout", "d", &timeout);
  g_variant_lookup (settings, "max-output", "x", &max_output);
  g_variant_lookup (settings, "concurrency", "x", &max_running);
  g_variant_lookup (settings, "queue", "x", &max_waiting);
  self->timeout_ns = timeout * 1e9;
  self->max_output = max_output;
  self->max_running = max_running;
  self->max_waiting = max_waiting;
  self->clock = bubus_clock_ref_thread_default ();
  if (exec_runner_check_program (self, error))
    return self;

  exec_runner_unref (self);
  return NULL;
}

/* The handler: @user_data is the runner. */
gboolean
exec_runner_handle (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          user_data,
                    GError          **error)
{
  ExecRunner *self = user_data;
  ExecJob *job;

  if (self->n_running >= self->max_running && self->waiting.length >= self->max_waiting)
    {
      g_set_error (error, EXEC_ERROR, EXEC_ERROR_LIMIT, "%u events wait for “%s” already", self->waiting.length,
                   self->argv[0]);
      return FALSE;
    }

  job = exec_job_new (self, invocation);
  bubus_invocation_defer (invocation);
  if (self->n_running >= self->max_running)
    {
      exec_job_wait (job, &self->waiting);
      return TRUE;
    }
  self->n_running++;
  if (!exec_job_start (job))
    exec_runner_note_end (self);
  return TRUE;
}

/* A program is gone: the next one has its turn. */
void
exec_runner_note_end (ExecRunner *self)
{
  ExecJob *next;

  while ((next = g_queue_pop_head (&self->waiting)) != NULL)
    if (exec_job_start (next))
      return;
  self->n_running--;
}
