/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "json-fixture.h"

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

BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (TestEvent, test_event, BUBUS_TYPE_EVENT, test_event_fields,
                                   klass->validate = test_event_validate;
                                   bubus_event_class_set_result_type (klass, G_TYPE_INT))

BubusEvent *
read_event (const char *text)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (text, -1, BUBUS_JSON_NONE, &error);

  g_assert_no_error (error);
  return event;
}

void
assert_written (BubusEvent *event,
                const char *expected)
{
  g_autofree char *written = bubus_event_to_json (event);

  g_assert_cmpstr (written, ==, expected);
}

/* Reads @text and writes it as @expected, which then reads and writes as itself. */
void
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

char *
load_sample (const char *path)
{
  g_autofree char *name = g_test_build_filename (G_TEST_DIST, path, NULL);
  g_autoptr (GError) error = NULL;
  char *contents = NULL;

  g_file_get_contents (name, &contents, NULL, &error);
  g_assert_no_error (error);
  return contents;
}
