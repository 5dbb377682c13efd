/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* How many arrays and objects may lie in each other. */
#define BUBUS_JSON_MAX_DEPTH 128

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

/* A reader of JSON as RFC 8259 has it, and nothing more: it allocates nothing, does not recurse, and checks
 * every byte before it hands out a span. It goes through the members of one object or the elements of one
 * array; for those of a value inside, a second scanner is set on that value's span. */
typedef struct
{
  const char *text;      /* the whole text: positions are counted from here */
  const char *pos;
  const char *end;
  const char *error_at;  /* NULL as long as nothing was wrong */
  const char *reason;
  guint       depth;
  guint64     objects[BUBUS_JSON_MAX_DEPTH / 64];  /* one bit per open container: set for an object */
  gboolean    first;     /* nothing has been read since the container was entered */
  gboolean    spaced;
} BubusJsonScanner;

void        _bubus_json_scanner_init          (BubusJsonScanner       *self,
                                               const char             *text,
                                               gsize                   length);
void        _bubus_json_scanner_init_span     (BubusJsonScanner       *self,
                                               const char             *text,
                                               const BubusJsonSpan    *span);
gboolean    _bubus_json_scanner_read_document (BubusJsonScanner       *self,
                                               BubusJsonSpan          *value,
                                               GError                **error);
gboolean    _bubus_json_scanner_enter         (BubusJsonScanner       *self,
                                               BubusJsonKind           kind,
                                               GError                **error);
gboolean    _bubus_json_scanner_next_member   (BubusJsonScanner       *self,
                                               BubusJsonSpan          *name,
                                               BubusJsonSpan          *value,
                                               GError                **error);
gboolean    _bubus_json_scanner_next_element  (BubusJsonScanner       *self,
                                               BubusJsonSpan          *value,
                                               GError                **error);
gboolean    _bubus_json_scanner_finish        (BubusJsonScanner       *self,
                                               GError                **error);

guint       _bubus_json_utf8_length           (const char             *pos,
                                               const char             *end);
void        _bubus_json_set_error             (GError                **error,
                                               int                     code,
                                               const char             *text,
                                               const char             *at,
                                               const char             *format,
                                               ...) G_GNUC_PRINTF (5, 6);

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
