/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-private.h"

#include "base/bubus-error.h"
#include "bubus-host-round-private.h"
#include "bubus-plugin-trust-private.h"

/* Which plugins are wanted is kept in a key file, and not in GSettings: a host can have several sets of plugins, in
 * places of its own choice, and needs no schema that is installed. */

#define GROUP "Plugins"
#define KEY   "Enabled"

gboolean
_bubus_host_load_settings (const char  *path,
                           GKeyFile    *keys,
                           GError     **error)
{
  g_autoptr (GError) reason = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!_bubus_plugin_trust_check (path, error))
    return FALSE;
  if (g_key_file_load_from_file (keys, path, G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS, &reason))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The settings “%s” cannot be read: %s", path, reason->message);
  return FALSE;
}

static void
bubus_host_take_enabled (BubusHost *self,
                         GKeyFile  *keys)
{
  g_auto (GStrv) names = g_key_file_get_string_list (keys, GROUP, KEY, NULL, NULL);

  g_hash_table_remove_all (self->enabled);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    g_hash_table_add (self->enabled, g_strdup (names[i]));
}

/**
 * bubus_host_set_settings_file:
 * @self: a host
 * @path: (type filename) (nullable): where the host remembers which plugins are enabled
 * @error: return location for an error
 *
 * Sets the key file in which the host remembers which plugins are enabled, and reads it:
 *
 * ```ini
 * [Plugins]
 * Enabled=orders;stock
 * ```
 *
 * Groups named `[Plugin NAME]` have settings for that plugin, which are read when it is activated. See
 * [method@Host.set_plugin_setting].
 *
 * A file that does not exist is an empty one; it is made, with its directory, when there is something to remember.
 * Like plugins, it must belong to root or to the effective user, and nobody else may be able to write it. Without a
 * file the host remembers only as long as it lives.
 *
 * Returns: whether the file can be used
 *
 * Since: 1.0
 */
gboolean
bubus_host_set_settings_file (BubusHost   *self,
                              const char  *path,
                              GError     **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();

  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (path != NULL && !_bubus_host_load_settings (path, keys, error))
    return FALSE;

  g_free (self->settings_file);
  self->settings_file = path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
  if (path != NULL)
    bubus_host_take_enabled (self, keys);
  return TRUE;
}

/**
 * bubus_host_get_settings_file:
 * @self: a host
 *
 * Gives the file in which the host remembers which plugins are enabled.
 *
 * Returns: (type filename) (nullable): the path, or %NULL
 *
 * Since: 1.0
 */
const char *
bubus_host_get_settings_file (BubusHost *self)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), NULL);

  return self->settings_file;
}

/**
 * bubus_host_is_plugin_enabled:
 * @self: a host
 * @name: the name of a plugin, which need not exist
 *
 * Tells whether a plugin is enabled: whether [method@Host.activate_enabled_async] activates it.
 *
 * Returns: whether it is enabled
 *
 * Since: 1.0
 */
gboolean
bubus_host_is_plugin_enabled (BubusHost  *self,
                              const char *name)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  return g_hash_table_contains (self->enabled, name);
}

gboolean
_bubus_host_write_settings (BubusHost  *self,
                            GKeyFile   *keys,
                            GError    **error)
{
  g_autofree char *directory = g_path_get_dirname (self->settings_file);

  g_mkdir_with_parents (directory, 0755);
  return g_key_file_save_to_file (keys, self->settings_file, error);
}

/* What else is in the file stays there, also what another process has just written. */
static gboolean
bubus_host_save_settings (BubusHost   *self,
                          const char  *name,
                          gboolean     enabled,
                          GError     **error)
{
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GList) names = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  if (!_bubus_host_load_settings (self->settings_file, keys, error))
    return FALSE;

  bubus_host_take_enabled (self, keys);
  if (enabled)
    g_hash_table_add (self->enabled, g_strdup (name));
  else
    g_hash_table_remove (self->enabled, name);

  names = g_list_sort (g_hash_table_get_keys (self->enabled), (GCompareFunc) g_strcmp0);
  for (const GList *link = names; link != NULL; link = link->next)
    g_ptr_array_add (list, link->data);
  g_key_file_set_string_list (keys, GROUP, KEY, (const char * const *) list->pdata, list->len);
  return _bubus_host_write_settings (self, keys, error);
}

/**
 * bubus_host_set_plugin_enabled:
 * @self: a host
 * @name: the name of a plugin, which need not exist
 * @enabled: whether it is to be activated with the others that are enabled
 * @error: return location for an error
 *
 * Enables or disables a plugin, and remembers that in the file of [method@Host.set_settings_file].
 *
 * This is about the next time: to activate or deactivate the plugin now, do so.
 *
 * Returns: whether it could be remembered
 *
 * Since: 1.0
 */
gboolean
bubus_host_set_plugin_enabled (BubusHost   *self,
                               const char  *name,
                               gboolean     enabled,
                               GError     **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL && *name != '\0', FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->settings_file != NULL)
    return bubus_host_save_settings (self, name, enabled, error);

  if (enabled)
    g_hash_table_add (self->enabled, g_strdup (name));
  else
    g_hash_table_remove (self->enabled, name);
  return TRUE;
}

/* ---- activating ---- */

static gboolean
bubus_host_is_plannable (BubusHost  *self,
                         const char *name)
{
  BubusPluginInfo *info = g_hash_table_lookup (self->plugins, name);
  g_autoptr (GPtrArray) plan = NULL;
  BubusPluginState state;

  if (info != NULL)
    plan = _bubus_plugin_plan_make (self->plugins, info, &state, NULL);
  return plan != NULL;
}

/* Those that cannot be activated, for example because they need each other, come last: they would keep the others from
 * having an order.
 *
 * Returns: (transfer full): the names of all plugins that are enabled; @error says why they are in no order */
static GPtrArray *
bubus_host_list_enabled (BubusHost  *self,
                         GError    **error)
{
  g_autoptr (GHashTable) plannable = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->enabled), (GCompareFunc) g_strcmp0);
  g_auto (GStrv) sorted = NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  for (const GList *link = names; link != NULL; link = link->next)
    if (bubus_host_is_plannable (self, link->data))
      g_hash_table_add (plannable, link->data);

  sorted = _bubus_plugin_plan_sort (self->plugins, plannable, error);
  for (guint i = 0; sorted != NULL && sorted[i] != NULL; i++)
    g_ptr_array_add (list, g_strdup (sorted[i]));
  for (const GList *link = names; link != NULL; link = link->next)
    if (sorted == NULL || !g_hash_table_contains (plannable, link->data))
      g_ptr_array_add (list, g_strdup (link->data));
  return list;
}

/**
 * bubus_host_activate_enabled_async:
 * @self: a host
 * @cancellable: (nullable): makes what does not answer at once fail
 * @callback: (scope async) (closure user_data): called when all plugins that are enabled are active, or have failed
 * @user_data: passed to @callback
 *
 * Activates all plugins that are enabled, and what they depend on, in the order that their manifests ask for.
 *
 * One that fails does not keep the others from becoming active. See [method@Host.activate_plugin_async].
 *
 * Since: 1.0
 */
void
bubus_host_activate_enabled_async (BubusHost           *self,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GPtrArray) names = NULL;
  GError *error = NULL;

  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_host_activate_enabled_async);
  _bubus_host_begin_round (task);
  names = bubus_host_list_enabled (self, &error);
  for (guint i = 0; i < names->len; i++)
    _bubus_host_activate_too (task, g_ptr_array_index (names, i));
  _bubus_host_end_round (task, error);
}

/**
 * bubus_host_activate_enabled_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Host.activate_enabled_async]. When several plugins have failed, the first gives the error; all have
 * theirs in [property@PluginInfo:error].
 *
 * Returns: whether all plugins that are enabled are active now
 *
 * Since: 1.0
 */
gboolean
bubus_host_activate_enabled_finish (BubusHost     *self,
                                    GAsyncResult  *result,
                                    GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
