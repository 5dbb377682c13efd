/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-json-value-internal.h"

#include "base/bubus-json-writer-internal.h"
#include "event/bubus-event.h"
#include "event/bubus-json-internal.h"

static const struct { GType type; gint64 minimum; guint64 maximum; } integer_ranges[] = {
  { G_TYPE_CHAR, G_MININT8, G_MAXINT8 },
  { G_TYPE_UCHAR, 0, G_MAXUINT8 },
  { G_TYPE_INT, G_MININT, G_MAXINT },
  { G_TYPE_UINT, 0, G_MAXUINT },
  { G_TYPE_LONG, G_MINLONG, G_MAXLONG },
  { G_TYPE_ULONG, 0, G_MAXULONG },
  { G_TYPE_INT64, G_MININT64, G_MAXINT64 },
  { G_TYPE_UINT64, 0, G_MAXUINT64 },
};

/* Whether values of a type can be written and read again. Others, such as objects and most boxed types, are
 * written as null, and only null is read. */
gboolean
_bubus_json_value_has_form (GType type)
{
  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN:
    case G_TYPE_CHAR:
    case G_TYPE_UCHAR:
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_LONG:
    case G_TYPE_ULONG:
    case G_TYPE_INT64:
    case G_TYPE_UINT64:
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
    case G_TYPE_STRING:
    case G_TYPE_ENUM:
    case G_TYPE_FLAGS:
    case G_TYPE_VARIANT:
      return TRUE;
    default:
      return type == G_TYPE_STRV || type == BUBUS_TYPE_JSON;
    }
}

/* ---- writing ---- */

/* A value that has no name is written as the number it is. */
static void
bubus_json_value_append_enum (const GValue *value,
                              GString      *out)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  const GEnumValue *named = g_enum_get_value ((GEnumClass *) klass, g_value_get_enum (value));

  if (named != NULL)
    _bubus_json_append_string (out, named->value_nick);
  else
    _bubus_json_append_int64 (out, g_value_get_enum (value));
}

/* Bits without a name are left out. */
static void
bubus_json_value_append_flags (const GValue *value,
                               GString      *out)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  guint left = g_value_get_flags (value);
  const GFlagsValue *named;

  g_string_append_c (out, '[');
  while (left != 0 && (named = g_flags_get_first_value ((GFlagsClass *) klass, left)) != NULL)
    {
      if (out->str[out->len - 1] != '[')
        g_string_append_c (out, ',');
      _bubus_json_append_string (out, named->value_nick);
      left &= ~named->value;
    }
  g_string_append_c (out, ']');
}

static void
bubus_json_value_append_strv (char    **strv,
                              GString  *out)
{
  g_string_append_c (out, '[');
  for (guint i = 0; strv[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      _bubus_json_append_string (out, strv[i]);
    }
  g_string_append_c (out, ']');
}

static void
bubus_json_value_append_boxed (const GValue *value,
                               GString      *out)
{
  gpointer boxed = g_value_get_boxed (value);

  if (boxed != NULL && G_VALUE_HOLDS (value, G_TYPE_STRV))
    bubus_json_value_append_strv (boxed, out);
  else if (boxed != NULL && G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    _bubus_json_append (out, bubus_json_get_text (boxed), bubus_json_get_size (boxed));
  else
    _bubus_json_append_literal (out, "null");
}

static void
bubus_json_value_append_variant (const GValue *value,
                                 GString      *out)
{
  GVariant *variant = g_value_get_variant (value);

  if (variant != NULL)
    _bubus_json_append_variant (out, variant);
  else
    _bubus_json_append_literal (out, "null");
}

static void
bubus_json_value_append_boolean (gboolean  value,
                                 GString  *out)
{
  if (value)
    _bubus_json_append_literal (out, "true");
  else
    _bubus_json_append_literal (out, "false");
}

/* null for what has no JSON form, and for a value that is not set. */
void
_bubus_json_value_append (const GValue *value,
                          GString      *out)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      bubus_json_value_append_boolean (g_value_get_boolean (value), out);
      break;
    case G_TYPE_CHAR:
      _bubus_json_append_int64 (out, g_value_get_schar (value));
      break;
    case G_TYPE_UCHAR:
      _bubus_json_append_uint64 (out, g_value_get_uchar (value));
      break;
    case G_TYPE_INT:
      _bubus_json_append_int64 (out, g_value_get_int (value));
      break;
    case G_TYPE_UINT:
      _bubus_json_append_uint64 (out, g_value_get_uint (value));
      break;
    case G_TYPE_LONG:
      _bubus_json_append_int64 (out, g_value_get_long (value));
      break;
    case G_TYPE_ULONG:
      _bubus_json_append_uint64 (out, g_value_get_ulong (value));
      break;
    case G_TYPE_INT64:
      _bubus_json_append_int64 (out, g_value_get_int64 (value));
      break;
    case G_TYPE_UINT64:
      _bubus_json_append_uint64 (out, g_value_get_uint64 (value));
      break;
    case G_TYPE_FLOAT:
      _bubus_json_append_double (out, g_value_get_float (value));
      break;
    case G_TYPE_DOUBLE:
      _bubus_json_append_double (out, g_value_get_double (value));
      break;
    case G_TYPE_STRING:
      _bubus_json_append_string (out, g_value_get_string (value));
      break;
    case G_TYPE_ENUM:
      bubus_json_value_append_enum (value, out);
      break;
    case G_TYPE_FLAGS:
      bubus_json_value_append_flags (value, out);
      break;
    case G_TYPE_VARIANT:
      bubus_json_value_append_variant (value, out);
      break;
    default:
      if (G_VALUE_HOLDS_BOXED (value))
        bubus_json_value_append_boxed (value, out);
      else
        _bubus_json_append_literal (out, "null");
    }
}

/* ---- reading ---- */

static void
bubus_json_value_set_integer (GValue  *value,
                              guint64  number)
{
  switch (G_VALUE_TYPE (value))
    {
    case G_TYPE_CHAR:
      g_value_set_schar (value, (gint8) number);
      break;
    case G_TYPE_UCHAR:
      g_value_set_uchar (value, (guint8) number);
      break;
    case G_TYPE_INT:
      g_value_set_int (value, (int) number);
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, (guint) number);
      break;
    case G_TYPE_LONG:
      g_value_set_long (value, (glong) number);
      break;
    case G_TYPE_ULONG:
      g_value_set_ulong (value, (gulong) number);
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (value, (gint64) number);
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, number);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Two's complement in @number, when the value is an integer in that range. */
static gboolean
bubus_json_value_get_integer (const BubusJsonSpan *span,
                              gint64               minimum,
                              guint64              maximum,
                              guint64             *number)
{
  gint64 with_sign;

  if (_bubus_json_span_get_uint64 (span, number))
    return *number <= maximum;
  if (!_bubus_json_span_get_int64 (span, &with_sign) || with_sign < minimum)
    return FALSE;
  *number = (guint64) with_sign;
  return TRUE;
}

static gboolean
bubus_json_value_read_integer (const BubusJsonPlace  *place,
                               const BubusJsonSpan   *span,
                               GValue                *value,
                               GError               **error)
{
  g_autofree char *wanted = NULL;
  guint64 number;
  guint i = 0;

  while (integer_ranges[i].type != G_VALUE_TYPE (value))
    i++;
  if (bubus_json_value_get_integer (span, integer_ranges[i].minimum, integer_ranges[i].maximum, &number))
    {
      bubus_json_value_set_integer (value, number);
      return TRUE;
    }

  wanted = g_strdup_printf ("an integer from %" G_GINT64_FORMAT " to %" G_GUINT64_FORMAT,
                            integer_ranges[i].minimum, integer_ranges[i].maximum);
  if (span->kind == BUBUS_JSON_KIND_INTEGER)
    _bubus_json_set_error (error, place->code, place->text, span->start, "“%s” must be %s", place->name, wanted);
  else
    _bubus_json_place_refuse (place, span, wanted, error);
  return FALSE;
}

static gboolean
bubus_json_value_read_double (const BubusJsonPlace  *place,
                              const BubusJsonSpan   *span,
                              GValue                *value,
                              GError               **error)
{
  double number;

  if (!_bubus_json_span_get_double (span, &number))
    return _bubus_json_place_refuse (place, span, "a number in the range of a double", error);

  if (G_VALUE_HOLDS_FLOAT (value))
    g_value_set_float (value, number);
  else
    g_value_set_double (value, number);
  return TRUE;
}

static gboolean
bubus_json_value_read_boolean (const BubusJsonPlace  *place,
                               const BubusJsonSpan   *span,
                               GValue                *value,
                               GError               **error)
{
  if (span->kind != BUBUS_JSON_KIND_FALSE && span->kind != BUBUS_JSON_KIND_TRUE)
    return _bubus_json_place_refuse (place, span, "a boolean", error);

  g_value_set_boolean (value, span->kind == BUBUS_JSON_KIND_TRUE);
  return TRUE;
}

static gboolean
bubus_json_value_read_string (const BubusJsonPlace  *place,
                              const BubusJsonSpan   *span,
                              GValue                *value,
                              GError               **error)
{
  char *string = _bubus_json_place_dup_string (place, span, error);

  g_value_take_string (value, string);
  return string != NULL;
}

static gboolean
bubus_json_value_refuse_nick (const BubusJsonPlace  *place,
                              const BubusJsonSpan   *span,
                              GType                  type,
                              GError               **error)
{
  _bubus_json_set_error (error, place->code, place->text, span->start,
                         "“%s” must name a value of %s", place->name, g_type_name (type));
  return FALSE;
}

static gboolean
bubus_json_value_read_enum (const BubusJsonPlace  *place,
                            const BubusJsonSpan   *span,
                            GValue                *value,
                            GError               **error)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  g_autofree char *nick = _bubus_json_place_dup_string (place, span, error);
  const GEnumValue *named;

  if (nick == NULL)
    return FALSE;
  named = g_enum_get_value_by_nick ((GEnumClass *) klass, nick);
  if (named == NULL)
    return bubus_json_value_refuse_nick (place, span, G_VALUE_TYPE (value), error);

  g_value_set_enum (value, named->value);
  return TRUE;
}

static gboolean
bubus_json_value_read_flags (const BubusJsonPlace  *place,
                             const BubusJsonSpan   *span,
                             GValue                *value,
                             GError               **error)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  g_auto (GStrv) nicks = _bubus_json_place_dup_strv (place, span, error);
  guint flags = 0;

  if (nicks == NULL)
    return FALSE;
  for (guint i = 0; nicks[i] != NULL; i++)
    {
      const GFlagsValue *named = g_flags_get_value_by_nick ((GFlagsClass *) klass, nicks[i]);

      if (named == NULL)
        return bubus_json_value_refuse_nick (place, span, G_VALUE_TYPE (value), error);
      flags |= named->value;
    }

  g_value_set_flags (value, flags);
  return TRUE;
}

static gboolean
bubus_json_value_read_boxed (const BubusJsonPlace  *place,
                             const BubusJsonSpan   *span,
                             GValue                *value,
                             GError               **error)
{
  if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    g_value_take_boxed (value, _bubus_json_new_from_span (span));
  else
    g_value_take_boxed (value, _bubus_json_place_dup_strv (place, span, error));
  return g_value_get_boxed (value) != NULL;
}

static gboolean
bubus_json_value_read_variant (const BubusJsonPlace  *place,
                               const BubusJsonSpan   *span,
                               const GVariantType    *variant_type,
                               GValue                *value,
                               GError               **error)
{
  GVariant *variant = _bubus_json_read_variant (place, span, variant_type, error);

  if (variant != NULL)
    g_value_take_variant (value, variant);
  return variant != NULL;
}

static gboolean
bubus_json_value_refuse_type (const BubusJsonPlace  *place,
                              const BubusJsonSpan   *span,
                              GType                  type,
                              GError               **error)
{
  _bubus_json_set_error (error, place->code, place->text, span->start, "“%s” must be null: %s has no JSON form",
                         place->name, g_type_name (type));
  return FALSE;
}

/* Reads what @value, which is initialized, can hold, and nothing that is only like it: 5.0 is no integer,
 * and "5" no number. An integer is a number, though. null is only read into JSON and variants, and into what has
 * no form. */
gboolean
_bubus_json_value_read (const BubusJsonPlace  *place,
                        const BubusJsonSpan   *span,
                        const GVariantType    *variant_type,
                        GValue                *value,
                        GError               **error)
{
  GType type = G_VALUE_TYPE (value);

  if (!_bubus_json_value_has_form (type))
    return span->kind == BUBUS_JSON_KIND_NULL || bubus_json_value_refuse_type (place, span, type, error);

  switch (G_TYPE_FUNDAMENTAL (type))
    {
    case G_TYPE_BOOLEAN:
      return bubus_json_value_read_boolean (place, span, value, error);
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      return bubus_json_value_read_double (place, span, value, error);
    case G_TYPE_STRING:
      return bubus_json_value_read_string (place, span, value, error);
    case G_TYPE_ENUM:
      return bubus_json_value_read_enum (place, span, value, error);
    case G_TYPE_FLAGS:
      return bubus_json_value_read_flags (place, span, value, error);
    case G_TYPE_VARIANT:
      return bubus_json_value_read_variant (place, span, variant_type, value, error);
    case G_TYPE_BOXED:
      return bubus_json_value_read_boxed (place, span, value, error);
    default:
      return bubus_json_value_read_integer (place, span, value, error);
    }
}

static void
bubus_json_value_read_plain_json (const BubusJsonSpan *span,
                                  GValue              *value)
{
  g_value_init (value, BUBUS_TYPE_JSON);
  g_value_take_boxed (value, _bubus_json_new_from_span (span));
}

static void
bubus_json_value_read_plain_number (const BubusJsonSpan *span,
                                    GValue              *value)
{
  guint64 without_sign;
  gint64 with_sign;
  double number;

  if (_bubus_json_span_get_int64 (span, &with_sign))
    g_value_set_int64 (g_value_init (value, G_TYPE_INT64), with_sign);
  else if (_bubus_json_span_get_uint64 (span, &without_sign))
    g_value_set_uint64 (g_value_init (value, G_TYPE_UINT64), without_sign);
  else if (_bubus_json_span_get_double (span, &number) &&
           (span->kind == BUBUS_JSON_KIND_DOUBLE || number == 0))
    g_value_set_double (g_value_init (value, G_TYPE_DOUBLE), number);
  else
    bubus_json_value_read_plain_json (span, value);
}

/* Reads into the type that JSON suggests: boolean, int64, uint64 above that, double or string; arrays, objects and
 * whatever one of those cannot hold stay JSON. @value is zeroed, and stays so for null. */
void
_bubus_json_value_read_plain (const BubusJsonSpan *span,
                              GValue              *value)
{
  switch (span->kind)
    {
    case BUBUS_JSON_KIND_NULL:
      break;
    case BUBUS_JSON_KIND_FALSE:
    case BUBUS_JSON_KIND_TRUE:
      g_value_set_boolean (g_value_init (value, G_TYPE_BOOLEAN), span->kind == BUBUS_JSON_KIND_TRUE);
      break;
    case BUBUS_JSON_KIND_INTEGER:
    case BUBUS_JSON_KIND_DOUBLE:
      bubus_json_value_read_plain_number (span, value);
      break;
    case BUBUS_JSON_KIND_STRING:
      if (span->flags & BUBUS_JSON_SPAN_NUL)
        bubus_json_value_read_plain_json (span, value);
      else
        g_value_take_string (g_value_init (value, G_TYPE_STRING), _bubus_json_span_dup_string (span, NULL));
      break;
    case BUBUS_JSON_KIND_ARRAY:
    case BUBUS_JSON_KIND_OBJECT:
    default:
      bubus_json_value_read_plain_json (span, value);
    }
}
