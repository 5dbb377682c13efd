/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

guint _bubus_json_utf8_length (const char  *pos,
                               const char  *end);
void  _bubus_json_set_error   (GError     **error,
                               int          code,
                               const char  *text,
                               const char  *at,
                               const char  *format,
                               ...) G_GNUC_PRINTF (5, 6);

/* Eight bytes at a time. A byte that is special sets its highest bit; a false alarm can only stand above a
 * true one, because it comes from a borrow. */
#define _BUBUS_JSON_EACH(byte) (G_GUINT64_CONSTANT (0x0101010101010101) * (byte))
#define _BUBUS_JSON_LESS(word, byte) ((word) - _BUBUS_JSON_EACH (byte))
#define _BUBUS_JSON_SPECIAL(word)                                                           \
  ((_BUBUS_JSON_LESS ((word), 0x20) |                                                       \
    _BUBUS_JSON_LESS ((word) ^ _BUBUS_JSON_EACH ('"'), 1) |                                 \
    _BUBUS_JSON_LESS ((word) ^ _BUBUS_JSON_EACH ('\\'), 1) | (word)) & _BUBUS_JSON_EACH (0x80))

/* The first byte from @pos on that a string cannot simply contain: a quote, a backslash, a control character
 * or the beginning of something that is not ASCII. */
static inline const char *
_bubus_json_skip_plain (const char *pos,
                        const char *end)
{
  guint8 byte;

  while (end - pos >= 8)
    {
      guint64 word, special;

      memcpy (&word, pos, 8);
      word = GUINT64_FROM_LE (word);
      special = _BUBUS_JSON_SPECIAL (word);
      if (special != 0)
        return pos + (__builtin_ctzll (special) >> 3);
      pos += 8;
    }

  for (; pos < end; pos++)
    {
      byte = *pos;
      if (byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x80)
        break;
    }
  return pos;
}

G_END_DECLS
