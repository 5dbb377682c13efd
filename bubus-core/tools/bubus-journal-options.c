/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-options.h"

#include <errno.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-options.h"

void
bubus_journal_options_add (BubusJournalOptions *self,
                           GOptionContext      *context)
{
  const GOptionEntry entries[] = {
    { "type", 0, 0, G_OPTION_ARG_STRING, &self->type, N_("Only events whose type matches GLOB"), N_("GLOB") },
    { "since", 0, 0, G_OPTION_ARG_STRING, &self->since, N_("Only events that were made at TIME or later"), N_("TIME") },
    { "until", 0, 0, G_OPTION_ARG_STRING, &self->until, N_("Only events that were made before TIME"), N_("TIME") },
    { "id", 0, 0, G_OPTION_ARG_STRING, &self->id, N_("Only the event with this ID"), N_("ID") },
    { "parent", 0, 0, G_OPTION_ARG_STRING, &self->parent, N_("Only children of the event with this ID"), N_("ID") },
    { "status", 0, 0, G_OPTION_ARG_STRING, &self->status,
      N_("Only events that were pending, started or completed"), N_("STATUS") },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->files, NULL, NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

void
bubus_journal_options_clear (BubusJournalOptions *self)
{
  g_clear_pointer (&self->files, g_strfreev);
  g_clear_pointer (&self->type, g_free);
  g_clear_pointer (&self->since, g_free);
  g_clear_pointer (&self->until, g_free);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->parent, g_free);
  g_clear_pointer (&self->status, g_free);
}

/* 0 without an option. */
static gboolean
bubus_journal_options_parse_time (const char *text,
                                  gint64     *time_ns)
{
  g_autoptr (GError) error = NULL;

  *time_ns = 0;
  if (text == NULL || bubus_time_from_iso8601 (text, time_ns, &error))
    return TRUE;

  bubus_options_refuse ("%s", error->message);
  return FALSE;
}

static gboolean
bubus_journal_options_check_status (const char *status)
{
  static const char *const known[] = { "pending", "started", "completed", NULL };

  if (status == NULL || g_strv_contains (known, status))
    return TRUE;

  bubus_options_refuse (_("unknown status “%s”: it can be pending, started or completed"), status);
  return FALSE;
}

static gboolean
bubus_journal_options_check_file (BubusJournalOptions *self,
                                  gboolean             must_exist)
{
  if (self->files == NULL || self->files[1] != NULL)
    {
      bubus_options_refuse (_("one file must be named"));
      return FALSE;
    }
  if (must_exist && !g_file_test (self->files[0], G_FILE_TEST_EXISTS))
    {
      g_autofree char *name = g_filename_display_name (self->files[0]);

      bubus_console_report ("%s: %s: %s", g_get_prgname (), name, g_strerror (ENOENT));
      return FALSE;
    }
  return TRUE;
}

/* Gives the times, which are 0 without an option. What is wrong is told. */
gboolean
bubus_journal_options_check (BubusJournalOptions *self,
                             gboolean             must_exist,
                             gint64              *since,
                             gint64              *until)
{
  return bubus_journal_options_check_file (self, must_exist) && bubus_journal_options_check_status (self->status)
         && bubus_journal_options_parse_time (self->since, since)
         && bubus_journal_options_parse_time (self->until, until);
}

/* NULL when something is wrong, which has been told by then. */
BubusJournalReader *
bubus_journal_options_open (BubusJournalOptions *self,
                            gboolean             must_exist)
{
  g_autoptr (GFile) file = NULL;
  BubusJournalReader *reader;
  gint64 since, until;

  if (!bubus_journal_options_check (self, must_exist, &since, &until))
    return NULL;

  file = g_file_new_for_commandline_arg (self->files[0]);
  reader = bubus_journal_reader_new (file);
  g_object_set (reader, "type-pattern", self->type, "since", since, "until", until, "event-id", self->id, "parent-id",
                self->parent, "status", self->status, NULL);
  return reader;
}

/* The next event; what is none is told and counted. NULL at the end. */
BubusEvent *
bubus_journal_options_read (BubusJournalReader *reader,
                            guint64            *n_malformed,
                            gboolean           *failed)
{
  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      BubusEvent *event = bubus_journal_reader_next (reader, &error);

      if (error == NULL)
        return event;
      if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL))
        {
          bubus_console_report ("%s: %s", g_get_prgname (), error->message);
          *failed = TRUE;
          return NULL;
        }
      bubus_console_report ("%s", error->message);
      (*n_malformed)++;
    }
}

/* At the end of a journal: a last line without a line end is none yet, and is not read. */
void
bubus_journal_options_tell_torn (BubusJournalReader *reader)
{
  if (bubus_journal_reader_is_torn (reader))
    bubus_console_report (_("%s: the last line is not complete, and is left out"), g_get_prgname ());
}
