/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "codec/bubus-json-variant.h"

static BubusJson *
json (const char *text)
{
  g_autoptr (GError) error = NULL;
  BubusJson *self = bubus_json_new (text, -1, &error);

  g_assert_no_error (error);
  return self;
}

static void
test_json_text (void)
{
  g_autoptr (BubusJson) a = json (" { \"a\" : [ 1 , \"x y\" ] } ");
  g_autoptr (BubusJson) b = json ("{\"a\":[1,\"x y\"]}");
  g_autoptr (BubusJson) c = json ("{\"a\":[1.0,\"x y\"]}");
  g_autoptr (BubusJson) same = bubus_json_ref (a);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A JSON text is checked, compact, and otherwise left as it is");

  g_assert_cmpstr (bubus_json_get_text (a), ==, "{\"a\":[1,\"x y\"]}");
  g_assert_cmpuint (bubus_json_get_size (a), ==, strlen (bubus_json_get_text (a)));
  g_assert_true (bubus_json_equal (a, b));
  g_assert_true (bubus_json_equal (a, same));
  g_assert_false (bubus_json_equal (a, c));

  g_assert_null (bubus_json_new ("[1,\n 2", 6, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
  g_assert_cmpstr (error->message, ==, "line 2, column 3: the text ends too early");
}

static void
test_write (void)
{
  static const struct { const char *variant; const char *json; } cases[] = {
    { "true", "true" }, { "byte 0xff", "255" }, { "int16 -5", "-5" }, { "uint16 5", "5" }, { "-5", "-5" },
    { "uint32 5", "5" }, { "int64 -9223372036854775808", "-9223372036854775808" },
    { "uint64 18446744073709551615", "18446744073709551615" }, { "handle 3", "3" }, { "5.0", "5.0" }, { "0.1", "0.1" },
    { "'a\"é'", "\"a\\\"é\"" }, { "objectpath '/a'", "\"/a\"" }, { "signature 'as'", "\"as\"" },
    { "<<5>>", "5" }, { "@mi nothing", "null" }, { "@mi just 5", "5" }, { "@mmi just nothing", "null" },
    { "@as []", "[]" }, { "['a', 'b']", "[\"a\",\"b\"]" }, { "(1, 'a')", "[1,\"a\"]" }, { "()", "[]" },
    { "@a{sv} {}", "{}" }, { "{'a': <1>, 'b': <[2]>}", "{\"a\":1,\"b\":[2]}" },
    { "{1: 'a', 2: 'b'}", "[[1,\"a\"],[2,\"b\"]]" }, { "{'a', 1}", "{\"a\":1}" }, { "{1, 'a'}", "[1,\"a\"]" },
    { "b'ab'", "[97,98,0]" }, { "@av []", "[]" }, { "[<1>, <'a'>]", "[1,\"a\"]" },
    { "{objectpath '/a': {'b': 1}}", "{\"/a\":{\"b\":1}}" },
  };

  g_test_summary ("Every kind of variant has its JSON form");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      GVariant *variant = g_variant_parse (NULL, cases[i].variant, NULL, NULL, &error);
      g_autoptr (BubusJson) written = NULL;

      g_assert_no_error (error);
      written = bubus_json_new_from_variant (variant);
      g_assert_cmpstr (bubus_json_get_text (written), ==, cases[i].json);
      g_variant_unref (variant);
    }
}

static void
assert_reads (const char *text,
              const char *type,
              const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusJson) self = json (text);
  g_autoptr (GVariant) variant = bubus_json_to_variant (self, type != NULL ? G_VARIANT_TYPE (type) : NULL, &error);
  g_autofree char *printed = NULL;

  g_assert_no_error (error);
  g_assert_false (g_variant_is_floating (variant));
  printed = g_variant_print (variant, TRUE);
  g_assert_cmpstr (printed, ==, expected);
}

static void
test_read_untyped (void)
{
  g_test_summary ("Without a type the text decides");

  assert_reads ("true", NULL, "true");
  assert_reads ("5", NULL, "int64 5");
  assert_reads ("18446744073709551615", NULL, "uint64 18446744073709551615");
  assert_reads ("99999999999999999999", NULL, "1e+20");
  assert_reads ("5.5", NULL, "5.5");
  assert_reads ("\"a\"", NULL, "'a'");
  assert_reads ("null", NULL, "@mv nothing");
  assert_reads ("[1,\"a\",null]", NULL, "[<int64 1>, <'a'>, <@mv nothing>]");
  assert_reads ("{\"a\":{},\"b\":[[]]}", NULL, "{'a': <@a{sv} {}>, 'b': <[<@av []>]>}");
  assert_reads ("{\"a\":1}", "a{s*}", "{'a': <int64 1>}");
  assert_reads ("[]", "a*", "@av []");
  assert_reads ("1", "?", "int64 1");
}

static void
test_read_typed (void)
{
  g_test_summary ("With a type every value is of it");

  assert_reads ("255", "y", "byte 0xff");
  assert_reads ("-32768", "n", "int16 -32768");
  assert_reads ("65535", "q", "uint16 65535");
  assert_reads ("-2147483648", "i", "-2147483648");
  assert_reads ("4294967295", "u", "uint32 4294967295");
  assert_reads ("-9223372036854775808", "x", "int64 -9223372036854775808");
  assert_reads ("18446744073709551615", "t", "uint64 18446744073709551615");
  assert_reads ("3", "h", "handle 3");
  assert_reads ("3", "d", "3.0");
  assert_reads ("\"/a\"", "o", "objectpath '/a'");
  assert_reads ("\"a{sv}\"", "g", "signature 'a{sv}'");
  assert_reads ("null", "ms", "@ms nothing");
  assert_reads ("\"a\"", "ms", "@ms 'a'");
  assert_reads ("[1,\"a\",[true]]", "(isab)", "(1, 'a', [true])");
  assert_reads ("[]", "()", "()");
  assert_reads ("{\"a\":[1,2]}", "a{sai}", "{'a': [1, 2]}");
  assert_reads ("[[1,\"a\"],[2,\"b\"]]", "a{us}", "{uint32 1: 'a', 2: 'b'}");
  assert_reads ("{\"a\":1}", "{si}", "{'a', 1}");
  assert_reads ("[1,\"a\"]", "{is}", "{1, 'a'}");
  assert_reads ("[{\"sku\":\"a\",\"quantity\":2}]", "aa{sv}", "[{'sku': <'a'>, 'quantity': <int64 2>}]");
}

static void
assert_refuses (const char *text,
                const char *type,
                const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusJson) self = json (text);

  g_assert_null (bubus_json_to_variant (self, type != NULL ? G_VARIANT_TYPE (type) : NULL, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_refuse (void)
{
  g_test_summary ("R-14: nothing is coerced; the error says what was found, where, and what was wanted");

  assert_refuses ("256", "y",
                  "line 1, column 1: “value” must be an integer in range for the type “y”, but is an integer");
  assert_refuses ("-1", "u",
                  "line 1, column 1: “value” must be an integer in range for the type “u”, but is an integer");
  assert_refuses ("5.0", "i",
                  "line 1, column 1: “value” must be an integer in range for the type “i”, but is a number");
  assert_refuses ("[1,\"2\"]", "ai",
                  "line 1, column 4: “value” must be an integer in range for the type “i”, but is a string");
  assert_refuses ("\"a b\"", "o",
                  "line 1, column 1: “value” must be an object path for the type “o”, but is a string");
  assert_refuses ("\"a)\"", "g",
                  "line 1, column 1: “value” must be a signature for the type “g”, but is a string");
  assert_refuses ("1", "s", "line 1, column 1: “value” must be a string, but is an integer");
  assert_refuses ("1", "b", "line 1, column 1: “value” must be a boolean for the type “b”, but is an integer");
  assert_refuses ("1e400", "d",
                  "line 1, column 1: “value” must be a number in the range of a double for the type “d”, "
                  "but is a number");
  assert_refuses ("{}", "as", "line 1, column 1: “value” must be an array for the type “as”, but is an object");
  assert_refuses ("[]", "a{sv}", "line 1, column 1: “value” must be an object for the type “{sv}”, but is an array");
  assert_refuses ("[1]", "(ii)",
                  "line 1, column 1: “value” must be an array with one element for each part for the type “(ii)”, "
                  "but is an array");
  assert_refuses ("{\"a\":1,\"b\":2}", "{si}",
                  "line 1, column 1: “value” must be an object with one member for the type “{si}”, but is an object");
  assert_refuses ("null", "s", "line 1, column 1: “value” must be a string, but is null");
  assert_refuses ("5", "a*", "line 1, column 1: “value” must be something else for the type “a*”, but is an integer");
  assert_refuses ("\"\\u0000\"", NULL, "line 1, column 1: “value” contains U+0000, which is not supported here");
}

static char *
nest (guint       depth,
      const char *open,
      const char *close)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (text, open);
  g_string_append (text, "1");
  for (guint i = 0; i < depth; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

/* Whether what could be read is a variant that others accept; returns whether it could. */
static gboolean
check_depth (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusJson) self = json (text);
  g_autoptr (GVariant) variant = bubus_json_to_variant (self, NULL, &error);
  g_autoptr (GVariant) received = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (variant == NULL)
    {
      g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
      return FALSE;
    }

  bytes = g_variant_get_data_as_bytes (variant);
  received = g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (variant), bytes, FALSE));
  g_assert_true (g_variant_is_normal_form (received));
  return TRUE;
}

static void
test_depth (void)
{
  guint n_read = 0;

  g_test_summary ("What is deeper than a variant can be is an error, and nothing that is read is not normal");

  for (guint depth = 1; depth <= 127; depth++)
    {
      g_autofree char *arrays = nest (depth, "[", "]");
      g_autofree char *objects = nest (depth, "{\"a\":", "}");

      n_read += check_depth (arrays);
      n_read += check_depth (objects);
    }
  g_assert_cmpuint (n_read, >, 80);
  g_assert_cmpuint (n_read, <, 254);
}

static void
test_round_trip (void)
{
  static const struct { const char *type; const char *variant; } cases[] = {
    { "a{sv}", "{'a': <int64 1>, 'b': <[<'x'>, <2.5>]>, 'c': <@mv nothing>}" },
    { "(ya{s(xd)}mas)", "(byte 0x01, {'k': (int64 -5, 0.1)}, just ['a'])" },
    { "a(oms)", "[(objectpath '/a', nothing), (objectpath '/b', just 'c')]" },
    { "a{yai}", "{byte 0x01: [1], 0x02: []}" },
  };

  g_test_summary ("A variant of a type that says everything is the same after JSON");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GVariantType *type = G_VARIANT_TYPE (cases[i].type);
      g_autoptr (GVariant) variant = g_variant_parse (type, cases[i].variant, NULL, NULL, NULL);
      g_autoptr (BubusJson) written = bubus_json_new_from_variant (variant);
      g_autoptr (GVariant) read = bubus_json_to_variant (written, type, NULL);

      g_assert_cmpvariant (read, variant);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-variant/json-text", test_json_text);
  g_test_add_func ("/json-variant/write", test_write);
  g_test_add_func ("/json-variant/read-untyped", test_read_untyped);
  g_test_add_func ("/json-variant/read-typed", test_read_typed);
  g_test_add_func ("/json-variant/refuse", test_refuse);
  g_test_add_func ("/json-variant/depth", test_depth);
  g_test_add_func ("/json-variant/round-trip", test_round_trip);

  return g_test_run ();
}
