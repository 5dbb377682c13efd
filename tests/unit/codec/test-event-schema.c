/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <json-glib/json-glib.h>

#include "codec/bubus-event-schema.h"
#include "event/bubus-event-settings.h"

#define DIALECT "\"$schema\":\"https://json-schema.org/draft/2020-12/schema\""

typedef struct
{
  BubusEvent  parent_instance;
  char       *text;
  char       *comment;
  gboolean    gift;
  int         quantity;
  guint       weight;
  gint64      big;
  guint64     bigger;
  double      price;
  double      share;
  char      **tags;
  GVariant   *items;
  GVariant   *anything;
  BubusJson  *raw;
  GObject    *object;
} TestOrder;

static const BubusField order_fields[] = {
  BUBUS_FIELD_STRING (TestOrder, text),
  BUBUS_FIELD_STRING (TestOrder, comment, .optional = TRUE),
  BUBUS_FIELD_BOOLEAN (TestOrder, gift, .optional = TRUE),
  BUBUS_FIELD_INT (TestOrder, quantity, .minimum = 1, .maximum = 99),
  BUBUS_FIELD_UINT (TestOrder, weight),
  BUBUS_FIELD_INT64 (TestOrder, big),
  BUBUS_FIELD_UINT64 (TestOrder, bigger),
  BUBUS_FIELD_DOUBLE (TestOrder, price),
  BUBUS_FIELD_DOUBLE (TestOrder, share, .minimum = 0, .maximum = 1),
  BUBUS_FIELD_STRV (TestOrder, tags),
  BUBUS_FIELD_VARIANT (TestOrder, items, .variant_type = "aa{s(imd)}"),
  BUBUS_FIELD_VARIANT (TestOrder, anything, .optional = TRUE),
  BUBUS_FIELD_JSON (TestOrder, raw, .optional = TRUE),
  BUBUS_FIELD_OBJECT (TestOrder, object, g_object_get_type, .optional = TRUE),
};

GType test_order_get_type (void);
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (TestOrder, test_order, BUBUS_TYPE_EVENT, order_fields,
                                   bubus_event_class_set_event_type (klass, "OrderEvent");
                                   bubus_event_class_set_event_version (klass, "1.2.0");
                                   bubus_event_class_set_timeout (klass, 2.5);
                                   bubus_event_class_set_result_type (klass, G_TYPE_STRING))

typedef struct
{
  BubusEvent  parent_instance;
  BubusEventStatus  status;
} TestStatus;

static const BubusField status_fields[] = {
  BUBUS_FIELD_ENUM (TestStatus, status, bubus_event_status_get_type),
};

GType test_status_get_type (void);
BUBUS_DEFINE_EVENT_TYPE (TestStatus, test_status, BUBUS_TYPE_EVENT, status_fields)

static BubusJson *
dup_schema (GType type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);

  return bubus_event_class_dup_schema ((BubusEventClass *) klass);
}

static void
test_order_schema (void)
{
  g_autoptr (BubusJson) schema = dup_schema (test_order_get_type ());
  g_autoptr (BubusJson) again = dup_schema (test_order_get_type ());

  g_test_summary ("A class describes its payload: types, ranges, what is required; always in the same words");

  g_assert_cmpstr (bubus_json_get_text (schema), ==,
                   "{" DIALECT ",\"title\":\"OrderEvent\",\"type\":\"object\",\"properties\":{"
                   "\"text\":{\"type\":\"string\"},"
                   "\"comment\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]},"
                   "\"gift\":{\"anyOf\":[{\"type\":\"boolean\"},{\"type\":\"null\"}]},"
                   "\"quantity\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":99},"
                   "\"weight\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":4294967295},"
                   "\"big\":{\"type\":\"integer\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807},"
                   "\"bigger\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":18446744073709551615},"
                   "\"price\":{\"type\":\"number\"},"
                   "\"share\":{\"type\":\"number\",\"minimum\":0.0,\"maximum\":1.0},"
                   "\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                   "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":"
                   "{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\",\"minimum\":-2147483648,"
                   "\"maximum\":2147483647},{\"anyOf\":[{\"type\":\"number\"},{\"type\":\"null\"}]}],"
                   "\"items\":false,\"minItems\":2}}},"
                   "\"anything\":{},\"raw\":{},\"object\":{\"type\":\"null\"}},"
                   "\"required\":[\"big\",\"bigger\",\"items\",\"price\",\"quantity\",\"share\",\"tags\",\"text\","
                   "\"weight\"],\"event_version\":\"1.2.0\",\"event_timeout\":2.5,"
                   "\"event_result_type\":{" DIALECT ",\"type\":\"string\"}}");
  g_assert_true (bubus_json_equal (schema, again));
}

static void
test_enum_schema (void)
{
  g_autoptr (BubusJson) schema = dup_schema (test_status_get_type ());

  g_test_summary ("Enumerations are lists of nicks; without a declaration, anything may be returned");

  g_assert_cmpstr (bubus_json_get_text (schema), ==,
                   "{" DIALECT ",\"title\":\"TestStatus\",\"type\":\"object\",\"properties\":{"
                   "\"status\":{\"type\":\"string\",\"enum\":[\"pending\",\"started\",\"completed\"]}},"
                   "\"required\":[\"status\"],\"event_version\":\"0.0.1\",\"event_timeout\":null,"
                   "\"event_result_type\":null}");
}

static void
test_is_json (void)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (BubusJson) schema = dup_schema (test_order_get_type ());
  g_autoptr (GError) error = NULL;

  g_test_summary ("A schema is JSON for others too");

  json_parser_load_from_data (parser, bubus_json_get_text (schema), -1, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/event-schema/order", test_order_schema);
  g_test_add_func ("/event-schema/enum", test_enum_schema);
  g_test_add_func ("/event-schema/is-json", test_is_json);

  return g_test_run ();
}
