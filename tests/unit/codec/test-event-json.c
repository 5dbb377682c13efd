/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "json-fixture.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "base/bubus-error.h"
#include "codec/bubus-generic-event.h"
#include "event/bubus-event-settings.h"

/* ---- helpers ---- */

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

/* The beginning of the line of an event, up to its id. */
static char *
write_beginning (BubusEvent *event)
{
  char *text = bubus_event_to_json (event);

  *strstr (text, ",\"event_id\":") = '\0';
  return text;
}

static void
test_class_and_event (void)
{
  g_test_summary ("B-1.16: what an event says itself is not taken for what its class says, nor the other way round");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (BubusEvent) plain = g_object_new (test_event_get_type (), "text", "", NULL);
      g_autoptr (BubusEvent) own = g_object_new (test_event_get_type (), "text", "", "event-timeout", 2.0, NULL);
      g_autofree char *plain_text = NULL;
      g_autofree char *own_text = write_beginning (own);
      g_autofree char *id = NULL;
      char *timeout;

      bubus_event_get_event_id (plain); /* what else an event remembers makes no difference */
      plain_text = write_beginning (plain);
      timeout = strstr (own_text, "\"event_timeout\":2.0,");
      g_assert_nonnull (timeout);
      g_assert_nonnull (strstr (plain_text, "\"event_timeout\":null,"));
      g_assert_true (strncmp (plain_text, own_text, (gsize) (timeout - own_text)) == 0);
      g_assert_cmpstr (strstr (plain_text, ",\"event_slow_timeout"), ==, strstr (own_text, ",\"event_slow_timeout"));
    }
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

/* ---- declared fields ---- */

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
test_class_refuses (void)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A class may refuse what lies between its members, with an error of its own");

  g_assert_null (bubus_event_new_from_json (TYPED ("\"quantity\":1,\"text\":\"\",\"comment\":\"bad\""), -1,
                                            BUBUS_JSON_NONE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_cmpstr (error->message, ==, "line 1, column 1: the comment is bad");
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bubus_event_register_type (test_event_get_type ());

  g_test_add_func ("/event-json/bare", test_bare);
  g_test_add_func ("/event-json/new-event", test_new_event);
  g_test_add_func ("/event-json/class-and-event", test_class_and_event);
  g_test_add_func ("/event-json/full", test_full);
  g_test_add_func ("/event-json/getters", test_getters);
  g_test_add_func ("/event-json/extras", test_extras);
  g_test_add_func ("/event-json/escaped-names", test_escaped_names);
  g_test_add_func ("/event-json/reset", test_reset);
  g_test_add_func ("/event-json/not-complete", test_not_complete);
  g_test_add_func ("/event-json/original", test_original);
  g_test_add_func ("/event-json/python-types", test_python_types);
  g_test_add_func ("/event-json/typed", test_typed);
  g_test_add_func ("/event-json/typed-defaults", test_typed_defaults);
  g_test_add_func ("/event-json/not-a-number", test_not_a_number);
  g_test_add_func ("/event-json/class-refuses", test_class_refuses);
  g_test_add_data_func ("/event-json/samples/accounts", ACCOUNTS, test_samples);
  g_test_add_data_func ("/event-json/samples/expected", EXPECTED, test_samples);
  g_test_add_data_func ("/event-json/samples/orders", ORDERS, test_samples);

  return g_test_run ();
}
