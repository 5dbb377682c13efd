/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>

#include "bubus-interrupt.h"

static const int numbers[] = { SIGINT, SIGTERM };

/* Signals belong to the process, and so does this. */
static int pipe_fds[2] = { -1, -1 };
static guint source_id = 0;
static BubusInterruptFunc watch_func = NULL;
static gpointer watch_data = NULL;

static void
bubus_interrupt_set_handler (void (*handler) (int))
{
  struct sigaction action = { .sa_handler = handler };

  sigemptyset (&action.sa_mask);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      struct sigaction old;

      /* A shell that starts a command in the background lets it ignore SIGINT; leave it at that. */
      if (sigaction (numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction (numbers[i], &action, NULL);
    }
}

/* Runs in the middle of anything: only what signal-safety(7) allows. */
static void
bubus_interrupt_handler (int number)
{
  gssize n;

  bubus_interrupt_set_handler (SIG_DFL);
  n = write (pipe_fds[1], "", 1);
  (void) n;
}

static gboolean
bubus_interrupt_ready_cb (int          fd,
                          GIOCondition condition,
                          gpointer     user_data)
{
  source_id = 0;
  watch_func (watch_data);
  return G_SOURCE_REMOVE;
}

gboolean
bubus_interrupt_watch (BubusInterruptFunc   func,
                       gpointer             user_data,
                       GError             **error)
{
  if (!g_unix_open_pipe (pipe_fds, FD_CLOEXEC, error))
    return FALSE;

  watch_func = func;
  watch_data = user_data;
  source_id = g_unix_fd_add (pipe_fds[0], G_IO_IN, bubus_interrupt_ready_cb, NULL);
  bubus_interrupt_set_handler (bubus_interrupt_handler);
  return TRUE;
}

void
bubus_interrupt_unwatch (void)
{
  bubus_interrupt_set_handler (SIG_DFL);
  g_clear_handle_id (&source_id, g_source_remove);
  for (guint i = 0; i < G_N_ELEMENTS (pipe_fds); i++)
    {
      if (pipe_fds[i] >= 0)
        close (pipe_fds[i]);
      pipe_fds[i] = -1;
    }
}
