/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include <math.h>

#include "base/bubus-error.h"
#include "event/bubus-json.h"

/* An event class of its own for every declared type. */

typedef struct
{
  GType       type;
  const char *variant_type;  /* nullable */
} Declaration;

static void
asking_class_init (gpointer klass,
                   gpointer data)
{
  const Declaration *declaration = data;

  if (declaration->variant_type != NULL)
    bubus_event_class_set_result_variant_type (klass, G_VARIANT_TYPE (declaration->variant_type));
  else
    bubus_event_class_set_result_type (klass, declaration->type);
}

static GType
declare (GType       type,
         const char *variant_type)
{
  static guint n_classes;
  g_autofree char *name = g_strdup_printf ("Asking%u", n_classes++);
  Declaration declaration = { type, variant_type };
  GTypeInfo info = {
    .class_size = sizeof (BubusEventClass),
    .class_init = asking_class_init,
    .class_data = &declaration,
  };
  GTypeQuery query;
  GType event_type;

  g_type_query (BUBUS_TYPE_EVENT, &query);
  info.instance_size = query.instance_size;
  event_type = g_type_register_static (BUBUS_TYPE_EVENT, name, &info, 0);
  g_type_class_unref (g_type_class_ref (event_type)); /* initializes the class, while the declaration is there */
  return event_type;
}

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  bubus_invocation_return_value (invocation, data);
  return TRUE;
}

/* The error of the result, or NULL. Takes over the contents of @value. */
static char *
try_value (BubusEventBus *bus,
           GType          event_type,
           GValue        *value)
{
  g_autoptr (BubusEvent) event = g_object_new (event_type, NULL);
  BubusHandler *handler = bubus_event_bus_on (bus, event_type, "answer", answer, value, NULL);
  const GError *error;
  char *message = NULL;

  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  run_until_idle (bus);
  error = get_only_error (event);
  if (error != NULL)
    {
      g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE);
      message = g_strdup (error->message);
    }
  bubus_event_bus_off (bus, handler);
  g_value_unset (value);
  return message;
}

static void
assert_accepts (BubusEventBus *bus,
                GType          event_type,
                GValue         value)
{
  g_autofree char *message = try_value (bus, event_type, &value);

  g_assert_null (message);
}

/* The message ends with both types. */
static void
assert_refuses (BubusEventBus *bus,
                GType          event_type,
                GValue         value,
                const char    *found,
                const char    *declared)
{
  g_autofree char *message = try_value (bus, event_type, &value);
  g_autofree char *end = g_strdup_printf ("returned %s, but its event type declares %s", found, declared);

  g_assert_nonnull (message);
  if (!g_str_has_suffix (message, end))
    g_error ("“%s” does not end with “%s”", message, end);
}

#define VALUE(type_, setter, ...)                     \
  ({                                                  \
    GValue value_ = G_VALUE_INIT;                     \
    setter (g_value_init (&value_, type_), __VA_ARGS__); \
    value_;                                           \
  })

#define INT(number)     VALUE (G_TYPE_INT, g_value_set_int, number)
#define STRING(string)  VALUE (G_TYPE_STRING, g_value_set_string, string)
#define VARIANT(text)   VALUE (G_TYPE_VARIANT, g_value_take_variant, g_variant_ref_sink (g_variant_new_parsed (text)))
#define OBJECT(object)  VALUE (G_TYPE_OBJECT, g_value_take_object, object)

static void
test_numbers (Fixture       *fixture,
              gconstpointer  data)
{
  GType type = declare (G_TYPE_INT64, NULL);

  assert_accepts (fixture->bus, type, VALUE (G_TYPE_INT64, g_value_set_int64, 1));
  assert_refuses (fixture->bus, type, INT (1), "gint", "gint64");
  assert_refuses (fixture->bus, type, VALUE (G_TYPE_LONG, g_value_set_long, 1), "glong", "gint64");
  assert_refuses (fixture->bus, type, STRING ("123"), "gchararray", "gint64");

  type = declare (G_TYPE_DOUBLE, NULL);
  assert_accepts (fixture->bus, type, VALUE (G_TYPE_DOUBLE, g_value_set_double, 1));
  assert_refuses (fixture->bus, type, VALUE (G_TYPE_FLOAT, g_value_set_float, 1), "gfloat", "gdouble");
  assert_refuses (fixture->bus, type, INT (1), "gint", "gdouble");

  type = declare (G_TYPE_BOOLEAN, NULL);
  assert_accepts (fixture->bus, type, VALUE (G_TYPE_BOOLEAN, g_value_set_boolean, FALSE));
  assert_refuses (fixture->bus, type, INT (1), "gint", "gboolean");
}

static void
test_strings (Fixture       *fixture,
              gconstpointer  data)
{
  static const char *const strings[] = { "a", NULL };
  GType type = declare (G_TYPE_STRING, NULL);

  assert_accepts (fixture->bus, type, STRING ("text"));
  assert_accepts (fixture->bus, type, STRING (NULL));
  assert_refuses (fixture->bus, type, VALUE (G_TYPE_STRV, g_value_set_boxed, strings), "GStrv", "gchararray");

  type = declare (G_TYPE_STRV, NULL);
  assert_accepts (fixture->bus, type, VALUE (G_TYPE_STRV, g_value_set_boxed, strings));
  assert_refuses (fixture->bus, type, STRING ("a"), "gchararray", "GStrv");
  assert_refuses (fixture->bus, type, VARIANT ("['a']"), "GVariant of type as", "GStrv");
}

static void
test_enums (Fixture       *fixture,
            gconstpointer  data)
{
  GType status_type = declare (BUBUS_TYPE_RESULT_STATUS, NULL);
  GType flags_type = declare (BUBUS_TYPE_DISPATCH_FLAGS, NULL);

  assert_accepts (fixture->bus, status_type, VALUE (BUBUS_TYPE_RESULT_STATUS, g_value_set_enum, 1));
  assert_refuses (fixture->bus, status_type, VALUE (BUBUS_TYPE_EVENT_STATUS, g_value_set_enum, 1),
                  "BubusEventStatus", "BubusResultStatus");
  assert_refuses (fixture->bus, status_type, INT (1), "gint", "BubusResultStatus");

  assert_accepts (fixture->bus, flags_type, VALUE (BUBUS_TYPE_DISPATCH_FLAGS, g_value_set_flags, 3));
  assert_refuses (fixture->bus, flags_type, VALUE (G_TYPE_UINT, g_value_set_uint, 1), "guint", "BubusDispatchFlags");
  assert_refuses (fixture->bus, flags_type, VALUE (G_TYPE_APPLICATION_FLAGS, g_value_set_flags, 1),
                  "GApplicationFlags", "BubusDispatchFlags");
}

static void
test_boxed (Fixture       *fixture,
            gconstpointer  data)
{
  GType bytes_type = declare (G_TYPE_BYTES, NULL);
  GType json_type = declare (BUBUS_TYPE_JSON, NULL);

  assert_accepts (fixture->bus, bytes_type, VALUE (G_TYPE_BYTES, g_value_take_boxed, g_bytes_new ("x", 1)));
  assert_refuses (fixture->bus, bytes_type, VALUE (BUBUS_TYPE_JSON, g_value_take_boxed, bubus_json_new ("1", 1, NULL)),
                  "BubusJson", "GBytes");
  assert_accepts (fixture->bus, json_type, VALUE (BUBUS_TYPE_JSON, g_value_take_boxed, bubus_json_new ("1", 1, NULL)));
  assert_refuses (fixture->bus, json_type, INT (1), "gint", "BubusJson");
}

static void
test_objects (Fixture       *fixture,
              gconstpointer  data)
{
  GType ping_type = declare (TYPE_PING, NULL);
  GType list_type = declare (G_TYPE_LIST_MODEL, NULL);

  assert_accepts (fixture->bus, ping_type, OBJECT (g_object_new (TYPE_PING, NULL)));
  assert_accepts (fixture->bus, ping_type, OBJECT (g_object_new (TYPE_LOUD_PING, NULL)));
  assert_accepts (fixture->bus, ping_type,
                  VALUE (TYPE_LOUD_PING, g_value_take_object, g_object_new (TYPE_LOUD_PING, NULL)));
  assert_accepts (fixture->bus, ping_type, OBJECT (NULL));
  assert_refuses (fixture->bus, ping_type, OBJECT (g_object_new (TYPE_SUM, NULL)), "Sum", "Ping");
  assert_refuses (fixture->bus, ping_type, INT (1), "gint", "Ping");

  assert_accepts (fixture->bus, list_type, OBJECT (g_list_store_new (G_TYPE_OBJECT)));
  assert_refuses (fixture->bus, list_type, OBJECT (g_object_new (TYPE_PING, NULL)), "Ping", "GListModel");
}

static void
test_variants (Fixture       *fixture,
               gconstpointer  data)
{
  GType type = declare (G_TYPE_VARIANT, NULL);

  assert_accepts (fixture->bus, type, VARIANT ("1"));
  assert_accepts (fixture->bus, type, VALUE (G_TYPE_VARIANT, g_value_set_variant, NULL));
  assert_refuses (fixture->bus, type, INT (1), "gint", "GVariant");

  type = declare (G_TYPE_VARIANT, "as");
  assert_accepts (fixture->bus, type, VARIANT ("['a']"));
  assert_refuses (fixture->bus, type, VARIANT ("[<'a'>]"), "GVariant of type av", "GVariant of type as");
  assert_refuses (fixture->bus, type, STRING ("a"), "gchararray", "GVariant of type as");

  type = declare (G_TYPE_VARIANT, "a{s*}");
  assert_accepts (fixture->bus, type, VARIANT ("{'a': 1}"));
  assert_accepts (fixture->bus, type, VARIANT ("{'a': <1>}"));
  assert_refuses (fixture->bus, type, VARIANT ("{1: 2}"), "GVariant of type a{ii}", "GVariant of type a{s*}");
}

static void
test_undeclared (Fixture       *fixture,
                 gconstpointer  data)
{
  GType type = declare (G_TYPE_NONE, NULL);

  assert_accepts (fixture->bus, type, INT (1));
  assert_accepts (fixture->bus, type, STRING ("text"));
  assert_accepts (fixture->bus, type, OBJECT (g_object_new (TYPE_PING, NULL)));
  assert_refuses (fixture->bus, type, VALUE (G_TYPE_POINTER, g_value_set_pointer, fixture), "gpointer",
                  "a value that others can read");
}

static gboolean
answer_number (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  bubus_invocation_return_number (invocation, *(const double *) data);
  return TRUE;
}

/* What type the number is of in the result; G_TYPE_INVALID when it was refused. */
static GType
try_number (BubusEventBus *bus,
            GType          declared,
            double         number)
{
  GType event_type = declare (declared, NULL);
  g_autoptr (BubusEvent) event = g_object_new (event_type, NULL);
  g_autoptr (GPtrArray) results = NULL;
  GType found = G_TYPE_INVALID;

  bubus_event_bus_on (bus, event_type, "answer", answer_number, &number, NULL);
  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  run_until_idle (bus);
  results = bubus_event_list_results (event);
  if (bubus_event_result_get_error (results->pdata[0]) == NULL)
    found = G_VALUE_TYPE (bubus_event_result_get_value (results->pdata[0]));
  return found;
}

static void
test_only_kind_of_number (Fixture       *fixture,
                          gconstpointer  data)
{
  const double largest = 9007199254740991;

  g_assert_true (try_number (fixture->bus, G_TYPE_INT, 7) == G_TYPE_INT);
  g_assert_true (try_number (fixture->bus, G_TYPE_INT, G_MININT) == G_TYPE_INT);
  g_assert_true (try_number (fixture->bus, G_TYPE_INT, G_MAXINT + 1.0) == G_TYPE_INVALID);
  g_assert_true (try_number (fixture->bus, G_TYPE_INT, 0.5) == G_TYPE_INVALID);
  g_assert_true (try_number (fixture->bus, G_TYPE_DOUBLE, 7) == G_TYPE_DOUBLE);
  g_assert_true (try_number (fixture->bus, G_TYPE_INT64, -7) == G_TYPE_INT64);
  g_assert_true (try_number (fixture->bus, G_TYPE_INT64, 0.5) == G_TYPE_INVALID);
  g_assert_true (try_number (fixture->bus, G_TYPE_STRING, 7) == G_TYPE_INVALID);

  g_assert_true (try_number (fixture->bus, G_TYPE_NONE, 7) == G_TYPE_INT64);
  g_assert_true (try_number (fixture->bus, G_TYPE_NONE, 0.5) == G_TYPE_DOUBLE);
  g_assert_true (try_number (fixture->bus, G_TYPE_NONE, -largest) == G_TYPE_INT64);
  g_assert_true (try_number (fixture->bus, G_TYPE_NONE, largest + 1) == G_TYPE_DOUBLE);
  g_assert_true (try_number (fixture->bus, G_TYPE_NONE, NAN) == G_TYPE_DOUBLE);
  g_assert_true (try_number (fixture->bus, G_TYPE_NONE, -INFINITY) == G_TYPE_DOUBLE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/result-types/numbers", test_numbers, "R-14, B-5.10: numbers are not converted");
  test ("/result-types/only-kind-of-number", test_only_kind_of_number, "R-14: what a language's only numbers become");
  test ("/result-types/strings", test_strings, "R-14: strings and arrays of strings");
  test ("/result-types/enums", test_enums, "R-14: an enumeration is no integer, and no other enumeration");
  test ("/result-types/boxed", test_boxed, "R-14: boxed types");
  test ("/result-types/objects", test_objects, "R-14: objects of derived classes, and interfaces");
  test ("/result-types/variants", test_variants, "R-14, B-13.15: types of variants");
  test ("/result-types/undeclared", test_undeclared, "B-5.7, B-5.13: without a type, whatever others can read");

  return g_test_run ();
}
