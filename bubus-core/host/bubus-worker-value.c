/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-value-private.h"

#include "base/bubus-error.h"
#include "codec/bubus-json-variant.h"

/* A value is written as JSON, with the name of its type, so that it comes out as what it was (R-14): that of a variant
 * begins with “@”. A type that the other side does not know is taken for what JSON has. */

static void
bubus_worker_add_type (GString      *out,
                       const GValue *value)
{
  g_autofree char *type = NULL;

  if (G_VALUE_HOLDS_VARIANT (value) && g_value_get_variant (value) != NULL)
    type = g_strconcat ("@", g_variant_get_type_string (g_value_get_variant (value)), NULL);
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_TYPE, type != NULL ? type : G_VALUE_TYPE_NAME (value));
}

static void
bubus_worker_add_value (GString      *out,
                        const GValue *value)
{
  g_autoptr (BubusJson) json = bubus_json_new_from_value (value);
  g_autoptr (GError) error = NULL;

  if (json != NULL)
    {
      bubus_worker_add_type (out, value);
      _bubus_worker_message_add_key (out, BUBUS_WORKER_KEY_VALUE);
      g_string_append_len (out, bubus_json_get_text (json), (gssize) bubus_json_get_size (json));
      return;
    }

  error = g_error_new (BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE, "A %s cannot leave its process", G_VALUE_TYPE_NAME (value));
  _bubus_worker_message_add_error (out, error);
}

/* The value or the error of a result that is final; nothing for nothing. */
void
_bubus_worker_add_result (GString          *out,
                          BubusEventResult *result)
{
  const GError *error = bubus_event_result_get_error (result);
  const GValue *value = bubus_event_result_get_value (result);

  if (error != NULL)
    _bubus_worker_message_add_error (out, error);
  else if (value != NULL)
    bubus_worker_add_value (out, value);
}

static gboolean
bubus_worker_read_type (const char          *name,
                        GType               *type,
                        const GVariantType **variant_type)
{
  *type = G_TYPE_INVALID;
  *variant_type = NULL;
  if (name == NULL)
    return TRUE;
  if (*name != '@')
    {
      *type = g_type_from_name (name);
      return TRUE;
    }
  if (!g_variant_type_string_is_valid (name + 1) || !g_variant_type_is_definite (G_VARIANT_TYPE (name + 1)))
    return FALSE;

  *type = G_TYPE_VARIANT;
  *variant_type = G_VARIANT_TYPE (name + 1);
  return TRUE;
}

/* Leaves @value unset when there is none. */
gboolean
_bubus_worker_read_value (const BubusWorkerMessage  *message,
                          GValue                    *value,
                          GError                   **error)
{
  const BubusJsonSpan *span = &message->members[BUBUS_WORKER_KEY_VALUE];
  g_autofree char *name = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_TYPE);
  const GVariantType *variant_type;
  g_autoptr (BubusJson) json = NULL;
  GType type;

  if (span->start == NULL)
    return TRUE;
  if (!bubus_worker_read_type (name, &type, &variant_type))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON, "“%s” is not the type of a variant", name + 1);
      return FALSE;
    }

  if (span->kind == BUBUS_JSON_KIND_NULL && type != G_TYPE_VARIANT)
    return TRUE;
  json = bubus_json_new (span->start, (gssize) span->length, error);
  return json != NULL && bubus_json_to_value (json, type, variant_type, value, error);
}
