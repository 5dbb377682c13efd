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

typedef enum
{
  PROP_NAME = 1,
  PROP_DISPLAY_NAME,
  PROP_DESCRIPTION,
  PROP_VERSION,
  PROP_WEBSITE,
  PROP_AUTHORS,
  PROP_LOADER,
  PROP_DIRECTORY,
  PROP_PATH,
  PROP_DEPENDS,
  PROP_STATE,
  PROP_ERROR,
  PROP_ISOLATED,
  PROP_PROCESS_ID,
} BubusPluginInfoProperty;

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

static GParamSpec *properties[PROP_PROCESS_ID + 1];

static void
bubus_plugin_info_finalize (GObject *object)
{
  BubusPluginInfo *self = BUBUS_PLUGIN_INFO (object);

  _bubus_plugin_manifest_free (self->manifest);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (bubus_plugin_info_parent_class)->finalize (object);
}

static void
bubus_plugin_info_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  BubusPluginInfo *self = BUBUS_PLUGIN_INFO (object);

  switch ((BubusPluginInfoProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, bubus_plugin_info_get_name (self));
      break;
    case PROP_DISPLAY_NAME:
      g_value_set_string (value, bubus_plugin_info_get_display_name (self));
      break;
    case PROP_DESCRIPTION:
      g_value_set_string (value, bubus_plugin_info_get_description (self));
      break;
    case PROP_VERSION:
      g_value_set_string (value, bubus_plugin_info_get_version (self));
      break;
    case PROP_WEBSITE:
      g_value_set_string (value, bubus_plugin_info_get_website (self));
      break;
    case PROP_AUTHORS:
      g_value_set_boxed (value, bubus_plugin_info_get_authors (self));
      break;
    case PROP_LOADER:
      g_value_set_string (value, bubus_plugin_info_get_loader (self));
      break;
    case PROP_DIRECTORY:
      g_value_set_string (value, bubus_plugin_info_get_directory (self));
      break;
    case PROP_PATH:
      g_value_set_string (value, bubus_plugin_info_get_path (self));
      break;
    case PROP_DEPENDS:
      g_value_set_boxed (value, bubus_plugin_info_get_depends (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, bubus_plugin_info_get_state (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, bubus_plugin_info_get_error (self));
      break;
    case PROP_ISOLATED:
      g_value_set_boolean (value, bubus_plugin_info_get_isolated (self));
      break;
    case PROP_PROCESS_ID:
      g_value_set_uint (value, bubus_plugin_info_get_process_id (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static void
bubus_plugin_info_create_description_pspecs (void)
{
  /**
   * BubusPluginInfo:name:
   *
   * The name by which the plugin is called, which is that of its module.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:display-name:
   *
   * The name to show to people, in their language if the manifest has it.
   *
   * Since: 1.0
   */
  properties[PROP_DISPLAY_NAME] = g_param_spec_string ("display-name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:description:
   *
   * What the plugin does, in the people's language if the manifest has it.
   *
   * Since: 1.0
   */
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:version:
   *
   * The version of the plugin.
   *
   * Since: 1.0
   */
  properties[PROP_VERSION] = g_param_spec_string ("version", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:website:
   *
   * Where there is more about the plugin.
   *
   * Since: 1.0
   */
  properties[PROP_WEBSITE] = g_param_spec_string ("website", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:authors:
   *
   * Who made the plugin.
   *
   * Since: 1.0
   */
  properties[PROP_AUTHORS] = g_param_spec_boxed ("authors", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);
}

static void
bubus_plugin_info_create_host_pspecs (void)
{
  /**
   * BubusPluginInfo:loader:
   *
   * Which kind of module it is, as the manifest has it.
   *
   * Since: 1.0
   */
  properties[PROP_LOADER] = g_param_spec_string ("loader", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:directory:
   *
   * The directory with the manifest and the module, absolute and without symbolic links.
   *
   * Since: 1.0
   */
  properties[PROP_DIRECTORY] = g_param_spec_string ("directory", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:path:
   *
   * The file of the manifest.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:depends:
   *
   * The names of the plugins that must be active before this one.
   *
   * Since: 1.0
   */
  properties[PROP_DEPENDS] = g_param_spec_boxed ("depends", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:isolated: (getter get_isolated)
   *
   * Whether the manifest wants a process of its own for the plugin.
   *
   * Since: 1.0
   */
  properties[PROP_ISOLATED] = g_param_spec_boolean ("isolated", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:process-id: (getter get_process_id)
   *
   * The process in which the plugin works, when that is not the one of the host and there is one just now; else 0.
   *
   * Since: 1.0
   */
  properties[PROP_PROCESS_ID] = g_param_spec_uint ("process-id", NULL, NULL, 0, G_MAXUINT, 0, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:state:
   *
   * How far the plugin has come.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, BUBUS_TYPE_PLUGIN_STATE,
                                              BUBUS_PLUGIN_STATE_DISCOVERED, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:error:
   *
   * Why the plugin has failed or been skipped, or what went wrong when it was deactivated.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, PROPERTY_FLAGS);
}

static void
bubus_plugin_info_class_init (BubusPluginInfoClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_plugin_info_finalize;
  object_class->get_property = bubus_plugin_info_get_property;

  bubus_plugin_info_create_description_pspecs ();
  bubus_plugin_info_create_host_pspecs ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_plugin_info_init (BubusPluginInfo *self)
{
}

/* Takes @manifest. */
BubusPluginInfo *
_bubus_plugin_info_new (BubusPluginManifest *manifest)
{
  BubusPluginInfo *self = g_object_new (BUBUS_TYPE_PLUGIN_INFO, NULL);

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
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROCESS_ID]);
}

/* Forgets the error. */
void
_bubus_plugin_info_set_state (BubusPluginInfo  *self,
                              BubusPluginState  state)
{
  _bubus_plugin_info_fail (self, state, NULL);
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
  self->state = state;
  if (old_error != NULL || error != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  if (state_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
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
