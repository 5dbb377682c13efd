/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>
#include <string.h>

#include "base/bubus-json-text-internal.h"
#include "base/bubus-json-writer-internal.h"

/* U+FFFD stands for what is not UTF-8. */
#define REPLACEMENT "\xef\xbf\xbd"

/* From here on a double is printed with an exponent, as "%.15g" does. */
#define EXPONENT_FROM 1e15

static void
bubus_json_append_escape (GString *out,
                          guint8   byte)
{
  static const char short_forms[0x20] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
  };
  char escape[7] = { '\\', 'u', '0', '0', '0', '0', '\0' };

  if (byte >= 0x20 || short_forms[byte] != '\0')
    {
      escape[1] = byte >= 0x20 ? (char) byte : short_forms[byte];
      _bubus_json_append (out, escape, 2);
      return;
    }

  escape[4] = byte < 0x10 ? '0' : '1';
  escape[5] = "0123456789abcdef"[byte & 0xf];
  _bubus_json_append (out, escape, 6);
}

/* Steps over what stopped the plain run at @pos; only well-formed sequences of UTF-8 can stay as they are. */
static const char *
bubus_json_append_special (GString    *out,
                           const char *pos,
                           const char *end)
{
  guint length;

  if ((guint8) *pos < 0x80)
    {
      bubus_json_append_escape (out, *pos);
      return pos + 1;
    }

  length = _bubus_json_utf8_length (pos, end);
  if (length == 0)
    {
      g_string_append (out, REPLACEMENT);
      return pos + 1;
    }
  _bubus_json_append (out, pos, length);
  return pos + length;
}

/* Quotes and escapes. Only what must be escaped is; each byte that is not UTF-8 becomes U+FFFD. */
void
_bubus_json_append_string_len (GString    *out,
                               const char *string,
                               gsize       length)
{
  const char *pos = string, *end = string + length;

  g_string_append_c (out, '"');
  while (pos < end)
    {
      const char *run = pos;

      pos = _bubus_json_skip_plain (pos, end);
      _bubus_json_append (out, run, pos - run);
      if (pos < end)
        pos = bubus_json_append_special (out, pos, end);
    }
  g_string_append_c (out, '"');
}

/* null when @string is NULL. */
void
_bubus_json_append_string (GString    *out,
                           const char *string)
{
  if (string != NULL)
    _bubus_json_append_string_len (out, string, strlen (string));
  else
    _bubus_json_append_literal (out, "null");
}

void
_bubus_json_append_uint64 (GString *out,
                           guint64  value)
{
  char digits[20];
  guint i = sizeof digits;

  do
    digits[--i] = '0' + value % 10;
  while ((value /= 10) != 0);

  _bubus_json_append (out, digits + i, sizeof digits - i);
}

void
_bubus_json_append_int64 (GString *out,
                          gint64   value)
{
  if (value < 0)
    g_string_append_c (out, '-');
  _bubus_json_append_uint64 (out, value < 0 ? 0 - (guint64) value : (guint64) value);
}

/* @digits with the point before the last @decimals of them. */
static void
bubus_json_append_decimal (GString *out,
                           guint64  digits,
                           guint    decimals)
{
  gsize before = out->len, point;

  _bubus_json_append_uint64 (out, digits);
  while (out->len - before <= decimals)
    g_string_insert_c (out, before, '0');
  point = out->len - decimals;
  g_string_insert_c (out, point, '.');
}

/* Numbers of a few decimals, which is most: digits and power of ten are exact, so the division rounds as a
 * reader would. What is printed is what "%.15g" would print. */
static gboolean
bubus_json_append_short_double (GString *out,
                                double   value)
{
  static const double powers[] = { 1e0, 1e1, 1e2, 1e3, 1e4 };
  double positive = fabs (value);

  if (!(positive < EXPONENT_FROM) || (value == 0 && signbit (value)) || (positive < 1e-4 && value != 0))
    return FALSE;

  for (guint decimals = 0; decimals < G_N_ELEMENTS (powers); decimals++)
    {
      double digits = rint (positive * powers[decimals]);

      if (digits >= EXPONENT_FROM)
        return FALSE;
      if (digits / powers[decimals] != positive)
        continue;

      if (value < 0)
        g_string_append_c (out, '-');
      bubus_json_append_decimal (out, decimals > 0 ? (guint64) digits : (guint64) digits * 10, MAX (decimals, 1));
      return TRUE;
    }
  return FALSE;
}

/* The shortest text that reads back as the same double, with a point or an exponent so that it reads back as a
 * double at all. JSON has no word for infinity and for what is not a number: null. */
void
_bubus_json_append_double (GString *out,
                           double   value)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    {
      _bubus_json_append_literal (out, "null");
      return;
    }
  if (bubus_json_append_short_double (out, value))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_ascii_formatd (buffer, sizeof buffer, formats[i], value);
      if (g_ascii_strtod (buffer, NULL) == value)
        break;
    }
  g_string_append (out, buffer);
  if (strpbrk (buffer, ".e") == NULL)
    _bubus_json_append_literal (out, ".0");
}
