/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "bubus-plugin-scanner-private.h"

#include "base/bubus-error.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-trust-private.h"

/* Finds manifests: in each directory of the search path, and in the directories that lie directly in it. */
typedef struct
{
  GPtrArray  *old_infos;
  GPtrArray  *infos;    /* what has been found, in order */
  GHashTable *visited;  /* paths of manifests */
} BubusPluginScanner;

static int
bubus_plugin_scanner_compare_names (gconstpointer a,
                                    gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* Returns: (transfer full): the names in a directory, sorted, so that every scan finds the same */
static GPtrArray *
bubus_plugin_scanner_list_names (const char *directory)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (*name != '.')
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, bubus_plugin_scanner_compare_names);
  return names;
}

/* A plugin that is in use keeps its info, whatever has become of its manifest. */
static BubusPluginInfo *
bubus_plugin_scanner_find_in_use (BubusPluginScanner *self,
                                  const char         *path)
{
  for (guint i = 0; i < self->old_infos->len; i++)
    {
      BubusPluginInfo *info = g_ptr_array_index (self->old_infos, i);

      if (_bubus_plugin_info_is_in_use (info) && g_str_equal (bubus_plugin_info_get_path (info), path))
        return info;
    }
  return NULL;
}

static BubusPluginInfo *
bubus_plugin_scanner_read (const char *directory,
                           const char *name)
{
  BubusPluginManifest *manifest = _bubus_plugin_manifest_new (directory, name);
  BubusPluginInfo *info = _bubus_plugin_info_new (manifest);
  g_autoptr (GError) error = NULL;

  if (!_bubus_plugin_trust_check (directory, &error) || !_bubus_plugin_manifest_read (manifest, &error))
    _bubus_plugin_info_break (info, error);
  return info;
}

static void
bubus_plugin_scanner_visit_manifest (BubusPluginScanner *self,
                                     const char         *directory,
                                     const char         *name)
{
  char *path = g_build_filename (directory, name, NULL);
  BubusPluginInfo *info;

  if (!g_hash_table_add (self->visited, path))
    return;

  info = bubus_plugin_scanner_find_in_use (self, path);
  g_ptr_array_add (self->infos, info != NULL ? g_object_ref (info) : bubus_plugin_scanner_read (directory, name));
}

static void
bubus_plugin_scanner_visit_directory (BubusPluginScanner *self,
                                      const char         *path,
                                      guint               depth)
{
  g_autofree char *directory = realpath (path, NULL);
  g_autoptr (GPtrArray) names = NULL;

  if (directory == NULL)
    return;

  names = bubus_plugin_scanner_list_names (directory);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *child = g_build_filename (directory, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        {
          if (depth > 0)
            bubus_plugin_scanner_visit_directory (self, child, depth - 1);
        }
      else if (g_str_has_suffix (name, ".plugin"))
        bubus_plugin_scanner_visit_manifest (self, directory, name);
    }
}

static void
bubus_plugin_scanner_keep_in_use (BubusPluginScanner *self)
{
  for (guint i = 0; i < self->old_infos->len; i++)
    {
      BubusPluginInfo *info = g_ptr_array_index (self->old_infos, i);

      if (_bubus_plugin_info_is_in_use (info) && !g_ptr_array_find (self->infos, info, NULL))
        g_ptr_array_add (self->infos, g_object_ref (info));
    }
}

/* Returns: (transfer full): the infos of all manifests, good and bad, in the order of the search path */
GPtrArray *
_bubus_plugin_scanner_scan (GPtrArray *directories,
                            GPtrArray *old_infos)
{
  g_autoptr (GHashTable) visited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  BubusPluginScanner self = { old_infos, g_ptr_array_new_with_free_func (g_object_unref), visited };

  for (guint i = 0; i < directories->len; i++)
    bubus_plugin_scanner_visit_directory (&self, g_ptr_array_index (directories, i), 1);
  bubus_plugin_scanner_keep_in_use (&self);
  return self.infos;
}

static void
bubus_plugin_scanner_refuse_name (BubusPluginInfo *info,
                                  BubusPluginInfo *other)
{
  g_autoptr (GError) error = g_error_new (BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                          "“%s” and “%s” are both called “%s”",
                                          bubus_plugin_info_get_path (info), bubus_plugin_info_get_path (other),
                                          bubus_plugin_info_get_name (info));

  _bubus_plugin_info_break (info, error);
}

/* The first one has the name. But in one directory libpeas could not be told which of two is meant, so that then
 * neither has it. */
static void
bubus_plugin_scanner_settle_clash (BubusPluginInfo *first,
                                   BubusPluginInfo *second)
{
  if (!_bubus_plugin_info_is_in_use (second))
    bubus_plugin_scanner_refuse_name (second, first);
  if (!_bubus_plugin_info_is_in_use (first) && !_bubus_plugin_info_is_broken (first)
      && g_str_equal (bubus_plugin_info_get_directory (first), bubus_plugin_info_get_directory (second)))
    bubus_plugin_scanner_refuse_name (first, second);
}

static void
bubus_plugin_scanner_index_some (BubusPluginTable *table,
                                 GPtrArray        *infos,
                                 gboolean        (*select) (BubusPluginInfo *info))
{
  for (guint i = 0; i < infos->len; i++)
    {
      BubusPluginInfo *info = g_ptr_array_index (infos, i);
      BubusPluginInfo *first;

      if (!select (info))
        continue;

      first = g_hash_table_lookup (table, bubus_plugin_info_get_name (info));
      if (first == NULL)
        g_hash_table_insert (table, (gpointer) bubus_plugin_info_get_name (info), info);
      else if (first != info && !_bubus_plugin_info_is_broken (info))
        bubus_plugin_scanner_settle_clash (first, info);
    }
}

static gboolean
bubus_plugin_scanner_is_good (BubusPluginInfo *info)
{
  return !_bubus_plugin_info_is_broken (info);
}

/* Returns: (transfer full): the plugins by name; those that are in use come first, and those that are broken have a
 * name only if no other wants it. The table lives as long as @infos. */
BubusPluginTable *
_bubus_plugin_scanner_index (GPtrArray *infos)
{
  BubusPluginTable *table = g_hash_table_new (g_str_hash, g_str_equal);

  bubus_plugin_scanner_index_some (table, infos, _bubus_plugin_info_is_in_use);
  bubus_plugin_scanner_index_some (table, infos, bubus_plugin_scanner_is_good);
  bubus_plugin_scanner_index_some (table, infos, _bubus_plugin_info_is_broken);
  return table;
}
