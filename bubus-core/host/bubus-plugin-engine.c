/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdlib.h>

#include "bubus-plugin-engine-private.h"

#include "base/bubus-error.h"
#include "bubus-log-capture-private.h"
#include "bubus-peas-private.h"
#include "bubus-plugin-info-private.h"
#include "bubus-python-private.h"

/* libpeas remembers a plugin that has failed for as long as the engine lives, and its loaders remember the path of
 * the manifest for as long as the process lives. So after a failure that plugin's directory is spelt in a way that the
 * loaders have not seen yet; and as an engine takes all manifests of a directory, so that others would be spelt anew
 * too, every load has a fresh engine from then on. What is loaded stays in the engine that has loaded it.
 *
 * One case remains: Python does not take a module twice. A plugin that has failed can only be tried again if what it
 * depends on is not written in Python, or lies in another directory. */

/* A plugin that is loaded. */
typedef struct
{
  BubusPluginInfo *info;   /* owned */
  PeasEngine      *engine; /* owned */
} BubusPluginSlot;

struct _BubusPluginEngine
{
  PeasEngine      *current;  /* nullable: made when needed */
  GHashTable      *slots;    /* name → BubusPluginSlot */
  GHashTable      *failures; /* path of a manifest → how often it has failed */
  BubusLogCapture *capture;  /* while something is being loaded */
};

static void
bubus_plugin_slot_free (gpointer data)
{
  BubusPluginSlot *self = data;

  g_object_unref (self->info);
  g_object_unref (self->engine);
  g_free (self);
}

BubusPluginEngine *
_bubus_plugin_engine_new (void)
{
  BubusPluginEngine *self = g_new0 (BubusPluginEngine, 1);

  self->slots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, bubus_plugin_slot_free);
  self->failures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
_bubus_plugin_engine_free (BubusPluginEngine *self)
{
  g_hash_table_unref (self->slots);
  g_hash_table_unref (self->failures);
  g_clear_object (&self->current);
  g_free (self);
}

/* What libpeas has read and remembers counts no more. */
void
_bubus_plugin_engine_renew (BubusPluginEngine *self)
{
  g_clear_object (&self->current);
}

static PeasEngine *
bubus_plugin_engine_ensure_current (BubusPluginEngine *self)
{
  if (g_hash_table_size (self->failures) > 0)
    _bubus_plugin_engine_renew (self);
  if (self->current == NULL)
    self->current = peas_engine_new ();
  return self->current;
}

static guint
bubus_plugin_engine_count_failures (BubusPluginEngine         *self,
                                    const BubusPluginManifest *manifest)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->failures, manifest->path));
}

static char *
bubus_plugin_engine_spell_directory (BubusPluginEngine         *self,
                                     const BubusPluginManifest *manifest)
{
  GString *directory = g_string_new (manifest->directory);

  for (guint i = bubus_plugin_engine_count_failures (self, manifest); i > 0; i--)
    g_string_append (directory, "/.");
  return g_string_free (directory, FALSE);
}

static gboolean
bubus_plugin_engine_is_there (PeasPluginInfo            *found,
                              const BubusPluginManifest *manifest)
{
  g_autofree char *directory = realpath (peas_plugin_info_get_module_dir (found), NULL);

  return g_strcmp0 (directory, manifest->directory) == 0;
}

/* libpeas goes through a directory in no order and takes the first manifest for a module, so what it has found is
 * compared to what was meant. What it says of other manifests there is no concern of this plugin. */
static PeasPluginInfo *
bubus_plugin_engine_find (BubusPluginEngine         *self,
                          PeasEngine                *engine,
                          const BubusPluginManifest *manifest,
                          GError                   **error)
{
  g_autofree char *directory = bubus_plugin_engine_spell_directory (self, manifest);
  PeasPluginInfo *found = peas_engine_get_plugin_info (engine, manifest->module);

  if (found == NULL)
    {
      peas_engine_add_search_path (engine, directory, directory);
      found = peas_engine_get_plugin_info (engine, manifest->module);
    }

  if (found == NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "libpeas does not accept “%s”", manifest->path);
  else if (!bubus_plugin_engine_is_there (found, manifest))
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "libpeas has found another plugin “%s” in “%s”",
                 manifest->module, peas_plugin_info_get_module_dir (found));
  else
    {
      _bubus_log_capture_forget (self->capture);
      return found;
    }
  return NULL;
}

static gboolean
bubus_plugin_engine_load_module (BubusPluginEngine *self,
                                 PeasEngine        *engine,
                                 BubusPluginInfo   *info,
                                 GError           **error);

/* The host has activated them already, but maybe in another engine, and libpeas wants them in the same. */
static gboolean
bubus_plugin_engine_load_depends (BubusPluginEngine         *self,
                                  PeasEngine                *engine,
                                  const BubusPluginManifest *manifest,
                                  GError                   **error)
{
  for (guint i = 0; manifest->depends[i] != NULL; i++)
    {
      BubusPluginSlot *slot = g_hash_table_lookup (self->slots, manifest->depends[i]);

      if (slot == NULL)
        {
          g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                       "libpeas knows no plugins in JavaScript such as “%s”: write X-Bubus-Requires instead of Depends",
                       manifest->depends[i]);
          return FALSE;
        }
      if (!bubus_plugin_engine_load_module (self, engine, slot->info, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
bubus_plugin_engine_load_module (BubusPluginEngine *self,
                                 PeasEngine        *engine,
                                 BubusPluginInfo   *info,
                                 GError           **error)
{
  const BubusPluginManifest *manifest = _bubus_plugin_info_get_manifest (info);
  PeasPluginInfo *found;
  GError *reason = NULL;

  if (manifest->loader == BUBUS_PLUGIN_LOADER_PYTHON)
    {
      if (!_bubus_python_prepare (error))
        return FALSE;
      peas_engine_enable_loader (engine, BUBUS_PEAS_PYTHON_LOADER);
    }

  /* Whose directory comes first decides how a directory that both share is spelt. */
  if (bubus_plugin_engine_count_failures (self, manifest) > 0
      && bubus_plugin_engine_find (self, engine, manifest, error) == NULL)
    return FALSE;
  if (!bubus_plugin_engine_load_depends (self, engine, manifest, error))
    return FALSE;

  found = bubus_plugin_engine_find (self, engine, manifest, error);
  if (found == NULL)
    return FALSE;
  if (peas_engine_load_plugin (engine, found))
    return TRUE;

  peas_plugin_info_is_available (found, &reason);
  if (reason == NULL)
    g_set_error (&reason, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "libpeas refuses to load it");
  g_propagate_error (error, reason);
  return FALSE;
}

static BubusPlugin *
bubus_plugin_engine_create_plugin (PeasEngine                *engine,
                                   const BubusPluginManifest *manifest,
                                   GError                   **error)
{
  PeasPluginInfo *found = peas_engine_get_plugin_info (engine, manifest->module);

  if (peas_engine_provides_extension (engine, found, BUBUS_TYPE_PLUGIN))
    {
      gpointer plugin = peas_engine_create_extension (engine, found, BUBUS_TYPE_PLUGIN, NULL);

      if (plugin != NULL)
        return plugin;
    }

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "It has no object that is a Bubus plugin");
  return NULL;
}

/* What libpeas says by itself is seldom more than “Failed to load”. */
static void
bubus_plugin_engine_explain (const BubusPluginManifest *manifest,
                             BubusLogCapture           *capture,
                             GError                    *reason,
                             GError                   **error)
{
  g_autofree char *details = _bubus_log_capture_dup_text (capture);
  g_autofree char *raised = details != NULL ? _bubus_python_read_traceback (details) : NULL;

  if (raised != NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The module of “%s” cannot be loaded: %s", manifest->module,
                 raised);
  else
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "The module of “%s” cannot be loaded: %s%s%s",
                 manifest->module, reason->message, details != NULL ? ": " : "", details != NULL ? details : "");
  g_error_free (reason);
}

static void
bubus_plugin_engine_note_failure (BubusPluginEngine         *self,
                                  const BubusPluginManifest *manifest)
{
  guint n_failures = bubus_plugin_engine_count_failures (self, manifest) + 1;

  g_hash_table_insert (self->failures, g_strdup (manifest->path), GUINT_TO_POINTER (n_failures));
}

static void
bubus_plugin_engine_note_success (BubusPluginEngine *self,
                                  BubusPluginInfo   *info)
{
  BubusPluginSlot *slot = g_new0 (BubusPluginSlot, 1);

  slot->info = g_object_ref (info);
  slot->engine = g_object_ref (self->current);
  g_hash_table_insert (self->slots, g_strdup (bubus_plugin_info_get_name (info)), slot);
}

/* libpeas takes what Python has in memory. When the new code is at fault, libpeas has not failed. */
static gboolean
bubus_plugin_engine_refresh (PeasEngine       *engine,
                             BubusPluginInfo  *info,
                             gboolean         *refreshed,
                             GError          **error)
{
  const BubusPluginManifest *manifest = _bubus_plugin_info_get_manifest (info);

  *refreshed = manifest->loader != BUBUS_PLUGIN_LOADER_PYTHON || _bubus_python_refresh (info, error);
  if (!*refreshed)
    peas_engine_unload_plugin (engine, peas_engine_get_plugin_info (engine, manifest->module));
  return *refreshed;
}

static BubusPlugin *
bubus_plugin_engine_load_captured (BubusPluginEngine *self,
                                   BubusLogCapture   *capture,
                                   BubusPluginInfo   *info,
                                   gboolean          *refreshed,
                                   GError           **error)
{
  PeasEngine *engine = bubus_plugin_engine_ensure_current (self);
  BubusPlugin *plugin = NULL;

  self->capture = capture;
  if (bubus_plugin_engine_load_module (self, engine, info, error)
      && bubus_plugin_engine_refresh (engine, info, refreshed, error))
    plugin = bubus_plugin_engine_create_plugin (engine, _bubus_plugin_info_get_manifest (info), error);
  self->capture = NULL;
  _bubus_log_capture_end (capture);
  return plugin;
}

/* Returns: (transfer full) (nullable): the plugin of a module that may be trusted */
BubusPlugin *
_bubus_plugin_engine_load (BubusPluginEngine *self,
                           BubusPluginInfo   *info,
                           GError           **error)
{
  const BubusPluginManifest *manifest = _bubus_plugin_info_get_manifest (info);
  g_autoptr (BubusLogCapture) capture = _bubus_log_capture_begin ();
  GError *reason = NULL;
  gboolean refreshed = TRUE;
  BubusPlugin *plugin = bubus_plugin_engine_load_captured (self, capture, info, &refreshed, &reason);

  if (plugin == NULL)
    {
      bubus_plugin_engine_explain (manifest, capture, reason, error);
      if (refreshed)
        bubus_plugin_engine_note_failure (self, manifest);
      return NULL;
    }

  _bubus_log_capture_replay (capture);
  bubus_plugin_engine_note_success (self, info);
  return plugin;
}

/* The plugin must be released before. Collecting garbage lets go of those that are written in Python. */
void
_bubus_plugin_engine_unload (BubusPluginEngine *self,
                             BubusPluginInfo   *info)
{
  const char *name = bubus_plugin_info_get_name (info);
  BubusPluginSlot *slot = g_hash_table_lookup (self->slots, name);

  g_assert (slot != NULL);

  peas_engine_garbage_collect (slot->engine);
  peas_engine_unload_plugin (slot->engine, peas_engine_get_plugin_info (slot->engine, name));
  g_hash_table_remove (self->slots, name);
}
