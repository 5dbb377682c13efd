/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include "base/bubus-json-span-internal.h"
#include "base/bubus-json-text-internal.h"

/* A number longer than this is converted from a copy on the heap. */
#define NUMBER_BUFFER 64

/* For messages: “a string was expected, not …”. */
const char *
_bubus_json_kind_get_name (BubusJsonKind kind)
{
  static const char *const names[] = {
    [BUBUS_JSON_KIND_NULL] = "null",
    [BUBUS_JSON_KIND_FALSE] = "a boolean",
    [BUBUS_JSON_KIND_TRUE] = "a boolean",
    [BUBUS_JSON_KIND_INTEGER] = "an integer",
    [BUBUS_JSON_KIND_DOUBLE] = "a number",
    [BUBUS_JSON_KIND_STRING] = "a string",
    [BUBUS_JSON_KIND_ARRAY] = "an array",
    [BUBUS_JSON_KIND_OBJECT] = "an object",
  };

  return names[kind];
}

/* Whether a string says @string. @string itself must not need escapes. */
gboolean
_bubus_json_span_equals (const BubusJsonSpan *self,
                         const char          *string)
{
  gsize length = strlen (string);

  if (G_UNLIKELY (self->flags & BUBUS_JSON_SPAN_ESCAPED))
    {
      gsize plain_length;
      g_autofree char *plain = _bubus_json_span_dup_string (self, &plain_length);

      return plain_length == length && memcmp (plain, string, length) == 0;
    }
  return self->length == length + 2 && memcmp (self->start + 1, string, length) == 0;
}

static gunichar
bubus_json_span_hex (const char *digits)
{
  gunichar value = 0;

  for (guint i = 0; i < 4; i++)
    value = value * 16 + g_ascii_xdigit_value (digits[i]);
  return value;
}

/* Writes the character of the escape at @pos, steps behind it and returns the end of what it wrote. */
static char *
bubus_json_span_unescape (const char **pos,
                          char        *out)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  gunichar code, low;

  if ((*pos)[1] != 'u')
    {
      *out = to[strchr (from, (*pos)[1]) - from];
      *pos += 2;
      return out + 1;
    }

  code = bubus_json_span_hex (*pos + 2);
  *pos += 6;
  if (code >= 0xd800 && code <= 0xdbff)
    {
      low = bubus_json_span_hex (*pos + 2);
      *pos += 6;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  return out + g_unichar_to_utf8 (code, out);
}

/* The text of a string. When BUBUS_JSON_SPAN_NUL is set it contains NULs, and only @length tells the end. */
char *
_bubus_json_span_dup_string (const BubusJsonSpan *self,
                             gsize               *length)
{
  const char *pos = self->start + 1, *end = self->start + self->length - 1;
  char *string = g_malloc (end - pos + 1);
  char *out = string;

  g_assert (self->kind == BUBUS_JSON_KIND_STRING);

  while (pos < end)
    {
      const char *run = self->flags & BUBUS_JSON_SPAN_ESCAPED ? memchr (pos, '\\', end - pos) : NULL;
      gsize run_length = (run != NULL ? run : end) - pos;

      memcpy (out, pos, run_length);
      out += run_length;
      pos += run_length;
      if (pos < end)
        out = bubus_json_span_unescape (&pos, out);
    }

  *out = '\0';
  if (length != NULL)
    *length = out - string;
  return string;
}

/* The quote that ends the string that begins at @pos. */
static const char *
bubus_json_span_find_quote (const char *pos,
                            const char *end)
{
  for (pos++; *pos != '"'; pos++)
    {
      pos = _bubus_json_skip_plain (pos, end);
      if (*pos == '"')
        break;
      if (*pos == '\\')
        pos++;
    }
  return pos;
}

/* Copies without the white space that means nothing; @out has room for @self's length. Returns the length of
 * the copy. Nothing is added behind it. */
gsize
_bubus_json_span_compact (const BubusJsonSpan *self,
                          char                *out)
{
  const char *pos = self->start, *end = pos + self->length;
  char *start = out;

  if (!(self->flags & BUBUS_JSON_SPAN_SPACED))
    {
      memcpy (out, pos, self->length);
      return self->length;
    }

  while (pos < end)
    {
      const char *last = *pos == '"' ? bubus_json_span_find_quote (pos, end) : pos;

      if (*pos != ' ' && *pos != '\t' && *pos != '\n' && *pos != '\r')
        out = (char *) memcpy (out, pos, last + 1 - pos) + (last + 1 - pos);
      pos = last + 1;
    }
  return out - start;
}

/* Appends the value compactly. */
void
_bubus_json_span_append (const BubusJsonSpan *self,
                         GString             *out)
{
  gsize before = out->len;

  g_string_set_size (out, before + self->length);
  g_string_truncate (out, before + _bubus_json_span_compact (self, out->str + before));
}

/* The digits of an integer as a number without sign; FALSE when it is greater than any. */
static gboolean
bubus_json_span_get_magnitude (const BubusJsonSpan *self,
                               gboolean            *negative,
                               guint64             *magnitude)
{
  const char *pos = self->start, *end = pos + self->length;

  if (self->kind != BUBUS_JSON_KIND_INTEGER)
    return FALSE;

  *negative = *pos == '-';
  *magnitude = 0;
  for (pos += *negative; pos < end; pos++)
    if (!g_uint64_checked_mul (magnitude, *magnitude, 10) ||
        !g_uint64_checked_add (magnitude, *magnitude, *pos - '0'))
      return FALSE;

  return TRUE;
}

/* Returns FALSE unless the value is an integer of that range; so do the two below. -0 is no integer of ours,
 * for its sign would be lost. */
gboolean
_bubus_json_span_get_int64 (const BubusJsonSpan *self,
                            gint64              *value)
{
  gboolean negative;
  guint64 magnitude;

  if (!bubus_json_span_get_magnitude (self, &negative, &magnitude) ||
      magnitude > (guint64) G_MAXINT64 + negative || (negative && magnitude == 0))
    return FALSE;

  *value = negative ? (gint64) (0 - magnitude) : (gint64) magnitude;
  return TRUE;
}

gboolean
_bubus_json_span_get_uint64 (const BubusJsonSpan *self,
                             guint64             *value)
{
  gboolean negative;

  return bubus_json_span_get_magnitude (self, &negative, value) && !negative;
}

/* Most numbers are a few digits with a point among them: as long as the digits and the power of ten are both
 * exact in a double, one division rounds correctly (Clinger 1990). */
static gboolean
bubus_json_span_get_short_double (const BubusJsonSpan *self,
                                  double              *value)
{
  static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14 };
  const char *pos = self->start, *end = pos + self->length;
  gboolean negative = *pos == '-', point = FALSE;
  guint64 digits = 0;
  guint decimals = 0;

  if (self->length > G_N_ELEMENTS (powers))
    return FALSE;

  for (pos += negative; pos < end; pos++)
    {
      if (*pos == '.')
        point = TRUE;
      else if (!g_ascii_isdigit (*pos))
        return FALSE;
      else
        {
          digits = digits * 10 + (*pos - '0');
          decimals += point;
        }
    }

  *value = (double) digits / powers[decimals];
  if (negative)
    *value = -*value;
  return TRUE;
}

/* Returns FALSE when it is no number, or one that is too great for a double. */
gboolean
_bubus_json_span_get_double (const BubusJsonSpan *self,
                             double              *value)
{
  char buffer[NUMBER_BUFFER];
  g_autofree char *copy = NULL;
  char *text = buffer;

  if (self->kind != BUBUS_JSON_KIND_INTEGER && self->kind != BUBUS_JSON_KIND_DOUBLE)
    return FALSE;
  if (bubus_json_span_get_short_double (self, value))
    return TRUE;

  if (self->length >= sizeof buffer)
    text = copy = g_malloc (self->length + 1);
  memcpy (text, self->start, self->length);
  text[self->length] = '\0';

  *value = g_ascii_strtod (text, NULL);
  return isfinite (*value);
}
