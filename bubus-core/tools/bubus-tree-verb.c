/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <unistd.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-journal-options.h"
#include "bubus-options.h"
#include "bubus-verbs.h"

/* The events of a journal, as they are met first, each as it is known last. */
typedef struct
{
  GHashTable *places;  /* id -> index in @events */
  GPtrArray  *events;
} BubusTreeVerb;

static void
bubus_tree_verb_take (BubusTreeVerb *self,
                      BubusEvent    *event)
{
  const char *id = bubus_event_get_event_id (event);
  gpointer place;

  if (g_hash_table_lookup_extended (self->places, id, NULL, &place))
    {
      g_object_unref (self->events->pdata[GPOINTER_TO_UINT (place)]);
      self->events->pdata[GPOINTER_TO_UINT (place)] = event;
      return;
    }
  g_hash_table_insert (self->places, g_strdup (id), GUINT_TO_POINTER (self->events->len));
  g_ptr_array_add (self->events, event);
}

static gboolean
bubus_tree_verb_read (BubusTreeVerb      *self,
                      BubusJournalReader *reader)
{
  guint64 n_malformed = 0;
  gboolean failed = FALSE;
  BubusEvent *event;

  while ((event = bubus_journal_options_read (reader, &n_malformed, &failed)) != NULL)
    bubus_tree_verb_take (self, event);
  bubus_journal_options_tell_torn (reader);
  return !failed && n_malformed == 0;
}

static void
bubus_tree_verb_draw (BubusTreeVerb *self)
{
  g_autofree char *text = bubus_tree_format_events (self->events, bubus_console_get_tree_flags (STDOUT_FILENO));

  bubus_console_write (text, FALSE);
}

static int
bubus_tree_verb_execute (BubusJournalOptions *options)
{
  g_autoptr (BubusJournalReader) reader = bubus_journal_options_open (options, TRUE);
  BubusTreeVerb verb;
  gboolean whole;

  if (reader == NULL)
    return BUBUS_EXIT_USAGE;

  verb.places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  verb.events = g_ptr_array_new_with_free_func (g_object_unref);
  whole = bubus_tree_verb_read (&verb, reader);
  bubus_tree_verb_draw (&verb);
  g_ptr_array_unref (verb.events);
  g_hash_table_unref (verb.places);
  return whole ? BUBUS_EXIT_OK : BUBUS_EXIT_FAILED;
}

int
bubus_tree_main (char **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (N_("FILE"),
                       N_("Shows what the events of a journal have led to: their handlers, and the events that these\n"
                          "dispatched in turn."));
  g_auto (BubusJournalOptions) options = { 0 };

  bubus_journal_options_add (&options, context);
  if (!bubus_options_parse (context, arguments))
    return BUBUS_EXIT_USAGE;
  return bubus_tree_verb_execute (&options);
}
