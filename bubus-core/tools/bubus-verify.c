/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-journal-options.h"
#include "bubus-options.h"
#include "bubus-verbs.h"

typedef struct
{
  guint64     n_lines;       /* that are events */
  guint64     n_checked;
  guint64     n_malformed;
  gboolean    failed;
  GHashTable *unfinished;    /* ids */
} BubusVerify;

static void
bubus_verify_note (BubusVerify        *self,
                   BubusJournalReader *reader,
                   BubusEvent         *event)
{
  self->n_lines++;
  self->n_checked += bubus_journal_reader_is_checked (reader);
  if (bubus_journal_reader_is_over (reader))
    g_hash_table_remove (self->unfinished, bubus_event_get_event_id (event));
  else
    g_hash_table_add (self->unfinished, g_strdup (bubus_event_get_event_id (event)));
}

static void
bubus_verify_print (BubusVerify *self,
                    gboolean     torn)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%" G_GUINT64_FORMAT " lines, %" G_GUINT64_FORMAT " with a checksum, %" G_GUINT64_FORMAT
                          " malformed\n", self->n_lines + self->n_malformed, self->n_checked, self->n_malformed);
  g_string_append_printf (text, "%u events are not complete\n", g_hash_table_size (self->unfinished));
  if (torn)
    g_string_append (text, "the last line is not complete\n");
  bubus_console_write (text->str, FALSE);
}

static int
bubus_verify_execute (BubusJournalOptions *options)
{
  g_autoptr (BubusJournalReader) reader = bubus_journal_options_open (options, TRUE);
  BubusVerify verify = { 0 };
  gboolean torn;

  if (reader == NULL)
    return BUBUS_EXIT_USAGE;

  verify.unfinished = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (TRUE)
    {
      g_autoptr (BubusEvent) event = bubus_journal_options_read (reader, &verify.n_malformed, &verify.failed);

      if (event == NULL)
        break;
      bubus_verify_note (&verify, reader, event);
    }
  torn = bubus_journal_reader_is_torn (reader);
  bubus_verify_print (&verify, torn);
  g_hash_table_unref (verify.unfinished);
  return verify.failed || verify.n_malformed > 0 || torn ? BUBUS_EXIT_FAILED : BUBUS_EXIT_OK;
}

int
bubus_verify_main (char **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("FILE"),
                       N_("Reads a journal, with the files that were put aside, and tells which lines are no\n"
                          "events or have another checksum, and how many events are not complete."));
  g_auto (BubusJournalOptions) options = { 0 };

  bubus_journal_options_add (&options, context);
  if (!bubus_options_parse (context, arguments))
    return BUBUS_EXIT_USAGE;
  return bubus_verify_execute (&options);
}
