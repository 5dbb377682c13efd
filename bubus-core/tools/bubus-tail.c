/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-interrupt.h"
#include "bubus-journal-options.h"
#include "bubus-options.h"
#include "bubus-verbs.h"

#define BUBUS_TAIL_DEFAULT_LINES 10

typedef struct
{
  BubusJournalOptions  options;
  int                  n_lines;
  gboolean             follow;
  char                *form;

  BubusTreeFlags       flags;
  gboolean             json;
  BubusJournalReader  *reader;
  GMainLoop           *loop;
  guint64              n_malformed;
  gboolean             failed;
} BubusTail;

/* A line of text, or the line of the journal as it stands there. */
static char *
bubus_tail_format (BubusTail  *self,
                   BubusEvent *event)
{
  g_autofree char *line = NULL;

  if (self->json)
    return g_strconcat (bubus_journal_reader_get_text (self->reader), "\n", NULL);

  line = bubus_event_format_line (event, self->flags);
  return g_strconcat (line, "\n", NULL);
}

static void
bubus_tail_print (BubusTail  *self,
                  const char *text)
{
  bubus_console_write (text, self->json);
}

/* The last lines of what there is; a queue that is never longer. */
static void
bubus_tail_print_last (BubusTail *self)
{
  GQueue lines = G_QUEUE_INIT;

  while (TRUE)
    {
      g_autoptr (BubusEvent) event = bubus_journal_options_read (self->reader, &self->n_malformed, &self->failed);

      if (event == NULL)
        break;
      g_queue_push_tail (&lines, bubus_tail_format (self, event));
      if (lines.length > (guint) self->n_lines)
        g_free (g_queue_pop_head (&lines));
    }
  for (GList *l = lines.head; l != NULL; l = l->next)
    bubus_tail_print (self, l->data);
  g_queue_clear_full (&lines, g_free);
}

/* ---- following ---- */

static void
bubus_tail_go_on (BubusTail *self)
{
  while (TRUE)
    {
      g_autoptr (BubusEvent) event = bubus_journal_options_read (self->reader, &self->n_malformed, &self->failed);
      g_autofree char *text = NULL;

      if (event == NULL)
        break;
      text = bubus_tail_format (self, event);
      bubus_tail_print (self, text);
    }
  if (fflush (stdout) != 0 || self->failed)
    g_main_loop_quit (self->loop);
}

static void
bubus_tail_changed_cb (GFileMonitor      *monitor,
                       GFile             *file,
                       GFile             *other_file,
                       GFileMonitorEvent  change,
                       gpointer           user_data)
{
  bubus_tail_go_on (user_data);
}

static void
bubus_tail_interrupt_cb (gpointer user_data)
{
  BubusTail *self = user_data;

  g_main_loop_quit (self->loop);
}

/* The folder is watched, because the file may be put aside, and need not exist yet. */
static GFileMonitor *
bubus_tail_watch (BubusTail  *self,
                  GError    **error)
{
  g_autoptr (GFile) folder = g_file_get_parent (bubus_journal_reader_get_file (self->reader));
  GFileMonitor *monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_WATCH_MOVES, NULL, error);

  if (monitor == NULL)
    return NULL;
  g_file_monitor_set_rate_limit (monitor, 0);
  g_signal_connect (monitor, "changed", G_CALLBACK (bubus_tail_changed_cb), self);
  return monitor;
}

static gboolean
bubus_tail_follow (BubusTail *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileMonitor) monitor = bubus_tail_watch (self, &error);

  if (monitor == NULL || !bubus_interrupt_watch (bubus_tail_interrupt_cb, self, &error))
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      return FALSE;
    }

  self->loop = g_main_loop_new (NULL, FALSE);
  bubus_tail_go_on (self); /* what was written before the folder was watched */
  if (!self->failed)
    g_main_loop_run (self->loop);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  bubus_interrupt_unwatch ();
  return TRUE;
}

/* ---- options ---- */

static int
bubus_tail_execute (BubusTail *self)
{
  self->reader = bubus_journal_options_open (&self->options, !self->follow);
  if (self->reader == NULL)
    return BUBUS_EXIT_USAGE;

  self->flags = bubus_console_get_tree_flags (STDOUT_FILENO);
  bubus_tail_print_last (self);
  if (self->follow && !self->failed && !bubus_tail_follow (self))
    self->failed = TRUE;
  g_clear_object (&self->reader);
  return self->failed || self->n_malformed > 0 ? BUBUS_EXIT_FAILED : BUBUS_EXIT_OK;
}

static gboolean
bubus_tail_check (BubusTail *self)
{
  self->json = g_strcmp0 (self->form, "json") == 0;
  if (self->form != NULL && !self->json && !g_str_equal (self->form, "text"))
    {
      bubus_options_refuse (_("unknown output “%s”: it can be text or json"), self->form);
      return FALSE;
    }
  if (self->n_lines < 0)
    {
      bubus_options_refuse (_("a number of lines cannot be negative"));
      return FALSE;
    }
  return TRUE;
}

int
bubus_tail_main (char **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("FILE"),
                       N_("Shows the last events of a journal, and with --follow those that come after them,\n"
                          "also when the file is put aside meanwhile."));
  BubusTail tail = { .n_lines = BUBUS_TAIL_DEFAULT_LINES };
  const GOptionEntry entries[] = {
    { "follow", 'f', 0, G_OPTION_ARG_NONE, &tail.follow, N_("Go on until interrupted"), NULL },
    { "lines", 'n', 0, G_OPTION_ARG_INT, &tail.n_lines, N_("Show the last N events (10)"), N_("N") },
    { "output", 0, 0, G_OPTION_ARG_STRING, &tail.form, N_("Write events as text (the default) or json"), N_("FORM") },
    { NULL },
  };
  int status = BUBUS_EXIT_USAGE;

  bubus_journal_options_add (&tail.options, context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (bubus_options_parse (context, arguments) && bubus_tail_check (&tail))
    status = bubus_tail_execute (&tail);
  bubus_journal_options_clear (&tail.options);
  g_free (tail.form);
  return status;
}
