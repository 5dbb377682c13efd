/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BUBUS_JSON_KIND_NULL,
  BUBUS_JSON_KIND_FALSE,
  BUBUS_JSON_KIND_TRUE,
  BUBUS_JSON_KIND_INTEGER,  /* a number without fraction and exponent, of any size */
  BUBUS_JSON_KIND_DOUBLE,   /* any other number */
  BUBUS_JSON_KIND_STRING,
  BUBUS_JSON_KIND_ARRAY,
  BUBUS_JSON_KIND_OBJECT,
} BubusJsonKind;

typedef enum
{
  BUBUS_JSON_SPAN_SPACED  = 1 << 0,  /* there is white space outside of strings */
  BUBUS_JSON_SPAN_ESCAPED = 1 << 1,  /* a string in which there are escapes */
  BUBUS_JSON_SPAN_NUL     = 1 << 2,  /* a string in which there is \u0000: it has no C form */
} BubusJsonSpanFlags;

/* One value, or one name, in a text that somebody else keeps. Strings include their quotes. */
typedef struct
{
  const char         *start;
  gsize               length;
  BubusJsonKind       kind;
  BubusJsonSpanFlags  flags;
} BubusJsonSpan;

const char *_bubus_json_kind_get_name         (BubusJsonKind           kind);
gboolean    _bubus_json_span_equals           (const BubusJsonSpan    *self,
                                               const char             *string);
char       *_bubus_json_span_dup_string       (const BubusJsonSpan    *self,
                                               gsize                  *length) G_GNUC_WARN_UNUSED_RESULT;
gsize       _bubus_json_span_compact          (const BubusJsonSpan    *self,
                                               char                   *out);
void        _bubus_json_span_append           (const BubusJsonSpan    *self,
                                               GString                *out);
gboolean    _bubus_json_span_get_int64        (const BubusJsonSpan    *self,
                                               gint64                 *value);
gboolean    _bubus_json_span_get_uint64       (const BubusJsonSpan    *self,
                                               guint64                *value);
gboolean    _bubus_json_span_get_double       (const BubusJsonSpan    *self,
                                               double                 *value);

G_END_DECLS
