/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-result-value-private.h"

#include "base/bubus-error.h"
#include "event/bubus-event-internal.h"

static char *
bubus_value_describe_type (const GValue *value)
{
  if (G_VALUE_HOLDS_VARIANT (value))
    return g_strdup_printf ("GVariant of type %s", g_variant_get_type_string (g_value_get_variant (value)));
  if (G_VALUE_HOLDS_OBJECT (value))
    return g_strdup (G_OBJECT_TYPE_NAME (g_value_get_object (value)));
  return g_strdup (G_VALUE_TYPE_NAME (value));
}

/* What a binding wraps its own objects in cannot be kept, written, or read by another language. */
static gboolean
bubus_value_is_opaque (const GValue *value)
{
  const char *name;

  if (G_VALUE_HOLDS_POINTER (value))
    return TRUE;
  if (!G_VALUE_HOLDS_BOXED (value))
    return FALSE;

  name = G_VALUE_TYPE_NAME (value);
  return g_str_equal (name, "PyObject") || g_str_equal (name, "JSObject");
}

static gboolean
bubus_value_is_of_type (const GValue       *value,
                        GType               type,
                        const GVariantType *variant_type)
{
  if (variant_type != NULL)
    return G_VALUE_HOLDS_VARIANT (value) && g_variant_is_of_type (g_value_get_variant (value), variant_type);
  if (G_VALUE_HOLDS_OBJECT (value))
    return g_type_is_a (G_OBJECT_TYPE (g_value_get_object (value)), type);
  return G_VALUE_TYPE (value) == type;
}

static char *
bubus_type_describe (GType               type,
                     const GVariantType *variant_type)
{
  if (variant_type != NULL)
    return g_strdup_printf ("GVariant of type %.*s", (int) g_variant_type_get_string_length (variant_type),
                            g_variant_type_peek_string (variant_type));
  return g_strdup (g_type_name (type));
}

static gboolean
bubus_result_accepts (const GValue       *value,
                      GType               type,
                      const GVariantType *variant_type)
{
  if (G_LIKELY (G_VALUE_TYPE (value) == type && variant_type == NULL))
    return TRUE;
  if (_bubus_value_is_null (value))
    return TRUE;
  if (type == G_TYPE_INVALID)
    return _bubus_value_is_number (value) || !bubus_value_is_opaque (value);
  return bubus_value_is_of_type (value, type, variant_type);
}

static void
bubus_result_refuse_value (BubusEventResult    *self,
                           const GValue        *value,
                           GType                type,
                           const GVariantType  *variant_type,
                           GError             **error)
{
  g_autofree char *found = bubus_value_describe_type (value);
  g_autofree char *expected = NULL;

  expected = type == G_TYPE_INVALID ? g_strdup ("a value that others can read") : bubus_type_describe (type, variant_type);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE,
               "%s of “%s” returned %s, but its event type declares %s", self->handler->name,
               bubus_event_get_event_type (_bubus_result_get_event (self)), found, expected);
}

/* No coercion: exactly the declared type, or nothing. */
gboolean
_bubus_result_check_value (BubusEventResult  *self,
                           const GValue      *value,
                           GError           **error)
{
  BubusEvent *event = _bubus_result_get_event (self);
  const GVariantType *variant_type = _bubus_event_get_description (event)->result_variant_type;
  GType type = _bubus_event_get_result_gtype (event);

  if (bubus_result_accepts (value, type, variant_type))
    return TRUE;

  bubus_result_refuse_value (self, value, type, variant_type, error);
  return FALSE;
}
