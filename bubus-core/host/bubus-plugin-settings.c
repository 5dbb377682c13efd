/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-settings-private.h"

#include <math.h>
#include <string.h>

#include <glib/gstdio.h>

#include "base/bubus-error.h"
#include "bubus-plugin-setting-private.h"
#include "bubus-plugin-trust-private.h"

/* A schema is a key file with a group for each setting, named like it:
 *
 *   [level]
 *   Type=string                   boolean, integer, double, string or string-list
 *   Default=info                  in the form of a key file; without it the setting must be given
 *   Choices=debug;info;warning    of a string
 *   Minimum=, Maximum=            of a number
 *   Summary=What it is
 *
 * The values are in a group “[Plugin NAME]” of another key file, and are read as the schema says. */

typedef struct
{
  const char *plugin;
  char       *path;    /* of the schema; nullable: the plugin has none */
  GKeyFile   *schema;
  GKeyFile   *values;  /* not owned */
  char       *group;   /* of values */
} BubusPluginSettings;

typedef GVariant *(*BubusPluginSettingFunc) (GKeyFile    *keys,
                                             const char  *group,
                                             const char  *key,
                                             GError     **error);

typedef struct
{
  const char             *name;
  const GVariantType     *type;
  BubusPluginSettingFunc  read;
} BubusPluginSettingType;

static const char * const known_keys[] = { "Type", "Default", "Choices", "Minimum", "Maximum", "Summary", NULL };

/* Returns: (transfer full): the group of a settings file that is for a plugin */
char *
_bubus_plugin_settings_name (const char *module)
{
  return g_strconcat ("Plugin ", module, NULL);
}

/* ---- types ---- */

static GVariant *
bubus_plugin_setting_read_boolean (GKeyFile    *keys,
                                   const char  *group,
                                   const char  *key,
                                   GError     **error)
{
  g_autoptr (GError) reason = NULL;
  gboolean value = g_key_file_get_boolean (keys, group, key, &reason);

  if (reason == NULL)
    return g_variant_new_boolean (value);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

static GVariant *
bubus_plugin_setting_read_integer (GKeyFile    *keys,
                                   const char  *group,
                                   const char  *key,
                                   GError     **error)
{
  g_autofree char *text = g_key_file_get_string (keys, group, key, error);
  gint64 value;

  if (text == NULL || !g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, error))
    return NULL;
  return g_variant_new_int64 (value);
}

static GVariant *
bubus_plugin_setting_read_double (GKeyFile    *keys,
                                  const char  *group,
                                  const char  *key,
                                  GError     **error)
{
  g_autoptr (GError) reason = NULL;
  double value = g_key_file_get_double (keys, group, key, &reason);

  if (reason == NULL && !isfinite (value))
    g_set_error_literal (&reason, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "It is not finite");
  if (reason == NULL)
    return g_variant_new_double (value);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

static GVariant *
bubus_plugin_setting_read_string (GKeyFile    *keys,
                                  const char  *group,
                                  const char  *key,
                                  GError     **error)
{
  char *value = g_key_file_get_string (keys, group, key, error);

  return value != NULL ? g_variant_new_take_string (value) : NULL;
}

static GVariant *
bubus_plugin_setting_read_string_list (GKeyFile    *keys,
                                       const char  *group,
                                       const char  *key,
                                       GError     **error)
{
  gsize length;
  g_auto (GStrv) value = g_key_file_get_string_list (keys, group, key, &length, error);

  return value != NULL ? g_variant_new_strv ((const char * const *) value, length) : NULL;
}

static const BubusPluginSettingType setting_types[] = {
  { "boolean", G_VARIANT_TYPE_BOOLEAN, bubus_plugin_setting_read_boolean },
  { "integer", G_VARIANT_TYPE_INT64, bubus_plugin_setting_read_integer },
  { "double", G_VARIANT_TYPE_DOUBLE, bubus_plugin_setting_read_double },
  { "string", G_VARIANT_TYPE_STRING, bubus_plugin_setting_read_string },
  { "string-list", G_VARIANT_TYPE_STRING_ARRAY, bubus_plugin_setting_read_string_list },
};

static const BubusPluginSettingType *
bubus_plugin_setting_type_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (setting_types); i++)
    if (g_strcmp0 (name, setting_types[i].name) == 0)
      return &setting_types[i];
  return NULL;
}

/* ---- limits ---- */

static gboolean
bubus_plugin_settings_check_limit (BubusPluginSettings *self,
                                   const char          *key,
                                   double               value,
                                   const char          *limit_key,
                                   int                  sign,
                                   GError             **error)
{
  g_autofree char *limit = g_key_file_get_string (self->schema, key, limit_key, NULL);

  if (limit == NULL || (g_ascii_strtod (limit, NULL) - value) * sign <= 0)
    return TRUE;

  g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "It must be %s %s",
               sign > 0 ? "at least" : "at most", limit);
  return FALSE;
}

static gboolean
bubus_plugin_settings_check_range (BubusPluginSettings *self,
                                   const char          *key,
                                   double               value,
                                   GError             **error)
{
  return bubus_plugin_settings_check_limit (self, key, value, "Minimum", 1, error)
         && bubus_plugin_settings_check_limit (self, key, value, "Maximum", -1, error);
}

static gboolean
bubus_plugin_settings_check_choice (BubusPluginSettings *self,
                                    const char          *key,
                                    const char          *value,
                                    GError             **error)
{
  g_auto (GStrv) choices = g_key_file_get_string_list (self->schema, key, "Choices", NULL, NULL);
  g_autofree char *list = NULL;

  if (choices == NULL || g_strv_contains ((const char * const *) choices, value))
    return TRUE;

  list = g_strjoinv ("”, “", choices);
  g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "It must be one of “%s”", list);
  return FALSE;
}

static gboolean
bubus_plugin_settings_check (BubusPluginSettings *self,
                             const char          *key,
                             GVariant            *value,
                             GError             **error)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return bubus_plugin_settings_check_range (self, key, g_variant_get_int64 (value), error);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return bubus_plugin_settings_check_range (self, key, g_variant_get_double (value), error);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return bubus_plugin_settings_check_choice (self, key, g_variant_get_string (value, NULL), error);
  return TRUE;
}

/* ---- one setting ---- */

static const BubusPluginSettingType *
bubus_plugin_settings_find_type (BubusPluginSettings *self,
                                 const char          *key,
                                 GError             **error)
{
  g_autofree char *name = g_key_file_get_string (self->schema, key, "Type", NULL);
  const BubusPluginSettingType *type = bubus_plugin_setting_type_find (name);
  g_auto (GStrv) present = g_key_file_get_keys (self->schema, key, NULL, NULL);

  for (guint i = 0; present != NULL && present[i] != NULL; i++)
    if (!g_strv_contains (known_keys, present[i]) && !g_str_has_prefix (present[i], "Summary["))
      {
        g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "%s: “%s” of the setting “%s” is unknown", self->path,
                     present[i], key);
        return NULL;
      }

  if (type == NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                 "%s: The type of the setting “%s” is not one of “boolean”, “integer”, “double”, “string” and "
                 "“string-list”", self->path, key);
  return type;
}

/* A default is held to the same as a value that is given: a schema that contradicts itself is found at once. */
static GVariant *
bubus_plugin_settings_read_from (BubusPluginSettings          *self,
                                 const BubusPluginSettingType *type,
                                 const char                   *key,
                                 gboolean                      given,
                                 GError                      **error)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) reason = NULL;

  value = given ? type->read (self->values, self->group, key, &reason)
                : type->read (self->schema, key, "Default", &reason);
  if (value != NULL)
    g_variant_ref_sink (value);
  if (value != NULL && bubus_plugin_settings_check (self, key, value, &reason))
    return g_steal_pointer (&value);

  if (given)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The setting “%s” of the plugin “%s” is no good %s: %s", key,
                 self->plugin, type->name, reason->message);
  else
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "%s: The default of the setting “%s” is no good %s: %s",
                 self->path, key, type->name, reason->message);
  return NULL;
}

static GVariant *
bubus_plugin_settings_read_key (BubusPluginSettings *self,
                                const char          *key,
                                GError             **error)
{
  const BubusPluginSettingType *type = bubus_plugin_settings_find_type (self, key, error);
  gboolean given = g_key_file_has_key (self->values, self->group, key, NULL);

  if (type == NULL)
    return NULL;
  if (given || g_key_file_has_key (self->schema, key, "Default", NULL))
    return bubus_plugin_settings_read_from (self, type, key, given, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The plugin “%s” needs the setting “%s”", self->plugin, key);
  return NULL;
}

/* ---- all settings ---- */

static gboolean
bubus_plugin_settings_check_known (BubusPluginSettings *self,
                                   GError             **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (self->values, self->group, NULL, NULL);
  g_auto (GStrv) known = g_key_file_get_groups (self->schema, NULL);
  g_autofree char *list = NULL;

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    if (!g_strv_contains ((const char * const *) known, keys[i]))
      {
        list = g_strjoinv ("”, “", known);
        if (*known == NULL)
          g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The plugin “%s” has no settings, such as “%s”",
                       self->plugin, keys[i]);
        else
          g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                       "The plugin “%s” has no setting “%s”; it has “%s”", self->plugin, keys[i], list);
        return FALSE;
      }
  return TRUE;
}

static gboolean
bubus_plugin_settings_load_schema (BubusPluginSettings *self,
                                   GError             **error)
{
  g_autoptr (GError) reason = NULL;
  GStatBuf status;

  if (self->path == NULL)
    return TRUE;
  if (!_bubus_plugin_trust_check (self->path, error))
    return FALSE;

  if (g_stat (self->path, &status) == 0 && status.st_size > BUBUS_PLUGIN_MANIFEST_MAX_SIZE)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "%s: It is larger than %d KiB", self->path,
                 BUBUS_PLUGIN_MANIFEST_MAX_SIZE / 1024);
  else if (!g_file_test (self->path, G_FILE_TEST_IS_REGULAR))
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "%s: It is not a regular file", self->path);
  else if (!g_key_file_load_from_file (self->schema, self->path, G_KEY_FILE_NONE, &reason))
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "%s: %s", self->path, reason->message);
  else
    return TRUE;
  return FALSE;
}

static GVariant *
bubus_plugin_settings_collect (BubusPluginSettings *self,
                               GError             **error)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (NULL);
  g_auto (GStrv) keys = g_key_file_get_groups (self->schema, NULL);

  for (guint i = 0; keys[i] != NULL; i++)
    {
      g_autoptr (GVariant) value = bubus_plugin_settings_read_key (self, keys[i], error);

      if (value == NULL)
        return NULL;
      g_variant_dict_insert_value (&dict, keys[i], value);
    }
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
bubus_plugin_settings_init (BubusPluginSettings       *self,
                            const BubusPluginManifest *manifest,
                            GKeyFile                  *values)
{
  *self = (BubusPluginSettings) { .plugin = manifest->module, .values = values };
  self->schema = g_key_file_new ();
  self->group = _bubus_plugin_settings_name (manifest->module);
  if (manifest->settings_schema != NULL)
    self->path = g_build_filename (manifest->directory, manifest->settings_schema, NULL);
}

static void
bubus_plugin_settings_clear (BubusPluginSettings *self)
{
  g_key_file_unref (self->schema);
  g_free (self->group);
  g_free (self->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusPluginSettings, bubus_plugin_settings_clear)

/* Returns: (transfer full): a dictionary of all settings that the schema of the plugin has, with the values that
 *   “[Plugin NAME]” of @values gives them, or else with their defaults */
GVariant *
_bubus_plugin_settings_read (const BubusPluginManifest *manifest,
                             GKeyFile                  *values,
                             GError                   **error)
{
  g_auto (BubusPluginSettings) self;

  bubus_plugin_settings_init (&self, manifest, values);
  if (!bubus_plugin_settings_load_schema (&self, error) || !bubus_plugin_settings_check_known (&self, error))
    return NULL;
  return bubus_plugin_settings_collect (&self, error);
}

/* ---- for people ---- */

static GVariant *
bubus_plugin_settings_read_limit (BubusPluginSettings          *self,
                                  const BubusPluginSettingType *type,
                                  const char                   *key,
                                  const char                   *limit_key)
{
  gboolean numeric = g_variant_type_equal (type->type, G_VARIANT_TYPE_INT64)
                     || g_variant_type_equal (type->type, G_VARIANT_TYPE_DOUBLE);
  GVariant *limit = NULL;

  if (numeric)
    limit = type->read (self->schema, key, limit_key, NULL);
  return limit != NULL ? g_variant_ref_sink (limit) : NULL;
}

static BubusPluginSetting *
bubus_plugin_settings_describe (BubusPluginSettings          *self,
                                const BubusPluginSettingType *type,
                                const char                   *key)
{
  BubusPluginSetting *setting = g_object_new (BUBUS_TYPE_PLUGIN_SETTING, NULL);

  setting->name = g_strdup (key);
  setting->summary = g_key_file_get_locale_string (self->schema, key, "Summary", NULL, NULL);
  setting->type_name = type->name;
  setting->minimum = bubus_plugin_settings_read_limit (self, type, key, "Minimum");
  setting->maximum = bubus_plugin_settings_read_limit (self, type, key, "Maximum");
  setting->choices = g_key_file_get_string_list (self->schema, key, "Choices", NULL, NULL);
  setting->given = g_key_file_has_key (self->values, self->group, key, NULL);
  setting->value = bubus_plugin_settings_read_key (self, key, &setting->error);
  if (g_key_file_has_key (self->schema, key, "Default", NULL))
    setting->default_value = bubus_plugin_settings_read_from (self, type, key, FALSE, NULL);
  return setting;
}

/* Returns: (transfer full) (element-type BubusPluginSetting): all settings that the schema has, in its order */
GPtrArray *
_bubus_plugin_settings_list (const BubusPluginManifest *manifest,
                             GKeyFile                  *values,
                             GError                   **error)
{
  g_auto (BubusPluginSettings) self;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) keys = NULL;

  bubus_plugin_settings_init (&self, manifest, values);
  if (!bubus_plugin_settings_load_schema (&self, error))
    return NULL;

  keys = g_key_file_get_groups (self.schema, NULL);
  for (guint i = 0; keys[i] != NULL; i++)
    {
      const BubusPluginSettingType *type = bubus_plugin_settings_find_type (&self, keys[i], error);

      if (type == NULL)
        return NULL;
      g_ptr_array_add (list, bubus_plugin_settings_describe (&self, type, keys[i]));
    }
  return g_steal_pointer (&list);
}

static void
bubus_plugin_settings_write (BubusPluginSettings *self,
                             const char          *key,
                             GVariant            *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    g_key_file_set_boolean (self->values, self->group, key, g_variant_get_boolean (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    g_key_file_set_int64 (self->values, self->group, key, g_variant_get_int64 (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    g_key_file_set_double (self->values, self->group, key, g_variant_get_double (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    g_key_file_set_string (self->values, self->group, key, g_variant_get_string (value, NULL));
  else
    {
      gsize length;
      g_autofree const char **list = g_variant_get_strv (value, &length);

      g_key_file_set_string_list (self->values, self->group, key, list, length);
    }
}

static gboolean
bubus_plugin_settings_change (BubusPluginSettings  *self,
                              const char           *key,
                              GVariant             *value,
                              GError              **error)
{
  const BubusPluginSettingType *type;
  g_autoptr (GVariant) read = NULL;

  if (!g_key_file_has_group (self->schema, key))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The plugin “%s” has no setting “%s”", self->plugin, key);
      return FALSE;
    }
  if (value == NULL)
    {
      g_key_file_remove_key (self->values, self->group, key, NULL);
      return TRUE;
    }

  type = bubus_plugin_settings_find_type (self, key, error);
  if (type == NULL)
    return FALSE;
  if (!g_variant_is_of_type (value, type->type))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                   "The setting “%s” of the plugin “%s” is of type “%.*s”, not “%s”", key, self->plugin,
                   (int) g_variant_type_get_string_length (type->type), g_variant_type_peek_string (type->type),
                   g_variant_get_type_string (value));
      return FALSE;
    }

  bubus_plugin_settings_write (self, key, value);
  read = bubus_plugin_settings_read_from (self, type, key, TRUE, error);
  return read != NULL;
}

/* Puts a setting into @values, if the schema allows it; a @value of %NULL takes it out. */
gboolean
_bubus_plugin_settings_set (const BubusPluginManifest *manifest,
                            GKeyFile                  *values,
                            const char                *key,
                            GVariant                  *value,
                            GError                   **error)
{
  g_auto (BubusPluginSettings) self;

  bubus_plugin_settings_init (&self, manifest, values);
  return bubus_plugin_settings_load_schema (&self, error) && bubus_plugin_settings_change (&self, key, value, error);
}
