/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-result-schema-internal.h"

#include "base/bubus-json-writer-internal.h"
#include "event/bubus-json.h"

/* The types that have a name in JSON Schema 2020-12; the first of several with the same name is what is read. */
static const struct { const char *name; GType type; } named_types[] = {
  { "boolean", G_TYPE_BOOLEAN },
  { "integer", G_TYPE_INT64 },
  { "integer", G_TYPE_INT },
  { "integer", G_TYPE_UINT },
  { "integer", G_TYPE_UINT64 },
  { "integer", G_TYPE_LONG },
  { "integer", G_TYPE_ULONG },
  { "integer", G_TYPE_CHAR },
  { "integer", G_TYPE_UCHAR },
  { "number", G_TYPE_DOUBLE },
  { "number", G_TYPE_FLOAT },
  { "string", G_TYPE_STRING },
};

/* How Python prints types (B-1.25), as schemas. */
#define SCHEMA(text) "{" BUBUS_SCHEMA_DIALECT "," text "}"
static const struct { const char *text; const char *schema; } python_types[] = {
  { "<class 'NoneType'>", SCHEMA ("\"type\":\"null\"") },
  { "<class 'bool'>", SCHEMA ("\"type\":\"boolean\"") },
  { "<class 'dict'>", SCHEMA ("\"type\":\"object\"") },
  { "<class 'float'>", SCHEMA ("\"type\":\"number\"") },
  { "<class 'int'>", SCHEMA ("\"type\":\"integer\"") },
  { "<class 'list'>", SCHEMA ("\"type\":\"array\"") },
  { "<class 'str'>", SCHEMA ("\"type\":\"string\"") },
  { "dict[str, bool]", SCHEMA ("\"type\":\"object\",\"additionalProperties\":{\"type\":\"boolean\"}") },
  { "dict[str, float]", SCHEMA ("\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}") },
  { "dict[str, int]", SCHEMA ("\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}") },
  { "dict[str, str]", SCHEMA ("\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}") },
  { "list[bool]", SCHEMA ("\"type\":\"array\",\"items\":{\"type\":\"boolean\"}") },
  { "list[dict]", SCHEMA ("\"type\":\"array\",\"items\":{\"type\":\"object\"}") },
  { "list[float]", SCHEMA ("\"type\":\"array\",\"items\":{\"type\":\"number\"}") },
  { "list[int]", SCHEMA ("\"type\":\"array\",\"items\":{\"type\":\"integer\"}") },
  { "list[str]", SCHEMA ("\"type\":\"array\",\"items\":{\"type\":\"string\"}") },
};

/* The schema that says the same as the text that the original wrote; NULL when there is none. */
const char *
_bubus_result_schema_from_python (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (python_types); i++)
    if (g_str_equal (text, python_types[i].text))
      return python_types[i].schema;
  return NULL;
}

/* ---- variant types ---- */

static void
bubus_schema_append_items (GString            *out,
                           const GVariantType *type)
{
  _bubus_json_append_literal (out, "\"type\":\"array\",\"items\":{");
  _bubus_schema_append_variant_type (out, g_variant_type_element (type));
  g_string_append_c (out, '}');
}

static void
bubus_schema_append_map (GString            *out,
                         const GVariantType *value_type)
{
  _bubus_json_append_literal (out, "\"type\":\"object\",\"additionalProperties\":{");
  _bubus_schema_append_variant_type (out, value_type);
  g_string_append_c (out, '}');
}

static void
bubus_schema_append_tuple (GString            *out,
                           const GVariantType *type)
{
  guint n_items = (guint) g_variant_type_n_items (type);
  const GVariantType *item = g_variant_type_first (type);

  _bubus_json_append_literal (out, "\"type\":\"array\"");
  if (n_items > 0)
    _bubus_json_append_literal (out, ",\"prefixItems\":[");
  for (guint i = 0; i < n_items; i++, item = g_variant_type_next (item))
    {
      g_string_append (out, i > 0 ? ",{" : "{");
      _bubus_schema_append_variant_type (out, item);
      g_string_append_c (out, '}');
    }
  if (n_items > 0)
    g_string_append_c (out, ']');
  g_string_append_printf (out, ",\"items\":false,\"minItems\":%u", n_items);
}

static void
bubus_schema_append_maybe (GString            *out,
                           const GVariantType *type)
{
  _bubus_json_append_literal (out, "\"anyOf\":[{");
  _bubus_schema_append_variant_type (out, g_variant_type_element (type));
  _bubus_json_append_literal (out, "},{\"type\":\"null\"}]");
}

static void
bubus_schema_append_basic (GString            *out,
                           const GVariantType *type)
{
  static const struct { char letter; const char *schema; } schemas[] = {
    { 'b', "\"type\":\"boolean\"" },
    { 'y', "\"type\":\"integer\",\"minimum\":0,\"maximum\":255" },
    { 'n', "\"type\":\"integer\",\"minimum\":-32768,\"maximum\":32767" },
    { 'q', "\"type\":\"integer\",\"minimum\":0,\"maximum\":65535" },
    { 'i', "\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647" },
    { 'h', "\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647" },
    { 'u', "\"type\":\"integer\",\"minimum\":0,\"maximum\":4294967295" },
    { 'x', "\"type\":\"integer\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807" },
    { 't', "\"type\":\"integer\",\"minimum\":0,\"maximum\":18446744073709551615" },
    { 'd', "\"type\":\"number\"" },
    { 's', "\"type\":\"string\"" },
    { 'o', "\"type\":\"string\"" },
    { 'g', "\"type\":\"string\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    if (*g_variant_type_peek_string (type) == schemas[i].letter)
      g_string_append (out, schemas[i].schema);
}

/* A dictionary entry whose key is text, or an array of such. */
static const GVariantType *
bubus_schema_get_map_value (const GVariantType *type)
{
  if (g_variant_type_is_array (type))
    type = g_variant_type_element (type);
  if (g_variant_type_is_dict_entry (type) && strchr ("sog", g_variant_type_peek_string (type)[1]) != NULL)
    return g_variant_type_value (type);
  return NULL;
}

/* The members of a schema object, without the braces; nothing for a type that leaves it open. */
void
_bubus_schema_append_variant_type (GString            *out,
                                   const GVariantType *type)
{
  const GVariantType *map_value = bubus_schema_get_map_value (type);

  if (map_value != NULL)
    bubus_schema_append_map (out, map_value);
  else if (g_variant_type_is_maybe (type))
    bubus_schema_append_maybe (out, type);
  else if (g_variant_type_is_array (type))
    bubus_schema_append_items (out, type);
  else if (g_variant_type_equal (type, G_VARIANT_TYPE_TUPLE))
    _bubus_json_append_literal (out, "\"type\":\"array\"");
  else if (g_variant_type_is_tuple (type))
    bubus_schema_append_tuple (out, type);
  else if (g_variant_type_is_dict_entry (type))
    _bubus_json_append_literal (out, "\"type\":\"array\",\"minItems\":2,\"maxItems\":2");
  else
    bubus_schema_append_basic (out, type);
}

/* ---- results ---- */

static void
bubus_schema_append_nick (GString    *out,
                          const char *nick,
                          guint       index)
{
  if (index > 0)
    g_string_append_c (out, ',');
  _bubus_json_append_string (out, nick);
}

/* The nicks of an enumeration, or of flags, as an array. */
void
_bubus_schema_append_nicks (GString *out,
                            GType    type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  const GEnumClass *enumeration = G_IS_ENUM_CLASS (klass) ? (GEnumClass *) klass : NULL;
  const GFlagsClass *flags = G_IS_FLAGS_CLASS (klass) ? (GFlagsClass *) klass : NULL;

  g_string_append_c (out, '[');
  for (guint i = 0; enumeration != NULL && i < enumeration->n_values; i++)
    bubus_schema_append_nick (out, enumeration->values[i].value_nick, i);
  for (guint i = 0; flags != NULL && i < flags->n_values; i++)
    bubus_schema_append_nick (out, flags->values[i].value_nick, i);
  g_string_append_c (out, ']');
}

static const char *
bubus_result_schema_get_name (GType type)
{
  for (guint i = 0; i < G_N_ELEMENTS (named_types); i++)
    if (named_types[i].type == type)
      return named_types[i].name;
  return NULL;
}

/* Results are checked by the bus, exactly; the schema is for others, and says no more than the kind of value. */
static void
bubus_result_schema_append_type (GString              *out,
                                 const BubusEventType *type)
{
  const char *name = bubus_result_schema_get_name (type->result_gtype);

  if (name != NULL)
    {
      _bubus_json_append_literal (out, ",\"type\":");
      _bubus_json_append_string (out, name);
    }
  else if (type->result_gtype == G_TYPE_STRV)
    _bubus_json_append_literal (out, ",\"type\":\"array\",\"items\":{\"type\":\"string\"}");
  else if (G_TYPE_IS_ENUM (type->result_gtype))
    {
      _bubus_json_append_literal (out, ",\"type\":\"string\",\"enum\":");
      _bubus_schema_append_nicks (out, type->result_gtype);
    }
  else if (type->result_variant_type != NULL)
    {
      gsize before = out->len;

      g_string_append_c (out, ',');
      _bubus_schema_append_variant_type (out, type->result_variant_type);
      if (out->len == before + 1)
        g_string_truncate (out, before);
    }
}

/* null when anything may be returned (B-1.30). */
void
_bubus_result_schema_append (GString              *out,
                             const BubusEventType *type)
{
  if (type->result_gtype == G_TYPE_INVALID)
    {
      _bubus_json_append_literal (out, "null");
      return;
    }

  _bubus_json_append_literal (out, "{" BUBUS_SCHEMA_DIALECT);
  bubus_result_schema_append_type (out, type);
  g_string_append_c (out, '}');
}

static GType
bubus_result_schema_lookup (const BubusJsonSpan *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (named_types); i++)
    if (_bubus_json_span_equals (name, named_types[i].name))
      return named_types[i].type;
  if (_bubus_json_span_equals (name, "array") || _bubus_json_span_equals (name, "object"))
    return BUBUS_TYPE_JSON;
  return G_TYPE_INVALID;
}

/* What a schema that was read demands of handlers: the type that its “type” names. Schemas that combine others
 * demand nothing. */
GType
_bubus_result_schema_parse (const BubusJsonSpan *span)
{
  GType type = G_TYPE_INVALID;
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  if (span->kind != BUBUS_JSON_KIND_OBJECT)
    return G_TYPE_INVALID;

  _bubus_json_scanner_init_span (&scanner, span->start, span);
  _bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL);
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
    if (value.kind == BUBUS_JSON_KIND_STRING && _bubus_json_span_equals (&name, "type"))
      type = bubus_result_schema_lookup (&value);
  return type;
}
