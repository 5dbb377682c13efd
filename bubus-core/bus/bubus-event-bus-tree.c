/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus-tree.h"

#include "bubus-event-bus-private.h"
#include "tree/bubus-tree-text-internal.h"
#include "tree/bubus-tree-walk-internal.h"

static void
bubus_event_bus_append_tree_head (GString        *out,
                                  BubusTreeFlags  flags,
                                  BubusEventBus  *bus,
                                  GPtrArray      *events)
{
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (bus);
  gboolean stopped = g_atomic_int_get (&bus->stopped);
  guint counts[BUBUS_EVENT_STATUS_COMPLETED + 1] = { 0 };

  for (guint i = 0; i < events->len; i++)
    counts[bubus_event_get_event_status (events->pdata[i])]++;

  if (!(flags & BUBUS_TREE_ASCII))
    g_string_append (out, "📊 ");
  g_string_append (out, "Event History Tree for ");
  _bubus_tree_append_name (out, flags, bubus_event_bus_get_name (bus));
  if (flags & BUBUS_TREE_ASCII)
    g_string_append_printf (out, " (%s: %u pending, %u started, %u completed; %u handlers)\n",
                            stopped ? "stopped" : "running", counts[BUBUS_EVENT_STATUS_PENDING],
                            counts[BUBUS_EVENT_STATUS_STARTED], counts[BUBUS_EVENT_STATUS_COMPLETED], handlers->len);
  else
    g_string_append_printf (out, " %s (⏳ %u | ▶️ %u | ✅ %u | 👂 %u)\n",
                            stopped ? "🔴" : "🟢", counts[BUBUS_EVENT_STATUS_PENDING],
                            counts[BUBUS_EVENT_STATUS_STARTED], counts[BUBUS_EVENT_STATUS_COMPLETED], handlers->len);
}

/**
 * bubus_event_bus_format_tree:
 * @self: a bus
 * @flags: how the text is written
 *
 * Writes the events that the bus knows as trees: below each event what every handler did with it, and below each
 * handler the events that it dispatched, on whichever bus.
 *
 * The text begins with the name of the bus and how many events are pending, started and completed, and how many
 * handlers there are. Each event stands in it once. Events without a parent, and those whose parent the bus does not
 * know, begin a tree, in the order of their creation. An event that is more than 100 events deep begins a tree too,
 * further down.
 *
 * A line tells the status, the name with the last four digits of the id, when it started (in local time; for an event
 * that has not started, when it was created) and how long it took, and for a handler what it returned: numbers and
 * strings as they are, of everything else only how much it is. The payload of events is never shown, so that the text
 * can be put in a log. Control characters in what others have written are shown as `\uXXXX`.
 *
 * It may be called at any time in the bus's main context, also in a handler; from other threads when all of the events
 * are complete.
 *
 * Returns: (transfer full): the text, of several lines
 *
 * Since: 1.0
 */
char *
bubus_event_bus_format_tree (BubusEventBus  *self,
                             BubusTreeFlags  flags)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (BubusTreeWalk) walk = NULL;
  GString *out;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  events = bubus_event_bus_list_history (self);
  out = g_string_new (NULL);
  bubus_event_bus_append_tree_head (out, flags, self, events);
  _bubus_tree_append_rule (out);
  walk = _bubus_tree_walk_events (events);
  if (walk->lines->len == 0)
    g_string_append (out, "(No events in history)\n");
  _bubus_tree_append_lines (out, flags, walk, 0);
  _bubus_tree_append_rule (out);
  return g_string_free (out, FALSE);
}

/**
 * bubus_event_bus_log_tree:
 * @self: a bus
 *
 * Logs the events that the bus knows as trees.
 *
 * The text is that of [method@EventBus.format_tree], in one record of the log domain `Bubus` at the level
 * %G_LOG_LEVEL_MESSAGE, which is shown on standard error unless the program logs elsewhere. It is ASCII where the
 * console is not UTF-8, and has no colours.
 *
 * Since: 1.0
 */
void
bubus_event_bus_log_tree (BubusEventBus *self)
{
  g_autofree char *text = NULL;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  text = bubus_event_bus_format_tree (self, g_get_console_charset (NULL) ? BUBUS_TREE_NONE : BUBUS_TREE_ASCII);
  g_message ("%s", g_strchomp (text));
}
