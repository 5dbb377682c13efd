/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "bubus-host.h"

#include "base/bubus-error.h"
#include "bubus-plugin-engine-private.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-plan-private.h"
#include "bubus-plugin-scanner-private.h"
#include "bubus-plugin-unit-private.h"

/**
 * BubusHost:
 *
 * Finds plugins, loads and activates them, and gives them buses to work on.
 *
 * A host is made for a main bus. It looks for plugins in the directories of its search path and in those that lie
 * directly in them ([method@Host.add_search_path], [method@Host.scan]); it is the list of what it has found, good
 * and bad. A plugin is activated by its name, after everything it depends on, and deactivated after everything that
 * depends on it. Nothing that is wrong with a plugin is worse than an error, short of a crash of its code.
 *
 * ```c
 * g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("ShopBus");
 * g_autoptr (BubusHost) host = bubus_host_new (bus);
 *
 * if (!bubus_host_add_search_path (host, "/usr/lib/bubus-1/plugins", &error)
 *     || !bubus_host_scan (host, &error)
 *     || !bubus_host_activate_plugin (host, "orders", &error))
 *   g_printerr ("%s\n", error->message);
 * ```
 *
 * A plugin can do whatever its host can. So it is only used if its directory, its manifest and the file of its module
 * belong to root or to the effective user, and neither their group nor others can write them; symbolic links count
 * as what they point to. Otherwise it fails with %BUBUS_ERROR_PLUGIN_UNTRUSTED. The directories above are not looked
 * at, nor is what the module itself loads. A module written in C must fit the version of the host, which is known
 * before any of its functions is called; otherwise it fails with %BUBUS_ERROR_PLUGIN_ABI.
 *
 * Modules written in C stay in memory when they are deactivated, and their types are for ever: a plugin can be
 * activated again, but with the same code.
 *
 * A host, its plugins and their contexts belong to the thread in which the host was made. When the last reference to
 * the host is given back, all plugins are deactivated.
 *
 * Since: 1.0
 */
struct _BubusHost
{
  GObject parent_instance;

  BubusEventBus     *main_bus;
  GPtrArray         *buses;        /* of BubusEventBus, the main bus first */
  GPtrArray         *search_path;  /* canonical */
  GPtrArray         *infos;        /* of BubusPluginInfo: the items of the list */
  BubusPluginTable  *plugins;      /* by name; borrowed from infos */
  GPtrArray         *units;        /* of BubusPluginUnit, in the order of activation: what depends comes later */
  BubusPluginEngine *engine;
  gboolean           busy;         /* plugins are coming or going */
};

typedef enum
{
  PROP_MAIN_BUS = 1,
} BubusHostProperty;

enum
{
  SIGNAL_BUS_ADDED,
  N_SIGNALS,
};

static GType
bubus_host_get_item_type (GListModel *model)
{
  return BUBUS_TYPE_PLUGIN_INFO;
}

static guint
bubus_host_get_n_items (GListModel *model)
{
  return BUBUS_HOST (model)->infos->len;
}

static gpointer
bubus_host_get_item (GListModel *model,
                     guint       position)
{
  BubusHost *self = BUBUS_HOST (model);

  return position < self->infos->len ? g_object_ref (g_ptr_array_index (self->infos, position)) : NULL;
}

static void
bubus_host_list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = bubus_host_get_item_type;
  iface->get_n_items = bubus_host_get_n_items;
  iface->get_item = bubus_host_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusHost, bubus_host, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, bubus_host_list_model_iface_init))

static GParamSpec *properties[PROP_MAIN_BUS + 1];
static guint signals[N_SIGNALS];

static void
bubus_host_constructed (GObject *object)
{
  BubusHost *self = BUBUS_HOST (object);

  G_OBJECT_CLASS (bubus_host_parent_class)->constructed (object);

  g_ptr_array_add (self->buses, g_object_ref (self->main_bus));
}

static void
bubus_host_dispose (GObject *object)
{
  BubusHost *self = BUBUS_HOST (object);

  bubus_host_deactivate_all (self, NULL);

  G_OBJECT_CLASS (bubus_host_parent_class)->dispose (object);
}

static void
bubus_host_finalize (GObject *object)
{
  BubusHost *self = BUBUS_HOST (object);

  g_ptr_array_unref (self->units);
  _bubus_plugin_engine_free (self->engine);
  g_hash_table_unref (self->plugins);
  g_ptr_array_unref (self->infos);
  g_ptr_array_unref (self->search_path);
  g_ptr_array_unref (self->buses);
  g_object_unref (self->main_bus);

  G_OBJECT_CLASS (bubus_host_parent_class)->finalize (object);
}

static void
bubus_host_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  BubusHost *self = BUBUS_HOST (object);

  switch ((BubusHostProperty) prop_id)
    {
    case PROP_MAIN_BUS:
      g_value_set_object (value, bubus_host_get_main_bus (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_host_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  BubusHost *self = BUBUS_HOST (object);

  switch ((BubusHostProperty) prop_id)
    {
    case PROP_MAIN_BUS:
      self->main_bus = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_host_class_init (BubusHostClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = bubus_host_constructed;
  object_class->dispose = bubus_host_dispose;
  object_class->finalize = bubus_host_finalize;
  object_class->get_property = bubus_host_get_property;
  object_class->set_property = bubus_host_set_property;

  /**
   * BubusHost:main-bus:
   *
   * The bus that plugins get when they do not name one.
   *
   * Since: 1.0
   */
  properties[PROP_MAIN_BUS] = g_param_spec_object ("main-bus", NULL, NULL, BUBUS_TYPE_EVENT_BUS,
                                                   G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY
                                                   | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * BubusHost::bus-added:
   * @self: the host
   * @bus: the new bus
   *
   * A bus has been made, because [method@Host.get_bus] was asked for one that was not there.
   *
   * Since: 1.0
   */
  signals[SIGNAL_BUS_ADDED] = g_signal_new ("bus-added", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 1, BUBUS_TYPE_EVENT_BUS);
}

static void
bubus_host_init (BubusHost *self)
{
  self->buses = g_ptr_array_new_with_free_func (g_object_unref);
  self->search_path = g_ptr_array_new_with_free_func (g_free);
  self->infos = g_ptr_array_new_with_free_func (g_object_unref);
  self->plugins = _bubus_plugin_scanner_index (self->infos);
  self->units = g_ptr_array_new ();
  self->engine = _bubus_plugin_engine_new ();
}

/**
 * bubus_host_new:
 * @main_bus: the bus that plugins get when they do not name one
 *
 * Makes a host that knows no plugins yet.
 *
 * Returns: (transfer full): a host
 *
 * Since: 1.0
 */
BubusHost *
bubus_host_new (BubusEventBus *main_bus)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (main_bus), NULL);

  return g_object_new (BUBUS_TYPE_HOST, "main-bus", main_bus, NULL);
}

/**
 * bubus_host_get_main_bus:
 * @self: a host
 *
 * Gives the bus that plugins get when they do not name one.
 *
 * Returns: (transfer none): the main bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_host_get_main_bus (BubusHost *self)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), NULL);

  return self->main_bus;
}

/**
 * bubus_host_lookup_bus:
 * @self: a host
 * @name: the name of a bus
 *
 * Gives the bus of a name, if the host has it; the main bus is one of them.
 *
 * Returns: (transfer none) (nullable): the bus, or %NULL
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_host_lookup_bus (BubusHost  *self,
                       const char *name)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < self->buses->len; i++)
    {
      BubusEventBus *bus = g_ptr_array_index (self->buses, i);

      if (g_strcmp0 (bubus_event_bus_get_name (bus), name) == 0)
        return bus;
    }
  return NULL;
}

static BubusEventBus *
bubus_host_create_bus (BubusHost  *self,
                       const char *name)
{
  BubusEventBus *bus = bubus_event_bus_new (name);

  bubus_event_bus_set_max_history_size (bus, bubus_event_bus_get_max_history_size (self->main_bus));
  bubus_event_bus_set_max_pending (bus, bubus_event_bus_get_max_pending (self->main_bus));
  bubus_event_bus_set_max_depth (bus, bubus_event_bus_get_max_depth (self->main_bus));
  bubus_event_bus_set_time_budget (bus, bubus_event_bus_get_time_budget (self->main_bus));
  return bus;
}

/**
 * bubus_host_get_bus:
 * @self: a host
 * @name: the name of a bus
 *
 * Gives the bus of a name.
 *
 * If the host does not have it, it is made with the limits that the main bus has now, and kept as long as the host.
 * Its handlers run in the main context that is the thread's default now.
 *
 * Returns: (transfer none): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_host_get_bus (BubusHost  *self,
                    const char *name)
{
  BubusEventBus *bus;

  g_return_val_if_fail (BUBUS_IS_HOST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  bus = bubus_host_lookup_bus (self, name);
  if (bus != NULL)
    return bus;

  bus = bubus_host_create_bus (self, name);
  g_ptr_array_add (self->buses, bus);
  g_signal_emit (self, signals[SIGNAL_BUS_ADDED], 0, bus);
  return bus;
}

/**
 * bubus_host_list_buses:
 * @self: a host
 *
 * Lists the buses of the host, the main bus first.
 *
 * Returns: (transfer container) (element-type BubusEventBus): the buses
 *
 * Since: 1.0
 */
GPtrArray *
bubus_host_list_buses (BubusHost *self)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), NULL);

  return g_ptr_array_copy (self->buses, (GCopyFunc) (GCallback) g_object_ref, NULL);
}

/**
 * bubus_host_add_search_path:
 * @self: a host
 * @path: (type filename): a directory
 * @error: return location for an error
 *
 * Adds a directory in which, and in whose direct sub-directories, the next [method@Host.scan] looks for plugins.
 *
 * Directories that were added earlier come first when plugins have the same name. One that has been added already
 * keeps its place. Fails when there is no such directory.
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

static gboolean
bubus_host_check_not_busy (BubusHost  *self,
                           GError    **error)
{
  if (!self->busy)
    return TRUE;

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                       "The host is activating or deactivating another plugin");
  return FALSE;
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

  if (!bubus_host_check_not_busy (self, error))
    return FALSE;

  n_old_infos = self->infos->len;
  _bubus_plugin_engine_renew (self->engine);
  bubus_host_replace_infos (self, _bubus_plugin_scanner_scan (self->search_path, self->infos));
  for (guint i = 0; i < self->infos->len; i++)
    bubus_host_resolve (self, g_ptr_array_index (self->infos, i));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_old_infos, self->infos->len);
  return TRUE;
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

static BubusPluginInfo *
bubus_host_find_plugin (BubusHost   *self,
                        const char  *name,
                        GError     **error)
{
  BubusPluginInfo *info = g_hash_table_lookup (self->plugins, name);

  if (info == NULL)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND,
                 "There is no plugin “%s” in the search path", name);
  return info;
}

/* Of what @info needs, something that could not be activated just now. */
static const char *
bubus_host_find_blocker (BubusPluginInfo *info,
                         GHashTable      *errors)
{
  const char * const *depends = bubus_plugin_info_get_depends (info);

  for (guint i = 0; depends[i] != NULL; i++)
    {
      if (g_hash_table_contains (errors, depends[i]))
        return depends[i];
    }
  return NULL;
}

static void
bubus_host_skip (BubusPluginInfo *info,
                 GHashTable      *errors)
{
  const char *blocker = bubus_host_find_blocker (info, errors);
  GError *error;

  if (blocker == NULL)
    return;

  error = g_error_copy (g_hash_table_lookup (errors, blocker));
  _bubus_plugin_plan_explain (&error, info, blocker);
  g_hash_table_insert (errors, (gpointer) bubus_plugin_info_get_name (info), error);
  _bubus_plugin_info_fail (info, BUBUS_PLUGIN_STATE_SKIPPED, error);
}

static void
bubus_host_start (BubusHost       *self,
                  BubusPluginInfo *info,
                  GHashTable      *errors)
{
  GError *error = NULL;
  BubusPluginUnit *unit = _bubus_plugin_unit_start (self, self->engine, info, &error);

  if (unit != NULL)
    g_ptr_array_add (self->units, unit);
  else
    g_hash_table_insert (errors, (gpointer) bubus_plugin_info_get_name (info), error);
}

/* What has been activated last goes first. */
static gboolean
bubus_host_stop (BubusHost  *self,
                 guint       position,
                 GError    **error)
{
  return _bubus_plugin_unit_stop (g_ptr_array_steal_index (self->units, position), error);
}

/* Once something has failed, nothing more is started, what needs it is skipped, and what has been started just for
 * this is stopped again. */
static gboolean
bubus_host_start_plan (BubusHost  *self,
                       GPtrArray  *plan,
                       GError    **error)
{
  g_autoptr (GHashTable) errors = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_error_free);
  BubusPluginInfo *goal = g_ptr_array_index (plan, plan->len - 1);
  guint n_units = self->units->len;

  for (guint i = 0; i < plan->len; i++)
    {
      BubusPluginInfo *info = g_ptr_array_index (plan, i);

      if (bubus_plugin_info_get_state (info) == BUBUS_PLUGIN_STATE_ACTIVE)
        continue;
      if (g_hash_table_size (errors) > 0)
        bubus_host_skip (info, errors);
      else
        bubus_host_start (self, info, errors);
    }

  if (g_hash_table_size (errors) == 0)
    return TRUE;

  while (self->units->len > n_units)
    bubus_host_stop (self, self->units->len - 1, NULL);
  g_propagate_error (error, g_error_copy (g_hash_table_lookup (errors, bubus_plugin_info_get_name (goal))));
  return FALSE;
}

static gboolean
bubus_host_activate_info (BubusHost        *self,
                          BubusPluginInfo  *info,
                          GError          **error)
{
  g_autoptr (GPtrArray) plan = NULL;
  BubusPluginState state;
  GError *reason = NULL;
  gboolean succeeded;

  plan = _bubus_plugin_plan_make (self->plugins, info, &state, &reason);
  if (plan == NULL)
    {
      _bubus_plugin_info_fail (info, state, reason);
      g_propagate_error (error, reason);
      return FALSE;
    }

  self->busy = TRUE;
  succeeded = bubus_host_start_plan (self, plan, error);
  self->busy = FALSE;
  return succeeded;
}

/**
 * bubus_host_activate_plugin:
 * @self: a host
 * @name: the name of a plugin
 * @error: return location for an error
 *
 * Activates a plugin, after everything it depends on. One that is active already stays so.
 *
 * When this fails, everything is as before, except for the states of the plugins: the one that is at fault has failed,
 * and those that need it are skipped. The error tells how one led to the other. A plugin that has failed can be
 * tried again.
 *
 * Fails with %BUBUS_ERROR_PLUGIN_NOT_FOUND, %BUBUS_ERROR_PLUGIN_DEPENDENCY when a dependency is missing or depends on
 * the plugin in turn, %BUBUS_ERROR_PLUGIN_UNTRUSTED, %BUBUS_ERROR_PLUGIN_ABI, %BUBUS_ERROR_PLUGIN, or whatever a
 * plugin itself fails with.
 *
 * Returns: whether the plugin is active now
 *
 * Since: 1.0
 */
gboolean
bubus_host_activate_plugin (BubusHost   *self,
                            const char  *name,
                            GError     **error)
{
  BubusPluginInfo *info;

  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  info = bubus_host_find_plugin (self, name, error);
  if (info == NULL || !bubus_host_check_not_busy (self, error))
    return FALSE;
  if (bubus_plugin_info_get_state (info) == BUBUS_PLUGIN_STATE_ACTIVE)
    return TRUE;
  if (bubus_host_activate_info (self, info, error))
    return TRUE;

  g_prefix_error (error, "Failed to activate “%s”: ", name);
  return FALSE;
}

static gboolean
bubus_host_needs_any (BubusPluginInfo *info,
                      GHashTable      *names)
{
  const char * const *depends = bubus_plugin_info_get_depends (info);

  for (guint i = 0; depends[i] != NULL; i++)
    {
      if (g_hash_table_contains (names, depends[i]))
        return TRUE;
    }
  return FALSE;
}

/* Returns: (transfer full): the names of @name and of everything active that depends on it */
static GHashTable *
bubus_host_list_dependents (BubusHost  *self,
                            const char *name)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_add (names, (gpointer) name);
  for (guint i = 0; i < self->units->len; i++)
    {
      BubusPluginInfo *info = _bubus_plugin_unit_get_info (g_ptr_array_index (self->units, i));

      if (bubus_host_needs_any (info, names))
        g_hash_table_add (names, (gpointer) bubus_plugin_info_get_name (info));
    }
  return names;
}

/* Goes on after an error, and keeps the first. A @names of %NULL means all. */
static gboolean
bubus_host_stop_some (BubusHost   *self,
                      GHashTable  *names,
                      GError     **error)
{
  gboolean succeeded = TRUE;

  self->busy = TRUE;
  for (guint i = self->units->len; i-- > 0;)
    {
      BubusPluginInfo *info = _bubus_plugin_unit_get_info (g_ptr_array_index (self->units, i));

      if (names == NULL || g_hash_table_contains (names, bubus_plugin_info_get_name (info)))
        succeeded &= bubus_host_stop (self, i, succeeded ? error : NULL);
    }
  self->busy = FALSE;
  return succeeded;
}

/**
 * bubus_host_deactivate_plugin:
 * @self: a host
 * @name: the name of a plugin
 * @error: return location for an error
 *
 * Deactivates a plugin, after everything that depends on it. One that is not active stays so.
 *
 * What the plugins have acquired through their contexts is given back in any case. When a plugin complains, that is
 * the error, but it is as inactive as the others.
 *
 * Returns: whether nothing went wrong
 *
 * Since: 1.0
 */
gboolean
bubus_host_deactivate_plugin (BubusHost   *self,
                              const char  *name,
                              GError     **error)
{
  g_autoptr (GHashTable) names = NULL;
  BubusPluginInfo *info;

  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  info = bubus_host_find_plugin (self, name, error);
  if (info == NULL || !bubus_host_check_not_busy (self, error))
    return FALSE;

  names = bubus_host_list_dependents (self, name);
  if (bubus_host_stop_some (self, names, error))
    return TRUE;

  g_prefix_error (error, "Failed to deactivate “%s” properly: ", name);
  return FALSE;
}

/**
 * bubus_host_deactivate_all:
 * @self: a host
 * @error: return location for an error
 *
 * Deactivates all plugins, in the reverse order of their activation.
 *
 * When plugins complain, the first of them gives the error, but all are inactive.
 *
 * Returns: whether nothing went wrong
 *
 * Since: 1.0
 */
gboolean
bubus_host_deactivate_all (BubusHost  *self,
                           GError    **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return bubus_host_check_not_busy (self, error) && bubus_host_stop_some (self, NULL, error);
}
