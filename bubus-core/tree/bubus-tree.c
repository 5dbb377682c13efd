/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-tree.h"

#include "bubus-tree-text-internal.h"
#include "bubus-tree-walk-internal.h"

G_DEFINE_FLAGS_TYPE (BubusTreeFlags, bubus_tree_flags,
                     G_DEFINE_ENUM_VALUE (BUBUS_TREE_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (BUBUS_TREE_ASCII, "ascii"),
                     G_DEFINE_ENUM_VALUE (BUBUS_TREE_COLOR, "color"))

/* ---- lines ---- */

static void
bubus_tree_append_connectors (GString             *out,
                              BubusTreeFlags       flags,
                              const BubusTreeLine *line,
                              const gboolean      *ended,
                              guint                first_depth)
{
  static const BubusTreeSign passing[] = { { "│   ", "|   " }, { "    ", "    " } };
  static const BubusTreeSign leading[] = { { "├── ", "|-- " }, { "└── ", "`-- " } };

  for (guint i = first_depth; i < line->depth; i++)
    g_string_append (out, _bubus_tree_sign_get (passing[!!ended[i]], flags));
  if (line->depth >= first_depth)
    g_string_append (out, _bubus_tree_sign_get (leading[!!line->last], flags));
}

static void
bubus_tree_append_line (GString             *out,
                        BubusTreeFlags       flags,
                        const BubusTreeLine *line)
{
  switch (line->kind)
    {
    case BUBUS_TREE_LINE_EVENT:
      _bubus_tree_append_event (out, flags, line->item);
      break;

    case BUBUS_TREE_LINE_RESULT:
      _bubus_tree_append_result (out, flags, line->item);
      break;

    case BUBUS_TREE_LINE_ELSEWHERE:
      _bubus_tree_append_elsewhere (out, flags, line->item);
      break;

    default:
      g_assert_not_reached ();
    }
  g_string_append_c (out, '\n');
}

/* Lines of less depth than @first_depth have no connectors. */
void
_bubus_tree_append_lines (GString        *out,
                          BubusTreeFlags  flags,
                          BubusTreeWalk  *walk,
                          guint           first_depth)
{
  gboolean ended[BUBUS_TREE_MAX_LINE_DEPTH + 1] = { FALSE };

  for (guint i = 0; i < walk->lines->len; i++)
    {
      const BubusTreeLine *line = &g_array_index (walk->lines, BubusTreeLine, i);

      bubus_tree_append_connectors (out, flags, line, ended, first_depth);
      bubus_tree_append_line (out, flags, line);
      ended[line->depth] = line->last;
    }
}

/* ---- events ---- */

/**
 * bubus_event_format_tree:
 * @self: an event
 * @flags: how the text is written
 *
 * Writes an event, what every handler did with it, and the events that these dispatched, as
 * [method@EventBus.format_tree] does for all events of a bus.
 *
 * The event need not be on a bus: it may have been read from JSON with its results.
 *
 * Returns: (transfer full): the text, of one line or several
 *
 * Since: 1.0
 */
char *
bubus_event_format_tree (BubusEvent     *self,
                         BubusTreeFlags  flags)
{
  g_autoptr (BubusTreeWalk) walk = NULL;
  GString *out;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  walk = _bubus_tree_walk_event (self);
  out = g_string_new (NULL);
  _bubus_tree_append_lines (out, flags, walk, 1);
  return g_string_free (out, FALSE);
}

/**
 * bubus_tree_format_events:
 * @events: (element-type BubusEvent): events, in the order in which trees are to begin
 * @flags: how the text is written
 *
 * Shows events as trees: each below the handler that dispatched it, when its parent is among them, else as the root of a
 * tree of its own. Parents are found by their ids too, so that events that were read from JSON belong together.
 *
 * No payload is shown. The time is linear in the number of events. To be called where no handlers of the events run.
 *
 * Returns: (transfer full): the text, of lines; empty when there are no events
 *
 * Since: 1.0
 */
char *
bubus_tree_format_events (GPtrArray      *events,
                          BubusTreeFlags  flags)
{
  g_autoptr (BubusTreeWalk) walk = NULL;
  GString *out;

  g_return_val_if_fail (events != NULL, NULL);

  walk = _bubus_tree_walk_events (events);
  out = g_string_new (NULL);
  _bubus_tree_append_lines (out, flags, walk, 0);
  return g_string_free (out, FALSE);
}

/**
 * bubus_event_format_line:
 * @self: an event
 * @flags: how the text is written
 *
 * Writes an event and what its handlers returned in one line, in the words of [method@EventBus.format_tree].
 *
 * Returns: (transfer full): the text, without a line feed
 *
 * Since: 1.0
 */
char *
bubus_event_format_line (BubusEvent     *self,
                         BubusTreeFlags  flags)
{
  g_autoptr (GPtrArray) results = NULL;
  GString *out;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  results = bubus_event_list_results (self);
  out = g_string_new (NULL);
  _bubus_tree_append_event (out, flags, self);
  for (guint i = 0; i < results->len; i++)
    {
      g_string_append (out, i == 0 ? "  " : "; ");
      _bubus_tree_append_handler (out, flags, results->pdata[i]);
      _bubus_tree_append_outcome (out, flags, results->pdata[i]);
    }
  return g_string_free (out, FALSE);
}
