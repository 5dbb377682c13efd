/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdlib.h>

#include <gmodule.h>

#include "bubus-plugin-loader-private.h"

#include "base/bubus-error.h"
#include "bubus-plugin-trust-private.h"

/* For the tests and for a build tree. */
#define LOADER_PATH_VARIABLE "BUBUS_LOADER_PATH"

/* Where loaders are, and what belongs to them. */
const char *
_bubus_plugin_loader_get_directory (void)
{
  const char *directory = _bubus_plugin_trust_is_privileged () ? NULL : g_getenv (LOADER_PATH_VARIABLE);

  return directory != NULL && g_path_is_absolute (directory) ? directory : LOADER_DIR;
}

/* Interpreters look for typelibs where those of the distribution are, and Bubus may be installed elsewhere. They bring
 * one of two libraries that have them, which this one does not need for itself. */
void
_bubus_plugin_loader_find_typelibs (void)
{
  GModule *program = g_module_open (NULL, G_MODULE_BIND_LAZY);
  void (*prepend) (const char *directory) = NULL;
  gpointer (*dup_default) (void) = NULL;
  void (*prepend_to) (gpointer    repository,
                      const char *directory) = NULL;

  /* Whoever has set that knows better. */
  if (program == NULL || (g_getenv ("GI_TYPELIB_PATH") != NULL && !_bubus_plugin_trust_is_privileged ()))
    return;

  if (g_module_symbol (program, "g_irepository_prepend_search_path", (gpointer *) &prepend) && prepend != NULL)
    prepend (TYPELIB_DIR);
  if (g_module_symbol (program, "gi_repository_dup_default", (gpointer *) &dup_default)
      && g_module_symbol (program, "gi_repository_prepend_search_path", (gpointer *) &prepend_to))
    {
      g_autoptr (GObject) repository = dup_default ();

      prepend_to (repository, TYPELIB_DIR);
    }
}

static const BubusPluginLoaderTable *
bubus_plugin_loader_look_up (GModule *module)
{
  gpointer symbol = NULL;
  const BubusPluginLoaderTable *table;

  if (!g_module_symbol (module, "bubus_plugin_loader", &symbol))
    return NULL;

  table = symbol;
  return table->version == BUBUS_PLUGIN_LOADER_VERSION ? table : NULL;
}

static const BubusPluginLoaderTable *
bubus_plugin_loader_open (const char  *name,
                          const char  *path,
                          GError     **error)
{
  GModule *module = g_module_open (path, G_MODULE_BIND_LOCAL);
  const BubusPluginLoaderTable *table;

  if (module == NULL)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The loader “%s” cannot be opened: %s", name,
                   g_module_error ());
      return NULL;
    }

  table = bubus_plugin_loader_look_up (module);
  if (table != NULL)
    {
      /* An interpreter cannot be started twice. */
      g_module_make_resident (module);
      _bubus_plugin_loader_find_typelibs ();
      return table;
    }

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_ABI, "“%s” is not a loader of this version of Bubus", path);
  g_module_close (module);
  return NULL;
}

static char *
bubus_plugin_loader_find_file (const char  *name,
                               GError     **error)
{
  g_autofree char *path = g_strdup_printf ("%s/libbubus-%s-loader." G_MODULE_SUFFIX,
                                           _bubus_plugin_loader_get_directory (), name);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return _bubus_plugin_trust_check (path, error) ? g_steal_pointer (&path) : NULL;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The loader “%s” is not installed: there is no “%s”", name,
               path);
  return NULL;
}

/* Returns: (nullable): the loader, which is found in memory when it has been used before */
const BubusPluginLoaderTable *
_bubus_plugin_loader_find (const char  *name,
                           GError     **error)
{
  g_autofree char *path = bubus_plugin_loader_find_file (name, error);

  return path != NULL ? bubus_plugin_loader_open (name, path, error) : NULL;
}
