/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "base/bubus-error.h"
#include "codec/bubus-event-json.h"

/* Event classes that install their properties by themselves, as bindings do, go through JSON as any other (B-17.14). */

enum
{
  PROP_SENDER = 1,
  PROP_PAGES,
  PROP_SUBJECT,
  PROP_TAGS,
  PROP_MARK,
  PROP_STAMP,
  N_PROPS,
};

typedef struct
{
  BubusEvent   parent_instance;
  char        *sender;
  int          pages;
  char        *subject;
  char       **tags;
  gint8        mark;
  guint64      stamp;
} Letter;

typedef BubusEventClass LetterClass;

GType letter_get_type (void);
G_DEFINE_FINAL_TYPE (Letter, letter, BUBUS_TYPE_EVENT)

static void
letter_get_property (GObject    *object,
                     guint       prop_id,
                     GValue     *value,
                     GParamSpec *pspec)
{
  Letter *self = (Letter *) object;

  switch (prop_id)
    {
    case PROP_SENDER:
      g_value_set_string (value, self->sender);
      break;
    case PROP_PAGES:
      g_value_set_int (value, self->pages);
      break;
    case PROP_SUBJECT:
      g_value_set_string (value, self->subject);
      break;
    case PROP_TAGS:
      g_value_set_boxed (value, self->tags);
      break;
    case PROP_MARK:
      g_value_set_schar (value, self->mark);
      break;
    case PROP_STAMP:
      g_value_set_uint64 (value, self->stamp);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
letter_set_property (GObject      *object,
                     guint         prop_id,
                     const GValue *value,
                     GParamSpec   *pspec)
{
  Letter *self = (Letter *) object;

  switch (prop_id)
    {
    case PROP_SENDER:
      self->sender = g_value_dup_string (value);
      break;
    case PROP_PAGES:
      self->pages = g_value_get_int (value);
      break;
    case PROP_SUBJECT:
      g_free (self->subject);
      self->subject = g_value_dup_string (value);
      break;
    case PROP_TAGS:
      g_strfreev (self->tags);
      self->tags = g_value_dup_boxed (value);
      break;
    case PROP_MARK:
      self->mark = g_value_get_schar (value);
      break;
    case PROP_STAMP:
      self->stamp = g_value_get_uint64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
letter_finalize (GObject *object)
{
  Letter *self = (Letter *) object;

  g_free (self->sender);
  g_free (self->subject);
  g_strfreev (self->tags);
  G_OBJECT_CLASS (letter_parent_class)->finalize (object);
}

static void
letter_class_init (LetterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags once = flags | G_PARAM_CONSTRUCT_ONLY;

  object_class->get_property = letter_get_property;
  object_class->set_property = letter_set_property;
  object_class->finalize = letter_finalize;

  g_object_class_install_property (object_class, PROP_SENDER,
                                   g_param_spec_string ("sender", NULL, NULL, "nobody", once));
  g_object_class_install_property (object_class, PROP_PAGES, g_param_spec_int ("pages", NULL, NULL, 1, 9, 1, once));
  g_object_class_install_property (object_class, PROP_SUBJECT,
                                   g_param_spec_string ("subject", NULL, NULL, "hello", flags));
  g_object_class_install_property (object_class, PROP_TAGS,
                                   g_param_spec_boxed ("tags", NULL, NULL, G_TYPE_STRV, flags));
  g_object_class_install_property (object_class, PROP_MARK,
                                   g_param_spec_char ("mark", NULL, NULL, G_MININT8, G_MAXINT8, 0, flags));
  g_object_class_install_property (object_class, PROP_STAMP,
                                   g_param_spec_uint64 ("stamp", NULL, NULL, 0, G_MAXUINT64, 0, flags));
}

static void
letter_init (Letter *self)
{
  self->subject = g_strdup ("hello");
  self->tags = g_strsplit ("new", ",", -1);
}

static Letter *
letter_read (const char *text)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error);

  g_assert_no_error (error);
  g_assert_true (G_OBJECT_TYPE (event) == letter_get_type ());
  return (Letter *) event;
}

static Letter *
letter_pass_on (Letter *letter)
{
  g_autofree char *text = bubus_event_to_json ((BubusEvent *) letter);
  Letter *copy = letter_read (text);
  g_autofree char *again = bubus_event_to_json ((BubusEvent *) copy);

  g_assert_cmpstr (again, ==, text);
  g_assert_finalize_object (letter);
  return copy;
}

static void
test_construct_only (void)
{
  Letter *letter;

  g_test_summary ("B-17.14: what can only be set at construction is set then");

  letter = g_object_new (letter_get_type (), "sender", "Zoë", "pages", 7, "mark", -128, "stamp", G_MAXUINT64, NULL);
  letter = letter_pass_on (letter);
  g_assert_cmpstr (letter->sender, ==, "Zoë");
  g_assert_cmpint (letter->pages, ==, 7);
  g_assert_cmpint (letter->mark, ==, -128);
  g_assert_cmpuint (letter->stamp, ==, G_MAXUINT64);
  g_assert_finalize_object (letter);

  letter = letter_read ("{\"event_type\":\"Letter\"}");
  g_assert_cmpstr (letter->sender, ==, "nobody");
  g_assert_cmpint (letter->pages, ==, 1);
  g_assert_finalize_object (letter);
}

static void
test_null (void)
{
  Letter *letter;

  g_test_summary ("B-17.14: NULL is not the default of a property that has one");

  letter = g_object_new (letter_get_type (), "sender", NULL, "subject", NULL, "tags", NULL, NULL);
  letter = letter_pass_on (letter);
  g_assert_null (letter->sender);
  g_assert_null (letter->subject);
  g_assert_null (letter->tags);
  g_assert_finalize_object (letter);

  letter = letter_read ("{\"event_type\":\"Letter\",\"pages\":null,\"stamp\":null}");
  g_assert_cmpint (letter->pages, ==, 1);
  g_assert_finalize_object (letter);
}

static void
assert_refused (const char *text,
                const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_null (bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, NULL));
}

static void
test_refuses (void)
{
  g_test_summary ("R-18: malformed input is an error with the position");

  assert_refused ("{\"event_type\":\"Letter\",\"sender\":\"Zoë\",\"pages\":10}",
                  "line 1, column 47: “pages” is outside of what is accepted");
  assert_refused ("{\"event_type\":\"Letter\",\"sender\":5}",
                  "line 1, column 33: “sender” must be a string, but is an integer");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bubus_event_register_type (letter_get_type ());

  g_test_add_func ("/hand-written/construct-only", test_construct_only);
  g_test_add_func ("/hand-written/null", test_null);
  g_test_add_func ("/hand-written/refuses", test_refuses);

  return g_test_run ();
}
