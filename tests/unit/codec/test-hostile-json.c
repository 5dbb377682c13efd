/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "json-fixture.h"

#include "base/bubus-error.h"

/* ---- helpers ---- */

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

/* ---- declared fields ---- */

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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bubus_event_register_type (test_event_get_type ());

  g_test_add_func ("/event-json/typed-refuses", test_typed_refuses);
  g_test_add_func ("/event-json/refuses", test_refuses);
  g_test_add_func ("/event-json/bad-times", test_bad_times);
  g_test_add_func ("/event-json/too-long", test_too_long);
  g_test_add_func ("/event-json/big", test_big);
  g_test_add_func ("/event-json/many-results", test_many_results);
  g_test_add_func ("/event-json/many-members", test_many_members);
  g_test_add_data_func ("/event-json/mutations/accounts", ACCOUNTS, test_mutations);
  g_test_add_data_func ("/event-json/mutations/expected", EXPECTED, test_mutations);
  g_test_add_func ("/event-json/mutations/typed", test_typed_mutations);

  return g_test_run ();
}
