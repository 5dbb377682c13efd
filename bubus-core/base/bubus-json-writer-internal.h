/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* Appends to texts that are JSON (RFC 8259) and nothing else, whatever they are given. */
void _bubus_json_append_string     (GString     *out,
                                    const char  *string);
void _bubus_json_append_string_len (GString     *out,
                                    const char  *string,
                                    gsize        length);
void _bubus_json_append_int64      (GString     *out,
                                    gint64       value);
void _bubus_json_append_uint64     (GString     *out,
                                    guint64      value);
void _bubus_json_append_double     (GString     *out,
                                    double       value);

/* For text that is JSON already. Here, because g_string_append_len() is a call, and most pieces are short. */
static inline void
_bubus_json_append (GString    *out,
                    const char *text,
                    gsize       length)
{
  if (G_UNLIKELY (length >= out->allocated_len - out->len))
    {
      g_string_append_len (out, text, length);
      return;
    }
  memcpy (out->str + out->len, text, length);
  out->len += length;
  out->str[out->len] = '\0';
}

static inline void
_bubus_json_append_text (GString    *out,
                         const char *text)
{
  _bubus_json_append (out, text, strlen (text));
}

#define _bubus_json_append_literal(out, literal) \
  _bubus_json_append ((out), "" literal, sizeof (literal) - 1)

G_END_DECLS
