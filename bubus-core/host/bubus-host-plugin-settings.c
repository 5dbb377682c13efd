/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-private.h"

#include <string.h>

#include "base/bubus-error.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-settings-private.h"

/* The settings of the plugins themselves. Which plugins are wanted is in bubus-host-settings.c. */

/* What was set for the host alone comes before what is in the file. */
static void
bubus_host_override (BubusHost *self,
                     GKeyFile  *keys)
{
  g_auto (GStrv) groups = g_key_file_get_groups (self->overrides, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) names = g_key_file_get_keys (self->overrides, groups[i], NULL, NULL);

      for (guint j = 0; names[j] != NULL; j++)
        {
          g_autofree char *value = g_key_file_get_value (self->overrides, groups[i], names[j], NULL);

          g_key_file_set_value (keys, groups[i], names[j], value);
        }
    }
}

/* The file is read whenever a plugin is activated: somebody may just have changed it.
 *
 * Returns: (transfer full) (nullable): the settings of all plugins */
GKeyFile *
_bubus_host_read_settings (BubusHost  *self,
                           GError    **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  if (self->settings_file != NULL && !_bubus_host_load_settings (self->settings_file, keys, error))
    return NULL;

  bubus_host_override (self, keys);
  return g_steal_pointer (&keys);
}

/**
 * bubus_host_set_plugin_setting:
 * @self: a host
 * @plugin: the name of a plugin, which need not exist
 * @key: the name of one of its settings
 * @value: (nullable): the value, as it would be in a key file, or %NULL to set nothing
 *
 * Sets a setting of a plugin as long as the host lives; the plugin gets it when it is activated next. It comes before
 * what the file of [method@Host.set_settings_file] has in its group `[Plugin NAME]`:
 *
 * ```ini
 * [Plugin log]
 * file=/var/log/shop.log
 * level=warning
 * ```
 *
 * Which settings there are is declared in a schema of the plugin. One that is unknown, or whose value is not what the
 * schema wants, makes the activation of the plugin fail with %BUBUS_ERROR_PLUGIN.
 *
 * Since: 1.0
 */
void
bubus_host_set_plugin_setting (BubusHost  *self,
                               const char *plugin,
                               const char *key,
                               const char *value)
{
  g_autofree char *group = NULL;

  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (plugin != NULL && *plugin != '\0' && strpbrk (plugin, "[]\n") == NULL);
  g_return_if_fail (key != NULL && *key != '\0' && strpbrk (key, "=\n") == NULL);

  group = _bubus_plugin_settings_name (plugin);
  if (value != NULL)
    g_key_file_set_value (self->overrides, group, key, value);
  else
    g_key_file_remove_key (self->overrides, group, key, NULL);
}

static const BubusPluginManifest *
bubus_host_find_manifest (BubusHost   *self,
                          const char  *plugin,
                          GError     **error)
{
  BubusPluginInfo *info = bubus_host_lookup_plugin (self, plugin);

  if (info != NULL)
    return _bubus_plugin_info_get_manifest (info);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND, "There is no plugin “%s”", plugin);
  return NULL;
}

/**
 * bubus_host_list_plugin_settings:
 * @self: a host
 * @plugin: the name of a plugin
 * @error: return location for an error
 *
 * Lists the settings that the schema of a plugin declares, in the order in which it does, each with its type, its
 * limits, its default and the value that the plugin would get now. The plugin need not be active, and no code of it is
 * run.
 *
 * A plugin without a schema has no settings. A value that is no good is no error here, but of its setting: see
 * [property@PluginSetting:error]. Fails with %BUBUS_ERROR_PLUGIN_NOT_FOUND, and with %BUBUS_ERROR_PLUGIN or
 * %BUBUS_ERROR_PLUGIN_UNTRUSTED when the schema or the settings file is no good.
 *
 * Returns: (transfer container) (element-type BubusPluginSetting) (nullable): the settings, or %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
bubus_host_list_plugin_settings (BubusHost   *self,
                                 const char  *plugin,
                                 GError     **error)
{
  const BubusPluginManifest *manifest;
  g_autoptr (GKeyFile) values = NULL;

  g_return_val_if_fail (BUBUS_IS_HOST (self), NULL);
  g_return_val_if_fail (plugin != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  manifest = bubus_host_find_manifest (self, plugin, error);
  if (manifest != NULL)
    values = _bubus_host_read_settings (self, error);
  return values != NULL ? _bubus_plugin_settings_list (manifest, values, error) : NULL;
}

/* What else is in the file stays there. */
static gboolean
bubus_host_change_file (BubusHost                  *self,
                        const BubusPluginManifest  *manifest,
                        const char                 *key,
                        GVariant                   *value,
                        GError                    **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  return _bubus_host_load_settings (self->settings_file, keys, error)
         && _bubus_plugin_settings_set (manifest, keys, key, value, error)
         && _bubus_host_write_settings (self, keys, error);
}

/* The old value stays when the new one is refused. */
static gboolean
bubus_host_change_override (BubusHost                  *self,
                            const BubusPluginManifest  *manifest,
                            const char                 *key,
                            GVariant                   *value,
                            GError                    **error)
{
  g_autoptr (GKeyFile) scratch = g_key_file_new ();
  g_autofree char *group = _bubus_plugin_settings_name (manifest->module);
  g_autofree char *text = NULL;

  if (!_bubus_plugin_settings_set (manifest, scratch, key, value, error))
    return FALSE;

  text = g_key_file_get_value (scratch, group, key, NULL);
  bubus_host_set_plugin_setting (self, manifest->module, key, text);
  return TRUE;
}

/**
 * bubus_host_store_plugin_setting:
 * @self: a host
 * @plugin: the name of a plugin
 * @key: the name of one of its settings
 * @value: (nullable): the value, of the type of the setting, or %NULL to go back to the default
 * @error: return location for an error
 *
 * Changes a setting of a plugin for good: in the file of [method@Host.set_settings_file], or as long as the host lives
 * when there is none. The plugin gets it when it is activated next. If [method@Host.set_plugin_setting] has set it,
 * that is forgotten.
 *
 * The value is of type `b`, `x`, `d`, `s` or `as`, as [property@PluginSetting:default-value] is; if it is floating, it
 * is consumed. Fails with %BUBUS_ERROR_PLUGIN when the schema does not allow it, and changes nothing then.
 *
 * Returns: whether the setting has been changed
 *
 * Since: 1.0
 */
gboolean
bubus_host_store_plugin_setting (BubusHost   *self,
                                 const char  *plugin,
                                 const char  *key,
                                 GVariant    *value,
                                 GError     **error)
{
  g_autoptr (GVariant) owned = value != NULL ? g_variant_ref_sink (value) : NULL;
  const BubusPluginManifest *manifest;

  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (plugin != NULL, FALSE);
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  manifest = bubus_host_find_manifest (self, plugin, error);
  if (manifest == NULL)
    return FALSE;
  if (self->settings_file == NULL)
    return bubus_host_change_override (self, manifest, key, value, error);
  if (!bubus_host_change_file (self, manifest, key, value, error))
    return FALSE;

  bubus_host_set_plugin_setting (self, plugin, key, NULL);
  return TRUE;
}
