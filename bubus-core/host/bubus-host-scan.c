/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "bubus-host-private.h"

#include "base/bubus-error.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-scanner-private.h"

/* Which plugins there are. */

/**
 * bubus_host_add_search_path:
 * @self: a host
 * @path: (type filename): a directory, by its absolute path
 * @error: return location for an error
 *
 * Adds a directory in which, and in whose direct sub-directories, the next [method@Host.scan] looks for plugins.
 *
 * Directories that were added earlier come first when plugins have the same name. One that has been added already
 * keeps its place. Fails when there is no such directory, and when the path is relative: what that means depends on
 * where a program happens to be started.
 *
 * Returns: whether the directory is in the search path now
 *
 * Since: 1.0
 */
gboolean
bubus_host_add_search_path (BubusHost   *self,
                            const char  *path,
                            GError     **error)
{
  g_autofree char *directory = NULL;

  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!g_path_is_absolute (path))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The plugin directory “%s” is not an absolute path", path);
      return FALSE;
    }

  directory = realpath (path, NULL);
  if (directory == NULL || !g_file_test (directory, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The plugin directory “%s” cannot be used: %s", path,
                   g_strerror (directory != NULL ? ENOTDIR : errno));
      return FALSE;
    }

  if (!g_ptr_array_find_with_equal_func (self->search_path, directory, g_str_equal, NULL))
    g_ptr_array_add (self->search_path, g_steal_pointer (&directory));
  return TRUE;
}

static void
bubus_host_replace_infos (BubusHost *self,
                          GPtrArray *infos)
{
  g_autoptr (GPtrArray) old_infos = self->infos;

  g_hash_table_unref (self->plugins);
  self->infos = infos;
  self->plugins = _bubus_plugin_scanner_index (infos);
}

static void
bubus_host_resolve (BubusHost       *self,
                    BubusPluginInfo *info)
{
  g_autoptr (GPtrArray) plan = NULL;
  g_autoptr (GError) error = NULL;
  BubusPluginState state;

  if (_bubus_plugin_info_is_broken (info) || _bubus_plugin_info_is_in_use (info))
    return;

  plan = _bubus_plugin_plan_make (self->plugins, info, &state, &error);
  _bubus_plugin_info_fail (info, state, error);
}

/**
 * bubus_host_scan:
 * @self: a host
 * @error: return location for an error
 *
 * Reads the manifests of all plugins in the search path, and finds out which of them could be activated.
 *
 * What is wrong with one plugin fails that plugin, and is no error here: see [property@PluginInfo:error]. Of plugins
 * with the same name the first one counts and the others fail; when they lie in the same directory all of them do.
 *
 * A host can be scanned again, to find new plugins or to give those that have failed another chance. Plugins that are
 * active are left alone; all others get a new [class@PluginInfo].
 *
 * Fails only when a plugin is just being activated or deactivated.
 *
 * Returns: whether the search path has been scanned
 *
 * Since: 1.0
 */
gboolean
bubus_host_scan (BubusHost  *self,
                 GError    **error)
{
  guint n_old_infos;

  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!_bubus_host_check_idle (self, error))
    return FALSE;

  n_old_infos = self->infos->len;
  _bubus_plugin_engine_renew (self->engine);
  bubus_host_replace_infos (self, _bubus_plugin_scanner_scan (self->search_path, self->infos));
  for (guint i = 0; i < self->infos->len; i++)
    bubus_host_resolve (self, g_ptr_array_index (self->infos, i));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_old_infos, self->infos->len);
  return TRUE;
}

/* Takes @info, of a plugin that is in no search path. */
void
_bubus_host_add_plugin (BubusHost       *self,
                        BubusPluginInfo *info)
{
  g_ptr_array_add (self->infos, info);
  bubus_host_replace_infos (self, g_ptr_array_ref (self->infos));
}

/**
 * bubus_host_lookup_plugin:
 * @self: a host
 * @name: the name of a plugin
 *
 * Gives what is known of the plugin of a name; of several, the one that can be activated.
 *
 * Returns: (transfer none) (nullable): the plugin's info, or %NULL
 *
 * Since: 1.0
 */
BubusPluginInfo *
bubus_host_lookup_plugin (BubusHost  *self,
                          const char *name)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return g_hash_table_lookup (self->plugins, name);
}
