/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-python-private.h"

#include <glib/gstdio.h>

#include "bubus-peas-private.h"
#include "bubus-plugin-context-private.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-loader-private.h"
#include "bubus-plugin-trust-private.h"

/* What Python does not do for plugins by itself is written in Python, as a plugin for libpeas: bubus_python_support.py.
 * There is one for all engines, since it changes classes. Without it, plugins work, but do not say what they have
 * raised, and have no new code. */

#define SUPPORT "bubus_python_support"

static GThread *interpreter_thread;   /* nullable: none has needed it */
static PeasEngine *support_engine;    /* nullable: not prepared */
static GHashTable *support_stamps;    /* path of a manifest → what its module was when Python has read it */

static PeasPluginInfo *
bubus_python_find_support (void)
{
  return support_engine != NULL ? peas_engine_get_plugin_info (support_engine, SUPPORT) : NULL;
}

static void
bubus_python_load_support (void)
{
  const char *directory = _bubus_plugin_loader_get_directory ();
  g_autofree char *path = g_build_filename (directory, SUPPORT ".py", NULL);

  if (support_engine != NULL || !_bubus_plugin_trust_check (directory, NULL) || !_bubus_plugin_trust_check (path, NULL))
    return;

  _bubus_plugin_loader_find_typelibs ();
  support_engine = peas_engine_new ();
  peas_engine_enable_loader (support_engine, BUBUS_PEAS_PYTHON_LOADER);
  peas_engine_add_search_path (support_engine, directory, directory);
  if (bubus_python_find_support () != NULL)
    peas_engine_load_plugin (support_engine, bubus_python_find_support ());
}

/* Before each plugin in Python. libpeas knows modules by their names, in all threads, and looks at no lock. */
gboolean
_bubus_python_prepare (GError **error)
{
  if (!_bubus_plugin_loader_claim (&interpreter_thread, "Python", error))
    return FALSE;

  bubus_python_load_support ();
  return TRUE;
}

/* Returns: (transfer full): what changes with the file of a module; a package counts as its __init__.py */
static char *
bubus_python_make_stamp (const BubusPluginManifest *manifest)
{
  g_autofree char *stem = g_build_filename (manifest->directory, manifest->module, NULL);
  g_autofree char *init = g_build_filename (stem, "__init__.py", NULL);
  g_autofree char *file = g_strconcat (stem, ".py", NULL);
  struct stat status = { 0 };

  if (stat (init, &status) != 0)
    stat (file, &status);
  return g_strdup_printf ("%lld.%09ld %lld %llu", (long long) status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                          (long long) status.st_size, (unsigned long long) status.st_ino);
}

static gboolean
bubus_python_reload (BubusPluginInfo  *info,
                     GError          **error)
{
  g_autoptr (BubusPluginContext) context = NULL;
  g_autoptr (BubusPlugin) reloader = NULL;
  PeasPluginInfo *found = bubus_python_find_support ();

  if (found == NULL || !peas_engine_provides_extension (support_engine, found, BUBUS_TYPE_PLUGIN))
    return TRUE;

  context = _bubus_plugin_context_new (NULL, info);
  reloader = (BubusPlugin *) peas_engine_create_extension (support_engine, found, BUBUS_TYPE_PLUGIN, NULL);
  return bubus_plugin_activate (reloader, context, error);
}

/* Lets Python read the module of a plugin anew if it has changed. */
gboolean
_bubus_python_refresh (BubusPluginInfo  *info,
                       GError          **error)
{
  const BubusPluginManifest *manifest = _bubus_plugin_info_get_manifest (info);
  g_autofree char *stamp = bubus_python_make_stamp (manifest);
  const char *before;

  if (support_stamps == NULL)
    support_stamps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  before = g_hash_table_lookup (support_stamps, manifest->path);
  if (before != NULL && !g_str_equal (before, stamp) && !bubus_python_reload (info, error))
    return FALSE;

  g_hash_table_insert (support_stamps, g_strdup (manifest->path), g_steal_pointer (&stamp));
  return TRUE;
}
