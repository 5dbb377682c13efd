/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "event/bubus-event-field.h"
#include "event/bubus-json.h"
#include "tree/bubus-tree-value-internal.h"

typedef struct
{
  BubusEvent parent_instance;
} Ping;

BUBUS_DECLARE_EVENT_TYPE (Ping, ping)
BUBUS_DEFINE_EVENT_TYPE (Ping, ping, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

/* B-10.6: what a tree says about what a handler returned. */

/* Takes over what @value holds. */
static void
assert_value (GValue     *value,
              const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  _bubus_tree_append_value (out, BUBUS_TREE_NONE, value);
  g_assert_cmpstr (out->str, ==, expected);
  if (value != NULL)
    g_value_unset (value);
}

static void
assert_boxed (GType       type,
              gpointer    boxed,
              const char *expected)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, type);
  g_value_take_boxed (&value, boxed);
  assert_value (&value, expected);
}

static void
assert_variant (const char *text,
                const char *expected)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_VARIANT);
  if (text != NULL)
    g_value_take_variant (&value, g_variant_ref_sink (g_variant_new_parsed (text)));
  assert_value (&value, expected);
}

static void
test_simple_values (void)
{
  GValue value = G_VALUE_INIT;

  assert_value (NULL, "None");
  g_value_set_int (g_value_init (&value, G_TYPE_INT), -5);
  assert_value (&value, "-5");
  g_value_set_uint64 (g_value_init (&value, G_TYPE_UINT64), G_MAXUINT64);
  assert_value (&value, "18446744073709551615");
  g_value_set_double (g_value_init (&value, G_TYPE_DOUBLE), 0.1);
  assert_value (&value, "0.1");
  g_value_set_boolean (g_value_init (&value, G_TYPE_BOOLEAN), TRUE);
  assert_value (&value, "true");
  g_value_set_enum (g_value_init (&value, BUBUS_TYPE_EVENT_STATUS), BUBUS_EVENT_STATUS_STARTED);
  assert_value (&value, "BUBUS_EVENT_STATUS_STARTED");
  g_value_init (&value, G_TYPE_STRING);
  assert_value (&value, "None");
  g_value_set_pointer (g_value_init (&value, G_TYPE_POINTER), &value);
  assert_value (&value, "gpointer(...)");
}

static void
test_composed_values (void)
{
  GValue value = G_VALUE_INIT;
  const char *const words[] = { "a", "b", NULL };

  assert_boxed (G_TYPE_STRV, g_strdupv ((char **) words), "list(2 items)");
  assert_boxed (G_TYPE_STRV, NULL, "None");
  assert_boxed (G_TYPE_HASH_TABLE, g_hash_table_new (NULL, NULL), "dict(0 items)");
  assert_boxed (G_TYPE_PTR_ARRAY, g_ptr_array_new (), "list(0 items)");
  assert_boxed (G_TYPE_ARRAY, g_array_new (FALSE, FALSE, 1), "list(0 items)");
  assert_boxed (G_TYPE_DATE_TIME, g_date_time_new_now_utc (), "GDateTime(...)");
  assert_variant ("{'secret': <1>}", "dict(1 items)");
  assert_variant ("['secret', 'x']", "list(2 items)");
  assert_variant ("'text'", "\"text\"");
  assert_variant ("uint32 7", "7");
  assert_variant (NULL, "None");
  g_value_take_object (g_value_init (&value, G_TYPE_LIST_STORE), g_list_store_new (G_TYPE_OBJECT));
  assert_value (&value, "GListStore(...)");
  g_value_init (&value, G_TYPE_OBJECT);
  assert_value (&value, "None");
  g_value_take_object (g_value_init (&value, ping_get_type ()),
                       g_object_new (ping_get_type (), "event-id", "018f8e40-1234-7000-8000-00000000abcd", NULL));
  assert_value (&value, "Event(Ping#abcd)");
}

static void
test_json_values (void)
{
  static const struct { const char *text, *expected; } cases[] = {
    { "null", "None" }, { "true", "true" }, { "-1.50", "-1.50" }, { "\"a\\u0007\"", "\"a\\u0007\"" },
    { "\"with\\u0000nul\"", "\"with\357\277\275nul\"" }, { "[]", "list(0 items)" },
    { "[1,[2,3],\"secret\"]", "list(3 items)" }, { "{}", "dict(0 items)" },
    { "{\"a\":{\"secret\":1},\"b\":2}", "dict(2 items)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_boxed (BUBUS_TYPE_JSON, bubus_json_new (cases[i].text, -1, NULL), cases[i].expected);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tree-values/simple", test_simple_values);
  g_test_add_func ("/tree-values/composed", test_composed_values);
  g_test_add_func ("/tree-values/json", test_json_values);

  return g_test_run ();
}
