/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "results-fixture.h"

/* ---- handlers that return what they are told ---- */

static gboolean
answer_error (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  bubus_invocation_return_error (invocation, data);
  return TRUE;
}

static gboolean
answer_nothing (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  return TRUE;
}

static void
on_error (BubusEventBus *bus,
          const char    *name,
          int            code,
          const char    *message)
{
  bubus_event_bus_on (bus, TYPE_PING, name, answer_error, g_error_new_literal (BUBUS_ERROR, code, message),
                      (GDestroyNotify) g_error_free);
}

static void
on_nothing (BubusEventBus *bus,
            const char    *name)
{
  bubus_event_bus_on (bus, TYPE_PING, name, answer_nothing, NULL, NULL);
}

/* ---- looking at them ---- */

#define assert_raises_everywhere(results, code)         \
  G_STMT_START                                          \
  {                                                     \
    assert_raises (results, get_first, code);           \
    assert_raises (results, list, code);                \
    assert_raises (results, filter, code);              \
    assert_raises (results, by_handler_id, code);       \
    assert_raises (results, by_handler_name, code);     \
    assert_raises (results, flat_list, code);           \
    assert_raises (results, flat_json_list, code);      \
  }                                                     \
  G_STMT_END

/* ---- gathering ---- */

static void
test_unfinished (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "ask");
  g_autoptr (BubusResults) results = bubus_results_new (event);

  assert_raises_everywhere (results, BUBUS_ERROR_WOULD_BLOCK);
  assert_raises (results, flat_dict, BUBUS_ERROR_WOULD_BLOCK);
  assert_raises (results, flat_json_dict, BUBUS_ERROR_WOULD_BLOCK);
}

static void
test_options (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("ask");
  g_autoptr (BubusResults) results = bubus_results_new (event);
  g_autoptr (BubusEvent) same = NULL;
  gboolean any, none, conflicts;
  double timeout;

  g_object_get (results, "event", &same, "timeout", &timeout, "raise-if-any", &any, "raise-if-none", &none,
                "raise-if-conflicts", &conflicts, NULL);
  g_assert_true (same == event);
  g_assert_true (any && none && conflicts);
  g_assert_cmpfloat (timeout, <, 0);

  g_object_set (results, "timeout", 2.5, "raise-if-any", FALSE, "raise-if-none", FALSE, "raise-if-conflicts", FALSE,
                NULL);
  g_assert_cmpfloat (bubus_results_get_timeout (results), ==, 2.5);
  g_assert_false (bubus_results_get_raise_if_any (results));
  g_assert_false (bubus_results_get_raise_if_none (results));
  g_assert_false (bubus_results_get_raise_if_conflicts (results));
}

static void
test_values (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GHashTable) by_id = NULL;
  g_autoptr (GHashTable) by_name = NULL;
  g_autofree char *id = NULL;

  on_nothing (fixture->bus, "silent");
  on_string (fixture->bus, "first", "one");
  on_string (fixture->bus, "null", NULL);
  g_value_set_int (on_value (fixture->bus, "zero", G_TYPE_INT), 0);
  results = ask (fixture->bus);

  assert_value (bubus_results_get_first (results, NULL), "\"one\"");
  records = bubus_results_filter (results, NULL);
  g_assert_cmpuint (records->len, ==, 2);
  g_assert_cmpstr (bubus_event_result_get_handler_name (records->pdata[1]), ==, "zero");

  by_name = bubus_results_by_handler_name (results, NULL);
  g_assert_cmpuint (g_hash_table_size (by_name), ==, 2);
  assert_value (g_hash_table_lookup (by_name, "zero"), "0");

  by_id = bubus_results_by_handler_id (results, NULL);
  g_assert_cmpuint (g_hash_table_size (by_id), ==, 2);
  id = bubus_event_result_dup_handler_id (records->pdata[0]);
  assert_value (g_hash_table_lookup (by_id, id), "\"one\"");
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (BubusInvocation) slow = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "slow", defer_and_keep, &slow, NULL);
  on_string (fixture->bus, "fast", "fast");
  event = dispatch_ping (fixture->bus, "ask");
  while (slow == NULL)
    g_main_context_iteration (NULL, TRUE);
  bubus_invocation_return_string (slow, "slow");
  run_until_idle (fixture->bus);

  results = bubus_results_new (event);
  assert_list (results, "slow fast");
}

static void
test_first_error (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) error = NULL;

  on_string (fixture->bus, "good", "value");
  on_error (fixture->bus, "bad", BUBUS_ERROR_FULL, "no room");
  on_error (fixture->bus, "worse", BUBUS_ERROR_FAILED, "broken");
  on_error (fixture->bus, "worst", BUBUS_ERROR_FAILED, "gone");
  results = ask (fixture->bus);

  assert_raises_everywhere (results, BUBUS_ERROR_FULL);
  assert_raises (results, flat_dict, BUBUS_ERROR_FULL);
  g_assert_null (bubus_results_get_first (results, &error));
  g_assert_cmpstr (error->message, ==, "no room (and 2 more handlers have failed)");

  bubus_results_set_raise_if_any (results, FALSE);
  assert_list (results, "value");
}

static void
test_only_error (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) error = NULL;

  on_error (fixture->bus, "bad", BUBUS_ERROR_FULL, "no room");
  results = ask (fixture->bus);
  g_assert_null (bubus_results_get_first (results, &error));
  g_assert_cmpstr (error->message, ==, "no room");

  bubus_results_set_raise_if_any (results, FALSE);
  assert_raises_everywhere (results, BUBUS_ERROR_NO_RESULT);
  bubus_results_set_raise_if_none (results, FALSE);
  g_clear_error (&error);
  g_assert_null (bubus_results_get_first (results, &error));
  g_assert_no_error (error);
  assert_list (results, "");
}

static void
test_given_up (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusResults) won = NULL;
  g_autoptr (BubusResults) lost = NULL;

  on_error (fixture->bus, "loser", BUBUS_ERROR_ABORTED, "interrupted");
  on_error (fixture->bus, "late", BUBUS_ERROR_CANCELLED, "never ran");
  lost = ask (fixture->bus);
  assert_raises_everywhere (lost, BUBUS_ERROR_ABORTED);

  on_string (fixture->bus, "winner", "value");
  won = ask (fixture->bus);
  assert_list (won, "value");
}

static void
test_none (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_nothing (fixture->bus, "silent");
  results = ask (fixture->bus);
  assert_raises_everywhere (results, BUBUS_ERROR_NO_RESULT);
  assert_variant (bubus_results_flat_dict (results, NULL), "@a{sv} {}");
  assert_json (bubus_results_flat_json_dict (results, NULL), "{}");

  bubus_results_set_raise_if_none (results, TRUE);
  assert_raises (results, flat_dict, BUBUS_ERROR_NO_RESULT);
  assert_raises (results, flat_json_dict, BUBUS_ERROR_NO_RESULT);

  bubus_results_set_raise_if_none (results, FALSE);
  assert_variant (bubus_results_flat_list (results, NULL), "@av []");
  assert_json (bubus_results_flat_json_list (results, NULL), "[]");
}

static void
test_events_are_no_values (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusResults) results = NULL;

  g_value_take_object (on_value (fixture->bus, "event", BUBUS_TYPE_EVENT), ping_new ("other"));
  bubus_event_bus_forward (fixture->bus, "*", NULL, other);
  on_string (fixture->bus, "value", "value");
  results = ask (fixture->bus);
  run_until_idle (other);
  assert_list (results, "value");
}

static void
test_buses_in_order (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (BubusEventBus) second = bubus_event_bus_new ("Second");
  g_autoptr (BubusEventBus) third = bubus_event_bus_new ("Third");
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;

  bubus_event_bus_forward (fixture->bus, "*", NULL, second);
  bubus_event_bus_forward (second, "*", NULL, third);
  on_variant (fixture->bus, "main", "['a', 'b']");
  on_variant (second, "second", "['c']");
  on_variant (third, "third", "['d']");
  event = dispatch_ping (fixture->bus, "ask");
  run_until_complete (event);
  run_until_idle (second);
  run_until_idle (third);

  results = bubus_results_new (event);
  assert_variant (bubus_results_flat_list (results, NULL), "[<'a'>, <'b'>, <'c'>, <'d'>]");
}

/* ---- filters ---- */

static gboolean
include_not_b (BubusEventResult  *result,
               gpointer           data,
               GError           **error)
{
  trace (data, "%s", bubus_event_result_get_handler_name (result));
  return !g_str_equal (bubus_event_result_get_handler_name (result), "b");
}

static gboolean
include_fails (BubusEventResult  *result,
               gpointer           data,
               GError           **error)
{
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "cannot say");
  return FALSE;
}

static void
count_free (gpointer data)
{
  ++*(guint *) data;
}

static void
test_include (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GPtrArray) records = NULL;
  guint n_freed = 0;

  on_string (fixture->bus, "a", "A");
  on_string (fixture->bus, "b", "B");
  on_string (fixture->bus, "c", "C");
  on_nothing (fixture->bus, "d");
  on_error (fixture->bus, "e", BUBUS_ERROR_FAILED, "broken");
  results = ask (fixture->bus);
  bubus_results_set_raise_if_any (results, FALSE);

  bubus_results_set_include (results, include_not_b, fixture->trace, NULL);
  assert_list (results, "A C");
  g_assert_cmpstr (fixture->trace->str, ==, "a b c");

  g_string_truncate (fixture->trace, 0);
  records = bubus_results_filter (results, NULL);
  g_assert_cmpuint (records->len, ==, 4);
  g_assert_cmpstr (fixture->trace->str, ==, "a b c d e");

  bubus_results_set_include (results, include_fails, &n_freed, count_free);
  assert_raises_everywhere (results, BUBUS_ERROR_FAILED);
  bubus_results_set_include (results, NULL, NULL, NULL);
  g_assert_cmpuint (n_freed, ==, 1);
  assert_list (results, "A B C");
}

static void
test_include_is_not_about_errors (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;

  on_string (fixture->bus, "a", "A");
  on_error (fixture->bus, "b", BUBUS_ERROR_FULL, "no room");
  results = ask (fixture->bus);
  bubus_results_set_include (results, include_not_b, fixture->trace, NULL);
  assert_raises (results, list, BUBUS_ERROR_FULL);
}

static void
test_equal_names (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GHashTable) by_name = NULL;
  g_autoptr (GHashTable) by_id = NULL;
  g_autoptr (GError) error = NULL;

  on_string (fixture->bus, "twin", "A");
  on_string (fixture->bus, "twin", "B");
  results = ask (fixture->bus);

  g_assert_null (bubus_results_by_handler_name (results, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT);
  g_assert_nonnull (strstr (error->message, "“twin”"));
  by_id = bubus_results_by_handler_id (results, NULL);
  g_assert_cmpuint (g_hash_table_size (by_id), ==, 2);

  bubus_results_set_raise_if_conflicts (results, FALSE);
  by_name = bubus_results_by_handler_name (results, NULL);
  assert_value (g_hash_table_lookup (by_name, "twin"), "\"B\"");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/results/unfinished", test_unfinished, "R-14: gathering from an unfinished event would block");
  test ("/results/options", test_options, "R-14: the README's defaults, and properties to change them");
  test ("/results/values", test_values,
        "B-5.14, B-5.17, B-5.19, B-5.22: what is null is no value, what is falsy is one");
  test ("/results/order", test_order, "B-5.17, B-5.18: handler order, whenever they finish");
  test ("/results/first-error", test_first_error, "R-14, B-5.15: the first error in handler order, and how many more");
  test ("/results/only-error", test_only_error,
        "B-5.15, B-5.23: raise_if_any goes before raise_if_none; both can be off");
  test ("/results/given-up", test_given_up, "R-14: who lost is no error when somebody won");
  test ("/results/none", test_none, "B-5.15: nothing is an error, but not for a dictionary unless it is asked for");
  test ("/results/events", test_events_are_no_values, "R-11, B-5.14: events and forwarding are no values");
  test ("/results/buses", test_buses_in_order, "14.24: results of all buses in the order of the path");
  test ("/results/include", test_include, "B-5.15, B-5.22: a filter is asked once for each");
  test ("/results/include-errors", test_include_is_not_about_errors, "B-5.16: errors count over all handlers");
  test ("/results/equal-names", test_equal_names, "R-14, 14.21: equal names are reported; ids keep them apart");

  return g_test_run ();
}
