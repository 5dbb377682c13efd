/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-json-variant.h"

#include <string.h>

#include "base/bubus-json-writer-internal.h"
#include "bubus-json-value-internal.h"
#include "event/bubus-json-internal.h"

gboolean
_bubus_variant_is_text (const GVariantType *type)
{
  return g_variant_type_equal (type, G_VARIANT_TYPE_STRING) ||
         g_variant_type_equal (type, G_VARIANT_TYPE_OBJECT_PATH) ||
         g_variant_type_equal (type, G_VARIANT_TYPE_SIGNATURE);
}

gboolean
_bubus_variant_is_object (const GVariantType *type)
{
  if (g_variant_type_is_array (type))
    type = g_variant_type_element (type);
  return g_variant_type_is_dict_entry (type) && g_variant_type_is_definite (type) &&
         _bubus_variant_is_text (g_variant_type_key (type));
}

/* The key and the value of a dictionary entry, as a member. */
static void
bubus_variant_append_member (GString  *out,
                             GVariant *entry)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);

  _bubus_json_append_string (out, g_variant_get_string (key, NULL));
  g_string_append_c (out, ':');
  _bubus_json_append_variant (out, value);
}

static void
bubus_variant_append_object (GString  *out,
                             GVariant *variant)
{
  GVariantIter iter;
  GVariant *entry;

  g_string_append_c (out, '{');
  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_ARRAY))
    {
      bubus_variant_append_member (out, variant);
    }
  else
    {
      g_variant_iter_init (&iter, variant);
      while ((entry = g_variant_iter_next_value (&iter)) != NULL)
        {
          if (out->str[out->len - 1] != '{')
            g_string_append_c (out, ',');
          bubus_variant_append_member (out, entry);
          g_variant_unref (entry);
        }
    }
  g_string_append_c (out, '}');
}

/* In GLib 2.84 the elements of a short array that was made with g_variant_new_fixed_array() cannot be read one by one:
 * g_variant_get_child_value() takes its data for a #GBytes that is not there. A copy of the data has one. */
static GVariant *
bubus_variant_ref_readable_array (GVariant *variant)
{
  const char *type = g_variant_get_type_string (variant);
  g_autoptr (GBytes) bytes = NULL;

  if (type[0] != 'a' || strchr ("ybnqiuxtdh", type[1]) == NULL)
    return g_variant_ref (variant);

  bytes = g_bytes_new (g_variant_get_data (variant), g_variant_get_size (variant));
  return g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (variant), bytes, TRUE));
}

static void
bubus_variant_append_array (GString  *out,
                            GVariant *variant)
{
  g_autoptr (GVariant) array = bubus_variant_ref_readable_array (variant);
  GVariantIter iter;
  GVariant *child;

  g_string_append_c (out, '[');
  g_variant_iter_init (&iter, array);
  while ((child = g_variant_iter_next_value (&iter)) != NULL)
    {
      if (out->str[out->len - 1] != '[')
        g_string_append_c (out, ',');
      _bubus_json_append_variant (out, child);
      g_variant_unref (child);
    }
  g_string_append_c (out, ']');
}

/* What is wrapped: nothing is null. */
static void
bubus_variant_append_inner (GString  *out,
                            GVariant *inner)
{
  if (inner == NULL)
    {
      _bubus_json_append_literal (out, "null");
      return;
    }
  _bubus_json_append_variant (out, inner);
  g_variant_unref (inner);
}

static void
bubus_variant_append_boolean (GString  *out,
                              gboolean  value)
{
  if (value)
    _bubus_json_append_literal (out, "true");
  else
    _bubus_json_append_literal (out, "false");
}

void
_bubus_json_append_variant (GString  *out,
                            GVariant *variant)
{
  switch (g_variant_classify (variant))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      bubus_variant_append_boolean (out, g_variant_get_boolean (variant));
      break;
    case G_VARIANT_CLASS_BYTE:
      _bubus_json_append_uint64 (out, g_variant_get_byte (variant));
      break;
    case G_VARIANT_CLASS_INT16:
      _bubus_json_append_int64 (out, g_variant_get_int16 (variant));
      break;
    case G_VARIANT_CLASS_UINT16:
      _bubus_json_append_uint64 (out, g_variant_get_uint16 (variant));
      break;
    case G_VARIANT_CLASS_INT32:
      _bubus_json_append_int64 (out, g_variant_get_int32 (variant));
      break;
    case G_VARIANT_CLASS_UINT32:
      _bubus_json_append_uint64 (out, g_variant_get_uint32 (variant));
      break;
    case G_VARIANT_CLASS_INT64:
      _bubus_json_append_int64 (out, g_variant_get_int64 (variant));
      break;
    case G_VARIANT_CLASS_UINT64:
      _bubus_json_append_uint64 (out, g_variant_get_uint64 (variant));
      break;
    case G_VARIANT_CLASS_HANDLE:
      _bubus_json_append_int64 (out, g_variant_get_handle (variant));
      break;
    case G_VARIANT_CLASS_DOUBLE:
      _bubus_json_append_double (out, g_variant_get_double (variant));
      break;
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      _bubus_json_append_string (out, g_variant_get_string (variant, NULL));
      break;
    case G_VARIANT_CLASS_VARIANT:
      bubus_variant_append_inner (out, g_variant_get_variant (variant));
      break;
    case G_VARIANT_CLASS_MAYBE:
      bubus_variant_append_inner (out, g_variant_get_maybe (variant));
      break;
    case G_VARIANT_CLASS_ARRAY:
    case G_VARIANT_CLASS_TUPLE:
    case G_VARIANT_CLASS_DICT_ENTRY:
    default:
      if (_bubus_variant_is_object (g_variant_get_type (variant)))
        bubus_variant_append_object (out, variant);
      else
        bubus_variant_append_array (out, variant);
    }
}

/**
 * bubus_json_new_from_variant: (constructor)
 * @value: a variant; when it is floating, it is consumed
 *
 * Writes a variant as JSON.
 *
 * Dictionaries whose keys are text become objects, other dictionaries arrays of pairs; arrays and tuples become
 * arrays, and so do byte strings: arrays of numbers. Object paths and signatures become strings, handles numbers. A
 * variant inside becomes what it holds, and so does a maybe, or null. NaN and infinity have no JSON form: they become
 * null.
 *
 * Returns: (transfer full): the JSON text
 *
 * Since: 1.0
 */
BubusJson *
bubus_json_new_from_variant (GVariant *value)
{
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GString) out = NULL;

  g_return_val_if_fail (value != NULL, NULL);

  owned = g_variant_ref_sink (value);
  out = g_string_new (NULL);
  _bubus_json_append_variant (out, owned);
  return _bubus_json_new_trusted (out->str, out->len);
}

/**
 * bubus_json_new_from_value:
 * @value: a value
 *
 * Writes as JSON what a handler may return.
 *
 * Returns: (transfer full) (nullable): the JSON text, or %NULL when values of this type have no JSON form, as objects
 *   and most boxed types have none
 *
 * Since: 1.0
 */
BubusJson *
bubus_json_new_from_value (const GValue *value)
{
  g_autoptr (GString) out = NULL;

  g_return_val_if_fail (G_IS_VALUE (value), NULL);

  if (!_bubus_json_value_has_form (G_VALUE_TYPE (value)))
    return NULL;

  out = g_string_new (NULL);
  _bubus_json_value_append (value, out);
  return _bubus_json_new_trusted (out->str, out->len);
}

static gboolean
bubus_json_read_span (BubusJson       *self,
                      BubusJsonPlace  *place,
                      BubusJsonSpan   *span,
                      GError         **error)
{
  BubusJsonScanner scanner;

  *place = (BubusJsonPlace) { bubus_json_get_text (self), "value", BUBUS_ERROR_INVALID_JSON };
  _bubus_json_scanner_init (&scanner, place->text, bubus_json_get_size (self));
  return _bubus_json_scanner_read_document (&scanner, span, error);
}

/**
 * bubus_json_to_value:
 * @self: a JSON text
 * @type: the type that the value must have, or %G_TYPE_INVALID to let the text decide
 * @variant_type: (nullable): for a @type of %G_TYPE_VARIANT, the type that the variant must have
 * @value: (out caller-allocates): an unset value
 * @error: (nullable): where to put what is wrong
 *
 * Reads JSON as a value, and nothing that is only like it: 5.0 is no integer, and "5" no number. When the text decides,
 * objects and arrays stay JSON, and null leaves @value unset.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON, whose message says what was found, where, and what was wanted.
 *
 * Returns: whether @value has been set
 *
 * Since: 1.0
 */
gboolean
bubus_json_to_value (BubusJson           *self,
                     GType                type,
                     const GVariantType  *variant_type,
                     GValue              *value,
                     GError             **error)
{
  BubusJsonPlace place;
  BubusJsonSpan span;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (value != NULL && !G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!bubus_json_read_span (self, &place, &span, error))
    return FALSE;
  if (type == G_TYPE_INVALID)
    {
      _bubus_json_value_read_plain (&span, value);
      return TRUE;
    }

  g_value_init (value, type);
  if (_bubus_json_value_read (&place, &span, variant_type, value, error))
    return TRUE;
  g_value_unset (value);
  return FALSE;
}

/**
 * bubus_json_to_variant:
 * @self: a JSON text
 * @type: (nullable): the type that the variant must have, or %NULL to let the text decide
 * @error: (nullable): where to put what is wrong
 *
 * Reads JSON as a variant.
 *
 * With a definite @type every value must fit exactly: integers lie in the range of their type, tuples have as many
 * elements as their type, a string is no number. An integer is accepted for a double, and null for any maybe.
 *
 * Without one, or with an indefinite one, objects become `a{sv}`, arrays `av`, strings `s`, booleans `b`, integers
 * `x`, or `t` when only that can hold them, all other numbers `d`, and null `mv`.
 *
 * Containers, among which variants, maybes and dictionary entries count, may lie in each other as deep as variants
 * allow: 127.
 *
 * Fails with %BUBUS_ERROR_INVALID_JSON, whose message says what was found, where, and what was wanted.
 *
 * Returns: (transfer full): the variant, or %NULL
 *
 * Since: 1.0
 */
GVariant *
bubus_json_to_variant (BubusJson           *self,
                       const GVariantType  *type,
                       GError             **error)
{
  BubusJsonPlace place;
  BubusJsonSpan span;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!bubus_json_read_span (self, &place, &span, error))
    return NULL;
  return _bubus_json_read_variant (&place, &span, type, error);
}
