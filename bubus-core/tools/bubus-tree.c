/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bubus-tree.h"

/* Trees are kept as text: to keep the events would keep all of their payload. A root's text is known only to be the
 * last one when another root follows, so that connectors are put in front of its lines at the end. */
struct _BubusTree
{
  BubusTextStyle  style;
  guint           max_roots; /* 0: all */
  guint64         n_roots;
  GPtrArray      *roots;     /* of char *, one text of several lines each */
};

/* What stands in front of a line, and of the lines below it. */
typedef struct
{
  const char *first;
  const char *rest;
} BubusTreeConnector;

static void bubus_tree_append_event (BubusTree  *self,
                                     GString    *out,
                                     BubusEvent *event,
                                     GString    *prefix);

static BubusTreeConnector
bubus_tree_get_connector (BubusTree *self,
                          gboolean   last)
{
  static const BubusTreeConnector connectors[2][2] = {
    { { "|-- ", "|   " }, { "`-- ", "    " } },
    { { "├── ", "│   " }, { "└── ", "    " } },
  };

  return connectors[!!self->style.utf8][!!last];
}

/* Puts the connector of a line on @out, and makes @prefix that of the lines below. Returns what to cut it to. */
static gsize
bubus_tree_enter (BubusTree *self,
                  GString   *out,
                  GString   *prefix,
                  gboolean   last)
{
  BubusTreeConnector connector = bubus_tree_get_connector (self, last);
  gsize length = prefix->len;

  g_string_append_len (out, prefix->str, prefix->len);
  g_string_append (out, connector.first);
  g_string_append (prefix, connector.rest);
  return length;
}

static void
bubus_tree_append_result (BubusTree        *self,
                          GString          *out,
                          BubusEventResult *result,
                          GString          *prefix,
                          gboolean          last)
{
  g_autoptr (GListModel) children = bubus_event_result_list_children (result);
  guint n_children = g_list_model_get_n_items (children);
  gsize length = bubus_tree_enter (self, out, prefix, last);

  bubus_text_append_result (out, &self->style, result);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < n_children; i++)
    {
      g_autoptr (BubusEvent) child = g_list_model_get_item (children, i);
      gsize child_length = bubus_tree_enter (self, out, prefix, i + 1 == n_children);

      bubus_tree_append_event (self, out, child, prefix);
      g_string_truncate (prefix, child_length);
    }
  g_string_truncate (prefix, length);
}

/* The first to start first; those that have not started last. */
static int
bubus_tree_compare_results (gconstpointer a,
                            gconstpointer b)
{
  guint64 start_a = bubus_event_result_get_started_at (*(BubusEventResult **) a) - 1;
  guint64 start_b = bubus_event_result_get_started_at (*(BubusEventResult **) b) - 1;

  return (start_a > start_b) - (start_a < start_b);
}

static void
bubus_tree_append_event (BubusTree  *self,
                         GString    *out,
                         BubusEvent *event,
                         GString    *prefix)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_ptr_array_sort (results, bubus_tree_compare_results);
  bubus_text_append_event (out, &self->style, event);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < results->len; i++)
    bubus_tree_append_result (self, out, g_ptr_array_index (results, i), prefix, i + 1 == results->len);
}

BubusTree *
bubus_tree_new (guint                 max_roots,
                const BubusTextStyle *style)
{
  BubusTree *self = g_new0 (BubusTree, 1);

  self->style = *style;
  self->max_roots = max_roots;
  self->roots = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
bubus_tree_free (BubusTree *self)
{
  g_ptr_array_unref (self->roots);
  g_free (self);
}

/* To be called when @root is complete. */
void
bubus_tree_add_root (BubusTree  *self,
                     BubusEvent *root)
{
  g_autoptr (GString) out = NULL;
  g_autoptr (GString) prefix = NULL;

  self->n_roots++;
  if (self->max_roots != 0 && self->roots->len >= self->max_roots)
    return;

  out = g_string_new (NULL);
  prefix = g_string_new (NULL);
  bubus_tree_append_event (self, out, root, prefix);
  g_ptr_array_add (self->roots, g_string_free (g_steal_pointer (&out), FALSE));
}

static void
bubus_tree_append_root (BubusTree  *self,
                        const char *text,
                        gboolean    last,
                        GString    *out)
{
  BubusTreeConnector connector = bubus_tree_get_connector (self, last);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (out, "%s%s\n", i == 0 ? connector.first : connector.rest, lines[i]);
}

static void
bubus_tree_append_rule (GString *out)
{
  for (guint i = 0; i < 80; i++)
    g_string_append_c (out, '=');
  g_string_append_c (out, '\n');
}

static void
bubus_tree_append_rest (BubusTree *self,
                        guint64    n_more,
                        GString   *out)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, n_more);

  g_string_append (out, bubus_tree_get_connector (self, TRUE).first);
  /* Translators: how many more trees there are than are shown. */
  g_string_append_printf (out, _("(%s more)"), number);
  g_string_append_c (out, '\n');
}

static void
bubus_tree_append_body (BubusTree *self,
                        GString   *out)
{
  guint64 n_more = self->n_roots - self->roots->len;

  if (self->roots->len == 0)
    g_string_append_printf (out, "%s\n", _("(No events in history)"));
  for (guint i = 0; i < self->roots->len; i++)
    bubus_tree_append_root (self, g_ptr_array_index (self->roots, i), n_more == 0 && i + 1 == self->roots->len, out);
  if (n_more > 0)
    bubus_tree_append_rest (self, n_more, out);
}

void
bubus_tree_append (BubusTree  *self,
                   const char *bus_name,
                   GString    *out)
{
  if (self->style.utf8)
    g_string_append (out, "📊 ");
  g_string_append (out, _("Event History Tree for "));
  bubus_text_append_safe (out, bus_name);
  g_string_append_c (out, '\n');
  bubus_tree_append_rule (out);
  bubus_tree_append_body (self, out);
  bubus_tree_append_rule (out);
}
