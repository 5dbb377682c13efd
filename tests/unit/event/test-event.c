/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/bubus-clock.h"
#include "base/bubus-error.h"
#include "event/bubus-event-settings.h"
#include "event/bubus-json.h"

typedef enum
{
  COLOR_RED,
  COLOR_BLUE,
} Color;

GType color_get_type (void);

G_DEFINE_ENUM_TYPE (Color, color,
                    G_DEFINE_ENUM_VALUE (COLOR_RED, "red"),
                    G_DEFINE_ENUM_VALUE (COLOR_BLUE, "blue"))

/* An event with a field of every kind. */
typedef struct
{
  BubusEvent  parent_instance;
  gboolean    a_boolean;
  int         an_int;
  guint       a_uint;
  gint64      an_int64;
  guint64     a_uint64;
  double      a_double;
  char       *a_string;
  char      **a_strv;
  GVariant   *a_variant;
  BubusJson  *a_json;
  Color       an_enum;
  GBytes     *a_boxed;
  GObject    *an_object;
} AllKinds;

static const BubusField all_fields[] = {
  BUBUS_FIELD_BOOLEAN (AllKinds, a_boolean),
  BUBUS_FIELD_INT (AllKinds, an_int, .minimum = -5, .maximum = 5),
  BUBUS_FIELD_UINT (AllKinds, a_uint),
  BUBUS_FIELD_INT64 (AllKinds, an_int64),
  BUBUS_FIELD_UINT64 (AllKinds, a_uint64),
  BUBUS_FIELD_DOUBLE (AllKinds, a_double),
  BUBUS_FIELD_STRING (AllKinds, a_string),
  BUBUS_FIELD_STRV (AllKinds, a_strv, .optional = TRUE),
  BUBUS_FIELD_VARIANT (AllKinds, a_variant, .optional = TRUE, .variant_type = "as"),
  BUBUS_FIELD_JSON (AllKinds, a_json, .optional = TRUE),
  BUBUS_FIELD_ENUM (AllKinds, an_enum, color_get_type),
  BUBUS_FIELD_BOXED (AllKinds, a_boxed, g_bytes_get_type, .optional = TRUE),
  BUBUS_FIELD_OBJECT (AllKinds, an_object, g_object_get_type, .optional = TRUE),
};

BUBUS_DECLARE_EVENT_TYPE (AllKinds, all_kinds)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (AllKinds, all_kinds, BUBUS_TYPE_EVENT, all_fields,
                                   bubus_event_class_set_event_type (klass, "all.kinds");
                                   bubus_event_class_set_event_version (klass, "2.1.0");
                                   bubus_event_class_set_result_variant_type (klass, G_VARIANT_TYPE_STRING_ARRAY);
                                   bubus_event_class_set_timeout (klass, 1.5))

/* A class with a property made by hand, as bindings make them. */
typedef struct
{
  AllKinds parent_instance;
  int      by_hand;
} ByHand;

static void
by_hand_get_property (GObject    *object,
                      guint       prop_id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  g_value_set_int (value, ((ByHand *) object)->by_hand);
}

static void
by_hand_set_property (GObject      *object,
                      guint         prop_id,
                      const GValue *value,
                      GParamSpec   *pspec)
{
  ((ByHand *) object)->by_hand = g_value_get_int (value);
}

static gboolean
by_hand_validate (BubusEvent  *event,
                  GError     **error)
{
  if (((ByHand *) event)->by_hand != 13)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "bad luck");
  return FALSE;
}

static void
by_hand_install (BubusEventClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = by_hand_get_property;
  object_class->set_property = by_hand_set_property;
  klass->validate = by_hand_validate;
  g_object_class_install_property (object_class, 1,
                                   g_param_spec_int ("by-hand", NULL, NULL, 0, 99, 0, G_PARAM_READWRITE));
}

BUBUS_DECLARE_EVENT_TYPE (ByHand, by_hand)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (ByHand, by_hand, all_kinds_get_type (), BUBUS_NO_FIELDS, by_hand_install (klass))

static void
test_fields (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (BubusJson) json = bubus_json_new ("{ \"a\": [1] }", -1, NULL);
  const char *words[] = { "a", "b", NULL };
  g_autofree char *text = NULL;
  g_auto (GStrv) strv = NULL;
  AllKinds *event;
  int color;

  g_test_summary ("B-1.1: fields of an instance structure are properties");
  event = g_object_new (all_kinds_get_type (), "a-boolean", TRUE, "an-int", -5, "a-uint", 7, "an-int64", G_MININT64,
                        "a-uint64", G_MAXUINT64, "a-double", 0.5, "a-string", "s", "a-strv", words,
                        "a-variant", g_variant_new_strv (words, -1), "a-json", json, "an-enum", COLOR_BLUE,
                        "a-boxed", bytes, "an-object", object, NULL);
  g_assert_true (event->a_boolean);
  g_assert_cmpint (event->an_int, ==, -5);
  g_assert_cmpuint (event->a_uint, ==, 7);
  g_assert_cmpint (event->an_int64, ==, G_MININT64);
  g_assert_cmpuint (event->a_uint64, ==, G_MAXUINT64);
  g_assert_cmpfloat (event->a_double, ==, 0.5);
  g_assert_cmpstr (event->a_string, ==, "s");
  g_assert_cmpuint (g_variant_n_children (event->a_variant), ==, 2);
  g_assert_cmpstr (bubus_json_get_text (event->a_json), ==, "{\"a\":[1]}");
  g_assert_true (event->a_boxed == bytes);
  g_assert_true (event->an_object == object);

  g_object_get (event, "a-string", &text, "a-strv", &strv, "an-enum", &color, NULL);
  g_assert_cmpstr (text, ==, "s");
  g_assert_cmpstrv (strv, words);
  g_assert_cmpint (color, ==, COLOR_BLUE);

  g_object_set (event, "a-string", "t", "a-variant", NULL, NULL);
  g_assert_cmpstr (event->a_string, ==, "t");
  g_assert_null (event->a_variant);
  g_assert_finalize_object (event);
}

static void
test_validation (void)
{
  g_autoptr (GError) error = NULL;
  AllKinds *event = g_object_new (all_kinds_get_type (), NULL);
  ByHand *by_hand = g_object_new (by_hand_get_type (), "a-string", "s", "by-hand", 13, NULL);

  g_test_summary ("B-1.21: a class says what is valid");
  g_assert_false (bubus_event_validate (BUBUS_EVENT (event), &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
  g_clear_error (&error);

  event->a_string = g_strdup ("s");
  g_assert_true (bubus_event_validate (BUBUS_EVENT (event), &error));
  event->an_int = 6;
  g_assert_false (bubus_event_validate (BUBUS_EVENT (event), &error));
  g_assert_cmpstr (error->message, ==, "“an_int” of AllKinds must lie between -5 and 5, but is 6");
  g_clear_error (&error);
  event->an_int = 0;
  event->a_variant = g_variant_ref_sink (g_variant_new_int32 (1));
  g_assert_false (bubus_event_validate (BUBUS_EVENT (event), &error));
  g_assert_cmpstr (error->message, ==, "“a_variant” of AllKinds must have the type as, but has i");
  g_clear_error (&error);
  g_assert_finalize_object (event);

  g_assert_false (bubus_event_validate (BUBUS_EVENT (by_hand), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_finalize_object (by_hand);
}

static void
test_class_description (void)
{
  AllKinds *event = g_object_new (all_kinds_get_type (), NULL);
  ByHand *derived = g_object_new (by_hand_get_type (), NULL);

  g_test_summary ("B-1.4, B-1.16: what a class declares; all but the name is inherited");
  g_assert_cmpstr (bubus_event_get_event_type (BUBUS_EVENT (event)), ==, "all.kinds");
  g_assert_cmpstr (bubus_event_get_event_version (BUBUS_EVENT (event)), ==, "2.1.0");
  g_assert_cmpuint (bubus_event_get_event_result_type (BUBUS_EVENT (event)), ==, G_TYPE_VARIANT);
  g_assert_cmpfloat (bubus_event_get_event_timeout (BUBUS_EVENT (event)), ==, 1.5);
  g_assert_cmpuint (bubus_event_lookup_type ("all.kinds"), ==, all_kinds_get_type ());

  g_assert_cmpstr (bubus_event_get_event_type (BUBUS_EVENT (derived)), ==, "ByHand");
  g_assert_cmpstr (bubus_event_get_event_version (BUBUS_EVENT (derived)), ==, "2.1.0");
  g_assert_cmpfloat (bubus_event_get_event_timeout (BUBUS_EVENT (derived)), ==, 1.5);
  g_assert_cmpuint (bubus_event_lookup_type ("no.such.type"), ==, G_TYPE_INVALID);

  bubus_event_set_event_timeout (BUBUS_EVENT (event), 0);
  g_assert_cmpfloat (bubus_event_get_event_timeout (BUBUS_EVENT (event)), ==, 0);
  g_assert_finalize_object (event);
  g_assert_finalize_object (derived);
}

static void
test_identity (void)
{
  g_autoptr (BubusClock) clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000000000000));
  BubusEvent *first, *second;
  g_autofree char *id = NULL;

  g_test_summary ("B-1.2, B-1.13: an id and a time from the start; both can be set until dispatch");
  bubus_clock_push_thread_default (clock);
  first = g_object_new (all_kinds_get_type (), NULL);
  second = g_object_new (all_kinds_get_type (), "event-id", "018F8E40-1234-7000-8000-000000001234",
                         "event-parent-id", "018F8E40-1234-7000-8000-00000000abcd", NULL);
  bubus_clock_pop_thread_default (clock);

  g_assert_cmpint (bubus_event_get_event_created_at (first), ==, G_GINT64_CONSTANT (1700000000000000000));
  id = g_strdup (bubus_event_get_event_id (first));
  g_assert_cmpuint (strlen (id), ==, 36);
  g_assert_cmpint (id[14], ==, '7');
  g_assert_cmpstr (bubus_event_get_event_id (first), ==, id);
  g_assert_null (bubus_event_get_event_parent_id (first));

  g_assert_cmpstr (bubus_event_get_event_id (second), ==, "018f8e40-1234-7000-8000-000000001234");
  g_assert_cmpstr (bubus_event_get_event_parent_id (second), ==, "018f8e40-1234-7000-8000-00000000abcd");
  g_assert_null (bubus_event_ref_parent (second));
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

static void
test_refuses_what_is_no_uuid (void)
{
  if (g_test_subprocess ())
    {
      g_object_new (all_kinds_get_type (), "event-id", "nonsense", NULL);
      return;
    }

  g_test_summary ("B-1.2: an id is a UUID");
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*nonsense*is not a UUID*");
}

static void
test_types_are_listed (void)
{
  g_autofree GType *types = NULL;
  gsize n_types;
  gboolean found = FALSE;

  g_test_summary ("event classes that are known can be listed");
  bubus_event_register_type (by_hand_get_type ());
  types = bubus_event_list_types (&n_types);
  for (gsize i = 0; i < n_types; i++)
    found = found || types[i] == by_hand_get_type ();
  g_assert_true (found);
}

static void
test_dispose_twice (void)
{
  AllKinds *event = g_object_new (all_kinds_get_type (), "a-string", "s", NULL);

  g_test_summary ("dispose may run more than once");
  g_object_run_dispose (G_OBJECT (event));
  g_object_run_dispose (G_OBJECT (event));
  g_assert_cmpstr (event->a_string, ==, "s");
  g_assert_finalize_object (event);
}

static void
test_weak_references (void)
{
  BubusEvent *event = g_object_new (all_kinds_get_type (), NULL);
  gpointer pointer = event, disposed = event;
  GWeakRef weak;

  g_object_add_weak_pointer (G_OBJECT (event), &disposed);
  g_object_run_dispose (G_OBJECT (event));
  g_assert_null (disposed);

  g_object_add_weak_pointer (G_OBJECT (event), &pointer);
  g_weak_ref_init (&weak, event);
  g_object_unref (event);
  g_assert_null (pointer);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
}

static void
forget_cb (gpointer  data,
           GClosure *closure)
{
  g_clear_pointer ((gpointer *) data, g_object_unref);
}

static void
test_signals_go_with_it (void)
{
  BubusEvent *event = g_object_new (all_kinds_get_type (), NULL);
  GObject *kept = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer weak = kept;

  g_object_add_weak_pointer (kept, &weak);
  g_signal_connect_data (event, "notify", G_CALLBACK (g_object_unref), &kept, forget_cb, 0);
  g_object_unref (event);
  g_assert_null (weak);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/event/fields", test_fields);
  g_test_add_func ("/event/validation", test_validation);
  g_test_add_func ("/event/class", test_class_description);
  g_test_add_func ("/event/identity", test_identity);
  g_test_add_func ("/event/no-uuid", test_refuses_what_is_no_uuid);
  g_test_add_func ("/event/types", test_types_are_listed);
  g_test_add_func ("/event/dispose", test_dispose_twice);
  g_test_add_func ("/event/weak-references", test_weak_references);
  g_test_add_func ("/event/signals", test_signals_go_with_it);

  return g_test_run ();
}
