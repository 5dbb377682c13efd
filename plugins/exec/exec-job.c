/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "exec-job.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exec-error.h"
#include "exec-output.h"
#include "support/plugin-text.h"

#define MAX_EXCERPT 400

struct _ExecJob
{
  ExecRunner      *runner;
  BubusInvocation *invocation;
  gulong           cancelled_id;
  guint            timeout_id;   /* 0: not running */
  GQueue          *queue;        /* nullable: where it waits */

  GSubprocess     *process;      /* nullable */
  GCancellable    *reading;
  ExecOutput      *output;
  ExecOutput      *errors;
  guint            n_awaited;    /* of the end of the process and of both outputs */
  gboolean         answered;
};

static void exec_job_cancelled_cb (GCancellable *cancellable,
                                   gpointer      user_data);

ExecJob *
exec_job_new (ExecRunner      *runner,
              BubusInvocation *invocation)
{
  ExecJob *self = g_new0 (ExecJob, 1);

  self->runner = g_rc_box_acquire (runner);
  self->invocation = g_object_ref (invocation);
  self->reading = g_cancellable_new ();
  self->output = exec_output_new (runner->max_output, runner->max_output);
  self->errors = exec_output_new (runner->max_output, MAX_EXCERPT);
  self->cancelled_id = g_signal_connect (bubus_invocation_get_cancellable (invocation), "cancelled",
                                         G_CALLBACK (exec_job_cancelled_cb), self);
  return self;
}

static void
exec_job_free (ExecJob *self)
{
  g_assert (self->answered && self->n_awaited == 0);

  g_clear_object (&self->process);
  g_object_unref (self->reading);
  exec_output_free (self->output);
  exec_output_free (self->errors);
  g_object_unref (self->invocation);
  exec_runner_unref (self->runner);
  g_free (self);
}

/* ---- answering ---- */

static void
exec_job_stop_watching (ExecJob *self)
{
  g_clear_signal_handler (&self->cancelled_id, bubus_invocation_get_cancellable (self->invocation));
  if (self->timeout_id != 0)
    bubus_clock_remove_timeout (self->runner->clock, self->timeout_id);
  self->timeout_id = 0;
  self->answered = TRUE;
}

static void G_GNUC_PRINTF (3, 4)
exec_job_fail (ExecJob    *self,
               ExecError   code,
               const char *format,
               ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  exec_job_stop_watching (self);
  bubus_invocation_return_error_literal (self->invocation, EXEC_ERROR, code, message);
}

/* The program is the head of a group of its own, so that what it has started ends as well. */
static void
exec_job_kill (ExecJob *self)
{
  const char *identifier = self->process != NULL ? g_subprocess_get_identifier (self->process) : NULL;

  if (identifier != NULL)
    kill (-(pid_t) strtol (identifier, NULL, 10), SIGKILL);
  g_cancellable_cancel (self->reading);
}

/* Returns: (transfer full): the end of what was written to standard error */
static char *
exec_job_excerpt (ExecJob *self)
{
  GByteArray *bytes = exec_output_get_bytes (self->errors);
  g_autoptr (GString) text = g_string_new (NULL);
  gsize length = bytes->len;

  while (length > 0 && g_ascii_isspace (bytes->data[length - 1]))
    length--;
  if (length == 0)
    return g_strdup ("");
  g_string_append (text, ": ");
  plugin_text_append_safe (text, (const char *) bytes->data, length, MAX_EXCERPT);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
exec_job_is_blank (GByteArray *bytes)
{
  for (guint i = 0; i < bytes->len; i++)
    if (!g_ascii_isspace (bytes->data[i]))
      return FALSE;
  return TRUE;
}

static void
exec_job_return_output (ExecJob *self)
{
  GByteArray *bytes = exec_output_get_bytes (self->output);
  g_autoptr (BubusJson) json = NULL;
  g_autoptr (GError) error = NULL;

  if (exec_job_is_blank (bytes))
    {
      exec_job_stop_watching (self);
      bubus_invocation_return_nothing (self->invocation);
      return;
    }

  json = bubus_json_new ((const char *) bytes->data, bytes->len, &error);
  if (json == NULL)
    {
      exec_job_fail (self, EXEC_ERROR_OUTPUT, "“%s” wrote no JSON: %s", self->runner->argv[0], error->message);
      return;
    }
  exec_job_stop_watching (self);
  bubus_invocation_return_json (self->invocation, json);
}

static void
exec_job_answer (ExecJob *self)
{
  g_autofree char *excerpt = exec_job_excerpt (self);

  if (g_subprocess_get_successful (self->process))
    exec_job_return_output (self);
  else if (g_subprocess_get_if_exited (self->process))
    exec_job_fail (self, EXEC_ERROR_STATUS, "“%s” ended with status %d%s", self->runner->argv[0],
                   g_subprocess_get_exit_status (self->process), excerpt);
  else
    exec_job_fail (self, EXEC_ERROR_STATUS, "“%s” was killed by signal %d%s", self->runner->argv[0],
                   g_subprocess_get_term_sig (self->process), excerpt);
}

static void
exec_job_end_one (ExecJob *self)
{
  ExecRunner *runner;

  if (--self->n_awaited > 0)
    return;

  runner = g_rc_box_acquire (self->runner);
  if (!self->answered)
    exec_job_answer (self);
  exec_job_free (self);
  exec_runner_note_end (runner);
  exec_runner_unref (runner);
}

/* ---- what ends it early ---- */

static void
exec_job_cancelled_cb (GCancellable *cancellable,
                       gpointer      user_data)
{
  ExecJob *self = user_data;

  exec_job_kill (self);
  exec_job_fail (self, EXEC_ERROR_CANCELLED, "“%s” was cancelled", self->runner->argv[0]);
  if (self->queue == NULL)
    return;
  g_queue_remove (self->queue, self);
  exec_job_free (self);
}

static void
exec_job_timeout_cb (gpointer user_data)
{
  ExecJob *self = user_data;

  self->timeout_id = 0;
  exec_job_kill (self);
  exec_job_fail (self, EXEC_ERROR_LIMIT, "“%s” took longer than %g s", self->runner->argv[0],
                 self->runner->timeout_ns / 1e9);
}

static void
exec_job_output_cb (ExecOutput *output,
                    gboolean    too_much,
                    gpointer    user_data)
{
  ExecJob *self = user_data;

  if (too_much && !self->answered)
    {
      exec_job_kill (self);
      exec_job_fail (self, EXEC_ERROR_LIMIT, "“%s” wrote more than %" G_GSIZE_FORMAT " bytes", self->runner->argv[0],
                     self->runner->max_output);
    }
  exec_job_end_one (self);
}

static void
exec_job_waited_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  exec_job_end_one (user_data);
}

/* ---- starting ---- */

/* Runs between fork and exec. */
static void
exec_job_child_setup (gpointer user_data)
{
  setpgid (0, 0);
}

/* A file in memory, and no pipe: a program that does not read it keeps nobody waiting.
 *
 * Returns: a file descriptor, or -1 */
static int
exec_job_open_input (ExecJob *self)
{
  g_autofree char *json = bubus_event_to_json (bubus_invocation_get_event (self->invocation));
  gsize length = strlen (json);
  int fd = memfd_create ("event", MFD_CLOEXEC);

  json[length] = '\n';  /* in the place of the zero */
  for (gsize position = 0; fd >= 0 && position <= length;)
    {
      gssize n_written = write (fd, json + position, length + 1 - position);

      if (n_written < 0 && errno != EINTR)
        {
          int code = errno;

          close (fd);
          errno = code;
          return -1;
        }
      position += MAX (n_written, 0);
    }
  if (fd >= 0)
    lseek (fd, 0, SEEK_SET);
  return fd;
}

static GSubprocess *
exec_job_spawn (ExecJob  *self,
                GError  **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  int fd = exec_job_open_input (self);

  if (fd < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return NULL;
    }

  g_subprocess_launcher_take_stdin_fd (launcher, fd);
  g_subprocess_launcher_set_child_setup (launcher, exec_job_child_setup, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, (const char * const *) self->runner->argv, error);
}

static void
exec_job_watch (ExecJob      *self,
                GMainContext *main_context)
{
  self->n_awaited = 3;
  self->timeout_id = bubus_clock_add_timeout (self->runner->clock, self->runner->timeout_ns, main_context,
                                              exec_job_timeout_cb, self, NULL);
  exec_output_read (self->output, g_subprocess_get_stdout_pipe (self->process), self->reading,
                    exec_job_output_cb, self);
  exec_output_read (self->errors, g_subprocess_get_stderr_pipe (self->process), self->reading,
                    exec_job_output_cb, self);
  g_subprocess_wait_async (self->process, NULL, exec_job_waited_cb, self);
}

void
exec_job_wait (ExecJob *self,
               GQueue  *queue)
{
  self->queue = queue;
  g_queue_push_tail (queue, self);
}

/* The runner has counted it.
 *
 * Returns: whether the program runs; if it does not, the job is gone */
gboolean
exec_job_start (ExecJob *self)
{
  GMainContext *main_context = bubus_event_bus_get_main_context (bubus_invocation_get_bus (self->invocation));
  g_autoptr (GError) error = NULL;

  self->queue = NULL;
  g_main_context_push_thread_default (main_context);
  self->process = exec_job_spawn (self, &error);
  if (self->process != NULL)
    exec_job_watch (self, main_context);
  g_main_context_pop_thread_default (main_context);
  if (self->process != NULL)
    return TRUE;

  exec_job_fail (self, EXEC_ERROR_NOT_STARTED, "“%s” could not be started: %s", self->runner->argv[0], error->message);
  exec_job_free (self);
  return FALSE;
}
