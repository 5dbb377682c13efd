/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "base/bubus-error.h"
#include "codec/bubus-event-json.h"
#include "codec/bubus-generic-event.h"
#include "event/bubus-event-internal.h"

#define DIALECT   "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\""
#define EVENT_ID  "01a1fd50-2dc3-772d-88f9-e628fe4e14fb"
#define PARENT_ID "01a1fd50-2db4-746f-a4d6-f36d60be52e7"
#define HANDLER_A "5a3dd1d3-49f2-5d2e-906b-d83b2d8ee6a5"
#define HANDLER_B "2429516e-af7d-542d-a0f5-dcca6777140a"
#define HANDLER_C "f8ba19d7-d754-5e39-b007-09d2b328f7ef"
#define BUS_A     "01a1fd50-2d9c-7770-a24f-fda1acaa6d82"
#define BUS_B     "01a1fd50-2d9d-734b-aff2-4bf0416c2350"
#define HANDLER_TIME G_GINT64_CONSTANT (1000000000123456789)
#define TIME_1    "2026-11-21T08:54:12.674922739Z"
#define TIME_2    "2026-11-21T08:54:12.677259970Z"

/* What every event says; the payload and what came before it are put in between. */
#define HEAD(type) "{\"event_type\":\"" type "\",\"event_version\":\"0.0.1\",\"event_timeout\":null,"        \
                   "\"event_slow_timeout\":null,\"event_concurrency\":null,\"event_handler_timeout\":null,"  \
                   "\"event_handler_slow_timeout\":null,\"event_handler_concurrency\":null,"                 \
                   "\"event_handler_completion\":null,\"event_blocks_parent_completion\":false,"
#define BARE       "\"event_result_type\":null,\"event_id\":\"" EVENT_ID "\",\"event_path\":[],"             \
                   "\"event_parent_id\":null,\"event_emitted_by_handler_id\":null,"                          \
                   "\"event_pending_bus_count\":0,\"event_created_at\":\"" TIME_1 "\","                      \
                   "\"event_status\":\"pending\",\"event_started_at\":null,\"event_completed_at\":null"

/* ---- a class with every kind of field ---- */

typedef struct
{
  BubusEvent        parent_instance;
  gboolean          truth;
  int               quantity;
  guint             weight;
  gint64            big;
  guint64           bigger;
  double            price;
  char             *text;
  char             *comment;
  char            **tags;
  GVariant         *items;
  GVariant         *anything;
  BubusJson        *raw;
  BubusEventStatus  status;
  BubusJsonFlags    flags;
  GDate            *date;
  GObject          *object;
} TestEvent;

static const BubusField test_event_fields[] = {
  BUBUS_FIELD_BOOLEAN (TestEvent, truth, .optional = TRUE),
  BUBUS_FIELD_INT (TestEvent, quantity, .minimum = 1, .maximum = 99),
  BUBUS_FIELD_UINT (TestEvent, weight, .optional = TRUE),
  BUBUS_FIELD_INT64 (TestEvent, big, .optional = TRUE),
  BUBUS_FIELD_UINT64 (TestEvent, bigger, .optional = TRUE),
  BUBUS_FIELD_DOUBLE (TestEvent, price, .optional = TRUE),
  BUBUS_FIELD_STRING (TestEvent, text),
  BUBUS_FIELD_STRING (TestEvent, comment, .optional = TRUE),
  BUBUS_FIELD_STRV (TestEvent, tags, .optional = TRUE),
  BUBUS_FIELD_VARIANT (TestEvent, items, .variant_type = "aa{sv}", .optional = TRUE),
  BUBUS_FIELD_VARIANT (TestEvent, anything, .optional = TRUE),
  BUBUS_FIELD_JSON (TestEvent, raw, .optional = TRUE),
  BUBUS_FIELD_ENUM (TestEvent, status, bubus_event_status_get_type, .optional = TRUE),
  BUBUS_FIELD_FLAGS (TestEvent, flags, bubus_json_flags_get_type, .optional = TRUE),
  BUBUS_FIELD_BOXED (TestEvent, date, g_date_get_type, .optional = TRUE),
  BUBUS_FIELD_OBJECT (TestEvent, object, g_object_get_type, .optional = TRUE),
};

static gboolean
test_event_validate (BubusEvent  *event,
                     GError     **error)
{
  TestEvent *self = (TestEvent *) event;

  if (self->comment == NULL || !g_str_equal (self->comment, "bad"))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the comment is bad");
  return FALSE;
}

GType test_event_get_type (void);
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (TestEvent, test_event, BUBUS_TYPE_EVENT, test_event_fields,
                                   klass->validate = test_event_validate;
                                   bubus_event_class_set_result_type (klass, G_TYPE_INT))

/* ---- helpers ---- */

static BubusEvent *
read_event (const char *text)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error);

  g_assert_no_error (error);
  return event;
}

static void
assert_written (BubusEvent *event,
                const char *expected)
{
  g_autofree char *written = bubus_event_to_json (event);

  g_assert_cmpstr (written, ==, expected);
}

/* Reads @text and writes it as @expected, which then reads and writes as itself. */
static void
assert_becomes (const char *text,
                const char *expected)
{
  BubusEvent *event = read_event (text);
  BubusEvent *again;

  assert_written (event, expected);
  g_assert_finalize_object (event);

  again = read_event (expected);
  assert_written (again, expected);
  g_assert_finalize_object (again);
}

static void
assert_refused (const char *text,
                int         code,
                const char *message)
{
  g_autoptr (GError) error = NULL;

  if (bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error) != NULL)
    g_error ("must be refused: %s", text);
  g_assert_error (error, BUBUS_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

static char *
load_sample (const char *path)
{
  g_autofree char *name = g_test_build_filename (G_TEST_DIST, path, NULL);
  g_autoptr (GError) error = NULL;
  char *contents = NULL;

  g_file_get_contents (name, &contents, NULL, &error);
  g_assert_no_error (error);
  return contents;
}

static JsonObject *
parse_object (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);

  g_assert_no_error (error);
  return json_node_dup_object (node);
}

/* As json_node_equal(), but that 36 and 36.0 are the same number. */
static gboolean
nodes_equal (JsonNode *a,
             JsonNode *b)
{
  if (JSON_NODE_HOLDS_VALUE (a) && JSON_NODE_HOLDS_VALUE (b) &&
      json_node_get_value_type (a) != G_TYPE_STRING && json_node_get_value_type (b) != G_TYPE_STRING)
    return json_node_get_double (a) == json_node_get_double (b);
  return json_node_equal (a, b);
}

/* ---- the wire form ---- */

static void
test_bare (void)
{
  g_test_summary ("B-1.26, B-1.27, B-1.34: only the type is needed; everything about an event is always written");

  assert_becomes ("{\"event_type\":\"Ping\",\"event_id\":\"" EVENT_ID "\",\"event_created_at\":\"" TIME_1 "\"}",
                  HEAD ("Ping") BARE "}");
}

static void
test_new_event (void)
{
  BubusEvent *event = bubus_generic_event_new ("Ping", NULL);
  g_autofree char *text = bubus_event_to_json (event);
  BubusEvent *read = read_event (text);

  g_test_summary ("B-17.14: an event that was just made reads back as it is, with its id and its creation time");

  g_assert_cmpstr (bubus_event_get_event_id (read), ==, bubus_event_get_event_id (event));
  g_assert_cmpint (bubus_event_get_event_created_at (read), ==, bubus_event_get_event_created_at (event));
  assert_written (read, text);
  g_assert_finalize_object (read);
  g_assert_finalize_object (event);
}

static void
test_full (void)
{
  g_test_summary ("B-1.26: everything that another runtime says about an event is kept, and written in its place");

  assert_becomes ("{\"payload\" : [ 1 , 2.50 ],\"event_completed_at\":\"2026-11-21T08:54:13Z\","
                  "\"event_started_at\":\"" TIME_2 "\",\"event_status\":\"completed\","
                  "\"event_created_at\":\"2026-11-21T09:54:12.674922739+01:00\",\"event_pending_bus_count\":2,"
                  "\"event_emitted_by_handler_id\":\"F8BA19D7-d754-5e39-b007-09d2b328f7ef\","
                  "\"event_parent_id\":\"01A1FD50-2DB4-746f-a4d6-f36d60be52e7\",\"event_path\":[\"A#6d82\",\"B\"],"
                  "\"event_id\":\"01A1FD50-2DC3-772D-88F9-E628FE4E14FB\","
                  "\"event_result_type\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]},"
                  "\"event_blocks_parent_completion\":true,\"event_handler_completion\":\"first\","
                  "\"event_handler_concurrency\":\"serial\",\"event_handler_slow_timeout\":1.5,"
                  "\"event_handler_timeout\":0,\"event_concurrency\":\"parallel\",\"event_slow_timeout\":30.0,"
                  "\"event_timeout\":5,\"event_version\":\"2.0\",\"event_type\":\"Ping\"}",
                  "{\"event_type\":\"Ping\",\"event_version\":\"2.0\",\"event_timeout\":5.0,"
                  "\"event_slow_timeout\":30.0,\"event_concurrency\":\"parallel\",\"event_handler_timeout\":0,"
                  "\"event_handler_slow_timeout\":1.5,\"event_handler_concurrency\":\"serial\","
                  "\"event_handler_completion\":\"first\",\"event_blocks_parent_completion\":true,"
                  "\"event_result_type\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]},"
                  "\"event_id\":\"" EVENT_ID "\",\"event_path\":[\"A#6d82\",\"B\"],"
                  "\"event_parent_id\":\"" PARENT_ID "\",\"event_emitted_by_handler_id\":\"" HANDLER_C "\","
                  "\"event_pending_bus_count\":2,\"event_created_at\":\"" TIME_1 "\","
                  "\"event_status\":\"completed\",\"event_started_at\":\"" TIME_2 "\","
                  "\"event_completed_at\":\"2026-11-21T08:54:13.000000000Z\",\"payload\":[1,2.50]}");
}

static void
test_getters (void)
{
  BubusEvent *event = read_event ("{\"event_type\":\"Ping\",\"event_timeout\":1e1,\"event_status\":\"completed\","
                                  "\"event_path\":[\"A#6d82\"],\"event_parent_id\":\"" PARENT_ID "\","
                                  "\"event_emitted_by_handler_id\":\"" HANDLER_C "\",\"event_version\":\"3\","
                                  "\"event_result_type\":{\"type\":\"integer\"},\"event_started_at\":\"" TIME_1 "\"}");
  g_auto (GStrv) path = bubus_event_dup_event_path (event);

  g_test_summary ("What was read is what the event says; a record of what happened is sealed");

  g_assert_cmpfloat (bubus_event_get_event_timeout (event), ==, 10);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (path[0], ==, "A#6d82");
  g_assert_null (path[1]);
  g_assert_cmpstr (bubus_event_get_event_parent_id (event), ==, PARENT_ID);
  g_assert_cmpstr (bubus_event_get_event_emitted_by_handler_id (event), ==, HANDLER_C);
  g_assert_cmpstr (bubus_event_get_event_version (event), ==, "3");
  g_assert_cmpuint (bubus_event_get_event_result_type (event), ==, G_TYPE_INT64);
  g_assert_true (bubus_event_is_sealed (event));
  g_assert_finalize_object (event);
}

static void
test_extras (void)
{
  const char *extras = ",\"event_mood\":{\"a\":[null,{}]},\"big\":123456789012345678901234567890,\"n\":1.50,"
                       "\"s\":\"\\u00e9\\/\\u0000\",\"null\":null,\"\":0,\"model_x\":-0";
  g_autofree char *text = g_strconcat (HEAD ("Ping") BARE, extras, "}", NULL);

  g_test_summary ("R-18, B-1.20: members that nobody knows survive unchanged, whatever they are named");

  assert_becomes (text, text);
}

static void
test_escaped_names (void)
{
  g_test_summary ("Names may be written with escapes; they are the same names");

  assert_becomes ("{\"event\\u005ftype\":\"Ping\",\"event_id\":\"" EVENT_ID "\","
                  "\"event_created\\u005fat\":\"" TIME_1 "\","
                  "\"a\\u0062\\\"\":1}",
                  HEAD ("Ping") BARE ",\"ab\\\"\":1}");
}

static void
test_reset (void)
{
  const char *text = "{\"event_type\":\"Ping\",\"event_id\":\"" EVENT_ID "\",\"event_created_at\":\"" TIME_1 "\","
                     "\"event_parent_id\":\"" PARENT_ID "\",\"event_status\":\"completed\",\"event_timeout\":5,"
                     "\"event_blocks_parent_completion\":true,\"event_concurrency\":\"parallel\","
                     "\"event_started_at\":\"" TIME_1 "\",\"event_completed_at\":\"" TIME_2 "\","
                     "\"event_path\":[\"A#6d82\"],\"event_pending_bus_count\":1,"
                     "\"event_emitted_by_handler_id\":\"" HANDLER_C "\",\"a\":1,\"event_mood\":\"good\","
                     "\"event_results\":{\"" HANDLER_A "\":{\"status\":\"completed\"}}}";
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (text, -1, BUBUS_JSON_RESET, &error);

  g_test_summary ("With RESET an event is as it was before it was dispatched");

  g_assert_no_error (error);
  g_assert_false (bubus_event_is_sealed (event));
  assert_written (event,
                  "{\"event_type\":\"Ping\",\"event_version\":\"0.0.1\",\"event_timeout\":5.0,"
                  "\"event_slow_timeout\":null,\"event_concurrency\":\"parallel\",\"event_handler_timeout\":null,"
                  "\"event_handler_slow_timeout\":null,\"event_handler_concurrency\":null,"
                  "\"event_handler_completion\":null,\"event_blocks_parent_completion\":true,"
                  "\"event_result_type\":null,\"event_id\":\"" EVENT_ID "\",\"event_path\":[],"
                  "\"event_parent_id\":\"" PARENT_ID "\",\"event_emitted_by_handler_id\":null,"
                  "\"event_pending_bus_count\":0,\"event_created_at\":\"" TIME_1 "\","
                  "\"event_status\":\"pending\",\"event_started_at\":null,\"event_completed_at\":null,"
                  "\"a\":1,\"event_mood\":\"good\"}");
  g_assert_finalize_object (event);
}

static void
test_not_complete (void)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json ("{\"event_type\":\"Ping\",\"event_status\":\"started\","
                                                 "\"event_started_at\":\"" TIME_1 "\","
                                                 "\"event_completed_at\":\"" TIME_2 "\"}", -1, 0, &error);

  g_test_summary ("B-1.10: what is not complete has no time at which it was");

  g_assert_no_error (error);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_cmpint (bubus_event_get_event_started_at (event), !=, 0);
  g_assert_cmpint (bubus_event_get_event_completed_at (event), ==, 0);
  g_assert_finalize_object (event);
}

/* ---- the original's form ---- */

static void
test_original (void)
{
  g_test_summary ("R-18, B-1.23, B-1.25: the original's form is read, and nothing in it is lost");

  assert_becomes ("{\"event_type\":\"Ping\",\"event_schema\":\"__main__.Ping@0.0.1\",\"event_timeout\":null,"
                  "\"event_result_type\":\"<class 'str'>\",\"event_id\":\"" EVENT_ID "\","
                  "\"event_path\":[\"AccountBus\"],"
                  "\"event_parent_id\":null,\"event_created_at\":\"2026-11-21T08:54:12.674922Z\","
                  "\"event_processed_at\":\"2026-11-21T08:54:12.700000Z\",\"a\":1}",
                  HEAD ("Ping") "\"event_result_type\":{" DIALECT ",\"type\":\"string\"},\"event_id\":\"" EVENT_ID "\","
                  "\"event_path\":[\"AccountBus\"],\"event_parent_id\":null,\"event_emitted_by_handler_id\":null,"
                  "\"event_pending_bus_count\":0,\"event_created_at\":\"2026-11-21T08:54:12.674922000Z\","
                  "\"event_status\":\"completed\",\"event_started_at\":\"2026-11-21T08:54:12.700000000Z\","
                  "\"event_completed_at\":\"2026-11-21T08:54:12.700000000Z\","
                  "\"event_schema\":\"__main__.Ping@0.0.1\",\"a\":1}");
}

static void
test_python_types (void)
{
  static const struct { const char *text; const char *schema; GType type; } cases[] = {
    { "<class 'int'>", "{" DIALECT ",\"type\":\"integer\"}", G_TYPE_INT64 },
    { "<class 'float'>", "{" DIALECT ",\"type\":\"number\"}", G_TYPE_DOUBLE },
    { "<class 'bool'>", "{" DIALECT ",\"type\":\"boolean\"}", G_TYPE_BOOLEAN },
    { "<class 'str'>", "{" DIALECT ",\"type\":\"string\"}", G_TYPE_STRING },
    { "list[str]", "{" DIALECT ",\"type\":\"array\",\"items\":{\"type\":\"string\"}}", G_TYPE_NONE },
    { "<class '__main__.Order'>", "\"<class '__main__.Order'>\"", G_TYPE_INVALID },
  };

  g_test_summary ("B-1.25: types that the original printed become schemas; those that mean nothing here stay text");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"event_type\":\"Ping\",\"event_result_type\":\"%s\"}", cases[i].text);
      BubusEvent *event = read_event (text);
      g_autofree char *written = bubus_event_to_json (event);
      g_autofree char *member = g_strdup_printf ("\"event_result_type\":%s,", cases[i].schema);

      g_assert_nonnull (strstr (written, member));
      g_assert_cmpuint (bubus_event_get_event_result_type (event), ==,
                        cases[i].type == G_TYPE_NONE ? BUBUS_TYPE_JSON : cases[i].type);
      g_assert_finalize_object (event);
    }
}

/* ---- results ---- */

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

/* ---- declared fields ---- */

#define TYPED(payload) "{\"event_type\":\"TestEvent\"," payload "}"

#define TYPED_PAYLOAD "\"truth\":true,\"quantity\":6,\"weight\":4294967295,\"big\":-9223372036854775808,"              \
                      "\"bigger\":18446744073709551615,\"price\":83.43,\"text\":\"a\\\"é\",\"comment\":null,"      \
                      "\"tags\":[\"x\",\"y\"],\"items\":[{\"sku\":\"a\",\"n\":1}],\"anything\":[1,{\"a\":null}]," \
                      "\"raw\":{\"a\":1.50},\"status\":\"started\",\"flags\":[\"reset\"],\"date\":null,"           \
                      "\"object\":null,\"more\":1e5"

static void
test_typed (void)
{
  g_autofree char *text = g_strdup_printf (HEAD ("TestEvent")
                                           "\"event_result_type\":{" DIALECT ",\"type\":\"integer\"},%s,%s}", strstr (BARE, "\"event_id\""), TYPED_PAYLOAD);
  BubusEvent *event;
  TestEvent *self;

  g_test_summary ("B-1.21: declared members are read into the event, undeclared ones are kept");

  assert_becomes (text, text);

  event = read_event (text);
  self = (TestEvent *) event;
  g_assert_true (G_TYPE_CHECK_INSTANCE_TYPE (event, test_event_get_type ()));
  g_assert_true (self->truth);
  g_assert_cmpint (self->quantity, ==, 6);
  g_assert_cmpfloat (self->price, ==, 83.43);
  g_assert_cmpstr (self->text, ==, "a\"é");
  g_assert_null (self->comment);
  g_assert_cmpstr (self->tags[1], ==, "y");
  g_assert_cmpint (self->status, ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_cmpint (self->flags, ==, BUBUS_JSON_RESET);
  g_assert_cmpstr (bubus_json_get_text (self->raw), ==, "{\"a\":1.50}");
  g_assert_finalize_object (event);
}

static void
test_typed_defaults (void)
{
  BubusEvent *event = read_event (TYPED ("\"text\":\"\",\"quantity\":1,\"big\":null,\"tags\":null"));
  TestEvent *self = (TestEvent *) event;

  g_test_summary ("Optional members may be missing, or null");

  g_assert_cmpint (self->big, ==, 0);
  g_assert_null (self->tags);
  g_assert_false (self->truth);
  g_assert_finalize_object (event);
}

static void
test_not_a_number (void)
{
  BubusEvent *event = g_object_new (test_event_get_type (), "text", "", "quantity", 1, NULL);
  g_autofree char *text = NULL;
  BubusEvent *again;

  g_test_summary ("B-17.14: what is not a number is null on the wire, and not a number again");

  ((TestEvent *) event)->price = NAN;
  text = bubus_event_to_json (event);
  g_assert_nonnull (strstr (text, "\"price\":null"));

  again = read_event (text);
  g_assert_true (isnan (((TestEvent *) again)->price));
  assert_written (again, text);
  g_assert_finalize_object (again);
  g_assert_finalize_object (event);
}

static void
test_typed_refuses (void)
{
  static const struct { const char *text; const char *message; } cases[] = {
    { TYPED ("\"quantity\":1"), "line 1, column 1: “text” of TestEvent is required" },
    { TYPED ("\"text\":\"\""), "line 1, column 1: “quantity” of TestEvent is required" },
    { TYPED ("\"text\":null,\"quantity\":1"), "line 1, column 34: “text” must be a string, but is null" },
    { TYPED ("\"quantity\":0,\"text\":\"\""),
      "line 1, column 38: “quantity” of TestEvent must lie between 1 and 99, but is 0" },
    { TYPED ("\"quantity\":\"1\",\"text\":\"\""),
      "line 1, column 38: “quantity” must be an integer from -2147483648 to 2147483647, but is a string" },
    { TYPED ("\"quantity\":1.0,\"text\":\"\""),
      "line 1, column 38: “quantity” must be an integer from -2147483648 to 2147483647, but is a number" },
    { TYPED ("\"quantity\":99999999999,\"text\":\"\""),
      "line 1, column 38: “quantity” must be an integer from -2147483648 to 2147483647" },
    { TYPED ("\"quantity\":1,\"text\":\"\",\"weight\":-1"),
      "line 1, column 59: “weight” must be an integer from 0 to 4294967295" },
    { TYPED ("\"quantity\":1,\"text\":5"), "line 1, column 47: “text” must be a string, but is an integer" },
    { TYPED ("\"quantity\":1,\"text\":\"a\\u0000\""),
      "line 1, column 47: “text” contains U+0000, which is not supported here" },
    { TYPED ("\"quantity\":1,\"text\":\"\",\"truth\":1"),
      "line 1, column 58: “truth” must be a boolean, but is an integer" },
    { TYPED ("\"quantity\":1,\"text\":\"\",\"price\":\"1\""),
      "line 1, column 58: “price” must be a number in the range of a double, but is a string" },
    { TYPED ("\"quantity\":1,\"text\":\"\",\"tags\":[1]"),
      "line 1, column 58: “tags” must be a string, but is an integer" },
    { TYPED ("\"quantity\":1,\"text\":\"\",\"items\":{}"),
      "line 1, column 58: “items” must be an array for the type “aa{sv}”, but is an object" },
    { TYPED ("\"quantity\":1,\"text\":\"\",\"status\":\"gone\""),
      "line 1, column 59: “status” must name a value of BubusEventStatus" },
    { TYPED ("\"quantity\":1,\"text\":\"\",\"object\":1"),
      "line 1, column 59: “object” must be null: GObject has no JSON form" },
  };

  g_test_summary ("R-14, R-18, B-1.21: a declared member of another type, or out of range, is refused with its place");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, BUBUS_ERROR_INVALID_EVENT, cases[i].message);
}

static void
test_class_refuses (void)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A class may refuse what lies between its members, with an error of its own");

  g_assert_null (bubus_event_new_from_json (TYPED ("\"quantity\":1,\"text\":\"\",\"comment\":\"bad\""), -1,
                                            BUBUS_JSON_NONE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpstr (error->message, ==, "line 1, column 1: the comment is bad");
}

/* ---- hostile texts ---- */

#define PING(rest) "{\"event_type\":\"Ping\"," rest "}"

static void
test_refuses (void)
{
  static const struct { const char *text; const char *message; } cases[] = {
    { "", "line 1, column 1: the text ends too early" },
    { "[]", "line 1, column 1: an object was expected" },
    { "{}", "line 1, column 1: “event_type” is missing" },
    { "{\"event_type\":null}", "line 1, column 15: “event_type” must be a string, but is null" },
    { "{\"event_type\":\"\"}", "line 1, column 15: “event_type” is empty" },
    { "{\"event_type\":\"a\"}x", "line 1, column 19: nothing may follow the value" },
    { PING ("\"a\":1,\"b\":2,\"a\":3"), "line 1, column 34: a member of this name is there already" },
    { PING ("\"a\":1,\"\\u0061\":3"), "line 1, column 28: a member of this name is there already" },
    { PING ("\"event_type\":\"Pong\""), "line 1, column 22: a member of this name is there already" },
    { PING ("\"event_id\":\"x\""), "line 1, column 33: “event_id” is not a UUID" },
    { PING ("\"event_id\":5"), "line 1, column 33: “event_id” must be a UUID, but is an integer" },
    { PING ("\"event_parent_id\":\"01a1fd50-2dc3-772d-88f9-e628fe4e14f\\n\""),
      "line 1, column 40: “event_parent_id” is not a UUID" },
    { PING ("\"event_id\":\"00000000-0000-0000-0000-000000000000\""),
      "line 1, column 33: “event_id” is the UUID that names nothing" },
    { PING ("\"event_timeout\":-1"),
      "line 1, column 38: “event_timeout” must be a number of seconds that is not negative, or null, "
      "but is an integer" },
    { PING ("\"event_status\":\"lost\""),
      "line 1, column 37: “event_status” must be one of “pending”, “started”, “completed”" },
    { PING ("\"event_path\":[1]"), "line 1, column 36: “event_path” must be a string, but is an integer" },
    { PING ("\"event_version\":1"), "line 1, column 38: “event_version” must be a string, but is an integer" },
    { PING ("\"event_blocks_parent_completion\":0"),
      "line 1, column 55: “event_blocks_parent_completion” must be a boolean, but is an integer" },
    { PING ("\"event_pending_bus_count\":-1"),
      "line 1, column 48: “event_pending_bus_count” must be a number of buses, but is an integer" },
    { PING ("\"event_results\":1"),
      "line 1, column 38: “event_results” must be an object, an array or null, but is an integer" },
    { PING ("\"event_results\":[1]"), "line 1, column 39: a result must be an object" },
    { PING ("\"event_results\":[{}]"), "line 1, column 39: a result has no “handler_id”" },
    { PING ("\"event_results\":{\"x\":{}}"), "line 1, column 39: “handler_id” is not a UUID" },
    { PING ("\"event_results\":{\"" HANDLER_A "\":{\"handler_id\":\"" HANDLER_B "\"}}"),
      "line 1, column 92: “handler_id” is not what the result is named by" },
    { PING ("\"event_results\":{\"" HANDLER_A "\":{},\"" HANDLER_A "\":{}}"),
      "line 1, column 120: the handler has a result already" },
    { PING ("\"event_results\":{\"" HANDLER_A "\":{\"event_id\":\"" PARENT_ID "\"}}"),
      "line 1, column 90: the result is of another event" },
    { PING ("\"event_results\":{\"" HANDLER_A "\":{\"error\":5}}"),
      "line 1, column 87: “error” must be a string, an object or null, but is an integer" },
    { PING ("\"event_results\":{\"" HANDLER_A "\":{\"event_children\":[\"x\"]}}"),
      "line 1, column 97: “event_children” is not a UUID" },
  };

  g_test_summary ("R-18: what is no event is an error that says what is wrong and where; nothing is created");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].text, BUBUS_ERROR_INVALID_JSON, cases[i].message);
}

#define TWO_TIMES "\"2026-11-21T08:54:12.674922739Z 2026-11-21T08:54:12.674922739Z and more\""

static void
test_bad_times (void)
{
  static const char *const times[] = { "\"\"", "\"yesterday\"", "5", "\"2026-13-01T00:00:00Z\"", "{}",
                                       TWO_TIMES };

  g_test_summary ("B-1.28: times of another grammar are refused");

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"event_type\":\"Ping\",\"event_created_at\":%s}", times[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error));
      g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
      g_assert_true (g_str_has_prefix (error->message, "line 1, column 41: “event_created_at”"));
    }
}

static void
test_too_long (void)
{
  g_autofree char *text = g_malloc (BUBUS_EVENT_JSON_MAX_SIZE + 1);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A text beyond the limit is refused without a look at it");

  memset (text, ' ', BUBUS_EVENT_JSON_MAX_SIZE + 1);
  g_assert_null (bubus_event_new_from_json (text, BUBUS_EVENT_JSON_MAX_SIZE + 1, BUBUS_JSON_NONE, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
}

static void
assert_big_refused (GString *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bubus_event_new_from_json (text->str, text->len, BUBUS_JSON_NONE, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
  g_string_free (text, TRUE);
}

/* Allocates nothing but the text: with sanitizers, millions of allocations take minutes. */
static GString *
repeat (const char *head,
        const char *format,
        guint       n_times,
        const char *tail)
{
  GString *text = g_string_new (head);

  for (guint i = 0; i < n_times; i++)
    {
      char number[9];

      g_snprintf (number, sizeof number, "%08x", i);
      for (const char *p = format; *p != '\0'; p++)
        if (*p == '#')
          g_string_append (text, number);
        else
          g_string_append_c (text, *p);
    }
  g_string_append (text, tail);
  return text;
}

static void
test_big (void)
{
  GString *line = repeat ("{\"event_type\":\"Ping\",\"a\":[0", ",\"#\"", 900000, "]}");
  BubusEvent *event = read_event (line->str);

  g_test_summary ("Long lines, and many members, results and buses, cost no more than their length, or are refused");

  g_assert_finalize_object (event);
  g_string_free (line, TRUE);

  assert_big_refused (repeat ("{\"event_type\":\"Ping\"", ",\"#\":0", 70000, "}"));
  assert_big_refused (repeat ("{\"event_type\":\"Ping\",\"a\":", "[#", 900000, "}"));
  assert_big_refused (repeat ("{\"event_type\":\"Ping\",\"event_results\":[{}",
                              ",{\"handler_id\":\"#-0000-0000-0000-000000000001\"}", 100000, "]}"));
  assert_big_refused (repeat ("{\"event_type\":\"Ping\",\"event_results\":[{\"handler_id\":\"" HANDLER_A "\"}",
                              ",{\"eventbus_name\":\"#\",\"handler_id\":\"#-0000-0000-0000-000000000001\"}",
                              100000, "]}"));
}

static void
test_many_results (void)
{
  GString *line = repeat ("{\"event_type\":\"Ping\",\"event_results\":[{\"handler_id\":\"" HANDLER_A "\"}",
                          ",{\"handler_id\":\"#-0000-0000-0000-000000000001\"}", 100000, "]}");
  BubusEvent *event = read_event (line->str);
  GPtrArray *results = bubus_event_list_results (event);

  g_test_summary ("An event can have many results");

  g_assert_cmpuint (results->len, ==, 100001);
  g_ptr_array_unref (results);
  g_assert_finalize_object (event);
  g_string_free (line, TRUE);
}

static void
test_many_members (void)
{
  GString *line = repeat ("{\"event_type\":\"Ping\"", ",\"#\":0", 60000, "}");
  BubusEvent *event = read_event (line->str);
  GString *twin = repeat ("{\"event_type\":\"Ping\"", ",\"#\":0", 60000, ",\"00000007\":0}");

  g_test_summary ("Names are told apart however many there are");

  g_assert_finalize_object (event);
  assert_big_refused (twin);
  g_string_free (line, TRUE);
}

/* ---- samples ---- */

/* Members of the line that the wire form says in another way. */
static gboolean
is_translated (const char *name)
{
  return g_str_equal (name, "event_result_type") || g_str_equal (name, "event_processed_at") ||
         g_str_equal (name, "event_created_at") || g_str_equal (name, "event_results");
}

static void
assert_nothing_lost (JsonObject *before,
                     JsonObject *after,
                     const char *line,
                     const char *written)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, before);
  while (json_object_iter_next (&iter, &name, &node))
    if (!is_translated (name) &&
        (!json_object_has_member (after, name) || !nodes_equal (node, json_object_get_member (after, name))))
      g_error ("“%s” of %s is lost in %s", name, line, written);
}

/* Every result says what it said; null where the line says nothing. */
static void
assert_results_kept (JsonObject *before,
                     JsonObject *after)
{
  JsonObject *results_before, *results_after;
  JsonObjectIter iter, inner;
  const char *id, *name;
  JsonNode *result, *node;

  if (!json_object_has_member (before, "event_results"))
    return;

  results_before = json_object_get_object_member (before, "event_results");
  results_after = json_object_get_object_member (after, "event_results");
  g_assert_cmpuint (json_object_get_size (results_before), ==, json_object_get_size (results_after));
  json_object_iter_init (&iter, results_before);
  while (json_object_iter_next (&iter, &id, &result))
    {
      JsonObject *result_after = json_object_get_object_member (results_after, id);

      json_object_iter_init (&inner, json_node_get_object (result));
      while (json_object_iter_next (&inner, &name, &node))
        if (!g_str_equal (name, "error"))
          g_assert_true (nodes_equal (node, json_object_get_member (result_after, name)));
    }
}

static void
check_line (const char *line)
{
  BubusEvent *event = read_event (line);
  g_autofree char *written = bubus_event_to_json (event);
  BubusEvent *again = read_event (written);
  g_autoptr (JsonObject) before = parse_object (line), after = parse_object (written);

  assert_written (again, written);
  assert_nothing_lost (before, after, line, written);
  assert_results_kept (before, after);
  g_assert_finalize_object (again);
  g_assert_finalize_object (event);
}

static void
test_samples (gconstpointer data)
{
  g_autofree char *contents = load_sample (data);
  g_auto (GStrv) lines = g_strsplit (contents, "\n", -1);
  guint n_lines = 0;

  g_test_summary ("R-18, B-17.14: every line that another runtime wrote is read, and nothing of it is lost");

  for (; lines[n_lines] != NULL && *lines[n_lines] != '\0'; n_lines++)
    check_line (lines[n_lines]);
  g_assert_cmpuint (n_lines, >=, 300);
}

/* ---- mutations ---- */

static const char *const mutation_words[] = {
  "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "-0", "1e999", "\\u0000", "\\ud800", "\xff", "\xc3", "\n",
  "0", "event_id", "event_results", "99999999999999999999", "{\"event_type\":\"TestEvent\"", "\"quantity\":5", "",
};

static GString *
mutate (const char *line)
{
  GString *text = g_string_new (line);
  guint n_changes = g_test_rand_int_range (1, 5);

  for (guint i = 0; i < n_changes && text->len > 2; i++)
    {
      guint at = g_test_rand_int_range (0, text->len - 1);

      switch (g_test_rand_int_range (0, 4))
        {
        case 0:
          text->str[at] ^= 1 << g_test_rand_int_range (0, 8);
          break;
        case 1:
          g_string_truncate (text, at);
          break;
        case 2:
          g_string_erase (text, at, g_test_rand_int_range (1, MIN (text->len - at, 40) + 1));
          break;
        default:
          g_string_insert (text, at, mutation_words[g_test_rand_int_range (0, G_N_ELEMENTS (mutation_words))]);
        }
    }
  return text;
}

/* An event or an error; and an event survives being written. */
static void
check_mutation (GString *text)
{
  g_autofree char *copy = g_memdup2 (text->str, MAX (text->len, 1));
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (copy, text->len, g_test_rand_bit (), &error);
  BubusEvent *again;
  g_autofree char *written = NULL;

  if (event == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }
  g_assert_no_error (error);

  written = bubus_event_to_json (event);
  again = read_event (written);
  assert_written (again, written);
  g_assert_finalize_object (again);
  g_assert_finalize_object (event);
}

static void
test_mutations (gconstpointer data)
{
  g_autofree char *contents = load_sample (data);
  g_auto (GStrv) lines = g_strsplit (contents, "\n", -1);
  guint n_lines = g_strv_length (lines) - 1;
  guint n_tries = g_test_slow () ? 200000 : 8000;

  g_test_summary ("R-18: whatever happens to a line, it gives an event or an error, and nothing else");

  for (guint i = 0; i < n_tries; i++)
    {
      GString *text = mutate (lines[g_test_rand_int_range (0, n_lines)]);

      check_mutation (text);
      g_string_free (text, TRUE);
    }
}

static void
test_typed_mutations (void)
{
  guint n_tries = g_test_slow () ? 200000 : 8000;

  g_test_summary ("R-18: the same for members that a class declares");

  for (guint i = 0; i < n_tries; i++)
    {
      GString *text = mutate (TYPED (TYPED_PAYLOAD));

      check_mutation (text);
      g_string_free (text, TRUE);
    }
}

#define ACCOUNTS "conformance/samples/accounts.jsonl"
#define EXPECTED "conformance/samples/orders.expected.jsonl"
#define ORDERS   "../data/samples/orders.jsonl"

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bubus_event_register_type (test_event_get_type ());

  g_test_add_func ("/event-json/bare", test_bare);
  g_test_add_func ("/event-json/new-event", test_new_event);
  g_test_add_func ("/event-json/full", test_full);
  g_test_add_func ("/event-json/getters", test_getters);
  g_test_add_func ("/event-json/extras", test_extras);
  g_test_add_func ("/event-json/escaped-names", test_escaped_names);
  g_test_add_func ("/event-json/reset", test_reset);
  g_test_add_func ("/event-json/not-complete", test_not_complete);
  g_test_add_func ("/event-json/original", test_original);
  g_test_add_func ("/event-json/python-types", test_python_types);
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
  g_test_add_func ("/event-json/typed", test_typed);
  g_test_add_func ("/event-json/typed-defaults", test_typed_defaults);
  g_test_add_func ("/event-json/not-a-number", test_not_a_number);
  g_test_add_func ("/event-json/typed-refuses", test_typed_refuses);
  g_test_add_func ("/event-json/class-refuses", test_class_refuses);
  g_test_add_func ("/event-json/refuses", test_refuses);
  g_test_add_func ("/event-json/bad-times", test_bad_times);
  g_test_add_func ("/event-json/too-long", test_too_long);
  g_test_add_func ("/event-json/big", test_big);
  g_test_add_func ("/event-json/many-results", test_many_results);
  g_test_add_func ("/event-json/many-members", test_many_members);
  g_test_add_data_func ("/event-json/samples/accounts", ACCOUNTS, test_samples);
  g_test_add_data_func ("/event-json/samples/expected", EXPECTED, test_samples);
  g_test_add_data_func ("/event-json/samples/orders", ORDERS, test_samples);
  g_test_add_data_func ("/event-json/mutations/accounts", ACCOUNTS, test_mutations);
  g_test_add_data_func ("/event-json/mutations/expected", EXPECTED, test_mutations);
  g_test_add_func ("/event-json/mutations/typed", test_typed_mutations);

  return g_test_run ();
}
