/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include <gjs/gjs.h>
#include <gmodule.h>

#include "base/bubus-error.h"
#include "bubus-plugin-loader-private.h"

/* Loads plugins in JavaScript. There is no C function to call JavaScript with, so the other half of this is a script,
 * bubus-js-loader.js, which makes a class that implements the plugin interface; here instances of it are made. Each
 * imports one module.
 *
 * A module is registered under an address that has not been used before, so that one that failed, or was changed, is
 * read again; one that was loaded before is imported again under its old address, since the types that it has made are
 * for ever. gjs reads the file when it is registered; importing it then takes only jobs that evaluating any script
 * runs, and no iteration of the main loop. */

#define SCRIPT_PATH "/org/bubus/host/bubus-js-loader.js"
#define PLUGIN_TYPE_NAME "BubusScriptPlugin"

/* A file as it was when its module was loaded. */
typedef struct
{
  char            *address;
  struct timespec  changed_at;
  off_t            size;
  ino_t            inode;
} BubusJsModule;

/* The interpreter lives as long as the process, since the types that are made in it do. */
static GjsContext *interpreter;
static GThread *interpreter_thread;
static GHashTable *modules; /* path → BubusJsModule */

static void
bubus_js_module_free (gpointer data)
{
  BubusJsModule *self = data;

  g_free (self->address);
  g_free (self);
}

static gboolean
bubus_js_module_is_current (const BubusJsModule *self,
                            const struct stat   *status)
{
  return self->changed_at.tv_sec == status->st_mtim.tv_sec && self->changed_at.tv_nsec == status->st_mtim.tv_nsec
         && self->size == status->st_size && self->inode == status->st_ino;
}

static gboolean
bubus_js_loader_evaluate (const char  *script,
                          gssize       length,
                          GError     **error)
{
  g_autoptr (GError) reason = NULL;
  int status;

  if (gjs_context_eval (interpreter, script, length, SCRIPT_PATH, &status, &reason))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "gjs cannot be used: %s", reason->message);
  return FALSE;
}

/* Bubus may be installed where gjs does not look. What it finds by itself comes first. */
static gboolean
bubus_js_loader_find_overrides (GError **error)
{
  g_autofree char *directory = g_strescape (GJS_OVERRIDES_DIR, NULL);
  g_autofree char *script = g_strdup_printf ("imports.overrides.searchPath.push(\"%s\"); 0;", directory);

  return bubus_js_loader_evaluate (script, -1, error);
}

static gboolean
bubus_js_loader_start (GError **error)
{
  g_autoptr (GBytes) script = g_resources_lookup_data (SCRIPT_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

  if (script == NULL)
    return FALSE;

  /* A program in JavaScript has one already. */
  interpreter = gjs_context_get_current ();
  interpreter = interpreter != NULL ? g_object_ref (interpreter) : gjs_context_new ();
  modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, bubus_js_module_free);
  return bubus_js_loader_find_overrides (error)
         && bubus_js_loader_evaluate (g_bytes_get_data (script, NULL), (gssize) g_bytes_get_size (script), error);
}

static gboolean
bubus_js_loader_ensure (GError **error)
{
  if (!_bubus_plugin_loader_claim (&interpreter_thread, "JavaScript", error)
      || (interpreter == NULL && !bubus_js_loader_start (error)))
    return FALSE;
  if (g_type_from_name (PLUGIN_TYPE_NAME) != G_TYPE_INVALID)
    return TRUE;

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "gjs could not be prepared for plugins");
  return FALSE;
}

/* Complaints name the file, not the address. */
static void
bubus_js_loader_explain (const char  *address,
                         const char  *path,
                         const char  *reason,
                         GError     **error)
{
  g_autoptr (GString) text = g_string_new (reason);

  g_string_replace (text, address, path, 0);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "%s", text->str);
}

/* Returns: the line of @uri that cannot be parsed; 0 when it is not known */
static int
bubus_js_loader_find_syntax_error (const char *uri)
{
  g_autofree char *script = g_strdup_printf ("_bubusFindSyntaxError(\"%s\");", uri);
  int line = 0;

  return gjs_context_eval (interpreter, script, -1, SCRIPT_PATH, &line, NULL) ? line : 0;
}

static void
bubus_js_loader_explain_syntax (const char  *address,
                                const char  *path,
                                const char  *uri,
                                const char  *reason,
                                GError     **error)
{
  g_autofree char *text = NULL;
  int line;

  if (strstr (reason, "SyntaxError") == NULL)
    {
      bubus_js_loader_explain (address, path, reason, error);
      return;
    }

  line = bubus_js_loader_find_syntax_error (uri);
  text = line > 0 ? g_strdup_printf ("%s\n    at (module) (%s:%d)", reason, path, line) : g_strdup (reason);
  bubus_js_loader_explain (address, path, text, error);
}

static gboolean
bubus_js_loader_register (const char  *address,
                          const char  *path,
                          GError     **error)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, error);
  g_autoptr (GError) reason = NULL;

  if (uri == NULL)
    return FALSE;
  if (gjs_context_register_module (interpreter, address, uri, &reason))
    return TRUE;

  bubus_js_loader_explain_syntax (address, path, uri, reason->message, error);
  return FALSE;
}

/* A module that waits for something at its top level is not there yet, which is no problem here: its activation
 * waits for it. */
static BubusPlugin *
bubus_js_loader_import (const char  *address,
                        const char  *path,
                        GError     **error)
{
  g_autoptr (BubusPlugin) plugin = g_object_new (g_type_from_name (PLUGIN_TYPE_NAME), "address", address, NULL);
  g_autofree char *problem = NULL;

  if (!bubus_js_loader_evaluate ("0;", -1, error))
    return NULL;

  g_object_get (plugin, "problem", &problem, NULL);
  if (problem == NULL)
    return g_steal_pointer (&plugin);

  bubus_js_loader_explain (address, path, problem, error);
  return NULL;
}

/* Returns: (transfer none) (nullable): the address under which a module is registered */
static const char *
bubus_js_loader_find_address (const char         *name,
                              const char         *path,
                              const struct stat  *status,
                              GError            **error)
{
  static guint n_loaded;
  BubusJsModule *module = g_hash_table_lookup (modules, path);
  g_autofree char *address = NULL;

  if (module != NULL && bubus_js_module_is_current (module, status))
    return module->address;

  address = g_strdup_printf ("bubus-plugin:%u/%s", n_loaded++, name);
  if (!bubus_js_loader_register (address, path, error))
    return NULL;

  module = g_new0 (BubusJsModule, 1);
  module->address = g_steal_pointer (&address);
  module->changed_at = status->st_mtim;
  module->size = status->st_size;
  module->inode = status->st_ino;
  g_hash_table_insert (modules, g_strdup (path), module);
  return module->address;
}

static BubusPlugin *
bubus_js_loader_load (const char  *name,
                      const char  *path,
                      GError     **error)
{
  struct stat status = { 0 };
  const char *address;
  BubusPlugin *plugin;

  if (!bubus_js_loader_ensure (error))
    return NULL;

  stat (path, &status);
  address = bubus_js_loader_find_address (name, path, &status, error);
  if (address == NULL)
    return NULL;

  plugin = bubus_js_loader_import (address, path, error);
  if (plugin == NULL)
    g_hash_table_remove (modules, path);
  return plugin;
}

static void
bubus_js_loader_collect (void)
{
  gjs_context_gc (interpreter);
}

G_MODULE_EXPORT extern const BubusPluginLoaderTable bubus_plugin_loader;

const BubusPluginLoaderTable bubus_plugin_loader = {
  BUBUS_PLUGIN_LOADER_VERSION,
  bubus_js_loader_load,
  bubus_js_loader_collect,
};
