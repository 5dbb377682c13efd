/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plugin-text.h"

/* What would end the line, turn its direction or do something to a terminal. */
static gboolean
plugin_text_is_safe (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return g_unichar_isprint (character) && character != '\\'
         && type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

static void
plugin_text_append_character (GString  *out,
                              gunichar  character)
{
  if (plugin_text_is_safe (character))
    g_string_append_unichar (out, character);
  else if (character == '\n')
    g_string_append (out, "\\n");
  else if (character == '\t')
    g_string_append (out, "\\t");
  else if (character == '\\')
    g_string_append (out, "\\\\");
  else
    g_string_append_printf (out, "\\u{%x}", character);
}

/* Appends text of any origin, which need not be UTF-8, so that it stays on one line and within a length. A @length of
 * -1 means that it ends with a zero. */
void
plugin_text_append_safe (GString    *out,
                         const char *text,
                         gssize      length,
                         guint       max_chars)
{
  g_autofree char *valid = g_utf8_make_valid (text, length);
  const char *position = valid;

  for (guint i = 0; *position != '\0' && i < max_chars; i++)
    {
      plugin_text_append_character (out, g_utf8_get_char (position));
      position = g_utf8_next_char (position);
    }
  if (*position != '\0')
    g_string_append (out, "…");
}
