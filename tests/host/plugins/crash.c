/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bubus-host.h>

/* The ways in which a process can go wrong, one for each event. */

#define WORKER_FD 3

typedef struct
{
  GObject parent_instance;
} CrashPlugin;

typedef void (*CrashFunc) (void);

static void
crash_by_segmentation_fault (void)
{
  signal (SIGSEGV, SIG_DFL);
  raise (SIGSEGV);
}

static void
crash_by_abort (void)
{
  signal (SIGABRT, SIG_DFL);
  abort ();
}

static void
crash_by_exit (void)
{
  _exit (7);
}

static void
crash_by_loop (void)
{
  for (;;)
    pause ();
}

/* Says that it has begun. */
static void
crash_by_spinning (void)
{
  if (write (STDOUT_FILENO, "spinning\n", 9) != 9)
    _exit (8);
  for (;;)
    continue;
}

static void
crash_by_memory (void)
{
  for (;;)
    {
      void *memory = mmap (NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

      if (memory == MAP_FAILED)
        crash_by_abort ();
      memset (memory, 1, 1 << 20);
    }
}

static void
crash_write (const char *data,
             gsize       size)
{
  if (write (WORKER_FD, data, size) != (gssize) size)
    _exit (8);
}

static void
crash_by_garbage (void)
{
  crash_write ("\0\0\0\4{\"a\"", 8);
}

static void
crash_by_nonsense (void)
{
  crash_write ("\0\0\0\16{\"op\":\"event\"}", 4 + 14);
}

static void
crash_by_frame (void)
{
  crash_write ("\377\377\377\377", 4);
}

static void
crash_by_closing (void)
{
  close (WORKER_FD);
}

/* The socket stays open when the process that was waited for has ended. */
static void
crash_with_grandchild (void)
{
  char byte;

  if (fork () != 0)
    _exit (9);
  while (read (WORKER_FD, &byte, 1) > 0)
    continue;
  _exit (0);
}

static gboolean
crash_plugin_crash (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          user_data,
                    GError          **error)
{
  ((CrashFunc) user_data) ();
  bubus_invocation_defer (invocation);
  return TRUE;
}

static gboolean
crash_plugin_say (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          user_data,
                  GError          **error)
{
  g_autofree char *text = g_strdup_printf ("%d", (int) getpid ());

  bubus_invocation_return_string (invocation, text);
  return TRUE;
}

static gboolean
crash_plugin_wait (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          user_data,
                   GError          **error)
{
  bubus_invocation_defer (invocation);
  return TRUE;
}

static gboolean
crash_plugin_activate (CrashPlugin         *self,
                       BubusPluginContext  *context,
                       GError             **error)
{
  static const struct { const char *event; CrashFunc func; } ways[] = {
    { "Segv", crash_by_segmentation_fault }, { "Abort", crash_by_abort }, { "Exit", crash_by_exit },
    { "Loop", crash_by_loop }, { "Spin", crash_by_spinning }, { "Memory", crash_by_memory },
    { "Garbage", crash_by_garbage }, { "Nonsense", crash_by_nonsense }, { "Frame", crash_by_frame },
    { "Close", crash_by_closing }, { "Grandchild", crash_with_grandchild },
  };
  const char *name = bubus_plugin_info_get_name (bubus_plugin_context_get_plugin_info (context));
  const struct rlimit no_core = { 0, 0 };

  setrlimit (RLIMIT_CORE, &no_core);
  if (g_str_has_prefix (name, "crash-now"))
    crash_by_segmentation_fault ();
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    bubus_plugin_context_on_pattern (context, NULL, ways[i].event, "crash", crash_plugin_crash,
                                     (gpointer) (GCallback) ways[i].func, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Pid", "say", crash_plugin_say, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Wait", "wait", crash_plugin_wait, NULL, NULL);
  return TRUE;
}

static gboolean
crash_plugin_deactivate (CrashPlugin         *self,
                         BubusPluginContext  *context,
                         GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (CrashPlugin, crash_plugin)
