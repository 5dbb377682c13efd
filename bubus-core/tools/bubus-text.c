/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-text.h"

/* Control characters steer terminals, and some others reverse what stands around them. */
static gboolean
bubus_text_is_dangerous (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

static void
bubus_text_append_character (GString  *out,
                             gunichar  c)
{
  if (bubus_text_is_dangerous (c))
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_unichar (out, c);
}

/* Puts on @out what others have written, so that it can do no more than be read. */
void
bubus_text_append_safe (GString    *out,
                        const char *string)
{
  g_autofree char *valid = g_utf8_make_valid (string, -1);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    bubus_text_append_character (out, g_utf8_get_char (p));
}

/* The same for a text that may have several lines: those after the first are indented, so that none can pass for a
 * message of its own. */
void
bubus_text_append_lines (GString    *out,
                         const char *string)
{
  g_auto (GStrv) lines = g_strsplit (string, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append (out, "\n    ");
      bubus_text_append_safe (out, lines[i]);
    }
}
