/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-query-private.h"

#include "bubus-event-internal.h"
#include "bubus-json-internal.h"

/* Whether a field of an event is equal to a value. A number is equal to the same number of another width, because a
 * language may have only one; nothing else is converted. */

void
_bubus_field_match_clear (BubusFieldMatch *self)
{
  g_free (self->name);
  g_value_unset (&self->value);
}

/* ---- numbers ---- */

/* What a number is worth, whatever its type. Not a long double: on many machines that is no wider than a double. */
typedef struct
{
  gboolean whole;
  gboolean negative;
  guint64  size;      /* of a whole number */
  double   real;      /* of any other, and of those that are too large */
} BubusNumber;

static BubusNumber
bubus_number_from_uint64 (guint64 natural)
{
  return (BubusNumber) { .whole = TRUE, .size = natural };
}

static BubusNumber
bubus_number_from_int64 (gint64 integer)
{
  guint64 size = (guint64) integer;

  return (BubusNumber) { .whole = TRUE, .negative = integer < 0, .size = integer < 0 ? -size : size };
}

static BubusNumber
bubus_number_from_double (double real)
{
  double size = real < 0 ? -real : real;

  if (size < 0x1p64 && (double) (guint64) size == size)
    return (BubusNumber) { .whole = TRUE, .negative = real < 0, .size = (guint64) size };
  return (BubusNumber) { .real = real };
}

static gboolean
bubus_number_equal (BubusNumber a,
                    BubusNumber b)
{
  if (a.whole != b.whole)
    return FALSE;
  return a.whole ? a.negative == b.negative && a.size == b.size : a.real == b.real;
}

/* FALSE when it is no number. */
static gboolean
bubus_value_get_number (const GValue *value,
                        BubusNumber  *number)
{
  switch (G_VALUE_TYPE (value))
    {
    case G_TYPE_INT:
      *number = bubus_number_from_int64 (g_value_get_int (value));
      return TRUE;
    case G_TYPE_UINT:
      *number = bubus_number_from_uint64 (g_value_get_uint (value));
      return TRUE;
    case G_TYPE_LONG:
      *number = bubus_number_from_int64 (g_value_get_long (value));
      return TRUE;
    case G_TYPE_ULONG:
      *number = bubus_number_from_uint64 (g_value_get_ulong (value));
      return TRUE;
    case G_TYPE_INT64:
      *number = bubus_number_from_int64 (g_value_get_int64 (value));
      return TRUE;
    case G_TYPE_UINT64:
      *number = bubus_number_from_uint64 (g_value_get_uint64 (value));
      return TRUE;
    case G_TYPE_FLOAT:
      *number = bubus_number_from_double (g_value_get_float (value));
      return TRUE;
    case G_TYPE_DOUBLE:
      *number = bubus_number_from_double (g_value_get_double (value));
      return TRUE;
    default:
      return FALSE;
    }
}

/* ---- values ---- */

/* Both hold pointers that are not NULL, of the same type. */
static gboolean
bubus_pointer_value_equal (const GValue *a,
                           const GValue *b)
{
  if (G_VALUE_HOLDS_STRING (a))
    return g_str_equal (g_value_get_string (a), g_value_get_string (b));
  if (G_VALUE_HOLDS_VARIANT (a))
    return g_variant_equal (g_value_get_variant (a), g_value_get_variant (b));
  if (G_VALUE_HOLDS (a, G_TYPE_STRV))
    return g_strv_equal (g_value_get_boxed (a), g_value_get_boxed (b));
  if (G_VALUE_HOLDS (a, BUBUS_TYPE_JSON))
    return bubus_json_equal (g_value_get_boxed (a), g_value_get_boxed (b));
  return g_value_peek_pointer (a) == g_value_peek_pointer (b);
}

static gboolean
bubus_value_equal (const GValue *a,
                   const GValue *b)
{
  BubusNumber number_a, number_b;

  if (bubus_value_get_number (a, &number_a) && bubus_value_get_number (b, &number_b))
    return bubus_number_equal (number_a, number_b);
  if (G_VALUE_HOLDS_OBJECT (a) && G_VALUE_HOLDS_OBJECT (b))
    return g_value_get_object (a) == g_value_get_object (b);
  if (G_VALUE_TYPE (a) != G_VALUE_TYPE (b))
    return FALSE;
  if (!g_value_fits_pointer (a))
    return a->data[0].v_uint64 == b->data[0].v_uint64; /* truth values, enumerations and flags */
  if (g_value_peek_pointer (a) == NULL || g_value_peek_pointer (b) == NULL)
    return g_value_peek_pointer (a) == g_value_peek_pointer (b);
  return bubus_pointer_value_equal (a, b);
}

/* ---- members of events that have no property for them ---- */

static gboolean
bubus_span_equals_number (const BubusJsonSpan *span,
                          BubusNumber          number)
{
  double real;
  gint64 integer;
  guint64 natural;

  if (_bubus_json_span_get_int64 (span, &integer))
    return bubus_number_equal (bubus_number_from_int64 (integer), number);
  if (_bubus_json_span_get_uint64 (span, &natural))
    return bubus_number_equal (bubus_number_from_uint64 (natural), number);
  return _bubus_json_span_get_double (span, &real) && bubus_number_equal (bubus_number_from_double (real), number);
}

static gboolean
bubus_span_equals_value (const BubusJsonSpan *span,
                         const GValue        *value)
{
  BubusNumber number;

  if (bubus_value_get_number (value, &number))
    return (span->kind == BUBUS_JSON_KIND_INTEGER || span->kind == BUBUS_JSON_KIND_DOUBLE)
           && bubus_span_equals_number (span, number);
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return span->kind == (g_value_get_boolean (value) ? BUBUS_JSON_KIND_TRUE : BUBUS_JSON_KIND_FALSE);
  if (g_value_fits_pointer (value) && g_value_peek_pointer (value) == NULL)
    return span->kind == BUBUS_JSON_KIND_NULL;
  if (G_VALUE_HOLDS_STRING (value))
    return span->kind == BUBUS_JSON_KIND_STRING && _bubus_json_span_equals (span, g_value_get_string (value));
  return FALSE;
}

static gboolean
bubus_json_equals_value (BubusJson    *json,
                         const GValue *value)
{
  BubusJsonScanner scanner;
  BubusJsonSpan span;

  if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON) && g_value_get_boxed (value) != NULL)
    return bubus_json_equal (json, g_value_get_boxed (value));

  _bubus_json_scanner_init (&scanner, bubus_json_get_text (json), bubus_json_get_size (json));
  return _bubus_json_scanner_read_document (&scanner, &span, NULL) && bubus_span_equals_value (&span, value);
}

static BubusJson *
bubus_event_find_member (BubusEvent *event,
                         const char *name)
{
  const BubusEventExtras *extras = _bubus_event_get_private (event)->extras;

  for (guint i = 0; extras != NULL && extras->members != NULL && i < extras->members->len; i++)
    {
      const BubusMember *member = &g_array_index (extras->members, BubusMember, i);

      if (g_str_equal (member->name, name))
        return member->value;
    }
  return NULL;
}

/* A field that the event does not have is equal to nothing (B-6.9). */
gboolean
_bubus_field_match_test (const BubusFieldMatch *self,
                         BubusEvent            *event)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (event), self->name);
  g_auto (GValue) value = G_VALUE_INIT;
  BubusJson *member;

  if (pspec != NULL && (pspec->flags & G_PARAM_READABLE) != 0)
    {
      g_value_init (&value, pspec->value_type);
      g_object_get_property (G_OBJECT (event), pspec->name, &value);
      return bubus_value_equal (&value, &self->value);
    }

  member = bubus_event_find_member (event, self->name);
  return member != NULL && bubus_json_equals_value (member, &self->value);
}
