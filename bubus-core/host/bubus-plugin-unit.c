/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-unit-private.h"

#include "base/bubus-error.h"
#include "bubus-plugin-abi-private.h"
#include "bubus-plugin-context-private.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-loader-private.h"
#include "bubus-plugin-trust-private.h"

struct _BubusPluginUnit
{
  BubusPluginEngine            *engine;  /* not owned */
  const BubusPluginLoaderTable *loader;  /* nullable: the one that has loaded it, when that is not the engine */
  BubusPluginInfo              *info;
  BubusPlugin                  *plugin;
  BubusPluginContext           *context;
};

/* The file that libpeas will open, which tries it without the ending first. */
static char *
bubus_plugin_unit_find_c_module (const BubusPluginManifest *manifest)
{
  g_autofree char *path = g_strdup_printf ("%s/lib%s", manifest->directory, manifest->module);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&path);
  return g_strconcat (path, "." G_MODULE_SUFFIX, NULL);
}

static gboolean
bubus_plugin_unit_check_c (const BubusPluginManifest *manifest,
                           GError                   **error)
{
  g_autofree char *path = bubus_plugin_unit_find_c_module (manifest);

  return _bubus_plugin_trust_check (path, error) && _bubus_plugin_abi_check_module (path, error);
}

static gboolean
bubus_plugin_unit_check_python (const BubusPluginManifest *manifest,
                                GError                   **error)
{
  g_autofree char *package = g_build_filename (manifest->directory, manifest->module, NULL);
  g_autofree char *init = g_build_filename (package, "__init__.py", NULL);
  g_autofree char *file = g_strconcat (package, ".py", NULL);

  /* Python prefers a package, too. */
  if (g_file_test (init, G_FILE_TEST_EXISTS))
    return _bubus_plugin_trust_check (package, error) && _bubus_plugin_trust_check (init, error);
  return _bubus_plugin_trust_check (file, error);
}

static char *
bubus_plugin_unit_find_script (const BubusPluginManifest *manifest)
{
  return g_strdup_printf ("%s/%s.js", manifest->directory, manifest->module);
}

static gboolean
bubus_plugin_unit_check_js (const BubusPluginManifest *manifest,
                            GError                   **error)
{
  g_autofree char *path = bubus_plugin_unit_find_script (manifest);

  return _bubus_plugin_trust_check (path, error);
}

/* Again, as it may have changed since the manifest was read. */
static gboolean
bubus_plugin_unit_check (const BubusPluginManifest *manifest,
                         GError                   **error)
{
  if (!_bubus_plugin_trust_check (manifest->directory, error) || !_bubus_plugin_trust_check (manifest->path, error))
    return FALSE;

  switch (manifest->loader)
    {
    case BUBUS_PLUGIN_LOADER_C:
      return bubus_plugin_unit_check_c (manifest, error);
    case BUBUS_PLUGIN_LOADER_PYTHON:
      return bubus_plugin_unit_check_python (manifest, error);
    case BUBUS_PLUGIN_LOADER_JS:
      return bubus_plugin_unit_check_js (manifest, error);
    default:
      g_assert_not_reached ();
    }
}

static void
bubus_plugin_unit_unload (BubusPluginUnit *self)
{
  g_clear_object (&self->plugin);
  if (self->loader != NULL)
    self->loader->collect ();
  else
    _bubus_plugin_engine_unload (self->engine, self->info);
}

/* Symmetric to loading and activating: what was acquired goes first, then the object, then its module. */
static void
bubus_plugin_unit_free (BubusPluginUnit *self)
{
  if (self->context != NULL)
    _bubus_plugin_context_close (self->context);
  g_clear_object (&self->context);
  if (self->plugin != NULL)
    bubus_plugin_unit_unload (self);
  g_object_unref (self->info);
  g_free (self);
}

static BubusPlugin *
bubus_plugin_unit_load_script (BubusPluginUnit           *self,
                               const BubusPluginManifest *manifest,
                               GError                   **error)
{
  g_autofree char *path = bubus_plugin_unit_find_script (manifest);

  self->loader = _bubus_plugin_loader_find (manifest->loader_name, error);
  return self->loader != NULL ? self->loader->load (manifest->module, path, error) : NULL;
}

static gboolean
bubus_plugin_unit_load (BubusPluginUnit  *self,
                        GError          **error)
{
  const BubusPluginManifest *manifest = _bubus_plugin_info_get_manifest (self->info);

  if (!bubus_plugin_unit_check (manifest, error))
    return FALSE;

  if (manifest->loader == BUBUS_PLUGIN_LOADER_JS)
    self->plugin = bubus_plugin_unit_load_script (self, manifest, error);
  else
    self->plugin = _bubus_plugin_engine_load (self->engine, self->info, error);
  return self->plugin != NULL;
}

/* Loads and activates a plugin whose dependencies are active.
 *
 * Returns: (transfer full) (nullable): the unit; otherwise the plugin has failed and nothing of it is left */
BubusPluginUnit *
_bubus_plugin_unit_start (BubusHost         *host,
                          BubusPluginEngine *engine,
                          BubusPluginInfo   *info,
                          GError           **error)
{
  BubusPluginUnit *self = g_new0 (BubusPluginUnit, 1);
  GError *reason = NULL;

  self->engine = engine;
  self->info = g_object_ref (info);
  self->context = _bubus_plugin_context_new (host, info);
  _bubus_plugin_info_set_state (info, BUBUS_PLUGIN_STATE_LOADING);
  if (bubus_plugin_unit_load (self, &reason) && bubus_plugin_activate (self->plugin, self->context, &reason))
    {
      _bubus_plugin_info_set_state (info, BUBUS_PLUGIN_STATE_ACTIVE);
      return self;
    }

  bubus_plugin_unit_free (self);
  _bubus_plugin_info_fail (info, BUBUS_PLUGIN_STATE_FAILED, reason);
  g_propagate_error (error, reason);
  return NULL;
}

/* Deactivates and unloads a plugin on which no other depends any more, and frees @self in any case.
 *
 * Returns: whether the plugin itself had nothing to complain about */
gboolean
_bubus_plugin_unit_stop (BubusPluginUnit  *self,
                         GError          **error)
{
  g_autoptr (BubusPluginInfo) info = g_object_ref (self->info);
  GError *reason = NULL;

  _bubus_plugin_info_set_state (info, BUBUS_PLUGIN_STATE_DRAINING);
  bubus_plugin_deactivate (self->plugin, self->context, &reason);
  bubus_plugin_unit_free (self);
  _bubus_plugin_info_fail (info, BUBUS_PLUGIN_STATE_UNLOADED, reason);
  if (reason == NULL)
    return TRUE;

  g_propagate_error (error, reason);
  return FALSE;
}

BubusPluginInfo *
_bubus_plugin_unit_get_info (BubusPluginUnit *self)
{
  return self->info;
}
