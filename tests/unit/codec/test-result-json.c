/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "json-fixture.h"

#include "base/bubus-error.h"
#include "codec/bubus-generic-event.h"
#include "event/bubus-event-internal.h"

#define RESULT(handler, rest) "\"" handler "\":{\"id\":\"01a1fd50-2dc5-7711-bb6d-8f5769852db4\"," rest "}"
#define FLAT(handler, bus, bus_name, status, outcome)                                                              \
  RESULT (handler, "\"status\":\"" status "\",\"event_id\":\"" EVENT_ID "\",\"handler_id\":\"" handler "\","       \
                   "\"handler_name\":\"h\",\"handler_file_path\":null,\"handler_timeout\":null,"                   \
                   "\"handler_slow_timeout\":null,\"handler_registered_at\":\"" TIME_1 "\","                       \
                   "\"handler_event_pattern\":\"Ping\",\"eventbus_id\":\"" bus "\","                                         \
                   "\"eventbus_name\":\"" bus_name "\","                                                         \
                   "\"started_at\":\"" TIME_1 "\",\"completed_at\":\"" TIME_2 "\"," outcome)
#define WITH_RESULTS(results) HEAD ("Ping") BARE ",\"a\":1,\"event_results\":{" results "}}"

static void
test_results (void)
{
  const char *text = WITH_RESULTS (
    FLAT (HANDLER_A, BUS_A, "Shop", "completed", "\"result\":{\"a\":[1.50]},\"error\":null,\"event_children\":[]") ","
    FLAT (HANDLER_B, BUS_A, "Shop", "error",
          "\"result\":null,\"error\":{\"type\":\"ValueError\",\"message\":\"no \\\"luck\\\"\"},"
          "\"event_children\":[\"" PARENT_ID "\"]") ","
    FLAT (HANDLER_C, BUS_B, "Depot", "pending", "\"result\":null,\"error\":null,\"event_children\":[]"));
  BubusEvent *event;
  g_autoptr (GPtrArray) results = NULL;
  const GError *error;

  g_test_summary ("B-1.31, B-1.32, B-17.14: results are flat, in order of selection, and restored as records");

  assert_becomes (text, text);

  event = read_event (text);
  results = bubus_event_list_results (event);
  g_assert_cmpuint (results->len, ==, 3);
  g_assert_true (G_VALUE_HOLDS (bubus_event_result_get_value (results->pdata[0]), BUBUS_TYPE_JSON));
  error = bubus_event_result_get_error (results->pdata[1]);
  g_assert_cmpstr (error->message, ==, "no \"luck\"");
  g_assert_cmpint (bubus_event_result_get_status (results->pdata[2]), ==, BUBUS_RESULT_STATUS_PENDING);
  g_assert_cmpstr (bubus_event_result_get_eventbus_name (results->pdata[2]), ==, "Depot");
  g_assert_cmpstr (bubus_event_result_get_handler_name (results->pdata[2]), ==, "h");
  g_clear_pointer (&results, g_ptr_array_unref);
  g_assert_finalize_object (event);
}

static void
test_results_by_bus (void)
{
  g_test_summary ("Results of one bus come together, in their order");

  assert_becomes (WITH_RESULTS (
                    FLAT (HANDLER_A, BUS_A, "A", "pending", "\"result\":null,\"error\":null,\"event_children\":[]") ","
                    FLAT (HANDLER_B, BUS_B, "B", "pending", "\"result\":null,\"error\":null,\"event_children\":[]") ","
                    FLAT (HANDLER_C, BUS_A, "A", "pending", "\"result\":null,\"error\":null,\"event_children\":[]")),
                  WITH_RESULTS (
                    FLAT (HANDLER_A, BUS_A, "A", "pending", "\"result\":null,\"error\":null,\"event_children\":[]") ","
                    FLAT (HANDLER_C, BUS_A, "A", "pending", "\"result\":null,\"error\":null,\"event_children\":[]") ","
                    FLAT (HANDLER_B, BUS_B, "B", "pending", "\"result\":null,\"error\":null,\"event_children\":[]")));
}

static void
test_result_defaults (void)
{
  BubusEvent *event = read_event ("{\"event_type\":\"Ping\",\"event_id\":\"" EVENT_ID "\",\"event_results\":"
                                  "[{\"handler_id\":\"" HANDLER_A "\"},{\"handler_id\":\"" HANDLER_B "\","
                                  "\"status\":\"completed\",\"result\":7}]}");
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  g_autofree char *id = bubus_event_result_dup_id (results->pdata[0]);
  g_autofree char *text = bubus_event_to_json (event);
  BubusEvent *again = read_event (text);

  g_test_summary ("B-1.31, B-1.34: an array of results is read too, and only the handler's id is needed");

  g_assert_cmpuint (results->len, ==, 2);
  g_assert_cmpuint (strlen (id), ==, 36);
  g_assert_cmpstr (bubus_event_result_get_handler_name (results->pdata[0]), ==, "anonymous");
  g_assert_cmpint (g_value_get_int64 (bubus_event_result_get_value (results->pdata[1])), ==, 7);
  assert_written (again, text);
  g_clear_pointer (&results, g_ptr_array_unref);
  g_assert_finalize_object (again);
  g_assert_finalize_object (event);
}

static void
test_result_extras (void)
{
  const char *text = WITH_RESULTS (
    RESULT (HANDLER_A, "\"status\":\"pending\",\"event_id\":\"" EVENT_ID "\",\"handler_id\":\"" HANDLER_A "\","
            "\"handler_name\":\"h\",\"handler_file_path\":\"~/a.py:1\",\"handler_timeout\":5,"
            "\"handler_slow_timeout\":null,\"handler_registered_at\":null,\"handler_event_pattern\":\"*\","
            "\"eventbus_id\":null,\"eventbus_name\":\"B\",\"started_at\":null,\"completed_at\":null,\"result\":null,"
            "\"error\":null,\"event_children\":[],\"mood\":{\"a\":1.50},\"timeout\":null"));

  g_test_summary ("R-18: what nobody knows about a result survives as well");

  assert_becomes (text, text);
}

static void
test_result_values (void)
{
  static const struct { const char *json; GType type; const char *written; } cases[] = {
    { "null", G_TYPE_INVALID, "null" }, { "true", G_TYPE_BOOLEAN, "true" }, { "false", G_TYPE_BOOLEAN, "false" },
    { "-5", G_TYPE_INT64, "-5" }, { "18446744073709551615", G_TYPE_UINT64, "18446744073709551615" },
    { "5.0", G_TYPE_DOUBLE, "5.0" }, { "1e2", G_TYPE_DOUBLE, "100.0" }, { "-0", G_TYPE_DOUBLE, "-0.0" },
    { "\"é\\n\"", G_TYPE_STRING, "\"é\\n\"" }, { "\"\\u00e9\"", G_TYPE_STRING, "\"é\"" },
    { "123456789012345678901", G_TYPE_NONE, "123456789012345678901" }, { "1e999", G_TYPE_NONE, "1e999" },
    { "\"\\u0000\"", G_TYPE_NONE, "\"\\u0000\"" }, { "[ 1 ]", G_TYPE_NONE, "[1]" }, { "{}", G_TYPE_NONE, "{}" },
  };

  g_test_summary ("B-1.32, B-5.12: values are read as what they are; what would lose something stays JSON");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"event_type\":\"Ping\",\"event_results\":{\"" HANDLER_A "\":"
                                               "{\"status\":\"completed\",\"result\":%s}}}", cases[i].json);
      g_autofree char *member = g_strdup_printf ("\"result\":%s,", cases[i].written);
      BubusEvent *event = read_event (text);
      g_autofree char *written = bubus_event_to_json (event);
      g_autoptr (GPtrArray) results = bubus_event_list_results (event);
      const GValue *value = bubus_event_result_get_value (results->pdata[0]);

      g_assert_cmpuint (value != NULL ? G_VALUE_TYPE (value) : G_TYPE_INVALID, ==,
                        cases[i].type == G_TYPE_NONE ? BUBUS_TYPE_JSON : cases[i].type);
      g_assert_nonnull (strstr (written, member));
      g_clear_pointer (&results, g_ptr_array_unref);
      g_assert_finalize_object (event);
    }
}

static void
test_declared_result (void)
{
  const char *text = "{\"event_type\":\"TestEvent\",\"quantity\":1,\"text\":\"\",\"event_results\":["
                     "{\"handler_id\":\"" HANDLER_A "\",\"status\":\"completed\",\"result\":36},"
                     "{\"handler_id\":\"" HANDLER_B "\",\"status\":\"completed\",\"result\":\"36\"}]}";
  BubusEvent *event = read_event (text);
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_test_summary ("B-13.15: a value is of the type that the class declares, when it can be");

  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (results->pdata[0])), ==, 36);
  g_assert_cmpstr (g_value_get_string (bubus_event_result_get_value (results->pdata[1])), ==, "36");
  g_clear_pointer (&results, g_ptr_array_unref);
  g_assert_finalize_object (event);
}

static void
assert_error_becomes (const char *json,
                      const char *expected,
                      GQuark      domain,
                      int         code)
{
  g_autofree char *text = g_strdup_printf ("{\"event_type\":\"Ping\",\"event_results\":{\"" HANDLER_A "\":"
                                           "{\"status\":\"error\",\"error\":%s}}}", json);
  g_autofree char *member = g_strdup_printf ("\"error\":%s,", expected);
  BubusEvent *event = read_event (text);
  g_autofree char *written = bubus_event_to_json (event);
  BubusEvent *again = read_event (written);
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  const GError *error = bubus_event_result_get_error (results->pdata[0]);

  g_assert_nonnull (error);
  g_assert_true (domain == 0 || g_error_matches (error, domain, code));
  if (strstr (written, member) == NULL)
    g_error ("%s is not in %s", member, written);
  assert_written (again, written);
  g_clear_pointer (&results, g_ptr_array_unref);
  g_assert_finalize_object (again);
  g_assert_finalize_object (event);
}

static void
test_errors (void)
{
  g_test_summary ("R-18, B-1.33: errors are read in every form, and written with a type and a message");

  assert_error_becomes ("{\"type\":\"ValueError\",\"message\":\"no\"}",
                        "{\"type\":\"ValueError\",\"message\":\"no\"}", 0, 0);
  assert_error_becomes ("{\"message\":\"no\",\"stack\":[ 1 ],\"type\":\"E\"}",
                        "{\"type\":\"E\",\"message\":\"no\",\"stack\":[1]}", 0, 0);
  assert_error_becomes ("\"no\"", "{\"type\":\"Error\",\"message\":\"no\"}", 0, 0);
  assert_error_becomes ("{}", "{\"type\":\"Error\",\"message\":\"\"}", 0, 0);
  assert_error_becomes ("null", "{\"type\":\"Error\",\"message\":\"\"}", 0, 0);
  assert_error_becomes ("{\"type\":5,\"message\":null}", "{\"type\":\"5\",\"message\":\"\"}", 0, 0);
  assert_error_becomes ("{\"type\":\"BubusError.TIMED_OUT\",\"message\":\"late\"}",
                        "{\"type\":\"BubusError.TIMED_OUT\",\"message\":\"late\"}", BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  assert_error_becomes ("{\"type\":\"BubusError.NEW\",\"message\":\"x\"}",
                        "{\"type\":\"BubusError.NEW\",\"message\":\"x\"}", 0, 0);
  assert_error_becomes ("{\"type\":\"bubus-error-quark.99\",\"message\":\"x\"}",
                        "{\"type\":\"bubus-error-quark.99\",\"message\":\"x\"}", 0, 0);
}

static void
test_foreign_errors (void)
{
  g_autofree char *type = g_strdup_printf ("%s.%d", g_quark_to_string (G_IO_ERROR), G_IO_ERROR_NOT_FOUND);
  g_autofree char *json = g_strdup_printf ("{\"type\":\"%s\",\"message\":\"where\"}", type);

  g_test_summary ("An error of a domain that this process knows is again what it was");

  assert_error_becomes (json, json, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_error_types (void)
{
  GQuark known = g_quark_from_string ("KnownError");
  g_autofree char *type = NULL;
  BubusEvent *event;

  g_test_summary ("R-18: what another language calls an exception is written as its type, and read again");

  assert_error_becomes ("{\"type\":\"KnownError\",\"message\":\"no\"}",
                        "{\"type\":\"KnownError\",\"message\":\"no\"}", known, -1);
  assert_error_becomes ("{\"type\":\"KnownError.0\",\"message\":\"no\"}",
                        "{\"type\":\"KnownError.0\",\"message\":\"no\"}", known, 0);
  assert_error_becomes ("{\"type\":\"KnownError.-1\",\"message\":\"no\"}",
                        "{\"type\":\"KnownError.-1\",\"message\":\"no\"}", 0, 0);
  assert_error_becomes ("{\"type\":\"bubus-error-quark\",\"message\":\"no\"}",
                        "{\"type\":\"bubus-error-quark\",\"message\":\"no\"}", 0, 0);
  assert_error_becomes ("{\"type\":\"NeverHeardOfError\",\"message\":\"no\"}",
                        "{\"type\":\"NeverHeardOfError\",\"message\":\"no\"}", 0, 0);
  g_assert_cmpuint (g_quark_try_string ("NeverHeardOfError"), ==, 0);

  event = read_event ("{\"event_type\":\"Ping\",\"event_results\":{\"" HANDLER_A "\":"
                      "{\"status\":\"error\",\"error\":{\"type\":\"NeverHeardOfError\",\"message\":\"no\"}},"
                      "\"" HANDLER_B "\":{\"status\":\"completed\",\"result\":1}}}");
  {
    g_autoptr (GPtrArray) results = bubus_event_list_results (event);

    type = bubus_event_result_dup_error_type (results->pdata[0]);
    g_assert_cmpstr (type, ==, "NeverHeardOfError");
    g_assert_null (bubus_event_result_dup_error_type (results->pdata[1]));
  }
  g_assert_finalize_object (event);
}

static void
test_hand_made_result (void)
{
  BubusEvent *event = bubus_generic_event_new ("Ping", NULL);
  g_autoptr (BubusBusInfo) bus = _bubus_bus_info_new (&(BubusUuid) { { 1 } }, "Shop");
  g_autoptr (BubusHandlerInfo) handler = _bubus_handler_info_new (bus, "h", "Ping", "a.c:1", HANDLER_TIME);
  BubusVisit *visit = _bubus_event_add_visit (event, bus);
  BubusEventResult *result;
  BubusEvent *again;
  g_autofree char *text = NULL;

  g_test_summary ("B-1.32, B-17.14: a live record is written and reads back; an event that was returned is its id");

  _bubus_visit_allocate_results (visit, 1);
  result = _bubus_visit_init_result (visit, 0, handler);
  result->status = BUBUS_RESULT_STATUS_COMPLETED;
  visit->state = BUBUS_VISIT_DONE;
  g_value_take_object (g_value_init (&result->value, BUBUS_TYPE_EVENT), bubus_generic_event_new ("Pong", NULL));

  text = bubus_event_to_json (event);
  again = read_event (text);
  assert_written (again, text);
  g_assert_finalize_object (again);
  g_assert_finalize_object (event);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bubus_event_register_type (test_event_get_type ());

  g_test_add_func ("/event-json/results", test_results);
  g_test_add_func ("/event-json/results-by-bus", test_results_by_bus);
  g_test_add_func ("/event-json/result-defaults", test_result_defaults);
  g_test_add_func ("/event-json/result-extras", test_result_extras);
  g_test_add_func ("/event-json/result-values", test_result_values);
  g_test_add_func ("/event-json/declared-result", test_declared_result);
  g_test_add_func ("/event-json/errors", test_errors);
  g_test_add_func ("/event-json/foreign-errors", test_foreign_errors);
  g_test_add_func ("/event-json/error-types", test_error_types);
  g_test_add_func ("/event-json/hand-made-result", test_hand_made_result);

  return g_test_run ();
}
