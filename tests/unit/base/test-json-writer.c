/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include "base/bubus-json-scanner-internal.h"
#include "base/bubus-json-writer-internal.h"

static void
assert_string (const char *string,
               gssize      length,
               const char *json)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (length < 0)
    _bubus_json_append_string (out, string);
  else
    _bubus_json_append_string_len (out, string, length);
  g_assert_cmpstr (out->str, ==, json);
}

static void
test_strings (void)
{
  g_test_summary ("Only what must be escaped is");

  assert_string (NULL, -1, "null");
  assert_string ("", -1, "\"\"");
  assert_string ("a/b é 🚚 \x7f", -1, "\"a/b é 🚚 \x7f\"");
  assert_string ("\"\\\b\f\n\r\t\x01\x1f", -1, "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"");
  assert_string ("a\0b", 3, "\"a\\u0000b\"");
}

static void
test_invalid_utf8 (void)
{
  g_test_summary ("What is not UTF-8 is replaced, so that the text is JSON whatever it was given");

  assert_string ("a\xff\xc3", -1, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  assert_string ("\xed\xa0\x80", -1, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  assert_string ("é\xe2\x82", -1, "\"é\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
test_random_bytes (void)
{
  g_test_summary ("Any bytes give a string that the scanner accepts, and that reads back the same when it is UTF-8");

  for (guint i = 0; i < 5000; i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);
      g_autofree char *read = NULL;
      char bytes[24];
      gsize length = g_test_rand_int_range (0, sizeof bytes + 1), read_length;
      BubusJsonScanner scanner;
      BubusJsonSpan span;

      for (gsize j = 0; j < length; j++)
        bytes[j] = (char) (g_test_rand_bit () ? g_test_rand_int () & 0x7f : g_test_rand_int ());
      _bubus_json_append_string_len (out, bytes, length);

      _bubus_json_scanner_init (&scanner, out->str, out->len);
      g_assert_true (_bubus_json_scanner_read_document (&scanner, &span, NULL));
      read = _bubus_json_span_dup_string (&span, &read_length);
      g_assert_true (g_utf8_validate_len (read, read_length, NULL) || (span.flags & BUBUS_JSON_SPAN_NUL));
      if (g_utf8_validate_len (bytes, length, NULL))
        g_assert_cmpmem (read, read_length, bytes, length);
    }
}

static void
test_integers (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_test_summary ("Integers are written in full");

  _bubus_json_append_int64 (out, 0);
  g_string_append_c (out, ' ');
  _bubus_json_append_int64 (out, G_MININT64);
  g_string_append_c (out, ' ');
  _bubus_json_append_int64 (out, G_MAXINT64);
  g_string_append_c (out, ' ');
  _bubus_json_append_uint64 (out, G_MAXUINT64);
  g_assert_cmpstr (out->str, ==, "0 -9223372036854775808 9223372036854775807 18446744073709551615");
}

static void
test_doubles (void)
{
  static const struct { double value; const char *json; } cases[] = {
    { 0, "0.0" }, { -0.0, "-0.0" }, { 5, "5.0" }, { -5, "-5.0" }, { 0.5, "0.5" }, { 0.05, "0.05" },
    { 500.58, "500.58" }, { -83.43, "-83.43" }, { 0.1 + 0.2, "0.30000000000000004" }, { 1e14, "100000000000000.0" },
    { 1e15, "1e+15" }, { 1e-5, "1e-05" }, { 0.0001, "0.0001" }, { 1e300, "1e+300" },
    { 5e-324, "4.94065645841247e-324" },
    { 474053.53654712654, "474053.53654712654" }, { 1.0 / 3, "0.3333333333333333" }, { 123456.789, "123456.789" },
    { NAN, "null" }, { INFINITY, "null" }, { -INFINITY, "null" },
  };

  g_test_summary ("Doubles are written in the shortest form that reads back the same, and as a double");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      _bubus_json_append_double (out, cases[i].value);
      g_assert_cmpstr (out->str, ==, cases[i].json);
    }
}

static void
test_random_doubles (void)
{
  g_test_summary ("Every double reads back as itself");

  for (guint i = 0; i < 20000; i++)
    {
      guint64 bits = (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      double value = g_test_rand_bit () ? g_test_rand_int () / 1000.0 : 0, read;
      g_autoptr (GString) out = g_string_new (NULL);
      BubusJsonScanner scanner;
      BubusJsonSpan span;

      if (value == 0)
        memcpy (&value, &bits, sizeof value);
      if (!isfinite (value))
        continue;

      _bubus_json_append_double (out, value);
      _bubus_json_scanner_init (&scanner, out->str, out->len);
      g_assert_true (_bubus_json_scanner_read_document (&scanner, &span, NULL));
      g_assert_cmpint (span.kind, ==, BUBUS_JSON_KIND_DOUBLE);
      g_assert_true (_bubus_json_span_get_double (&span, &read));
      g_assert_cmpmem (&read, sizeof read, &value, sizeof value);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-writer/strings", test_strings);
  g_test_add_func ("/json-writer/invalid-utf8", test_invalid_utf8);
  g_test_add_func ("/json-writer/random-bytes", test_random_bytes);
  g_test_add_func ("/json-writer/integers", test_integers);
  g_test_add_func ("/json-writer/doubles", test_doubles);
  g_test_add_func ("/json-writer/random-doubles", test_random_doubles);

  return g_test_run ();
}
