/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-schema.h"

#include "base/bubus-json-writer-internal.h"
#include "bubus-json-value-internal.h"
#include "bubus-result-schema-internal.h"
#include "event/bubus-json-internal.h"

static void
bubus_event_schema_append_signed (GString *out,
                                  gint64   minimum,
                                  gint64   maximum)
{
  _bubus_json_append_literal (out, "\"type\":\"integer\",\"minimum\":");
  _bubus_json_append_int64 (out, minimum);
  _bubus_json_append_literal (out, ",\"maximum\":");
  _bubus_json_append_int64 (out, maximum);
}

static void
bubus_event_schema_append_unsigned (GString *out,
                                    guint64  minimum,
                                    guint64  maximum)
{
  _bubus_json_append_literal (out, "\"type\":\"integer\",\"minimum\":");
  _bubus_json_append_uint64 (out, minimum);
  _bubus_json_append_literal (out, ",\"maximum\":");
  _bubus_json_append_uint64 (out, maximum);
}

/* Bounds that only say what a double can hold are left out. */
static void
bubus_event_schema_append_number (GString *out,
                                  double   minimum,
                                  double   maximum,
                                  double   limit)
{
  _bubus_json_append_literal (out, "\"type\":\"number\"");
  if (minimum > -limit)
    {
      _bubus_json_append_literal (out, ",\"minimum\":");
      _bubus_json_append_double (out, minimum);
    }
  if (maximum < limit)
    {
      _bubus_json_append_literal (out, ",\"maximum\":");
      _bubus_json_append_double (out, maximum);
    }
}

static gboolean
bubus_event_schema_append_integer (GString    *out,
                                   GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_INT (pspec))
    bubus_event_schema_append_signed (out, G_PARAM_SPEC_INT (pspec)->minimum, G_PARAM_SPEC_INT (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_INT64 (pspec))
    bubus_event_schema_append_signed (out, G_PARAM_SPEC_INT64 (pspec)->minimum, G_PARAM_SPEC_INT64 (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_LONG (pspec))
    bubus_event_schema_append_signed (out, G_PARAM_SPEC_LONG (pspec)->minimum, G_PARAM_SPEC_LONG (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_CHAR (pspec))
    bubus_event_schema_append_signed (out, G_PARAM_SPEC_CHAR (pspec)->minimum, G_PARAM_SPEC_CHAR (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    bubus_event_schema_append_unsigned (out, G_PARAM_SPEC_UINT (pspec)->minimum, G_PARAM_SPEC_UINT (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    bubus_event_schema_append_unsigned (out, G_PARAM_SPEC_UINT64 (pspec)->minimum,
                                        G_PARAM_SPEC_UINT64 (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_ULONG (pspec))
    bubus_event_schema_append_unsigned (out, G_PARAM_SPEC_ULONG (pspec)->minimum, G_PARAM_SPEC_ULONG (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_UCHAR (pspec))
    bubus_event_schema_append_unsigned (out, G_PARAM_SPEC_UCHAR (pspec)->minimum, G_PARAM_SPEC_UCHAR (pspec)->maximum);
  else
    return FALSE;
  return TRUE;
}

static gboolean
bubus_event_schema_append_scalar (GString    *out,
                                  GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    _bubus_json_append_literal (out, "\"type\":\"boolean\"");
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    _bubus_json_append_literal (out, "\"type\":\"string\"");
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    bubus_event_schema_append_number (out, G_PARAM_SPEC_DOUBLE (pspec)->minimum, G_PARAM_SPEC_DOUBLE (pspec)->maximum,
                                      G_MAXDOUBLE);
  else if (G_IS_PARAM_SPEC_FLOAT (pspec))
    bubus_event_schema_append_number (out, G_PARAM_SPEC_FLOAT (pspec)->minimum, G_PARAM_SPEC_FLOAT (pspec)->maximum,
                                      G_MAXFLOAT);
  else
    return bubus_event_schema_append_integer (out, pspec);
  return TRUE;
}

/* The members of the schema of one property, without the braces. */
static void
bubus_event_schema_append_type (GString         *out,
                                const BubusSlot *slot)
{
  GType type = slot->pspec->value_type;

  if (bubus_event_schema_append_scalar (out, slot->pspec))
    return;

  if (G_TYPE_IS_ENUM (type))
    {
      _bubus_json_append_literal (out, "\"type\":\"string\",\"enum\":");
      _bubus_schema_append_nicks (out, type);
    }
  else if (G_TYPE_IS_FLAGS (type))
    {
      _bubus_json_append_literal (out, "\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":");
      _bubus_schema_append_nicks (out, type);
      g_string_append_c (out, '}');
    }
  else if (type == G_TYPE_STRV)
    _bubus_json_append_literal (out, "\"type\":\"array\",\"items\":{\"type\":\"string\"}");
  else if (G_IS_PARAM_SPEC_VARIANT (slot->pspec))
    _bubus_schema_append_variant_type (out, G_PARAM_SPEC_VARIANT (slot->pspec)->type);
  else if (!_bubus_json_value_has_form (type))
    _bubus_json_append_literal (out, "\"type\":\"null\"");
}

/* What may be null says so; what accepts anything, and what is always null, does already. */
static void
bubus_event_schema_append_property (GString         *out,
                                    const BubusSlot *slot)
{
  gboolean nullable = slot->optional && _bubus_json_value_has_form (slot->pspec->value_type);
  gsize before;

  g_string_append (out, nullable ? "{\"anyOf\":[{" : "{");
  before = out->len;
  bubus_event_schema_append_type (out, slot);
  if (nullable && out->len == before)
    g_string_truncate (out, before - strlen ("\"anyOf\":[{"));
  else if (nullable)
    _bubus_json_append_literal (out, "},{\"type\":\"null\"}]");
  g_string_append_c (out, '}');
}

static void
bubus_event_schema_append_properties (GString              *out,
                                      const BubusEventType *type)
{
  _bubus_json_append_literal (out, ",\"properties\":{");
  for (guint i = 0; i < type->slots->len; i++)
    {
      const BubusSlot *slot = &g_array_index (type->slots, BubusSlot, i);

      if (i > 0)
        g_string_append_c (out, ',');
      _bubus_json_append_string (out, slot->member);
      g_string_append_c (out, ':');
      bubus_event_schema_append_property (out, slot);
    }
  g_string_append_c (out, '}');
}

static int
bubus_event_schema_compare (gconstpointer a,
                            gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, as everywhere on the wire (B-1.30). */
static void
bubus_event_schema_append_required (GString              *out,
                                    const BubusEventType *type)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < type->slots->len; i++)
    {
      const BubusSlot *slot = &g_array_index (type->slots, BubusSlot, i);

      if (!slot->optional)
        g_ptr_array_add (names, (gpointer) slot->member);
    }
  g_ptr_array_sort (names, bubus_event_schema_compare);

  _bubus_json_append_literal (out, ",\"required\":[");
  for (guint i = 0; i < names->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      _bubus_json_append_string (out, names->pdata[i]);
    }
  g_string_append_c (out, ']');
}

static void
bubus_event_schema_append_event (GString              *out,
                                 const BubusEventType *type)
{
  _bubus_json_append_literal (out, ",\"event_version\":");
  _bubus_json_append_string (out, type->version);
  _bubus_json_append_literal (out, ",\"event_timeout\":");
  if (type->settings.times[BUBUS_EVENT_TIME_HANDLER] < 0)
    _bubus_json_append_literal (out, "null");
  else
    _bubus_json_append_double (out, type->settings.times[BUBUS_EVENT_TIME_HANDLER]);
  _bubus_json_append_literal (out, ",\"event_result_type\":");
  _bubus_result_schema_append (out, type);
}

/**
 * bubus_event_class_dup_schema:
 * @klass: an event class
 *
 * Describes the payload of a class as a JSON Schema (draft 2020-12).
 *
 * The schema's `title` is the event type; its `properties` are those of the class, inherited ones first, in the order
 * in which they were installed, with their types, the range that is accepted and the nicks of enumerations and flags;
 * `required` names those that must be there. What may be missing may also be null. Three members that are no keywords
 * of JSON Schema describe the event itself: `event_version`, `event_timeout` (seconds, or null for that of the bus)
 * and `event_result_type` (a schema, or null when handlers may return anything).
 *
 * The text is the same whenever it is asked for. May be called from any thread.
 *
 * Returns: (transfer full): the schema
 *
 * Since: 1.0
 */
BubusJson *
bubus_event_class_dup_schema (BubusEventClass *klass)
{
  g_autoptr (GString) out = NULL;
  const BubusEventType *type;

  g_return_val_if_fail (BUBUS_IS_EVENT_CLASS (klass), NULL);

  _bubus_event_type_finish (klass);
  type = klass->_type;
  out = g_string_new ("{" BUBUS_SCHEMA_DIALECT ",\"title\":");
  _bubus_json_append_string (out, type->name);
  _bubus_json_append_literal (out, ",\"type\":\"object\"");
  bubus_event_schema_append_properties (out, type);
  bubus_event_schema_append_required (out, type);
  bubus_event_schema_append_event (out, type);
  g_string_append_c (out, '}');
  return _bubus_json_new_trusted (out->str, out->len);
}
