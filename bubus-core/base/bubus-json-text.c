/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-json-text-internal.h"

#include <stdarg.h>

#include "base/bubus-error.h"

/* The length of the well-formed sequence at @pos; 0 if there is none (Unicode 15, table 3-7). */
guint
_bubus_json_utf8_length (const char *pos,
                         const char *end)
{
  const guint8 *bytes = (const guint8 *) pos;
  gsize left = end - pos;
  guint8 low = 0x80, high = 0xbf;
  guint length;

  if (left == 0 || bytes[0] < 0x80)
    return left == 0 ? 0 : 1;
  if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
    return 0;

  length = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
  if (left < length)
    return 0;

  if (bytes[0] == 0xe0)
    low = 0xa0;
  else if (bytes[0] == 0xed)
    high = 0x9f;
  else if (bytes[0] == 0xf0)
    low = 0x90;
  else if (bytes[0] == 0xf4)
    high = 0x8f;

  if (bytes[1] < low || bytes[1] > high)
    return 0;
  for (guint i = 2; i < length; i++)
    if ((bytes[i] & 0xc0) != 0x80)
      return 0;
  return length;
}

/* Both from 1. A column is a character, not a byte. */
static void
bubus_json_locate (const char *text,
                   const char *at,
                   guint      *line,
                   guint      *column)
{
  *line = *column = 1;
  for (const char *pos = text; pos < at; pos++)
    {
      if (*pos == '\n')
        {
          (*line)++;
          *column = 1;
        }
      else if ((*pos & 0xc0) != 0x80)
        {
          (*column)++;
        }
    }
}

/* Sets an error of the domain BUBUS_ERROR that says where in @text it was found. */
void
_bubus_json_set_error (GError     **error,
                       int          code,
                       const char  *text,
                       const char  *at,
                       const char  *format,
                       ...)
{
  g_autofree char *reason = NULL;
  guint line, column;
  va_list args;

  if (error == NULL)
    return;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);

  bubus_json_locate (text, at, &line, &column);
  g_set_error (error, BUBUS_ERROR, code, "line %u, column %u: %s", line, column, reason);
}
