/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-feed.h"
#include "bubus-interrupt.h"
#include "bubus-options.h"
#include "bubus-report.h"
#include "bubus-tap.h"
#include "bubus-text.h"
#include "bubus-verbs.h"
#include "bubus-watch.h"

#define BUBUS_RUN_DEFAULT_TREES "10"

typedef struct
{
  /* As it was asked for. */
  BubusHostOptions   host_options;
  char              *bus_name;
  char              *output_name;
  char              *wal;
  char             **files;
  int                n_trees;    /* 0: all */
  gboolean           strict;
  gboolean           watching;

  BubusHost         *host;
  BubusEventBus     *bus;
  BubusTap          *tap;
  BubusJournal      *journal;    /* nullable */
  BubusFeed         *feed;
  BubusReport       *report;
  BubusWatch        *watch;      /* nullable */

  gboolean           failed;     /* for a reason that neither the feed nor the report know */
  gboolean           done;
} BubusRun;

/* ---- what happens ---- */

static void
bubus_run_event_changed_cb (BubusEvent       *event,
                            BubusEventStatus  status,
                            gpointer          user_data)
{
  BubusRun *self = user_data;

  bubus_report_note_event (self->report, event, status);
  if (status == BUBUS_EVENT_STATUS_COMPLETED)
    bubus_feed_note_completion (self->feed, event);
}

static void
bubus_run_output_failed_cb (const char *reason,
                            gpointer    user_data)
{
  BubusRun *self = user_data;

  bubus_console_report ("%s: %s: %s", g_get_prgname (), _("standard output"), reason);
  self->failed = TRUE;
  bubus_feed_stop (self->feed);
}

static void
bubus_run_journal_failed_cb (BubusJournal *journal,
                             const GError *error,
                             gpointer      user_data)
{
  BubusRun *self = user_data;

  bubus_console_report ("%s: %s", g_get_prgname (), error->message);
  self->failed = TRUE;
}

/* ---- buses ---- */

static void
bubus_run_watch_bus (BubusRun      *self,
                     BubusEventBus *bus)
{
  if (self->journal != NULL)
    bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (self->journal));
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (self->tap));
}

static void
bubus_run_unwatch_bus (BubusRun      *self,
                       BubusEventBus *bus)
{
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (self->tap));
  if (self->journal != NULL)
    bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (self->journal));
}

static void
bubus_run_bus_added_cb (BubusHost     *host,
                        BubusEventBus *bus,
                        gpointer       user_data)
{
  bubus_run_watch_bus (user_data, bus);
}

/* ---- the end ---- */

static void bubus_run_drain (BubusRun *self);

static void
bubus_run_idle_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  BubusRun *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (object), result, &error))
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      self->failed = TRUE;
      self->done = TRUE;
      return;
    }
  bubus_run_drain (self);
}

/* What one bus does last may give another one work. */
static void
bubus_run_drain (BubusRun *self)
{
  g_autoptr (GPtrArray) buses = bubus_host_list_buses (self->host);

  for (guint i = 0; i < buses->len; i++)
    {
      BubusEventBus *bus = g_ptr_array_index (buses, i);

      if (!bubus_event_bus_is_idle (bus))
        {
          bubus_event_bus_wait_until_idle_async (bus, NULL, bubus_run_idle_cb, self);
          return;
        }
    }
  self->done = TRUE;
}

static void
bubus_run_feed_ended_cb (gpointer user_data)
{
  bubus_run_drain (user_data);
}

static void
bubus_run_interrupt_cb (gpointer user_data)
{
  BubusRun *self = user_data;

  bubus_feed_stop (self->feed);
}

/* ---- setting up ---- */

static gboolean
bubus_run_refuse (const GError *error)
{
  bubus_console_report ("%s: %s", g_get_prgname (), error->message);
  return FALSE;
}

static gboolean
bubus_run_open_files (BubusRun *self)
{
  static char *standard_input[] = { (char *) "-", NULL };
  char **files = self->files != NULL ? self->files : standard_input;
  g_autoptr (GError) error = NULL;

  self->feed = bubus_feed_new (self->strict);
  for (guint i = 0; files[i] != NULL; i++)
    {
      if (!bubus_feed_add_file (self->feed, files[i], &error))
        return bubus_run_refuse (error);
    }
  return TRUE;
}

static void
bubus_run_set_up_journal (BubusRun *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->wal);

  self->journal = g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "retry-limit", 0, NULL);
  g_signal_connect (self->journal, "failed", G_CALLBACK (bubus_run_journal_failed_cb), self);
}

static gboolean
bubus_run_set_up_report (BubusRun *self)
{
  self->report = bubus_report_new (self->output_name, self->n_trees, bubus_run_output_failed_cb, self);
  if (self->report != NULL)
    return TRUE;

  bubus_options_refuse (_("unknown output “%s”: it can be text, json or none"), self->output_name);
  return FALSE;
}

/* Every bus is watched before a plugin can put an event on it. */
static gboolean
bubus_run_set_up_host (BubusRun *self)
{
  g_autoptr (GError) error = NULL;

  self->bus = bubus_event_bus_new (self->bus_name != NULL ? self->bus_name : "MainBus");
  bubus_run_watch_bus (self, self->bus);
  self->host = bubus_host_new (self->bus);
  g_signal_connect (self->host, "bus-added", G_CALLBACK (bubus_run_bus_added_cb), self);

  if (!bubus_host_options_apply_paths (&self->host_options, self->host, &error) ||
      !bubus_host_options_activate_plugins (&self->host_options, self->host, &error))
    return bubus_run_refuse (error);
  return TRUE;
}

static gboolean
bubus_run_set_up (BubusRun *self)
{
  if (!bubus_run_set_up_report (self) || !bubus_run_open_files (self))
    return FALSE;

  self->tap = bubus_tap_new (bubus_run_event_changed_cb, self);
  if (self->wal != NULL)
    bubus_run_set_up_journal (self);
  return bubus_run_set_up_host (self);
}

/* ---- the run ---- */

static void
bubus_run_deactivated_cb (GObject      *source,
                          GAsyncResult *result,
                          gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
bubus_run_deactivate_plugins (BubusRun *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  bubus_host_deactivate_all_async (self->host, NULL, bubus_run_deactivated_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  if (bubus_host_deactivate_all_finish (self->host, result, &error))
    return;

  bubus_run_refuse (error);
  self->failed = TRUE;
}

/* What is still to be written is written, and what cannot be is told. */
static void
bubus_run_finish_journal (BubusRun *self)
{
  if (self->journal == NULL)
    return;
  if (!bubus_journal_flush (self->journal, NULL))
    self->failed = TRUE;
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
bubus_run_iterate (BubusRun *self)
{
  g_autoptr (GError) error = NULL;

  if (!bubus_interrupt_watch (bubus_run_interrupt_cb, self, &error))
    bubus_run_refuse (error);

  if (self->watching)
    self->watch = bubus_watch_new (self->host);
  bubus_report_start (self->report);
  bubus_feed_start (self->feed, self->bus, bubus_run_feed_ended_cb, self);
  while (!self->done)
    g_main_context_iteration (NULL, TRUE);

  g_clear_pointer (&self->watch, bubus_watch_free);
  bubus_run_deactivate_plugins (self);
  bubus_run_finish_journal (self);
  bubus_report_stop (self->report);
  bubus_interrupt_unwatch ();
}

static void
bubus_run_append_input (BubusRun *self,
                        GString  *text)
{
  guint64 n_lines = bubus_feed_get_n_lines (self->feed);
  guint64 n_malformed = bubus_feed_get_n_malformed (self->feed);

  g_string_append_printf (text, "%" G_GUINT64_FORMAT " lines read, %" G_GUINT64_FORMAT " malformed\n", n_lines,
                          n_malformed);
}

static void
bubus_run_append_journal (BubusRun *self,
                          GString  *text)
{
  g_autofree char *name = g_file_get_parse_name (bubus_journal_get_file (self->journal));

  g_string_append_printf (text, "%" G_GUINT64_FORMAT " events written to ",
                          bubus_journal_get_n_written (self->journal));
  bubus_text_append_safe (text, name);
  g_string_append_printf (text, ", %" G_GUINT64_FORMAT " lost\n", bubus_journal_get_n_failed (self->journal));
}

static void
bubus_run_print_summary (BubusRun *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  bubus_report_append_summary (self->report, text);
  bubus_run_append_input (self, text);
  if (self->journal != NULL)
    bubus_run_append_journal (self, text);
  bubus_console_print (text->str);
}

static int
bubus_run_get_status (BubusRun *self)
{
  if (self->failed || bubus_feed_has_failed (self->feed) || bubus_feed_get_n_malformed (self->feed) > 0)
    return BUBUS_EXIT_FAILED;
  if (self->strict && bubus_report_get_n_failed_results (self->report) > 0)
    return BUBUS_EXIT_FAILED;
  return BUBUS_EXIT_OK;
}

static int
bubus_run_execute (BubusRun *self)
{
  if (!bubus_run_set_up (self))
    return BUBUS_EXIT_USAGE;

  bubus_run_iterate (self);
  bubus_report_print_trees (self->report, bubus_event_bus_get_name (self->bus));
  bubus_run_print_summary (self);
  return bubus_run_get_status (self);
}

/* ---- options ---- */

/* The value of an option that may do without must be joined to it, or it would be taken for a file. */
static char **
bubus_run_expand (char **arguments)
{
  char **expanded = g_strdupv (arguments);

  for (guint i = 1; expanded[i] != NULL && !g_str_equal (expanded[i], "--"); i++)
    {
      if (g_str_equal (expanded[i], "--tree"))
        {
          g_free (expanded[i]);
          expanded[i] = g_strdup ("--tree=" BUBUS_RUN_DEFAULT_TREES);
        }
    }
  return expanded;
}

static void
bubus_run_add_options (BubusRun       *self,
                       GOptionContext *context)
{
  const GOptionEntry entries[] = {
    { "bus", 0, 0, G_OPTION_ARG_STRING, &self->bus_name, N_("Call the bus that events are read for NAME"), N_("NAME") },
    { "output", 0, 0, G_OPTION_ARG_STRING, &self->output_name,
      N_("Write completed events as text (the default), json or none"), N_("FORM") },
    { "tree", 0, 0, G_OPTION_ARG_INT, &self->n_trees,
      N_("End with the trees of the first N events read (10 without N, 0 for all)"), N_("N") },
    { "wal", 0, 0, G_OPTION_ARG_FILENAME, &self->wal, N_("Append completed events to FILE"), N_("FILE") },
    { "strict", 0, 0, G_OPTION_ARG_NONE, &self->strict,
      N_("End at the first malformed line, and fail when a handler fails"), NULL },
    { "watch", 0, 0, G_OPTION_ARG_NONE, &self->watching,
      N_("Reload plugins in Python and JavaScript when their files change"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->files, NULL, NULL },
    { NULL },
  };

  bubus_host_options_add_paths (&self->host_options, context);
  bubus_host_options_add_plugins (&self->host_options, context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

/* Without the option there are none, which is not a number to ask for. */
static gboolean
bubus_run_check_trees (BubusRun *self)
{
  if (self->n_trees >= 0 || self->n_trees == BUBUS_REPORT_NO_TREES)
    return TRUE;

  bubus_options_refuse (_("a number of trees cannot be negative"));
  return FALSE;
}

static gboolean
bubus_run_parse (BubusRun *self,
                 char    **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("[FILE…]"),
                       N_("Reads events, one JSON text a line, from files or standard input (“-”), lets the\n"
                          "handlers of plugins work on them, and writes them when they are complete."));
  g_auto (GStrv) expanded = bubus_run_expand (arguments);

  self->n_trees = BUBUS_REPORT_NO_TREES;
  bubus_run_add_options (self, context);
  if (!bubus_options_parse (context, expanded))
    return FALSE;

  if (self->output_name == NULL)
    self->output_name = g_strdup ("text");
  return bubus_run_check_trees (self);
}

static void
bubus_run_clear_host (BubusRun *self)
{
  g_autoptr (GPtrArray) buses = bubus_host_list_buses (self->host);

  g_signal_handlers_disconnect_by_data (self->host, self);
  for (guint i = 0; i < buses->len; i++)
    bubus_run_unwatch_bus (self, g_ptr_array_index (buses, i));
}

static void
bubus_run_clear (BubusRun *self)
{
  if (self->tap != NULL)
    bubus_tap_stop (self->tap);
  if (self->host != NULL)
    bubus_run_clear_host (self);
  if (self->journal != NULL)
    g_signal_handlers_disconnect_by_data (self->journal, self);

  g_clear_object (&self->host);
  g_clear_object (&self->bus);
  g_clear_object (&self->tap);
  g_clear_object (&self->journal);
  g_clear_pointer (&self->feed, bubus_feed_free);
  g_clear_pointer (&self->report, bubus_report_free);

  bubus_host_options_clear (&self->host_options);
  g_clear_pointer (&self->bus_name, g_free);
  g_clear_pointer (&self->output_name, g_free);
  g_clear_pointer (&self->wal, g_free);
  g_clear_pointer (&self->files, g_strfreev);
}

int
bubus_run_main (char **arguments)
{
  BubusRun run = { 0 };
  int status = BUBUS_EXIT_USAGE;

  if (bubus_run_parse (&run, arguments))
    status = bubus_run_execute (&run);
  bubus_run_clear (&run);
  return status;
}
