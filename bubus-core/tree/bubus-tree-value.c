/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-tree-value-internal.h"

#include "base/bubus-json-scanner-internal.h"
#include "bubus-tree-words-internal.h"
#include "event/bubus-json.h"

/* What handlers return, in a few words (B-10.6). Of anything that has parts only their number is told, and of an event
 * only its name: trees are put in logs, where payload must not be. */

static void
bubus_tree_append_none (GString *out)
{
  g_string_append (out, "None");
}

static void
bubus_tree_append_quoted (GString        *out,
                          BubusTreeFlags  flags,
                          const char     *string)
{
  if (string == NULL)
    {
      bubus_tree_append_none (out);
      return;
    }

  g_string_append_c (out, '"');
  _bubus_tree_append_safe (out, flags, string, BUBUS_TREE_MAX_CHARACTERS, "\"\\");
  g_string_append_c (out, '"');
}

static void
bubus_tree_append_size (GString    *out,
                        const char *kind,
                        gsize       n_items)
{
  g_string_append_printf (out, "%s(%" G_GSIZE_FORMAT " items)", kind, n_items);
}

static void
bubus_tree_append_opaque (GString        *out,
                          BubusTreeFlags  flags,
                          const char     *type_name)
{
  _bubus_tree_append_name (out, flags, type_name);
  g_string_append (out, "(...)");
}

/* ---- JSON ---- */

static gsize
bubus_tree_count_parts (BubusJson           *json,
                        const BubusJsonSpan *span)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;
  gsize n = 0;

  _bubus_json_scanner_init_span (&scanner, bubus_json_get_text (json), span);
  _bubus_json_scanner_enter (&scanner, span->kind, NULL);
  if (span->kind == BUBUS_JSON_KIND_OBJECT)
    while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
      n++;
  else
    while (_bubus_json_scanner_next_element (&scanner, &value, NULL))
      n++;
  return n;
}

static void
bubus_tree_append_json_string (GString             *out,
                               BubusTreeFlags       flags,
                               const BubusJsonSpan *span)
{
  gsize length;
  g_autofree char *string = _bubus_json_span_dup_string (span, &length);
  g_autofree char *without_nul = g_utf8_make_valid (string, length);

  bubus_tree_append_quoted (out, flags, without_nul);
}

static void
bubus_tree_append_json (GString        *out,
                        BubusTreeFlags  flags,
                        BubusJson      *json)
{
  BubusJsonScanner scanner;
  BubusJsonSpan span;

  _bubus_json_scanner_init (&scanner, bubus_json_get_text (json), bubus_json_get_size (json));
  if (!_bubus_json_scanner_read_document (&scanner, &span, NULL))
    return;

  if (span.kind == BUBUS_JSON_KIND_OBJECT)
    bubus_tree_append_size (out, "dict", bubus_tree_count_parts (json, &span));
  else if (span.kind == BUBUS_JSON_KIND_ARRAY)
    bubus_tree_append_size (out, "list", bubus_tree_count_parts (json, &span));
  else if (span.kind == BUBUS_JSON_KIND_STRING)
    bubus_tree_append_json_string (out, flags, &span);
  else if (span.kind == BUBUS_JSON_KIND_NULL)
    bubus_tree_append_none (out);
  else
    _bubus_tree_append_name (out, flags, bubus_json_get_text (json));
}

/* ---- types with a form of their own ---- */

/* The shortest of two forms that gives the same number again. */
static void
bubus_tree_append_double (GString *out,
                          double   value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.15g", value);
  if (g_ascii_strtod (text, NULL) != value)
    g_ascii_dtostr (text, sizeof text, value);
  g_string_append (out, text);
}

static void
bubus_tree_append_variant (GString        *out,
                           BubusTreeFlags  flags,
                           GVariant       *variant)
{
  g_autofree char *text = NULL;

  if (variant == NULL)
    bubus_tree_append_none (out);
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING))
    bubus_tree_append_quoted (out, flags, g_variant_get_string (variant, NULL));
  else if (g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY))
    bubus_tree_append_size (out, "dict", g_variant_n_children (variant));
  else if (g_variant_is_container (variant))
    bubus_tree_append_size (out, "list", g_variant_n_children (variant));
  else
    _bubus_tree_append_name (out, flags, text = g_variant_print (variant, FALSE));
}

static void
bubus_tree_append_boxed (GString        *out,
                         BubusTreeFlags  flags,
                         const GValue   *value)
{
  gpointer boxed = g_value_get_boxed (value);

  if (boxed == NULL)
    bubus_tree_append_none (out);
  else if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    bubus_tree_append_json (out, flags, boxed);
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    bubus_tree_append_size (out, "list", g_strv_length (boxed));
  else if (G_VALUE_HOLDS (value, G_TYPE_PTR_ARRAY))
    bubus_tree_append_size (out, "list", ((GPtrArray *) boxed)->len);
  else if (G_VALUE_HOLDS (value, G_TYPE_ARRAY))
    bubus_tree_append_size (out, "list", ((GArray *) boxed)->len);
  else if (G_VALUE_HOLDS (value, G_TYPE_HASH_TABLE))
    bubus_tree_append_size (out, "dict", g_hash_table_size (boxed));
  else
    bubus_tree_append_opaque (out, flags, G_VALUE_TYPE_NAME (value));
}

static void
bubus_tree_append_object (GString        *out,
                          BubusTreeFlags  flags,
                          GObject        *object)
{
  if (object == NULL)
    bubus_tree_append_none (out);
  else if (!BUBUS_IS_EVENT (object))
    bubus_tree_append_opaque (out, flags, G_OBJECT_TYPE_NAME (object));
  else
    {
      g_string_append (out, "Event(");
      _bubus_tree_append_event_name (out, flags, BUBUS_EVENT (object));
      g_string_append_c (out, ')');
    }
}

/* Whole numbers, enumerations and flags know how to become text. */
static void
bubus_tree_append_other (GString        *out,
                         BubusTreeFlags  flags,
                         const GValue   *value)
{
  g_auto (GValue) text = G_VALUE_INIT;

  g_value_init (&text, G_TYPE_STRING);
  if (g_value_transform (value, &text) && g_value_get_string (&text) != NULL)
    _bubus_tree_append_name (out, flags, g_value_get_string (&text));
  else
    bubus_tree_append_opaque (out, flags, G_VALUE_TYPE_NAME (value));
}

/* NULL: nothing was returned. */
void
_bubus_tree_append_value (GString        *out,
                          BubusTreeFlags  flags,
                          const GValue   *value)
{
  switch (value != NULL ? G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)) : G_TYPE_NONE)
    {
    case G_TYPE_NONE:
      bubus_tree_append_none (out);
      break;

    case G_TYPE_BOOLEAN:
      g_string_append (out, g_value_get_boolean (value) ? "true" : "false");
      break;

    case G_TYPE_DOUBLE:
      bubus_tree_append_double (out, g_value_get_double (value));
      break;

    case G_TYPE_STRING:
      bubus_tree_append_quoted (out, flags, g_value_get_string (value));
      break;

    case G_TYPE_BOXED:
      bubus_tree_append_boxed (out, flags, value);
      break;

    case G_TYPE_OBJECT:
      bubus_tree_append_object (out, flags, g_value_get_object (value));
      break;

    case G_TYPE_VARIANT:
      bubus_tree_append_variant (out, flags, g_value_get_variant (value));
      break;

    default:
      bubus_tree_append_other (out, flags, value);
    }
}
