/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bubus-forest.h"

#include "bubus-text.h"

/* Trees are kept as text: to keep the events would keep all of their payload. A root's text is known only to be the
 * last one when another root follows, so that connectors are put in front of its lines at the end. */
struct _BubusForest
{
  BubusTreeFlags  flags;
  guint           max_roots; /* 0: all */
  guint64         n_roots;
  GPtrArray      *roots;     /* of char *, one text of several lines each */
};

/* What stands in front of a line, and of the lines below it. */
typedef struct
{
  const char *first;
  const char *rest;
} BubusForestConnector;

static BubusForestConnector
bubus_forest_get_connector (BubusForest *self,
                            gboolean     last)
{
  static const BubusForestConnector connectors[2][2] = {
    { { "|-- ", "|   " }, { "`-- ", "    " } },
    { { "├── ", "│   " }, { "└── ", "    " } },
  };

  return connectors[!(self->flags & BUBUS_TREE_ASCII)][!!last];
}

BubusForest *
bubus_forest_new (guint          max_roots,
                  BubusTreeFlags flags)
{
  BubusForest *self = g_new0 (BubusForest, 1);

  self->flags = flags;
  self->max_roots = max_roots;
  self->roots = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
bubus_forest_free (BubusForest *self)
{
  g_ptr_array_unref (self->roots);
  g_free (self);
}

/* To be called when @root is complete. */
void
bubus_forest_add_root (BubusForest *self,
                       BubusEvent  *root)
{
  self->n_roots++;
  if (self->max_roots == 0 || self->roots->len < self->max_roots)
    g_ptr_array_add (self->roots, bubus_event_format_tree (root, self->flags));
}

static void
bubus_forest_append_root (BubusForest *self,
                          const char  *text,
                          gboolean     last,
                          GString     *out)
{
  BubusForestConnector connector = bubus_forest_get_connector (self, last);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    g_string_append_printf (out, "%s%s\n", i == 0 ? connector.first : connector.rest, lines[i]);
}

static void
bubus_forest_append_rule (GString *out)
{
  for (guint i = 0; i < 80; i++)
    g_string_append_c (out, '=');
  g_string_append_c (out, '\n');
}

static void
bubus_forest_append_rest (BubusForest *self,
                          guint64      n_more,
                          GString     *out)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, n_more);

  g_string_append (out, bubus_forest_get_connector (self, TRUE).first);
  /* Translators: how many more trees there are than are shown. */
  g_string_append_printf (out, _("(%s more)"), number);
  g_string_append_c (out, '\n');
}

static void
bubus_forest_append_body (BubusForest *self,
                          GString     *out)
{
  guint64 n_more = self->n_roots - self->roots->len;

  if (self->roots->len == 0)
    g_string_append_printf (out, "%s\n", _("(No events in history)"));
  for (guint i = 0; i < self->roots->len; i++)
    bubus_forest_append_root (self, g_ptr_array_index (self->roots, i), n_more == 0 && i + 1 == self->roots->len, out);
  if (n_more > 0)
    bubus_forest_append_rest (self, n_more, out);
}

void
bubus_forest_append (BubusForest *self,
                     const char  *bus_name,
                     GString     *out)
{
  if (!(self->flags & BUBUS_TREE_ASCII))
    g_string_append (out, "📊 ");
  g_string_append (out, _("Event History Tree for "));
  bubus_text_append_safe (out, bus_name);
  g_string_append_c (out, '\n');
  bubus_forest_append_rule (out);
  bubus_forest_append_body (self, out);
  bubus_forest_append_rule (out);
}
