/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-unit-private.h"

#include "base/bubus-error.h"
#include "bubus-host-private.h"
#include "bubus-plugin-abi-private.h"
#include "bubus-plugin-context-private.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-loader-private.h"
#include "bubus-host-private.h"
#include "bubus-plugin-settings-private.h"
#include "bubus-plugin-trust-private.h"
#include "bubus-worker-plugin-private.h"

/* What comes next is decided by _bubus_plugin_unit_advance() alone. */
typedef enum
{
  BUBUS_PLUGIN_UNIT_ACTIVATING,
  BUBUS_PLUGIN_UNIT_ACTIVE,
  BUBUS_PLUGIN_UNIT_DRAINING,     /* handlers of it that answer later have not done so yet */
  BUBUS_PLUGIN_UNIT_DEACTIVATING,
  BUBUS_PLUGIN_UNIT_GONE,
} BubusPluginUnitPhase;

struct _BubusPluginUnit
{
  BubusPluginEngine            *engine;  /* not owned */
  const BubusPluginLoaderTable *loader;  /* nullable: the one that has loaded it, when that is not the engine */
  BubusPluginInfo              *info;
  BubusPlugin                  *plugin;
  BubusPluginContext           *context;
  BubusPluginAnswer            *answer;  /* nullable: what is waited for; the context has it */
  BubusPluginUnitPhase          phase;
  gboolean                      isolated; /* its code runs in another process */
  GError                       *error;   /* nullable: what has gone wrong */
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

/* Looking at the ABI record opens the module, which a host does not do with one that is to run in a worker. */
static gboolean
bubus_plugin_unit_check_c (const BubusPluginManifest *manifest,
                           gboolean                   isolated,
                           GError                   **error)
{
  g_autofree char *path = bubus_plugin_unit_find_c_module (manifest);

  return _bubus_plugin_trust_check (path, error) && (isolated || _bubus_plugin_abi_check_module (path, error));
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

/* An interpreter looks for its modules where the environment says. */
static gboolean
bubus_plugin_unit_check_interpreter (const BubusPluginManifest *manifest,
                                     GError                   **error)
{
  if (manifest->loader == BUBUS_PLUGIN_LOADER_C || !_bubus_plugin_trust_is_privileged ())
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_UNTRUSTED,
               "A program that has more rights than its caller can only use plugins in C, as others obey the "
               "environment of the caller");
  return FALSE;
}

/* Again, as it may have changed since the manifest was read. */
static gboolean
bubus_plugin_unit_check (const BubusPluginManifest *manifest,
                         gboolean                   isolated,
                         GError                   **error)
{
  if (!bubus_plugin_unit_check_interpreter (manifest, error)
      || !_bubus_plugin_trust_check (manifest->directory, error)
      || !_bubus_plugin_trust_check (manifest->path, error))
    return FALSE;

  switch (manifest->loader)
    {
    case BUBUS_PLUGIN_LOADER_C:
      return bubus_plugin_unit_check_c (manifest, isolated, error);
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
  else if (!self->isolated)
    _bubus_plugin_engine_unload (self->engine, self->info);
}

/* Symmetric to loading and activating: what was acquired goes first, then the object, then its module. An object whose
 * handler is on the stack goes when that has returned. */
static void
bubus_plugin_unit_release (BubusPluginUnit *self)
{
  BubusPluginCalls *calls = _bubus_plugin_context_get_calls (self->context);

  self->phase = BUBUS_PLUGIN_UNIT_GONE;
  self->answer = NULL;
  _bubus_plugin_info_set_context (self->info, NULL);
  if (self->plugin != NULL)
    _bubus_plugin_calls_keep (calls, self->plugin);
  _bubus_plugin_context_close (self->context);
  if (self->plugin != NULL)
    bubus_plugin_unit_unload (self);
}

void
_bubus_plugin_unit_free (BubusPluginUnit *self)
{
  g_assert (self->phase == BUBUS_PLUGIN_UNIT_GONE);

  g_object_unref (self->context);
  g_object_unref (self->info);
  g_clear_error (&self->error);
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
bubus_plugin_unit_read_settings (BubusPluginUnit  *self,
                                 BubusHost        *host,
                                 GError          **error)
{
  g_autoptr (GKeyFile) values = _bubus_host_read_settings (host, error);
  GVariant *settings = NULL;

  if (values != NULL)
    settings = _bubus_plugin_settings_read (_bubus_plugin_info_get_manifest (self->info), values, error);
  if (settings != NULL)
    _bubus_plugin_context_take_settings (self->context, settings);
  return settings != NULL;
}

static gboolean
bubus_plugin_unit_load (BubusPluginUnit  *self,
                        BubusHost        *host,
                        GError          **error)
{
  const BubusPluginManifest *manifest = _bubus_plugin_info_get_manifest (self->info);

  if (!bubus_plugin_unit_check (manifest, self->isolated, error))
    return FALSE;

  if (self->isolated)
    self->plugin = _bubus_worker_plugin_new (host);
  else if (manifest->loader == BUBUS_PLUGIN_LOADER_JS)
    self->plugin = bubus_plugin_unit_load_script (self, manifest, error);
  else
    self->plugin = _bubus_plugin_engine_load (self->engine, self->info, error);
  return self->plugin != NULL;
}

/* Keeps the first error. Takes @error. */
static void
bubus_plugin_unit_note_error (BubusPluginUnit *self,
                              GError          *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
  _bubus_plugin_info_mend_message (self->error);
}

static void
bubus_plugin_unit_fail (BubusPluginUnit *self,
                        GError          *error)
{
  bubus_plugin_unit_note_error (self, error);
  bubus_plugin_unit_release (self);
  _bubus_plugin_info_fail (self->info, BUBUS_PLUGIN_STATE_FAILED, self->error);
}

static void
bubus_plugin_unit_finish_activation (BubusPluginUnit *self)
{
  if (self->answer->error == NULL)
    self->answer->error = _bubus_plugin_context_steal_refusal (self->context);
  if (self->answer->error != NULL)
    {
      bubus_plugin_unit_fail (self, g_steal_pointer (&self->answer->error));
      return;
    }

  self->answer = NULL;
  self->phase = BUBUS_PLUGIN_UNIT_ACTIVE;
  _bubus_plugin_info_set_state (self->info, BUBUS_PLUGIN_STATE_ACTIVE);
}

/* A plugin whose process could not be kept has failed, even though it went in good order. */
static void
bubus_plugin_unit_finish_deactivation (BubusPluginUnit *self)
{
  BubusPluginState state;

  if (self->answer->error != NULL)
    bubus_plugin_unit_note_error (self, g_steal_pointer (&self->answer->error));
  bubus_plugin_unit_release (self);
  state = g_error_matches (self->error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED) ? BUBUS_PLUGIN_STATE_FAILED
                                                                                 : BUBUS_PLUGIN_STATE_UNLOADED;
  _bubus_plugin_info_fail (self->info, state, self->error);
}

/* A plugin that has not deferred has answered by returning. */
static void
bubus_plugin_unit_take_answer (BubusPluginUnit *self,
                               gboolean         succeeded,
                               GError          *error)
{
  BubusPluginAnswer *answer = self->answer;

  if (succeeded && (answer->deferred || answer->given))
    return;

  answer->given = TRUE;
  g_clear_error (&answer->error);
  answer->error = error;
}

static void
bubus_plugin_unit_deactivate (BubusPluginUnit *self)
{
  GError *error = NULL;
  gboolean succeeded;

  self->phase = BUBUS_PLUGIN_UNIT_DEACTIVATING;
  self->answer = _bubus_plugin_context_ask (self->context);
  succeeded = bubus_plugin_deactivate (self->plugin, self->context, &error);
  bubus_plugin_unit_take_answer (self, succeeded, error);
}

static gboolean
bubus_plugin_unit_shall_isolate (BubusHost       *host,
                                 BubusPluginInfo *info)
{
  return host->guest == NULL
         && (host->worker.isolation == BUBUS_ISOLATION_PROCESS || bubus_plugin_info_get_isolated (info));
}

/* Loads and activates a plugin whose dependencies are active.
 *
 * Returns: (transfer full): the unit, which is to be advanced */
BubusPluginUnit *
_bubus_plugin_unit_start (BubusHost         *host,
                          BubusPluginEngine *engine,
                          BubusPluginInfo   *info)
{
  BubusPluginUnit *self = g_new0 (BubusPluginUnit, 1);
  GError *error = NULL;
  gboolean succeeded;

  self->engine = engine;
  self->info = g_object_ref (info);
  self->isolated = bubus_plugin_unit_shall_isolate (host, info);
  self->context = _bubus_plugin_context_new (host, info);
  self->answer = _bubus_plugin_context_ask (self->context);
  _bubus_plugin_info_set_context (info, self->context);
  _bubus_plugin_info_set_state (info, BUBUS_PLUGIN_STATE_LOADING);
  succeeded = bubus_plugin_unit_read_settings (self, host, &error)
              && bubus_plugin_unit_load (self, host, &error)
              && bubus_plugin_activate (self->plugin, self->context, &error);
  bubus_plugin_unit_take_answer (self, succeeded, error);
  return self;
}

/* Begins to deactivate a plugin on which no other depends any more; the unit is to be advanced. @waiter is called
 * whenever there may be something to advance. */
void
_bubus_plugin_unit_stop (BubusPluginUnit *self,
                         GSourceOnceFunc  waiter,
                         gpointer         user_data)
{
  g_assert (self->phase == BUBUS_PLUGIN_UNIT_ACTIVE);

  self->phase = BUBUS_PLUGIN_UNIT_DRAINING;
  _bubus_plugin_info_set_state (self->info, BUBUS_PLUGIN_STATE_DRAINING);
  _bubus_plugin_calls_set_waiter (_bubus_plugin_context_get_calls (self->context), waiter, user_data);
  _bubus_plugin_context_drain (self->context);
}

/* Returns: whether the unit has come to where it was sent: it is active, or gone */
gboolean
_bubus_plugin_unit_advance (BubusPluginUnit *self)
{
  BubusPluginCalls *calls = _bubus_plugin_context_get_calls (self->context);

  if (self->phase == BUBUS_PLUGIN_UNIT_ACTIVATING && self->answer->given)
    bubus_plugin_unit_finish_activation (self);
  if (self->phase == BUBUS_PLUGIN_UNIT_DRAINING && _bubus_plugin_calls_are_done (calls))
    bubus_plugin_unit_deactivate (self);
  if (self->phase == BUBUS_PLUGIN_UNIT_DEACTIVATING && self->answer->given)
    bubus_plugin_unit_finish_deactivation (self);
  return self->phase == BUBUS_PLUGIN_UNIT_ACTIVE || self->phase == BUBUS_PLUGIN_UNIT_GONE;
}

/* Waits no longer for what is waited for; the unit is to be advanced once more. Takes @error, which is that of a plugin
 * that has not answered. */
void
_bubus_plugin_unit_force (BubusPluginUnit *self,
                          GError          *error)
{
  switch (self->phase)
    {
    case BUBUS_PLUGIN_UNIT_ACTIVATING:
      bubus_plugin_unit_fail (self, error);
      break;
    case BUBUS_PLUGIN_UNIT_DRAINING:
      g_error_free (error);
      _bubus_plugin_calls_cancel (_bubus_plugin_context_get_calls (self->context));
      bubus_plugin_unit_deactivate (self);
      break;
    case BUBUS_PLUGIN_UNIT_DEACTIVATING:
      bubus_plugin_unit_take_answer (self, FALSE, error);
      break;
    case BUBUS_PLUGIN_UNIT_ACTIVE:
    case BUBUS_PLUGIN_UNIT_GONE:
    default:
      g_error_free (error);
    }
}

gboolean
_bubus_plugin_unit_is_gone (BubusPluginUnit *self)
{
  return self->phase == BUBUS_PLUGIN_UNIT_GONE;
}

/* Whether a handler of the plugin is being called. */
gboolean
_bubus_plugin_unit_is_on_stack (BubusPluginUnit *self)
{
  return _bubus_plugin_calls_on_stack (_bubus_plugin_context_get_calls (self->context));
}

/* Returns: (nullable): why the plugin has failed, or what it has complained about at its end */
const GError *
_bubus_plugin_unit_get_error (BubusPluginUnit *self)
{
  return self->error;
}

BubusPluginInfo *
_bubus_plugin_unit_get_info (BubusPluginUnit *self)
{
  return self->info;
}
