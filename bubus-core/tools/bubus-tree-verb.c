/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <unistd.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-journal-options.h"
#include "bubus-options.h"
#include "bubus-text.h"
#include "bubus-verbs.h"

/* The trees of a journal. Its events know each other by their ids only: what is drawn for events that live is drawn from
 * the ids here. */
typedef struct
{
  BubusTextStyle  style;
  GHashTable     *events;    /* id -> event: what is last known about it */
  GPtrArray      *order;     /* of ids, as they are met first; owned by @events */
  GHashTable     *children;  /* id -> GPtrArray of events */
  GString        *out;
  GString        *prefix;
  guint           depth;
  guint           n_drawn;
} BubusTreeVerb;

/* How many generations are drawn. A bus allows fewer; a file may say anything. */
#define BUBUS_TREE_MAX_DEPTH 200

static void
bubus_tree_verb_add (BubusTreeVerb *self,
                     BubusEvent    *event)
{
  const char *id = bubus_event_get_event_id (event);
  gpointer known;

  if (g_hash_table_lookup_extended (self->events, id, &known, NULL))
    {
      g_hash_table_insert (self->events, g_strdup (id), event); /* keeps the old key */
      return;
    }
  known = g_strdup (id);
  g_hash_table_insert (self->events, known, event);
  g_ptr_array_add (self->order, known);
}

/* Roots are the events whose parent is not in the journal. */
static GPtrArray *
bubus_tree_verb_link (BubusTreeVerb *self)
{
  GPtrArray *roots = g_ptr_array_new ();

  for (guint i = 0; i < self->order->len; i++)
    {
      BubusEvent *event = g_hash_table_lookup (self->events, self->order->pdata[i]);
      const char *parent_id = bubus_event_get_event_parent_id (event);
      GPtrArray *siblings;

      if (parent_id == NULL || !g_hash_table_contains (self->events, parent_id))
        {
          g_ptr_array_add (roots, event);
          continue;
        }
      siblings = g_hash_table_lookup (self->children, parent_id);
      if (siblings == NULL)
        {
          siblings = g_ptr_array_new ();
          g_hash_table_insert (self->children, g_strdup (parent_id), siblings);
        }
      g_ptr_array_add (siblings, event);
    }
  return roots;
}

/* ---- drawing ---- */

static void bubus_tree_verb_append_event (BubusTreeVerb *self,
                                          BubusEvent    *event,
                                          gboolean       last);

/* Puts the connector of a line; gives what to cut the prefix of the lines below to. */
static gsize
bubus_tree_verb_enter (BubusTreeVerb *self,
                       gboolean       last)
{
  gsize length = self->prefix->len;

  g_string_append_len (self->out, self->prefix->str, length);
  if (self->style.utf8)
    {
      g_string_append (self->out, last ? "└── " : "├── ");
      g_string_append (self->prefix, last ? "    " : "│   ");
    }
  else
    {
      g_string_append (self->out, last ? "`-- " : "|-- ");
      g_string_append (self->prefix, last ? "    " : "|   ");
    }
  return length;
}

/* The children of one handler; those of no handler that is known for NULL. */
static GPtrArray *
bubus_tree_verb_list_children (BubusTreeVerb *self,
                               BubusEvent    *event,
                               const char    *handler_id)
{
  GPtrArray *all = g_hash_table_lookup (self->children, bubus_event_get_event_id (event));
  GPtrArray *children = g_ptr_array_new ();

  for (guint i = 0; all != NULL && i < all->len; i++)
    if (g_strcmp0 (bubus_event_get_event_emitted_by_handler_id (all->pdata[i]), handler_id) == 0)
      g_ptr_array_add (children, all->pdata[i]);
  return children;
}

static void
bubus_tree_verb_append_children (BubusTreeVerb *self,
                                 GPtrArray     *children)
{
  for (guint i = 0; i < children->len; i++)
    bubus_tree_verb_append_event (self, children->pdata[i], i + 1 == children->len);
}

static void
bubus_tree_verb_append_result (BubusTreeVerb    *self,
                               BubusEvent       *event,
                               BubusEventResult *result,
                               gboolean          last)
{
  g_autofree char *handler_id = bubus_event_result_dup_handler_id (result);
  g_autoptr (GPtrArray) children = bubus_tree_verb_list_children (self, event, handler_id);
  gsize length = bubus_tree_verb_enter (self, last);

  bubus_text_append_result (self->out, &self->style, result);
  g_string_append_c (self->out, '\n');
  bubus_tree_verb_append_children (self, children);
  g_string_truncate (self->prefix, length);
}

static void
bubus_tree_verb_append_event (BubusTreeVerb *self,
                              BubusEvent    *event,
                              gboolean       last)
{
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GPtrArray) orphans = NULL;
  gsize length;

  if (self->depth == BUBUS_TREE_MAX_DEPTH)
    return;

  self->depth++;
  self->n_drawn++;
  results = bubus_event_list_results (event);
  orphans = bubus_tree_verb_list_children (self, event, NULL);
  length = bubus_tree_verb_enter (self, last);
  bubus_text_append_event (self->out, &self->style, event);
  g_string_append_c (self->out, '\n');
  for (guint i = 0; i < results->len; i++)
    bubus_tree_verb_append_result (self, event, results->pdata[i], orphans->len == 0 && i + 1 == results->len);
  bubus_tree_verb_append_children (self, orphans);
  g_string_truncate (self->prefix, length);
  self->depth--;
}

/* ---- the verb ---- */

static gboolean
bubus_tree_verb_read (BubusTreeVerb      *self,
                      BubusJournalReader *reader)
{
  guint64 n_malformed = 0;
  gboolean failed = FALSE;
  BubusEvent *event;

  while ((event = bubus_journal_options_read (reader, &n_malformed, &failed)) != NULL)
    bubus_tree_verb_add (self, event);
  return !failed && n_malformed == 0;
}

static void
bubus_tree_verb_draw (BubusTreeVerb *self)
{
  g_autoptr (GPtrArray) roots = bubus_tree_verb_link (self);

  bubus_tree_verb_append_children (self, roots);
  bubus_console_write (self->out->str, FALSE);
  if (self->n_drawn < self->order->len)
    bubus_console_report (_("%s: %u events are too deep in their tree, or their own ancestors"), g_get_prgname (),
                          self->order->len - self->n_drawn);
}

static void
bubus_tree_verb_init (BubusTreeVerb *self)
{
  self->style.utf8 = bubus_console_is_utf8 ();
  self->style.colours = bubus_console_has_colours (STDOUT_FILENO);
  self->events = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->order = g_ptr_array_new ();
  self->children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->out = g_string_new (NULL);
  self->prefix = g_string_new (NULL);
}

static void
bubus_tree_verb_clear (BubusTreeVerb *self)
{
  g_hash_table_unref (self->children);
  g_ptr_array_unref (self->order);
  g_hash_table_unref (self->events);
  g_string_free (self->out, TRUE);
  g_string_free (self->prefix, TRUE);
}

static int
bubus_tree_verb_execute (BubusJournalOptions *options)
{
  g_autoptr (BubusJournalReader) reader = bubus_journal_options_open (options, TRUE);
  BubusTreeVerb verb = { { 0 } };
  gboolean whole;

  if (reader == NULL)
    return BUBUS_EXIT_USAGE;

  bubus_tree_verb_init (&verb);
  whole = bubus_tree_verb_read (&verb, reader);
  bubus_tree_verb_draw (&verb);
  bubus_tree_verb_clear (&verb);
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
