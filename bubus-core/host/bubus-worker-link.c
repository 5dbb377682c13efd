/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-link-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bubus-error.h"
#include "bubus-host-private.h"
#include "bubus-plugin-loader-private.h"
#include "bubus-plugin-trust-private.h"
#include "bubus-worker-frame-private.h"

#define WORKER_PROGRAM "bubus-worker"

/* That the process has ended is learnt by waiting for it: somebody else may have the other end of the socket. That the
 * socket has been closed is no more than a reason to end the process. */
struct _BubusWorkerLink
{
  BubusHost                  *host;       /* not owned */
  const BubusWorkerLinkFuncs *funcs;      /* NULL: nobody wants to know any more */
  gpointer                    user_data;
  GSubprocess                *process;
  guint                       pid;
  BubusWorkerPipe            *pipe;       /* nullable: closed */
  GString                    *out;        /* of the pipe: what is being made */
  GError                     *reason;     /* nullable: why the process is ended */
  guint                       timer_id;   /* on the host's clock */
  gboolean                    asked;      /* an answer to the last ping is due */
};

static void
bubus_worker_link_clear (gpointer data)
{
  BubusWorkerLink *self = data;

  g_object_unref (self->process);
  g_clear_error (&self->reason);
}

static void
bubus_worker_link_unref (BubusWorkerLink *self)
{
  g_rc_box_release_full (self, bubus_worker_link_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusWorkerLink, bubus_worker_link_unref)

static void
bubus_worker_link_disarm (BubusWorkerLink *self)
{
  guint timer_id = self->timer_id;

  self->timer_id = 0;
  if (timer_id != 0)
    bubus_clock_remove_timeout (self->host->clock, timer_id);
}

/* Nobody is called from here on. A process that still runs is killed; whoever waits for it keeps the rest. */
void
_bubus_worker_link_free (BubusWorkerLink *self)
{
  self->funcs = NULL;
  bubus_worker_link_disarm (self);
  g_clear_pointer (&self->pipe, _bubus_worker_pipe_close);
  g_subprocess_force_exit (self->process);
  bubus_worker_link_unref (self);
}

guint
_bubus_worker_link_get_pid (BubusWorkerLink *self)
{
  return self->pid;
}

/* Takes @reason, which is told when the process has ended. */
void
_bubus_worker_link_kill (BubusWorkerLink *self,
                         GError          *reason)
{
  if (self->reason == NULL)
    self->reason = reason;
  else
    g_error_free (reason);
  g_subprocess_force_exit (self->process);
}

/* ---- what comes ---- */

static void
bubus_worker_link_frame (gpointer    user_data,
                         const char *text,
                         gsize       length)
{
  g_autoptr (BubusWorkerLink) self = g_rc_box_acquire (user_data);
  BubusWorkerMessage message;
  g_autoptr (GError) error = NULL;

  self->asked = FALSE;
  if (self->funcs == NULL || self->reason != NULL)
    return;
  if (_bubus_worker_message_parse (&message, text, length, &error)
      && (message.op == BUBUS_WORKER_OP_PONG || self->funcs->message (self->user_data, &message, &error)))
    return;

  _bubus_worker_link_kill (self, g_error_new (BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED,
                                              "It has sent what cannot be understood: %s", error->message));
}

static void
bubus_worker_link_closed (gpointer      user_data,
                          const GError *error)
{
  BubusWorkerLink *self = user_data;

  /* Most often it has just ended by itself: then this is too late to change what it has ended with. */
  if (error != NULL)
    _bubus_worker_link_kill (self, g_error_new (BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED, "%s", error->message));
  else
    g_subprocess_force_exit (self->process);
}

static const BubusWorkerPipeFuncs pipe_funcs = {
  bubus_worker_link_frame,
  bubus_worker_link_closed,
};

/* ---- the end ---- */

static GError *
bubus_worker_link_describe_end (BubusWorkerLink *self)
{
  if (self->reason != NULL)
    return g_steal_pointer (&self->reason);
  if (g_subprocess_get_if_signaled (self->process))
    return g_error_new (BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED, "Its process was ended by signal %d (%s)",
                        g_subprocess_get_term_sig (self->process), g_strsignal (g_subprocess_get_term_sig (self->process)));
  return g_error_new (BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED, "Its process has exited with status %d",
                      g_subprocess_get_exit_status (self->process));
}

static void
bubus_worker_link_ended_cb (GObject      *source,
                            GAsyncResult *result,
                            gpointer      user_data)
{
  g_autoptr (BubusWorkerLink) self = user_data;
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  if (self->pipe != NULL)
    _bubus_worker_pipe_drain (self->pipe);
  if (self->funcs == NULL)
    return;

  bubus_worker_link_disarm (self);
  g_clear_pointer (&self->pipe, _bubus_worker_pipe_close);
  error = bubus_worker_link_describe_end (self);
  self->funcs->ended (self->user_data, error);
}

/* ---- what goes ---- */

/* Returns: where to append the members of a message; _bubus_worker_link_end() comes next */
GString *
_bubus_worker_link_begin (BubusWorkerLink *self,
                          BubusWorkerOp    op)
{
  self->out = _bubus_worker_pipe_begin (self->pipe);
  _bubus_worker_message_begin (self->out, op);
  return self->out;
}

gboolean
_bubus_worker_link_end (BubusWorkerLink  *self,
                        GError          **error)
{
  g_string_append_c (self->out, '}');
  return _bubus_worker_pipe_end (self->pipe, error);
}

/* A message with one number, or none when that is 0. */
void
_bubus_worker_link_send_id (BubusWorkerLink *self,
                            BubusWorkerOp    op,
                            BubusWorkerKey   key,
                            guint            id)
{
  _bubus_worker_message_add_id (_bubus_worker_link_begin (self, op), key, id);
  _bubus_worker_link_end (self, NULL);
}

/* ---- the heart ---- */

static void bubus_worker_link_arm (BubusWorkerLink *self);

static gboolean
bubus_worker_link_arm_cb (gpointer user_data)
{
  BubusWorkerLink *self = user_data;

  if (self->funcs != NULL && self->timer_id == 0)
    bubus_worker_link_arm (self);
  return G_SOURCE_REMOVE;
}

/* The time in which an answer is due begins when the question has been sent, which is when the main loop is run. */
static void
bubus_worker_link_arm_later (BubusWorkerLink *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_worker_link_arm_cb, g_rc_box_acquire (self),
                         (GDestroyNotify) bubus_worker_link_unref);
  g_source_attach (source, bubus_event_bus_get_main_context (self->host->main_bus));
}

/* The host itself may have been away: what has come meanwhile counts. */
static void
bubus_worker_link_tick_cb (gpointer user_data)
{
  g_autoptr (BubusWorkerLink) self = g_rc_box_acquire (user_data);

  self->timer_id = 0;
  if (self->asked)
    _bubus_worker_pipe_drain (self->pipe);
  if (self->funcs == NULL || self->reason != NULL)
    return;
  if (self->asked)
    {
      _bubus_worker_link_kill (self, g_error_new (BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED,
                                                  "It has not answered for %g s", self->host->worker.hang_timeout));
      return;
    }

  _bubus_worker_link_send_id (self, BUBUS_WORKER_OP_PING, BUBUS_WORKER_KEY_CALL, 0);
  self->asked = TRUE;
  bubus_worker_link_arm_later (self);
}

static void
bubus_worker_link_arm (BubusWorkerLink *self)
{
  double seconds = self->host->worker.hang_timeout;

  if (seconds > 0)
    self->timer_id = bubus_clock_add_timeout (self->host->clock, (gint64) (MIN (seconds, 1e9) * 1e9),
                                              bubus_event_bus_get_main_context (self->host->main_bus),
                                              bubus_worker_link_tick_cb, self, NULL);
}

/* From now on the worker must show that it is alive. */
void
_bubus_worker_link_watch (BubusWorkerLink *self)
{
  if (self->timer_id == 0)
    bubus_worker_link_arm (self);
}

/* ---- the beginning ---- */

/* A caller's environment is not handed on by a program that has more rights. */
static void
bubus_worker_link_set_environment (GSubprocessLauncher *launcher)
{
  char *clean[] = { (char *) "PATH=/usr/bin:/bin", NULL };

  if (_bubus_plugin_trust_is_privileged ())
    g_subprocess_launcher_set_environ (launcher, clean);
}

static char *
bubus_worker_link_find_program (GError **error)
{
  g_autofree char *path = g_build_filename (_bubus_plugin_loader_get_directory (), WORKER_PROGRAM, NULL);

  return _bubus_plugin_trust_check (path, error) ? g_steal_pointer (&path) : NULL;
}

/* The worker gets no other descriptors than its end of the socket, and the standard ones, of which the input is empty.
 *
 * Takes @fd. */
static GSubprocess *
bubus_worker_link_spawn (BubusHost  *host,
                         int         fd,
                         GError    **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *program = bubus_worker_link_find_program (error);
  g_autofree char *memory = g_strdup_printf ("%" G_GUINT64_FORMAT, host->worker.memory_limit);
  g_autofree char *size = g_strdup_printf ("%u", host->worker.max_frame_size);
  g_autofree char *parent = g_strdup_printf ("%d", (int) getpid ());

  g_subprocess_launcher_take_fd (launcher, fd, BUBUS_WORKER_FD);
  if (program == NULL)
    return NULL;

  bubus_worker_link_set_environment (launcher);
  return g_subprocess_launcher_spawn (launcher, error, program, parent, size, memory, NULL);
}

static void
bubus_worker_link_wait (BubusWorkerLink *self,
                        GMainContext    *context)
{
  g_main_context_push_thread_default (context);
  g_subprocess_wait_async (self->process, NULL, bubus_worker_link_ended_cb, g_rc_box_acquire (self));
  g_main_context_pop_thread_default (context);
}

/* Starts a worker. */
BubusWorkerLink *
_bubus_worker_link_new (BubusHost                   *host,
                        const BubusWorkerLinkFuncs  *funcs,
                        gpointer                     user_data,
                        GError                     **error)
{
  GMainContext *context = bubus_event_bus_get_main_context (host->main_bus);
  g_autoptr (GSubprocess) process = NULL;
  BubusWorkerLink *self;
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "There is no socket for a worker: %s", g_strerror (errno));
      return NULL;
    }
  process = bubus_worker_link_spawn (host, fds[1], error);
  if (process == NULL)
    {
      close (fds[0]);
      g_prefix_error (error, "A worker cannot be started: ");
      return NULL;
    }

  self = g_rc_box_new0 (BubusWorkerLink);
  self->host = host;
  self->funcs = funcs;
  self->user_data = user_data;
  self->process = g_steal_pointer (&process);
  self->pid = (guint) strtoul (g_subprocess_get_identifier (self->process), NULL, 10);
  self->pipe = _bubus_worker_pipe_new (fds[0], host->worker.max_frame_size, context, &pipe_funcs, self);
  bubus_worker_link_wait (self, context);
  return self;
}
