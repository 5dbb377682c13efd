/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-results-private.h"

#include "base/bubus-error.h"
#include "base/bubus-json-writer-internal.h"
#include "bubus-event-internal.h"
#include "bubus-json-internal.h"

/* Merges what handlers returned into one dictionary or one list. There are two kinds of structured values, variants and
 * JSON, which do not mix here: to turn one into the other is the business of a room above. */

typedef enum
{
  BUBUS_FLAT_OTHER,
  BUBUS_FLAT_DICT,
  BUBUS_FLAT_LIST,
  BUBUS_FLAT_JSON_DICT,
  BUBUS_FLAT_JSON_LIST,
} BubusFlatKind;

static const struct
{
  const char    *name;
  BubusFlatKind  counterpart;  /* the same in the other kind of value */
  const char    *alternative;  /* the function that merges those */
  gboolean       required;     /* finding nothing is an error (B-5.15) */
} bubus_flat_kinds[] = {
  [BUBUS_FLAT_DICT] = { "a dictionary", BUBUS_FLAT_JSON_DICT, "flat_json_dict", FALSE },
  [BUBUS_FLAT_LIST] = { "a list", BUBUS_FLAT_JSON_LIST, "flat_json_list", TRUE },
  [BUBUS_FLAT_JSON_DICT] = { "a JSON object", BUBUS_FLAT_DICT, "flat_dict", FALSE },
  [BUBUS_FLAT_JSON_LIST] = { "a JSON array", BUBUS_FLAT_LIST, "flat_list", TRUE },
};

static BubusFlatKind
bubus_json_get_flat_kind (BubusJson *json)
{
  switch (*bubus_json_get_text (json))
    {
    case '{':
      return BUBUS_FLAT_JSON_DICT;
    case '[':
      return BUBUS_FLAT_JSON_LIST;
    default:
      return BUBUS_FLAT_OTHER;
    }
}

/* Bytes are no list, as little as text is. */
static BubusFlatKind
bubus_variant_get_flat_kind (GVariant *variant)
{
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE ("a{s*}")))
    return BUBUS_FLAT_DICT;
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_ARRAY)
      && !g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY)
      && !g_variant_is_of_type (variant, G_VARIANT_TYPE_BYTESTRING))
    return BUBUS_FLAT_LIST;
  return BUBUS_FLAT_OTHER;
}

static BubusFlatKind
bubus_value_get_flat_kind (const GValue *value)
{
  if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    return bubus_json_get_flat_kind (g_value_get_boxed (value));
  if (G_VALUE_HOLDS_VARIANT (value))
    return bubus_variant_get_flat_kind (g_value_get_variant (value));
  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    return BUBUS_FLAT_LIST;
  return BUBUS_FLAT_OTHER;
}

/* ---- lists ---- */

/* A variant in a variant says nothing more than the one inside. */
static GVariant *
bubus_variant_unwrap (GVariant *variant)
{
  return g_variant_is_of_type (variant, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant (variant)
                                                                : g_variant_ref (variant);
}

static void
bubus_flat_list_add_variant (GVariantBuilder *builder,
                             GVariant        *list)
{
  GVariantIter iter;
  GVariant *element;

  g_variant_iter_init (&iter, list);
  while ((element = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr (GVariant) inner = bubus_variant_unwrap (element);

      g_variant_builder_add (builder, "v", inner);
      g_variant_unref (element);
    }
}

static void
bubus_flat_list_add (GVariantBuilder *builder,
                     const GValue    *value)
{
  g_autoptr (GVariant) strings = NULL;

  if (G_VALUE_HOLDS_VARIANT (value))
    {
      bubus_flat_list_add_variant (builder, g_value_get_variant (value));
      return;
    }
  strings = g_variant_ref_sink (g_variant_new_strv (g_value_get_boxed (value), -1));
  bubus_flat_list_add_variant (builder, strings);
}

static void
bubus_flat_json_list_add (GString      *out,
                          const GValue *value)
{
  BubusJson *json = g_value_get_boxed (value);
  gsize size = bubus_json_get_size (json);

  if (size <= strlen ("[]"))
    return;

  if (out->len > 1)
    g_string_append_c (out, ',');
  g_string_append_len (out, bubus_json_get_text (json) + 1, size - 2);
}

/* ---- dictionaries ---- */

typedef struct
{
  const BubusEventResult *owner;    /* who returned it */
  char                   *key;
  GVariant               *variant;  /* nullable: else @span, in a text that belongs to @owner */
  BubusJsonSpan           span;
} BubusFlatEntry;

typedef struct
{
  const BubusResults *results;
  GArray             *entries;  /* of BubusFlatEntry, in the order in which their keys came first */
  GHashTable         *indices;  /* key -> index, + 1 */
} BubusFlatDict;

static void
bubus_flat_entry_clear (BubusFlatEntry *self)
{
  g_clear_pointer (&self->key, g_free);
  g_clear_pointer (&self->variant, g_variant_unref);
}

static void
bubus_flat_dict_init (BubusFlatDict      *self,
                      const BubusResults *results)
{
  self->results = results;
  self->entries = g_array_new (FALSE, FALSE, sizeof (BubusFlatEntry));
  g_array_set_clear_func (self->entries, (GDestroyNotify) bubus_flat_entry_clear);
  self->indices = g_hash_table_new (g_str_hash, g_str_equal);
}

static void
bubus_flat_dict_clear (BubusFlatDict *self)
{
  g_clear_pointer (&self->indices, g_hash_table_unref);
  g_clear_pointer (&self->entries, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusFlatDict, bubus_flat_dict_clear)

/* A handler is not in its own way: of equal keys in one value the last counts. */
static gboolean
bubus_flat_dict_replace (BubusFlatDict   *self,
                         BubusFlatEntry  *before,
                         BubusFlatEntry  *entry,
                         GError         **error)
{
  if (before->owner != entry->owner && self->results->raise_if_conflicts)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT, "%s and %s both return a value for “%s”",
                   before->owner->handler->name, entry->owner->handler->name, entry->key);
      return FALSE;
    }

  /* The key stays: it is that of the table. */
  g_clear_pointer (&before->variant, g_variant_unref);
  before->owner = entry->owner;
  before->variant = g_steal_pointer (&entry->variant);
  before->span = entry->span;
  return TRUE;
}

/* Takes over the contents of @entry. */
static gboolean
bubus_flat_dict_take (BubusFlatDict   *self,
                      BubusFlatEntry  *entry,
                      GError         **error)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->indices, entry->key));
  gboolean taken;

  if (index == 0)
    {
      g_array_append_val (self->entries, *entry);
      g_hash_table_insert (self->indices, entry->key, GUINT_TO_POINTER (self->entries->len));
      return TRUE;
    }

  taken = bubus_flat_dict_replace (self, &g_array_index (self->entries, BubusFlatEntry, index - 1), entry, error);
  bubus_flat_entry_clear (entry);
  return taken;
}

static gboolean
bubus_flat_dict_add_variant (BubusFlatDict           *self,
                             const BubusEventResult  *owner,
                             GVariant                *dict,
                             GError                 **error)
{
  gsize n_entries = g_variant_n_children (dict);

  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr (GVariant) member = g_variant_get_child_value (dict, i);
      g_autoptr (GVariant) key = g_variant_get_child_value (member, 0);
      g_autoptr (GVariant) value = g_variant_get_child_value (member, 1);
      BubusFlatEntry entry = { owner, g_variant_dup_string (key, NULL), bubus_variant_unwrap (value), { NULL } };

      if (!bubus_flat_dict_take (self, &entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
bubus_flat_dict_add_json (BubusFlatDict           *self,
                          const BubusEventResult  *owner,
                          BubusJson               *json,
                          GError                 **error)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  _bubus_json_scanner_init (&scanner, bubus_json_get_text (json), bubus_json_get_size (json));
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, error))
    return FALSE;
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
    {
      BubusFlatEntry entry = { owner, _bubus_json_span_dup_string (&name, NULL), NULL, value };

      if (!bubus_flat_dict_take (self, &entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
bubus_flat_dict_add (BubusFlatDict     *self,
                     BubusEventResult  *owner,
                     GError           **error)
{
  const GValue *value = bubus_event_result_get_value (owner);

  if (G_VALUE_HOLDS_VARIANT (value))
    return bubus_flat_dict_add_variant (self, owner, g_value_get_variant (value), error);
  return bubus_flat_dict_add_json (self, owner, g_value_get_boxed (value), error);
}

static gboolean
bubus_flat_dict_add_all (BubusFlatDict    *self,
                         const GPtrArray  *results,
                         GError          **error)
{
  for (guint i = 0; i < results->len; i++)
    if (!bubus_flat_dict_add (self, results->pdata[i], error))
      return FALSE;
  return TRUE;
}

static GVariant *
bubus_flat_dict_to_variant (const BubusFlatDict *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const BubusFlatEntry *entry = &g_array_index (self->entries, BubusFlatEntry, i);

      g_variant_builder_add (&builder, "{sv}", entry->key, entry->variant);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static BubusJson *
bubus_flat_dict_to_json (const BubusFlatDict *self)
{
  g_autoptr (GString) out = g_string_new ("{");

  for (guint i = 0; i < self->entries->len; i++)
    {
      const BubusFlatEntry *entry = &g_array_index (self->entries, BubusFlatEntry, i);

      if (i > 0)
        g_string_append_c (out, ',');
      _bubus_json_append_string (out, entry->key);
      g_string_append_c (out, ':');
      _bubus_json_span_append (&entry->span, out);
    }
  g_string_append_c (out, '}');
  return _bubus_json_new_trusted (out->str, out->len);
}

/* ---- gathering ---- */

static gboolean
bubus_results_check_kind (BubusResults      *self,
                          BubusEventResult  *result,
                          BubusFlatKind      found,
                          BubusFlatKind      wanted,
                          GError           **error)
{
  if (found != bubus_flat_kinds[wanted].counterpart || !self->raise_if_conflicts)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_CONFLICT, "%s returned %s, which %s merges", result->handler->name,
               bubus_flat_kinds[found].name, bubus_flat_kinds[wanted].alternative);
  return FALSE;
}

/* The results of one kind; others are skipped (B-5.20). */
static GPtrArray *
bubus_results_gather_kind (BubusResults   *self,
                           BubusFlatKind   wanted,
                           GError        **error)
{
  g_autoptr (GPtrArray) results = _bubus_results_gather_values (self, error);
  g_autoptr (GPtrArray) matching = g_ptr_array_new ();

  if (results == NULL)
    return NULL;

  for (guint i = 0; i < results->len; i++)
    {
      BubusFlatKind found = bubus_value_get_flat_kind (bubus_event_result_get_value (results->pdata[i]));

      if (!bubus_results_check_kind (self, results->pdata[i], found, wanted, error))
        return NULL;
      if (found == wanted)
        g_ptr_array_add (matching, results->pdata[i]);
    }
  if (!_bubus_results_check_found (self, matching->len > 0, bubus_flat_kinds[wanted].required,
                                   bubus_flat_kinds[wanted].name, error))
    return NULL;
  return g_steal_pointer (&matching);
}

static gboolean
bubus_flat_dict_gather (BubusFlatDict  *self,
                        BubusResults   *results,
                        BubusFlatKind   kind,
                        GError        **error)
{
  g_autoptr (GPtrArray) matching = bubus_results_gather_kind (results, kind, error);

  bubus_flat_dict_init (self, results);
  return matching != NULL && bubus_flat_dict_add_all (self, matching, error);
}

/**
 * bubus_results_flat_dict:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Merges the dictionaries that handlers returned as variants with strings as keys, such as `a{sv}` or `a{ss}`.
 *
 * Other values are skipped. A key that two handlers return is a conflict; see [property@Results:raise-if-conflicts].
 * So is a JSON object, which [method@Results.flat_json_dict] merges.
 *
 * Returns: (transfer full) (nullable): a dictionary of type `a{sv}`, which may be empty; or %NULL with an error
 *
 * Since: 1.0
 */
GVariant *
bubus_results_flat_dict (BubusResults  *self,
                         GError       **error)
{
  g_auto (BubusFlatDict) dict = { NULL };

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!bubus_flat_dict_gather (&dict, self, BUBUS_FLAT_DICT, error))
    return NULL;
  return bubus_flat_dict_to_variant (&dict);
}

/**
 * bubus_results_flat_json_dict:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Merges the JSON objects that handlers returned. It is to JSON what [method@Results.flat_dict] is to variants.
 *
 * Returns: (transfer full) (nullable): an object, which may be empty; or %NULL with an error
 *
 * Since: 1.0
 */
BubusJson *
bubus_results_flat_json_dict (BubusResults  *self,
                              GError       **error)
{
  g_auto (BubusFlatDict) dict = { NULL };

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!bubus_flat_dict_gather (&dict, self, BUBUS_FLAT_JSON_DICT, error))
    return NULL;
  return bubus_flat_dict_to_json (&dict);
}

/**
 * bubus_results_flat_list:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Joins the lists that handlers returned: variants that are arrays, but neither dictionaries nor bytes, and arrays of
 * strings.
 *
 * Other values are skipped. A JSON array is a conflict; [method@Results.flat_json_list] joins those.
 *
 * Returns: (transfer full) (nullable): a list of type `av`; or %NULL with an error
 *
 * Since: 1.0
 */
GVariant *
bubus_results_flat_list (BubusResults  *self,
                         GError       **error)
{
  g_autoptr (GPtrArray) results = NULL;
  GVariantBuilder builder;

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  results = bubus_results_gather_kind (self, BUBUS_FLAT_LIST, error);
  if (results == NULL)
    return NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < results->len; i++)
    bubus_flat_list_add (&builder, bubus_event_result_get_value (results->pdata[i]));
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * bubus_results_flat_json_list:
 * @self: results
 * @error: (nullable): where to put what is raised
 *
 * Joins the JSON arrays that handlers returned. It is to JSON what [method@Results.flat_list] is to variants.
 *
 * Returns: (transfer full) (nullable): an array; or %NULL with an error
 *
 * Since: 1.0
 */
BubusJson *
bubus_results_flat_json_list (BubusResults  *self,
                              GError       **error)
{
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GString) out = NULL;

  g_return_val_if_fail (BUBUS_IS_RESULTS (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  results = bubus_results_gather_kind (self, BUBUS_FLAT_JSON_LIST, error);
  if (results == NULL)
    return NULL;

  out = g_string_new ("[");
  for (guint i = 0; i < results->len; i++)
    bubus_flat_json_list_add (out, bubus_event_result_get_value (results->pdata[i]));
  g_string_append_c (out, ']');
  return _bubus_json_new_trusted (out->str, out->len);
}
