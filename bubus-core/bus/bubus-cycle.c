/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-cycle-private.h"

#include <string.h>

#include "event/bubus-event-internal.h"

/* How an event has come about, for messages about events that cause each other without end. Types may be any text, and
 * a line of ancestors as long as its limit allows; a message is neither. */

#define MAX_NAMES      8
#define MAX_CHARACTERS 48  /* of a name */

static char *
bubus_event_dup_short_type (BubusEvent *event)
{
  const char *type = bubus_event_get_event_type (event);
  g_autofree char *cut = g_utf8_substring (type, 0, MIN (g_utf8_strlen (type, -1), MAX_CHARACTERS));

  for (char *c = cut; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = '?';
  return g_strconcat (cut, strlen (cut) < strlen (type) ? "…" : NULL, NULL);
}

static void
bubus_event_prepend_type (BubusEvent *event,
                          GString    *text)
{
  g_autofree char *name = bubus_event_dup_short_type (event);

  g_string_prepend (text, " → ");
  g_string_prepend (text, name);
}

/* The nearest ancestor with the event's type, or the furthest that there is. */
static BubusEvent *
bubus_event_find_again (BubusEvent *event,
                        BubusEvent *parent)
{
  BubusEvent *ancestor = parent;
  BubusEvent *above;

  while (!g_str_equal (bubus_event_get_event_type (ancestor), bubus_event_get_event_type (event))
         && (above = _bubus_event_get_parent (ancestor)) != NULL)
    ancestor = above;
  return ancestor;
}

/* “A → B → A”: from @start, an ancestor, down to @event. Without @start, from the nearest ancestor with the same type.
 * What is between the ends is left out when it is too much. */
char *
_bubus_event_describe_cycle (BubusEvent *event,
                             BubusEvent *parent,
                             BubusEvent *start)
{
  g_autofree char *last = bubus_event_dup_short_type (event);
  GString *text = g_string_new (last);
  BubusEvent *step = parent;

  g_assert (parent != NULL);

  if (start == NULL)
    start = bubus_event_find_again (event, parent);
  for (guint n_names = 2; step != start && n_names < MAX_NAMES; n_names++)
    {
      bubus_event_prepend_type (step, text);
      step = _bubus_event_get_parent (step);
    }
  if (step != start)
    g_string_prepend (text, "… → ");
  bubus_event_prepend_type (start, text);
  return g_string_free (text, FALSE);
}
