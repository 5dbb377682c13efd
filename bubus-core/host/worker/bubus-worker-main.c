/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bubus-worker-guest-private.h"

/* The process that a plugin has for itself. It is started by a host only: bubus-worker PID FRAME-SIZE MEMORY, with a
 * socket as descriptor 3. */

/* A worker does not outlive its host, whatever that dies of. It is in a process group of its own, since a terminal tells
 * all processes of a group that somebody has pressed Ctrl+C, and it is the host that ends its plugins then. */
static gboolean
bubus_worker_tie_to (pid_t parent)
{
  setpgid (0, 0);
  return prctl (PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid () == parent;
}

/* In bytes. */
static guint64
bubus_worker_get_data_size (void)
{
  g_autofree char *text = NULL;
  unsigned long data = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*u %*u %*u %*u %*u %lu", &data);
  return (guint64) data * (guint64) sysconf (_SC_PAGESIZE);
}

/* What counts is what the plugin takes beyond what the process has already: memory that it can write and has for itself.
 * Address space would be another thing: interpreters and sanitizers reserve more of it than there is. */
static gboolean
bubus_worker_limit_memory (guint64 size)
{
  guint64 total = bubus_worker_get_data_size () + size;
  struct rlimit limit = { total, total };

  return size == 0 || setrlimit (RLIMIT_DATA, &limit) == 0;
}

static guint64
bubus_worker_read_number (const char *text,
                          guint64     maximum)
{
  guint64 number = 0;

  return g_ascii_string_to_unsigned (text, 10, 0, maximum, &number, NULL) ? number : 0;
}

int
main (int    argc,
      char **argv)
{
  if (argc != 4 || fcntl (BUBUS_WORKER_FD, F_SETFD, FD_CLOEXEC) != 0)
    {
      g_printerr ("%s is started by a host of Bubus, for a plugin that has a process of its own.\n", argv[0]);
      return 2;
    }
  if (!bubus_worker_tie_to ((pid_t) bubus_worker_read_number (argv[1], G_MAXINT)))
    return 1;
  if (!bubus_worker_limit_memory (bubus_worker_read_number (argv[3], G_MAXINT64)))
    {
      g_printerr ("%s: the memory cannot be limited: %s\n", argv[0], g_strerror (errno));
      return 1;
    }

  return _bubus_worker_serve (BUBUS_WORKER_FD, bubus_worker_read_number (argv[2], G_MAXUINT32));
}
