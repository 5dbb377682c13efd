/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-info-private.h"

#include "bubus-plugin-context-private.h"

/**
 * BubusPluginInfo:
 *
 * What is known of one plugin: what its manifest says, and how far it has come.
 *
 * A [class@Host] has one for every manifest that it finds, also for those with which something is wrong: then
 * [property@PluginInfo:state] is `failed` or `skipped`, and [property@PluginInfo:error] has the reasons, from the
 * outermost to the innermost. The state is announced by `notify`, after the error has been set.
 *
 * A manifest is a key file with the ending `.plugin` in the directory of the module:
 *
 * ```ini
 * [Plugin]
 * Module=orders
 * Name=Orders
 * Description=Processes orders
 * Depends=stock;cards
 * X-Bubus-ABI=1.0
 * ```
 *
 * `Module` and `Name` must be there. `Module` is the name of the plugin and of its file: `liborders.so`, or
 * `orders.py` when `Loader` is that of Python, which is `python3` for libpeas 1 and `python` for libpeas 2, or
 * `orders.js` when it is `js`.
 * `Depends` names plugins that must be active first, and so does `X-Bubus-Requires`, which is the one to use when one
 * of the two is written in JavaScript. `X-Bubus-After` and `X-Bubus-Before` say in which order plugins are activated
 * that do not need each other.
 *
 * Everything but the state and the error stays as it is. Not thread-safe: an info belongs to the thread of its host.
 *
 * Since: 1.0
 */
struct _BubusPluginInfo
{
  GObject parent_instance;

  BubusPluginManifest *manifest;
  BubusPluginState     state;
  GError              *error;  /* nullable */
  BubusPluginContext  *context; /* nullable, not owned: the one of the plugin's code, while there is one */
  guint                process_id; /* 0: it has no process of its own, or none now */
  gboolean             broken; /* there is no use in trying before the next scan */
};

G_DEFINE_FINAL_TYPE (BubusPluginInfo, bubus_plugin_info, G_TYPE_OBJECT)

G_DEFINE_ENUM_TYPE (BubusPluginState, bubus_plugin_state,
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_DISCOVERED, "discovered"),
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_RESOLVED, "resolved"),
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_LOADING, "loading"),
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_ACTIVE, "active"),
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_DRAINING, "draining"),
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_UNLOADED, "unloaded"),
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (BUBUS_PLUGIN_STATE_SKIPPED, "skipped"))

static void
bubus_plugin_info_finalize (GObject *object)
{
  BubusPluginInfo *self = BUBUS_PLUGIN_INFO (object);

  g_clear_pointer (&self->manifest, _bubus_plugin_manifest_free);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (bubus_plugin_info_parent_class)->finalize (object);
}

static void
bubus_plugin_info_class_init (BubusPluginInfoClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_plugin_info_finalize;
  _bubus_plugin_info_install_properties (G_OBJECT_CLASS (klass));
}

static void
bubus_plugin_info_init (BubusPluginInfo *self)
{
  /* Languages can make one by hand: it describes nothing. */
  self->manifest = g_new0 (BubusPluginManifest, 1);
}

/* Takes @manifest. */
BubusPluginInfo *
_bubus_plugin_info_new (BubusPluginManifest *manifest)
{
  BubusPluginInfo *self = g_object_new (BUBUS_TYPE_PLUGIN_INFO, NULL);

  _bubus_plugin_manifest_free (self->manifest);
  self->manifest = manifest;
  return self;
}

/* A @context of %NULL means that the plugin's code is gone. */
void
_bubus_plugin_info_set_context (BubusPluginInfo    *self,
                                BubusPluginContext *context)
{
  self->context = context;
}

const BubusPluginManifest *
_bubus_plugin_info_get_manifest (BubusPluginInfo *self)
{
  return self->manifest;
}

/* Tells whether the plugin's code is, or is about to be, running. */
gboolean
_bubus_plugin_info_is_in_use (BubusPluginInfo *self)
{
  return self->state == BUBUS_PLUGIN_STATE_LOADING
         || self->state == BUBUS_PLUGIN_STATE_ACTIVE
         || self->state == BUBUS_PLUGIN_STATE_DRAINING;
}

gboolean
_bubus_plugin_info_is_broken (BubusPluginInfo *self)
{
  return self->broken;
}

void
_bubus_plugin_info_set_process_id (BubusPluginInfo *self,
                                   guint            process_id)
{
  if (self->process_id == process_id)
    return;

  self->process_id = process_id;
  _bubus_plugin_info_notify (self, BUBUS_PLUGIN_INFO_PROP_PROCESS_ID);
}

/* Forgets the error. */
void
_bubus_plugin_info_set_state (BubusPluginInfo  *self,
                              BubusPluginState  state)
{
  _bubus_plugin_info_fail (self, state, NULL);
}

/* What a plugin says, and the name of a file, need not be text, as the message of an error is in most languages. */
void
_bubus_plugin_info_mend_message (GError *error)
{
  char *message = g_utf8_make_valid (error->message, -1);

  g_free (error->message);
  error->message = message;
}

/* Keeps a copy of @error, which may be %NULL. Both are changed before either is announced. */
void
_bubus_plugin_info_fail (BubusPluginInfo  *self,
                         BubusPluginState  state,
                         const GError     *error)
{
  g_autoptr (GError) old_error = g_steal_pointer (&self->error);
  gboolean state_changed = self->state != state;

  self->error = error != NULL ? g_error_copy (error) : NULL;
  if (self->error != NULL)
    _bubus_plugin_info_mend_message (self->error);
  self->state = state;
  if (old_error != NULL || error != NULL)
    _bubus_plugin_info_notify (self, BUBUS_PLUGIN_INFO_PROP_ERROR);
  if (state_changed)
    _bubus_plugin_info_notify (self, BUBUS_PLUGIN_INFO_PROP_STATE);
}

/* For what only another manifest can repair. */
void
_bubus_plugin_info_break (BubusPluginInfo *self,
                          const GError    *error)
{
  self->broken = TRUE;
  _bubus_plugin_info_fail (self, BUBUS_PLUGIN_STATE_FAILED, error);
}

/**
 * bubus_plugin_info_get_name:
 * @self: what is known of a plugin
 *
 * Gives the name by which the plugin is called.
 *
 * If the manifest could not be read, this is its file name without the ending.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_name (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->module;
}

/**
 * bubus_plugin_info_get_display_name:
 * @self: what is known of a plugin
 *
 * Gives the name to show to people.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_display_name (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->name;
}

/**
 * bubus_plugin_info_get_description:
 * @self: what is known of a plugin
 *
 * Gives what the plugin does.
 *
 * Returns: (nullable): the description
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_description (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->description;
}

/**
 * bubus_plugin_info_get_version:
 * @self: what is known of a plugin
 *
 * Gives the version of the plugin.
 *
 * Returns: (nullable): the version
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_version (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->version;
}

/**
 * bubus_plugin_info_get_website:
 * @self: what is known of a plugin
 *
 * Gives where there is more about the plugin.
 *
 * Returns: (nullable): the address
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_website (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->website;
}

/**
 * bubus_plugin_info_get_authors:
 * @self: what is known of a plugin
 *
 * Gives who made the plugin.
 *
 * Returns: (transfer none) (array zero-terminated=1): the authors, possibly none
 *
 * Since: 1.0
 */
const char * const *
bubus_plugin_info_get_authors (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return (const char * const *) self->manifest->authors;
}

/**
 * bubus_plugin_info_get_loader:
 * @self: what is known of a plugin
 *
 * Gives which kind of module it is, as the manifest has it; `C` when it has nothing.
 *
 * Returns: the loader
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_loader (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->loader_name;
}

/**
 * bubus_plugin_info_get_directory:
 * @self: what is known of a plugin
 *
 * Gives the directory with the manifest and the module, absolute and without symbolic links.
 *
 * Returns: (type filename): the directory
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_directory (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->directory;
}

/**
 * bubus_plugin_info_get_path:
 * @self: what is known of a plugin
 *
 * Gives the file of the manifest.
 *
 * Returns: (type filename): the path
 *
 * Since: 1.0
 */
const char *
bubus_plugin_info_get_path (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->manifest->path;
}

/**
 * bubus_plugin_info_get_depends:
 * @self: what is known of a plugin
 *
 * Gives the names of the plugins that must be active before this one.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names, possibly none
 *
 * Since: 1.0
 */
const char * const *
bubus_plugin_info_get_depends (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return (const char * const *) self->manifest->requires;
}

/**
 * bubus_plugin_info_get_isolated: (get-property isolated)
 * @self: an info
 *
 * Says whether the manifest wants a process of its own for the plugin: `X-Bubus-Isolation=process`. A host can give one
 * to all plugins, see [property@Host:isolation].
 *
 * Returns: whether the plugin wants to be isolated
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_info_get_isolated (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), FALSE);

  return self->manifest->isolated;
}

/**
 * bubus_plugin_info_get_process_id: (get-property process-id)
 * @self: an info
 *
 * Says which process the plugin works in.
 *
 * Returns: the number of a process, or 0 when the plugin works in that of the host, or there is none just now
 *
 * Since: 1.0
 */
guint
bubus_plugin_info_get_process_id (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), 0);

  return self->process_id;
}

/**
 * bubus_plugin_info_get_state:
 * @self: what is known of a plugin
 *
 * Gives how far the plugin has come.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
BubusPluginState
bubus_plugin_info_get_state (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), BUBUS_PLUGIN_STATE_DISCOVERED);

  return self->state;
}

/**
 * bubus_plugin_info_get_error:
 * @self: what is known of a plugin
 *
 * Gives why the plugin has failed or been skipped, or what went wrong when it was deactivated.
 *
 * The error is valid until the state changes.
 *
 * Returns: (transfer none) (nullable): the error, with the whole chain of reasons
 *
 * Since: 1.0
 */
const GError *
bubus_plugin_info_get_error (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->error;
}

/**
 * bubus_plugin_info_list_registrations:
 * @self: what is known of a plugin
 *
 * Lists what the plugin has acquired through its context and has now, in the order in which it did, for people to
 * read: for example `handler greet of HelloEvent on MainBus`.
 *
 * Returns: (transfer full) (array zero-terminated=1): one text for each, possibly none
 *
 * Since: 1.0
 */
char **
bubus_plugin_info_list_registrations (BubusPluginInfo *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_INFO (self), NULL);

  return self->context != NULL ? _bubus_plugin_context_list_registrations (self->context) : g_new0 (char *, 1);
}
