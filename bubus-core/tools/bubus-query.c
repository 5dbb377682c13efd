/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-journal-options.h"
#include "bubus-options.h"
#include "bubus-query-sql.h"
#include "bubus-text.h"
#include "bubus-verbs.h"

#define BUBUS_QUERY_PATIENCE 5000  /* milliseconds, for a process that keeps the file to itself */

typedef struct
{
  BubusJournalOptions options;
  gboolean            failed;
  gboolean            results;
  int                 limit;
  char               *form;

  BubusTreeFlags      flags;
  gboolean            json;
  guint64             n_malformed;
} BubusQueryVerb;

/* ---- what is shown ---- */

static char *
bubus_query_verb_format_event (BubusQueryVerb  *self,
                               sqlite3_stmt    *row,
                               GError         **error)
{
  const char *text = (const char *) sqlite3_column_text (row, 0);
  g_autoptr (BubusEvent) event = bubus_event_new_from_json (text != NULL ? text : "", -1, BUBUS_JSON_NONE, error);

  if (event == NULL)
    return NULL;
  return self->json ? bubus_event_to_json (event) : bubus_event_format_line (event, self->flags);
}

/* On one line, whatever stands in the file. */
static char *
bubus_query_verb_format_json (sqlite3_stmt  *row,
                              GError       **error)
{
  const char *text = (const char *) sqlite3_column_text (row, BUBUS_QUERY_JSON);
  g_autoptr (BubusJson) json = bubus_json_new (text != NULL ? text : "", -1, error);

  return json != NULL ? g_strdup (bubus_json_get_text (json)) : NULL;
}

static void
bubus_query_verb_append (GString      *line,
                         const char   *before,
                         sqlite3_stmt *row,
                         int           column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  if (text == NULL)
    return;
  g_string_append (line, before);
  bubus_text_append_safe (line, text);
}

static char *
bubus_query_verb_format_result (BubusQueryVerb  *self,
                                sqlite3_stmt    *row,
                                GError         **error)
{
  GString *line;

  if (self->json)
    return bubus_query_verb_format_json (row, error);

  line = g_string_new (NULL);
  bubus_query_verb_append (line, "", row, BUBUS_QUERY_TIME);
  bubus_query_verb_append (line, " ", row, BUBUS_QUERY_EVENT_TYPE);
  bubus_query_verb_append (line, " ", row, BUBUS_QUERY_EVENT_ID);
  bubus_query_verb_append (line, " ", row, BUBUS_QUERY_HANDLER);
  bubus_query_verb_append (line, " ", row, BUBUS_QUERY_STATUS);
  bubus_query_verb_append (line, " ", row, BUBUS_QUERY_VALUE);
  bubus_query_verb_append (line, ": ", row, BUBUS_QUERY_ERROR);
  return g_string_free (line, FALSE);
}

static void
bubus_query_verb_print (BubusQueryVerb *self,
                        sqlite3_stmt   *row)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text =
    self->results ? bubus_query_verb_format_result (self, row, &error) : bubus_query_verb_format_event (self, row, &error);

  if (text == NULL)
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      self->n_malformed++;
      return;
    }
  bubus_console_write (text, self->json);
  bubus_console_write ("\n", TRUE);
}

/* ---- reading ---- */

static gboolean
bubus_query_verb_read (BubusQueryVerb   *self,
                       HistoryDatabase  *database,
                       sqlite3_stmt     *statement,
                       GError          **error)
{
  int status = SQLITE_ROW;

  while (!ferror (stdout) && (status = sqlite3_step (statement)) == SQLITE_ROW)
    bubus_query_verb_print (self, statement);
  return status == SQLITE_ROW || status == SQLITE_DONE || history_database_fail (database, "read", error);
}

static gboolean
bubus_query_verb_run (BubusQueryVerb          *self,
                      HistoryDatabase         *database,
                      const BubusQueryFilter  *filter,
                      GError                 **error)
{
  sqlite3_stmt *statement = bubus_query_prepare (database, filter, self->results, error);
  gboolean whole;

  if (statement == NULL)
    return FALSE;
  whole = bubus_query_verb_read (self, database, statement, error);
  sqlite3_finalize (statement);
  return whole;
}

static int
bubus_query_verb_execute (BubusQueryVerb *self)
{
  const BubusJournalOptions *options = &self->options;
  BubusQueryFilter filter = { options->type, options->id, options->parent, options->status };
  g_autoptr (HistoryDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  if (!bubus_journal_options_check (&self->options, TRUE, &filter.since, &filter.until))
    return BUBUS_EXIT_USAGE;

  filter.failed = self->failed;
  filter.limit = self->limit;
  database = history_database_open_to_read (options->files[0], BUBUS_QUERY_PATIENCE, &error);
  if (database == NULL)
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      return BUBUS_EXIT_USAGE;
    }

  self->flags = bubus_console_get_tree_flags (STDOUT_FILENO);
  if (bubus_query_verb_run (self, database, &filter, &error))
    return self->n_malformed > 0 ? BUBUS_EXIT_FAILED : BUBUS_EXIT_OK;
  bubus_console_report ("%s: %s", g_get_prgname (), error->message);
  return BUBUS_EXIT_FAILED;
}

/* ---- options ---- */

static gboolean
bubus_query_verb_check (BubusQueryVerb *self)
{
  self->json = g_strcmp0 (self->form, "json") == 0;
  if (self->form == NULL || self->json || g_str_equal (self->form, "text"))
    return TRUE;

  bubus_options_refuse (_("unknown output “%s”: it can be text or json"), self->form);
  return FALSE;
}

int
bubus_query_main (char **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("FILE"),
                       N_("Looks for events in a database that the plugin “sqlite” has written. Each is shown once, as\n"
                          "it is known last; the one that has changed last comes last."));
  BubusQueryVerb self = { .limit = -1 };
  const GOptionEntry entries[] = {
    { "error", 0, 0, G_OPTION_ARG_NONE, &self.failed, N_("Only events with a handler that has failed"), NULL },
    { "limit", 'n', 0, G_OPTION_ARG_INT, &self.limit, N_("Only the last N of these events"), N_("N") },
    { "results", 0, 0, G_OPTION_ARG_NONE, &self.results, N_("Show the results of these events instead"), NULL },
    { "output", 0, 0, G_OPTION_ARG_STRING, &self.form, N_("Write them as text (the default) or json"), N_("FORM") },
    { NULL },
  };
  int status = BUBUS_EXIT_USAGE;

  bubus_journal_options_add (&self.options, context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (bubus_options_parse (context, arguments) && bubus_query_verb_check (&self))
    status = bubus_query_verb_execute (&self);
  bubus_journal_options_clear (&self.options);
  g_free (self.form);
  return status;
}
