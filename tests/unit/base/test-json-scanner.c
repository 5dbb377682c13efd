/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "base/bubus-json-scanner-internal.h"

static gboolean
scan (const char     *text,
      gssize          length,
      BubusJsonSpan  *span,
      GError        **error)
{
  BubusJsonScanner scanner;

  _bubus_json_scanner_init (&scanner, text, length < 0 ? strlen (text) : (gsize) length);
  return _bubus_json_scanner_read_document (&scanner, span, error);
}

static BubusJsonSpan
scan_valid (const char *text)
{
  g_autoptr (GError) error = NULL;
  BubusJsonSpan span;

  scan (text, -1, &span, &error);
  g_assert_no_error (error);
  return span;
}

static void
assert_refused (const char *text,
                gssize      length,
                const char *message)
{
  g_autoptr (GError) error = NULL;
  BubusJsonSpan span;

  if (scan (text, length, &span, &error))
    g_error ("“%s” must be refused", text);
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_accepts (void)
{
  static const struct { const char *text; BubusJsonKind kind; } cases[] = {
    { "null", BUBUS_JSON_KIND_NULL }, { "true", BUBUS_JSON_KIND_TRUE }, { " false\n", BUBUS_JSON_KIND_FALSE },
    { "0", BUBUS_JSON_KIND_INTEGER }, { "-0", BUBUS_JSON_KIND_INTEGER }, { "1234567890", BUBUS_JSON_KIND_INTEGER },
    { "0.5", BUBUS_JSON_KIND_DOUBLE }, { "-1.5e+10", BUBUS_JSON_KIND_DOUBLE }, { "1E400", BUBUS_JSON_KIND_DOUBLE },
    { "0e0", BUBUS_JSON_KIND_DOUBLE }, { "\"\"", BUBUS_JSON_KIND_STRING }, { "\"\\u0000\"", BUBUS_JSON_KIND_STRING },
    { "\"\xf4\x8f\xbf\xbf \xed\x9f\xbf \xee\x80\x80 \x7f\"", BUBUS_JSON_KIND_STRING },
    { "\"\\ud834\\udd1e\\\\\\\"\\/\\b\\f\\n\\r\\t\"", BUBUS_JSON_KIND_STRING },
    { "[]", BUBUS_JSON_KIND_ARRAY }, { "[ ]", BUBUS_JSON_KIND_ARRAY }, { "[[],{}]", BUBUS_JSON_KIND_ARRAY },
    { "[1, [2, {\"a\": []}], 3]", BUBUS_JSON_KIND_ARRAY }, { "{}", BUBUS_JSON_KIND_OBJECT },
    { "\t{ }\r\n", BUBUS_JSON_KIND_OBJECT }, { "{\"\":{\"\":{}}, \"b\" : [ ] }", BUBUS_JSON_KIND_OBJECT },
  };

  g_test_summary ("Everything that RFC 8259 allows is accepted, and its kind is told");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (scan_valid (cases[i].text).kind, ==, cases[i].kind);
}

static void
test_refuses (void)
{
  static const struct { const char *text; const char *message; } cases[] = {
    { "", "line 1, column 1: the text ends too early" },
    { " ", "line 1, column 2: the text ends too early" },
    { "nul", "line 1, column 1: a value was expected" },
    { "nullx", "line 1, column 5: nothing may follow the value" },
    { "NaN", "line 1, column 1: a value was expected" },
    { "'a'", "line 1, column 1: a value was expected" },
    { "// a\n1", "line 1, column 1: a value was expected" },
    { "\xef\xbb\xbf{}", "line 1, column 1: a value was expected" },
    { "1 2", "line 1, column 3: nothing may follow the value" },
    { "01", "line 1, column 1: a number cannot begin with 0" },
    { "-", "line 1, column 2: the text ends too early" },
    { "+1", "line 1, column 1: a value was expected" },
    { ".5", "line 1, column 1: a value was expected" },
    { "1.", "line 1, column 3: the text ends too early" },
    { "1.e1", "line 1, column 3: a digit was expected" },
    { "1e", "line 1, column 3: the text ends too early" },
    { "1e+", "line 1, column 4: the text ends too early" },
    { "\"a", "line 1, column 3: the text ends too early" },
    { "\"a\\", "line 1, column 4: the text ends too early" },
    { "\"a\tb\"", "line 1, column 3: a control character in a string must be escaped" },
    { "\"\\x\"", "line 1, column 2: unknown escape" },
    { "\"\\u12g4\"", "line 1, column 2: “\\u” needs four hexadecimal digits" },
    { "\"\\u12", "line 1, column 2: “\\u” needs four hexadecimal digits" },
    { "\"\\ud800\"", "line 1, column 2: a lone surrogate cannot be represented in UTF-8" },
    { "\"\\ud800\\u0041\"", "line 1, column 2: a lone surrogate cannot be represented in UTF-8" },
    { "\"\\udc00\"", "line 1, column 2: a lone surrogate cannot be represented in UTF-8" },
    { "\"\xc0\x80\"", "line 1, column 2: not valid UTF-8" },
    { "\"\xed\xa0\x80\"", "line 1, column 2: not valid UTF-8" },
    { "\"\xf4\x90\x80\x80\"", "line 1, column 2: not valid UTF-8" },
    { "\"\xe2\x82\"", "line 1, column 2: not valid UTF-8" },
    { "\"é\xff\"", "line 1, column 3: not valid UTF-8" },
    { "[1,]", "line 1, column 4: a value was expected" },
    { "[,1]", "line 1, column 2: a value was expected" },
    { "[1 2]", "line 1, column 4: “,” or “]” was expected" },
    { "[1}", "line 1, column 3: “,” or “]” was expected" },
    { "[1", "line 1, column 3: the text ends too early" },
    { "{\"a\"}", "line 1, column 5: “:” was expected" },
    { "{\"a\":}", "line 1, column 6: a value was expected" },
    { "{\"a\":1,}", "line 1, column 8: a member name in quotes was expected" },
    { "{a:1}", "line 1, column 2: a member name in quotes was expected" },
    { "{\"a\":1]", "line 1, column 7: “,” or “}” was expected" },
    { "{\"a\\u0000\":1}", "line 1, column 2: a member name cannot contain U+0000" },
    { "{\"ü\":\n  [\n 1, x]}", "line 3, column 5: a value was expected" },
  };

  g_test_summary ("R-18: malformed input is an error that says where, in characters");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, -1, cases[i].message);
}

static void
test_nul (void)
{
  g_test_summary ("R-18: a NUL is neither the end of the text nor a part of it");

  assert_refused ("\"a\0b\"", 5, "line 1, column 3: a control character in a string must be escaped");
  assert_refused ("{}\0", 3, "line 1, column 3: nothing may follow the value");
  assert_refused ("\0", 1, "line 1, column 1: a value was expected");
}

static char *
nest (guint       depth,
      const char *open,
      const char *core,
      const char *close)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, core);
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  g_autofree char *deepest = nest (BUBUS_JSON_MAX_DEPTH, "[", "", "]");
  g_autofree char *deeper = nest (BUBUS_JSON_MAX_DEPTH + 1, "[", "", "]");
  g_autofree char *deepest_mixed = nest (BUBUS_JSON_MAX_DEPTH / 2, "[{\"a\":", "1", "}]");
  g_autofree char *endless = nest (1000000, "{\"a\":", "1", "");

  g_test_summary ("Containers lie in each other up to the limit, and no text can exhaust the stack");

  scan_valid (deepest);
  scan_valid (deepest_mixed);
  assert_refused (deeper, -1, "line 1, column 129: too many arrays and objects lie in each other");
  assert_refused (endless, -1, "line 1, column 641: too many arrays and objects lie in each other");
}

static void
test_prefixes (void)
{
  const char *text = "{\"a\": [1, 2.5e-3, \"é\\u00e9\\ud834\\udd1e\", {\"b\": null}], \"c\": true}";

  g_test_summary ("No beginning of a text is a text, and nothing is read beyond its end");

  scan_valid (text);
  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autofree char *copy = g_memdup2 (text, MAX (length, 1));
      BubusJsonSpan span;

      g_assert_false (scan (copy, length, &span, NULL));
    }
}

static void
test_members (void)
{
  const char *text = " { \"a\" : 1 , \"b\\u0063\" : [ 2 , { } ], \"d\":\"x\" } ";
  const char *names[] = { "a", "bc", "d" };
  const BubusJsonKind kinds[] = { BUBUS_JSON_KIND_INTEGER, BUBUS_JSON_KIND_ARRAY, BUBUS_JSON_KIND_STRING };
  g_autoptr (GError) error = NULL;
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;
  guint n_members = 0;

  g_test_summary ("Members come in order, each with its name and its whole value");

  _bubus_json_scanner_init (&scanner, text, strlen (text));
  g_assert_true (_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, &error));
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, &error))
    {
      g_assert_true (_bubus_json_span_equals (&name, names[n_members]));
      g_assert_cmpint (value.kind, ==, kinds[n_members]);
      n_members++;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (n_members, ==, 3);
  g_assert_true (_bubus_json_scanner_finish (&scanner, &error));
}

static void
test_elements (void)
{
  const char *text = "[1,[2],3]";
  g_autoptr (GError) error = NULL;
  BubusJsonScanner scanner, inner;
  BubusJsonSpan value;
  gint64 number;

  g_test_summary ("Elements come in order; a second scanner goes into one of them");

  _bubus_json_scanner_init (&scanner, text, strlen (text));
  g_assert_true (_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_ARRAY, &error));
  g_assert_true (_bubus_json_scanner_next_element (&scanner, &value, &error));
  g_assert_true (_bubus_json_scanner_next_element (&scanner, &value, &error));

  _bubus_json_scanner_init_span (&inner, text, &value);
  g_assert_true (_bubus_json_scanner_enter (&inner, BUBUS_JSON_KIND_ARRAY, &error));
  g_assert_true (_bubus_json_scanner_next_element (&inner, &value, &error));
  g_assert_true (_bubus_json_span_get_int64 (&value, &number));
  g_assert_cmpint (number, ==, 2);
  g_assert_false (_bubus_json_scanner_next_element (&inner, &value, &error));
  g_assert_true (_bubus_json_scanner_finish (&inner, &error));

  g_assert_true (_bubus_json_scanner_next_element (&scanner, &value, &error));
  g_assert_false (_bubus_json_scanner_next_element (&scanner, &value, &error));
  g_assert_true (_bubus_json_scanner_finish (&scanner, &error));
  g_assert_no_error (error);
}

static void
test_enter_refuses (void)
{
  g_autoptr (GError) error = NULL;
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  g_test_summary ("What is not the container that is wanted is refused, and so is what follows it");

  _bubus_json_scanner_init (&scanner, " []", 3);
  g_assert_false (_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, &error));
  g_assert_cmpstr (error->message, ==, "line 1, column 2: an object was expected");
  g_clear_error (&error);

  _bubus_json_scanner_init (&scanner, "{} x", 4);
  g_assert_true (_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, &error));
  g_assert_false (_bubus_json_scanner_next_member (&scanner, &name, &value, &error));
  g_assert_no_error (error);
  g_assert_false (_bubus_json_scanner_finish (&scanner, &error));
  g_assert_cmpstr (error->message, ==, "line 1, column 4: nothing may follow the value");
}

static void
test_strings (void)
{
  static const struct { const char *json; const char *text; } cases[] = {
    { "\"\"", "" },
    { "\"plain text, longer than a word of eight bytes\"", "plain text, longer than a word of eight bytes" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
    { "\"\\u0041\\u00e9\\u20ac\\ud834\\udd1e\"", "Aé€𝄞" },
    { "\"ab\\u0063de\"", "abcde" },
  };

  g_test_summary ("Strings are read with their escapes");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BubusJsonSpan span = scan_valid (cases[i].json);
      gsize length;
      g_autofree char *text = _bubus_json_span_dup_string (&span, &length);

      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_cmpuint (length, ==, strlen (text));
      g_assert_true (strpbrk (text, "\"\\") != NULL || _bubus_json_span_equals (&span, text));
      g_assert_false (_bubus_json_span_equals (&span, "something else"));
    }
}

static void
test_string_with_nul (void)
{
  BubusJsonSpan span = scan_valid ("\"a\\u0000b\"");
  gsize length;
  g_autofree char *text = _bubus_json_span_dup_string (&span, &length);

  g_test_summary ("An escaped U+0000 is told, so that nobody takes what precedes it for the whole");

  g_assert_cmpint (span.flags & BUBUS_JSON_SPAN_NUL, !=, 0);
  g_assert_cmpmem (text, length, "a\0b", 3);
}

static void
test_integers (void)
{
  static const struct { const char *json; gboolean is_signed; gint64 value; gboolean is_unsigned; } cases[] = {
    { "0", TRUE, 0, TRUE },
    { "-0", FALSE, 0, FALSE },
    { "-7", TRUE, -7, FALSE },
    { "9223372036854775807", TRUE, G_MAXINT64, TRUE },
    { "9223372036854775808", FALSE, 0, TRUE },
    { "-9223372036854775808", TRUE, G_MININT64, FALSE },
    { "-9223372036854775809", FALSE, 0, FALSE },
    { "18446744073709551615", FALSE, 0, TRUE },
    { "18446744073709551616", FALSE, 0, FALSE },
    { "99999999999999999999999999", FALSE, 0, FALSE },
    { "1.0", FALSE, 0, FALSE },
    { "1e2", FALSE, 0, FALSE },
    { "\"1\"", FALSE, 0, FALSE },
  };

  g_test_summary ("B-5.12: integers are read exactly or not at all");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BubusJsonSpan span = scan_valid (cases[i].json);
      guint64 without_sign;
      gint64 value = 0;

      g_assert_cmpint (_bubus_json_span_get_int64 (&span, &value), ==, cases[i].is_signed);
      g_assert_true (!cases[i].is_signed || value == cases[i].value);
      g_assert_cmpint (_bubus_json_span_get_uint64 (&span, &without_sign), ==, cases[i].is_unsigned);
    }
}

static void
test_doubles (void)
{
  static const char *const cases[] = {
    "0", "1", "-1", "0.5", "500.58", "-83.43", "0.1", "1e10", "1e-10", "1.7976931348623157e308", "5e-324", "1e-400",
    "123456789012345678901234567890", "0.30000000000000004", "2.2250738585072011e-308", "-0", "-0.0",
    "474053.53654712654",
    "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
  };
  BubusJsonSpan span;
  double value;

  g_test_summary ("Numbers are read as g_ascii_strtod() reads them, and refused when they are too great");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double expected = g_ascii_strtod (cases[i], NULL);

      span = scan_valid (cases[i]);
      g_assert_true (_bubus_json_span_get_double (&span, &value));
      g_assert_cmpmem (&value, sizeof value, &expected, sizeof expected);
    }

  span = scan_valid ("1e400");
  g_assert_false (_bubus_json_span_get_double (&span, &value));
  span = scan_valid ("true");
  g_assert_false (_bubus_json_span_get_double (&span, &value));
}

static void
test_random_doubles (void)
{
  g_test_summary ("Short decimals take another way than long ones, to the same number");

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%s%d.%0*d", g_test_rand_bit () ? "-" : "",
                                               g_test_rand_int_range (0, 1 << 30), g_test_rand_int_range (1, 12),
                                               g_test_rand_int_range (0, 1 << 20));
      BubusJsonSpan span = scan_valid (text);
      double expected = g_ascii_strtod (text, NULL), value;

      g_assert_true (_bubus_json_span_get_double (&span, &value));
      g_assert_cmpfloat (value, ==, expected);
    }
}

static void
test_compact (void)
{
  static const struct { const char *text; const char *compact; } cases[] = {
    { " 1 ", "1" },
    { "{ \"a b\" : [ 1 , \" \\\" \", {\n} ] ,\t\"\\\\\" : null }", "{\"a b\":[1,\" \\\" \",{}],\"\\\\\":null}" },
    { "[\"é ü\", \"\"]", "[\"é ü\",\"\"]" },
  };

  g_test_summary ("White space outside of strings is left out, and nothing else");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BubusJsonSpan span = scan_valid (cases[i].text);
      g_autoptr (GString) out = g_string_new ("x");

      _bubus_json_span_append (&span, out);
      g_assert_cmpstr (out->str + 1, ==, cases[i].compact);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-scanner/accepts", test_accepts);
  g_test_add_func ("/json-scanner/refuses", test_refuses);
  g_test_add_func ("/json-scanner/nul", test_nul);
  g_test_add_func ("/json-scanner/depth", test_depth);
  g_test_add_func ("/json-scanner/prefixes", test_prefixes);
  g_test_add_func ("/json-scanner/members", test_members);
  g_test_add_func ("/json-scanner/elements", test_elements);
  g_test_add_func ("/json-scanner/enter-refuses", test_enter_refuses);
  g_test_add_func ("/json-scanner/strings", test_strings);
  g_test_add_func ("/json-scanner/string-with-nul", test_string_with_nul);
  g_test_add_func ("/json-scanner/integers", test_integers);
  g_test_add_func ("/json-scanner/doubles", test_doubles);
  g_test_add_func ("/json-scanner/random-doubles", test_random_doubles);
  g_test_add_func ("/json-scanner/compact", test_compact);

  return g_test_run ();
}
