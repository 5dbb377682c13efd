/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-tree-words-internal.h"

/* What others have written. */

/* Control characters steer terminals, and some others reverse what stands around them. */
static gboolean
bubus_tree_is_dangerous (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

static void
bubus_tree_append_character (GString        *out,
                             BubusTreeFlags  flags,
                             gunichar        c)
{
  if (!bubus_tree_is_dangerous (c) && (c < 0x80 || !(flags & BUBUS_TREE_ASCII)))
    g_string_append_unichar (out, c);
  else if (c > 0xffff)
    g_string_append_printf (out, "\\U%08x", c);
  else
    g_string_append_printf (out, "\\u%04x", c);
}

/* Puts a backslash before each of the characters in @escaped. */
void
_bubus_tree_append_safe (GString        *out,
                         BubusTreeFlags  flags,
                         const char     *text,
                         gsize           max_characters,
                         const char     *escaped)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  gsize n = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (n++ == max_characters)
        {
          g_string_append (out, "...");
          break;
        }
      if (strchr (escaped, *p) != NULL)
        g_string_append_c (out, '\\');
      bubus_tree_append_character (out, flags, g_utf8_get_char (p));
    }
}

void
_bubus_tree_append_name (GString        *out,
                         BubusTreeFlags  flags,
                         const char     *name)
{
  _bubus_tree_append_safe (out, flags, name, BUBUS_TREE_MAX_CHARACTERS, "");
}

/* The last four characters of an id tell it apart at a glance. */
void
_bubus_tree_append_tail (GString    *out,
                         const char *id)
{
  g_string_append_printf (out, "#%s", id + strlen (id) - 4);
}

void
_bubus_tree_append_event_name (GString        *out,
                               BubusTreeFlags  flags,
                               BubusEvent     *event)
{
  _bubus_tree_append_name (out, flags, bubus_event_get_event_type (event));
  _bubus_tree_append_tail (out, bubus_event_get_event_id (event));
}
