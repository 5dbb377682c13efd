/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"
#include "codec/bubus-json-variant.h"

/* What is answered at an address, as far as somebody has said it. Nothing is converted: numbers and texts are of one type
 * only, unless they come as JSON, which has fewer. */

static const struct
{
  GType       type;
  const char *variant_type;
} plain_types[] = {
  { G_TYPE_BOOLEAN, "b" }, { G_TYPE_INT, "i" },     { G_TYPE_UINT, "u" },   { G_TYPE_INT64, "x" },
  { G_TYPE_UINT64, "t" },  { G_TYPE_DOUBLE, "d" }, { G_TYPE_STRING, "s" },
};

static gboolean
bubus_json_is_of_type (BubusJson          *json,
                       const GVariantType *type)
{
  g_autoptr (GVariant) variant = bubus_json_to_variant (json, type, NULL);

  return variant != NULL;
}

static gboolean
bubus_value_is_plainly_of_type (const GValue       *value,
                                const GVariantType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (plain_types); i++)
    if (G_VALUE_TYPE (value) == plain_types[i].type)
      return g_variant_type_equal (G_VARIANT_TYPE (plain_types[i].variant_type), type);
  return FALSE;
}

static gboolean
bubus_value_is_of_variant_type (const GValue       *value,
                                const GVariantType *type)
{
  if (G_VALUE_HOLDS_VARIANT (value))
    return g_variant_is_of_type (g_value_get_variant (value), type);
  if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    return bubus_json_is_of_type (g_value_get_boxed (value), type);
  return bubus_value_is_plainly_of_type (value, type);
}

/* @value is nullable: nothing is accepted everywhere, as of results. */
gboolean
_bubus_messenger_check_answer (BubusMessenger  *self,
                               const char      *address,
                               const GValue    *value,
                               GError         **error)
{
  const GVariantType *type = bubus_messenger_get_reply_type (self, address);

  if (type == NULL || value == NULL || bubus_value_is_of_variant_type (value, type))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_RECIPIENT_FAILURE,
               "“%s” failed: it answered with a %s%s%s, and answers there are of the type “%.*s”", address,
               G_VALUE_TYPE_NAME (value), G_VALUE_HOLDS_VARIANT (value) ? " of type " : "",
               G_VALUE_HOLDS_VARIANT (value) ? g_variant_get_type_string (g_value_get_variant (value)) : "",
               (int) g_variant_type_get_string_length (type), g_variant_type_peek_string (type));
  return FALSE;
}

/* @type is nullable. May be called from any thread. */
gboolean
_bubus_reply_type_check_part (const GVariantType  *type,
                              const char          *address,
                              BubusJson           *part,
                              GError             **error)
{
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) reason = NULL;

  if (type == NULL)
    return TRUE;

  variant = bubus_json_to_variant (part, type, &reason);
  if (variant != NULL)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE, "A part of “%s” is not of the type “%.*s”: %s", address,
               (int) g_variant_type_get_string_length (type), g_variant_type_peek_string (type), reason->message);
  return FALSE;
}

/**
 * bubus_messenger_set_reply_type:
 * @self: a messenger
 * @address: an address
 * @type: (nullable): of what type answers there are, or %NULL if they may be anything
 *
 * Says of what type the answers at an address are, whether or not somebody is there.
 *
 * Who asks gets %BUBUS_ERROR_RECIPIENT_FAILURE, in place of an answer of another type. A part of a stream that is of
 * another type is refused where it is sent, with %BUBUS_ERROR_RESULT_TYPE. Nothing is converted, except that JSON has to
 * fit as with [method@Json.to_variant]; and an answer may always be nothing.
 *
 * It holds for what is asked from now on.
 *
 * Since: 1.0
 */
void
bubus_messenger_set_reply_type (BubusMessenger     *self,
                                const char         *address,
                                const GVariantType *type)
{
  g_return_if_fail (BUBUS_IS_MESSENGER (self));
  g_return_if_fail (address != NULL && *address != '\0');

  if (self->reply_types == NULL)
    self->reply_types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_type_free);
  if (type != NULL)
    g_hash_table_insert (self->reply_types, g_strdup (address), g_variant_type_copy (type));
  else
    g_hash_table_remove (self->reply_types, address);
}

/**
 * bubus_messenger_get_reply_type:
 * @self: a messenger
 * @address: an address
 *
 * Says of what type the answers at an address are.
 *
 * Returns: (transfer none) (nullable): the type, or %NULL if they may be anything
 *
 * Since: 1.0
 */
const GVariantType *
bubus_messenger_get_reply_type (BubusMessenger *self,
                                const char     *address)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);
  g_return_val_if_fail (address != NULL, NULL);

  return self->reply_types != NULL ? g_hash_table_lookup (self->reply_types, address) : NULL;
}
