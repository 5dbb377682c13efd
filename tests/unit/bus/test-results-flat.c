/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "results-fixture.h"

#define assert_conflict(results, function, expected)                     \
  G_STMT_START                                                           \
  {                                                                      \
    g_autoptr (GError) conflict = NULL;                                  \
    g_assert_null (bubus_results_##function (results, &conflict));       \
    g_assert_error (conflict, BUBUS_ERROR, BUBUS_ERROR_CONFLICT);        \
    g_assert_cmpstr (conflict->message, ==, expected);                   \
  }                                                                      \
  G_STMT_END

/* ---- handlers that return what they are told ---- */

static void
on_json (BubusEventBus *bus,
         const char    *name,
         const char    *text)
{
  BubusJson *json = bubus_json_new (text, -1, NULL);

  g_assert_nonnull (json);
  g_value_take_boxed (on_value (bus, name, BUBUS_TYPE_JSON), json);
}

/* ---- merging ---- */

static void
test_flat_dict (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_variant (fixture->bus, "user", "{'port': <8080>, 'debug': <true>}");
  on_variant (fixture->bus, "none", "@a{sv} {}");
  on_string (fixture->bus, "text", "no dictionary");
  on_variant (fixture->bus, "numbers", "{1: 'one'}");
  on_variant (fixture->bus, "list", "['no dictionary']");
  on_variant (fixture->bus, "names", "{'host': 'localhost'}");
  results = ask (fixture->bus);
  assert_variant (bubus_results_flat_dict (results, NULL),
                  "{'port': <8080>, 'debug': <true>, 'host': <'localhost'>}");
}

static void
test_flat_dict_conflict (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_variant (fixture->bus, "user", "{'debug': <true>, 'port': <8080>}");
  on_variant (fixture->bus, "system", "{'timeout': <30>, 'debug': <false>}");
  results = ask (fixture->bus);

  assert_conflict (results, flat_dict, "user and system both return a value for “debug”");

  bubus_results_set_raise_if_conflicts (results, FALSE);
  assert_variant (bubus_results_flat_dict (results, NULL), "{'debug': <false>, 'port': <8080>, 'timeout': <30>}");
}

static void
test_flat_json (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_json (fixture->bus, "user", "{ \"a\\\"b\": [1, 2.50], \"x\": 1, \"x\": 2 }");
  on_json (fixture->bus, "none", "{}");
  on_json (fixture->bus, "list", "[ 1, {\"x\": 2} ]");
  on_json (fixture->bus, "empty", "[]");
  on_json (fixture->bus, "more", "[\"]\"]");
  on_json (fixture->bus, "text", "\"text\"");
  results = ask (fixture->bus);
  assert_json (bubus_results_flat_json_dict (results, NULL), "{\"a\\\"b\":[1,2.50],\"x\":2}");
  assert_json (bubus_results_flat_json_list (results, NULL), "[1,{\"x\":2},\"]\"]");
  g_clear_object (&results);

  on_json (fixture->bus, "again", "{\"x\":null}");
  results = ask (fixture->bus);
  assert_conflict (results, flat_json_dict, "user and again both return a value for “x”");
  bubus_results_set_raise_if_conflicts (results, FALSE);
  assert_json (bubus_results_flat_json_dict (results, NULL), "{\"a\\\"b\":[1,2.50],\"x\":null}");
}

static void
test_flat_list (Fixture       *fixture,
                gconstpointer  data)
{
  const char *const strings[] = { "c", "d", NULL };
  g_autoptr (BubusResults) results = NULL;

  on_variant (fixture->bus, "strings", "['a', 'b']");
  on_variant (fixture->bus, "bytes", "b'bytes'");
  on_variant (fixture->bus, "dict", "{'x': <1>}");
  on_variant (fixture->bus, "tuple", "(1, 2)");
  on_variant (fixture->bus, "variants", "[<1>, <'two'>]");
  g_value_set_boxed (on_value (fixture->bus, "strv", G_TYPE_STRV), strings);
  results = ask (fixture->bus);
  assert_variant (bubus_results_flat_list (results, NULL), "[<'a'>, <'b'>, <1>, <'two'>, <'c'>, <'d'>]");
}

static void
test_variants_and_json_do_not_mix (Fixture       *fixture,
                                   gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_variant (fixture->bus, "variant", "{'x': <1>}");
  on_json (fixture->bus, "json", "{\"y\":2}");
  results = ask (fixture->bus);
  assert_conflict (results, flat_dict, "json returned a JSON object, which flat_json_dict merges");
  assert_raises (results, flat_json_dict, BUBUS_ERROR_CONFLICT);

  bubus_results_set_raise_if_conflicts (results, FALSE);
  assert_variant (bubus_results_flat_dict (results, NULL), "{'x': <1>}");
  assert_json (bubus_results_flat_json_dict (results, NULL), "{\"y\":2}");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/results/flat-dict", test_flat_dict, "B-5.20, 14.22: dictionaries are merged, all else is skipped");
  test ("/results/flat-dict-conflict", test_flat_dict_conflict, "B-5.20: a conflict names the key and the handlers");
  test ("/results/flat-json", test_flat_json, "B-5.20, B-5.21: the same for JSON");
  test ("/results/flat-list", test_flat_list, "B-5.21, 14.23: lists are joined, all else is skipped");
  test ("/results/kinds", test_variants_and_json_do_not_mix, "R-14: nothing is lost silently");

  return g_test_run ();
}
