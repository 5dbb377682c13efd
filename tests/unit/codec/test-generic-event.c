/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "codec/bubus-event-json.h"
#include "codec/bubus-generic-event.h"
#include "event/bubus-event-query.h"

#include <math.h>

#define PAYLOAD "{\"b\":1.50,\"a\":{\"x\":[null,\"\\u00e9\"]},\"c\":123456789012345678901234567890}"

static BubusEvent *
new_from_text (const char  *payload,
               GError     **error)
{
  g_autoptr (BubusJson) json = bubus_json_new (payload, -1, NULL);

  g_assert_nonnull (json);
  return bubus_generic_event_new_from_json ("Order", json, error);
}

static void
assert_finalized (BubusEvent *event)
{
  g_assert_finalize_object (G_OBJECT (event));
}

static void
test_variant (void)
{
  BubusEvent *event;
  g_autoptr (GVariant) payload = NULL, expected = NULL;
  g_autoptr (BubusJson) json = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A payload can be given as a dictionary, and be asked for as one");

  event = bubus_generic_event_new ("Order", g_variant_new_parsed ("{'sku': <'a'>, 'n': <int64 5>, 'tags': <['x']>}"));
  g_assert_cmpstr (bubus_event_get_event_type (event), ==, "Order");
  json = bubus_generic_event_dup_payload_json (BUBUS_GENERIC_EVENT (event));
  g_assert_cmpstr (bubus_json_get_text (json), ==, "{\"sku\":\"a\",\"n\":5,\"tags\":[\"x\"]}");

  payload = bubus_generic_event_dup_payload (BUBUS_GENERIC_EVENT (event), &error);
  g_assert_no_error (error);
  expected = g_variant_ref_sink (g_variant_new_parsed ("{'sku': <'a'>, 'n': <int64 5>, 'tags': <[<'x'>]>}"));
  g_assert_cmpvariant (payload, expected);
  assert_finalized (event);
}

static void
test_no_payload (void)
{
  BubusEvent *event = bubus_generic_event_new ("Ping", NULL);
  g_autoptr (BubusJson) json = bubus_generic_event_dup_payload_json (BUBUS_GENERIC_EVENT (event));
  g_autoptr (GVariant) payload = bubus_generic_event_dup_payload (BUBUS_GENERIC_EVENT (event), NULL);

  g_test_summary ("A payload may be missing: it is empty then");

  g_assert_cmpstr (bubus_json_get_text (json), ==, "{}");
  g_assert_cmpuint (g_variant_n_children (payload), ==, 0);
  assert_finalized (event);
}

static void
test_json (void)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = new_from_text (PAYLOAD, &error);
  g_autoptr (BubusJson) json = bubus_generic_event_dup_payload_json (BUBUS_GENERIC_EVENT (event));
  g_autoptr (BubusJson) member = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), "c");

  g_test_summary ("R-18: a payload in JSON keeps the order of its members and the spelling of their values");

  g_assert_no_error (error);
  g_assert_cmpstr (bubus_json_get_text (json), ==, PAYLOAD);
  g_assert_cmpstr (bubus_json_get_text (member), ==, "123456789012345678901234567890");
  g_assert_null (bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), "d"));
  assert_finalized (event);
}

static void
test_refuses (void)
{
  static const struct { const char *payload; int code; const char *message; } cases[] = {
    { "[1]", BUBUS_ERROR_INVALID_JSON, "line 1, column 1: an object was expected" },
    { "null", BUBUS_ERROR_INVALID_JSON, "line 1, column 1: an object was expected" },
    { "{\"event_id\":1}", BUBUS_ERROR_INVALID_EVENT,
      "line 1, column 2: names of payload members must not begin with “event_”" },
    { "{\"\\u0065vent_x\":1}", BUBUS_ERROR_INVALID_EVENT,
      "line 1, column 2: names of payload members must not begin with “event_”" },
    { "{\"a\":1,\"\\u0061\":2}", BUBUS_ERROR_INVALID_EVENT,
      "line 1, column 8: a member of this name is there already" },
  };

  g_test_summary ("B-1.19: names of the event's own members are refused, and so is what is no object");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (new_from_text (cases[i].payload, &error));
      g_assert_error (error, BUBUS_ERROR, cases[i].code);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
test_read_event (void)
{
  const char *text = "{\"event_type\":\"Unheard\",\"event_mood\":\"good\",\"event_concurrency\":\"parallel\",\"a\":1}";
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error);
  g_autoptr (BubusJson) json = NULL;

  g_test_summary ("R-18: an event of an unknown type is generic; its payload is without members about the event");

  g_assert_no_error (error);
  g_assert_true (BUBUS_IS_GENERIC_EVENT (event));
  g_assert_cmpstr (bubus_event_get_event_type (event), ==, "Unheard");
  json = bubus_generic_event_dup_payload_json (BUBUS_GENERIC_EVENT (event));
  g_assert_cmpstr (bubus_json_get_text (json), ==, "{\"a\":1}");
  g_assert_null (bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), "event_mood"));
  assert_finalized (event);
}

static void
test_unreadable_payload (void)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = new_from_text ("{\"a\":\"\\u0000\"}", NULL);

  g_test_summary ("A text with U+0000 is kept, but is no variant");

  g_assert_null (bubus_generic_event_dup_payload (BUBUS_GENERIC_EVENT (event), &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON);
  assert_finalized (event);
}

/* Takes over the contents of @value. */
static gboolean
field_equals (BubusEvent *event,
              const char *name,
              GValue      value)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new_for_pattern ("*");

  bubus_event_query_set_field (query, name, &value);
  g_value_unset (&value);
  return bubus_event_query_matches (query, event);
}

#define VALUE(type, setter, content)                        \
  ({                                                        \
    GValue value_ = G_VALUE_INIT;                           \
    g_value_##setter (g_value_init (&value_, type), content); \
    value_;                                                 \
  })

static void
test_query (void)
{
  BubusEvent *event = new_from_text ("{\"text\":\"\\u00e9\",\"n\":5,\"large\":18446744073709551615,\"half\":0.5,\"huge\":1e300,"
                                     "\"yes\":true,\"none\":null,\"list\":[1]}", NULL);

  g_test_summary ("B-6.9: a query compares the members of a payload, and converts nothing but numbers");

  g_assert_true (field_equals (event, "text", VALUE (G_TYPE_STRING, set_string, "é")));
  g_assert_false (field_equals (event, "text", VALUE (G_TYPE_STRING, set_string, "e")));
  g_assert_true (field_equals (event, "n", VALUE (G_TYPE_INT, set_int, 5)));
  g_assert_true (field_equals (event, "n", VALUE (G_TYPE_DOUBLE, set_double, 5)));
  g_assert_false (field_equals (event, "n", VALUE (G_TYPE_STRING, set_string, "5")));
  g_assert_false (field_equals (event, "n", VALUE (G_TYPE_BOOLEAN, set_boolean, TRUE)));
  g_assert_true (field_equals (event, "large", VALUE (G_TYPE_UINT64, set_uint64, G_MAXUINT64)));
  g_assert_false (field_equals (event, "large", VALUE (G_TYPE_UINT64, set_uint64, G_MAXUINT64 - 1)));
  g_assert_false (field_equals (event, "large", VALUE (G_TYPE_DOUBLE, set_double, 0x1p64)));
  g_assert_false (field_equals (event, "large", VALUE (G_TYPE_INT, set_int, -1)));
  g_assert_true (field_equals (event, "huge", VALUE (G_TYPE_DOUBLE, set_double, 1e300)));
  g_assert_false (field_equals (event, "n", VALUE (G_TYPE_INT, set_int, -5)));
  g_assert_false (field_equals (event, "n", VALUE (G_TYPE_DOUBLE, set_double, NAN)));
  g_assert_true (field_equals (event, "half", VALUE (G_TYPE_DOUBLE, set_double, 0.5)));
  g_assert_false (field_equals (event, "half", VALUE (G_TYPE_INT, set_int, 0)));
  g_assert_true (field_equals (event, "yes", VALUE (G_TYPE_BOOLEAN, set_boolean, TRUE)));
  g_assert_false (field_equals (event, "yes", VALUE (G_TYPE_BOOLEAN, set_boolean, FALSE)));
  g_assert_true (field_equals (event, "none", VALUE (G_TYPE_STRING, set_string, NULL)));
  g_assert_true (field_equals (event, "list", VALUE (BUBUS_TYPE_JSON, take_boxed, bubus_json_new ("[ 1 ]", -1, NULL))));
  g_assert_false (field_equals (event, "list", VALUE (G_TYPE_INT, set_int, 1)));
  g_assert_false (field_equals (event, "missing", VALUE (G_TYPE_STRING, set_string, NULL)));
  assert_finalized (event);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/generic-event/variant", test_variant);
  g_test_add_func ("/generic-event/no-payload", test_no_payload);
  g_test_add_func ("/generic-event/json", test_json);
  g_test_add_func ("/generic-event/refuses", test_refuses);
  g_test_add_func ("/generic-event/read-event", test_read_event);
  g_test_add_func ("/generic-event/unreadable-payload", test_unreadable_payload);
  g_test_add_func ("/generic-event/query", test_query);

  return g_test_run ();
}
