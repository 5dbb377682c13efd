/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-private.h"

#include "bubus-plugin-scanner-private.h"

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
 * as what they point to. The same holds for all directories above, except that those in which nobody can rename what
 * belongs to others, such as `/tmp`, may be written by all. Otherwise it fails with %BUBUS_ERROR_PLUGIN_UNTRUSTED. What
 * the module itself loads is not looked at. A program with more rights than its caller uses plugins in C only.
 *
 * A module written in C must fit the version of the host, which is known before any of its functions is called;
 * otherwise it fails with %BUBUS_ERROR_PLUGIN_ABI.
 *
 * Modules written in C stay in memory when they are deactivated, and their types are for ever: a plugin can be
 * activated again, but with the same code.
 *
 * A host, its plugins and their contexts belong to the thread in which the host was made. Hosts in several threads may
 * use plugins in C at the same time; those in Python and JavaScript can be used in one thread of a process only, unless
 * they have processes of their own. When the last reference to the host is given back, all plugins are deactivated.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_MAIN_BUS = 1,
  PROP_ACTIVATION_TIMEOUT,
  PROP_DEACTIVATION_TIMEOUT,
} BubusHostProperty;

/* In seconds. */
#define DEFAULT_ACTIVATION_TIMEOUT 30.0
#define DEFAULT_DEACTIVATION_TIMEOUT 10.0

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

static GParamSpec *properties[PROP_DEACTIVATION_TIMEOUT + 1];
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

  _bubus_host_close_operations (self);

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
  g_object_unref (self->clock);
  g_free (self->settings_file);
  g_hash_table_unref (self->enabled);
  g_key_file_unref (self->overrides);

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
    case PROP_ACTIVATION_TIMEOUT:
      g_value_set_double (value, bubus_host_get_activation_timeout (self));
      break;
    case PROP_DEACTIVATION_TIMEOUT:
      g_value_set_double (value, bubus_host_get_deactivation_timeout (self));
      break;
    default:
      if (!_bubus_host_get_worker_property (self, prop_id, value))
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
    case PROP_ACTIVATION_TIMEOUT:
      bubus_host_set_activation_timeout (self, g_value_get_double (value));
      break;
    case PROP_DEACTIVATION_TIMEOUT:
      bubus_host_set_deactivation_timeout (self, g_value_get_double (value));
      break;
    default:
      if (!_bubus_host_set_worker_property (self, prop_id, value))
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

  /**
   * BubusHost:activation-timeout: (getter get_activation_timeout) (setter set_activation_timeout)
   *
   * How long a plugin may take to become active when it answers later, in seconds; 0 is without limit.
   *
   * Since: 1.0
   */
  properties[PROP_ACTIVATION_TIMEOUT] =
    g_param_spec_double ("activation-timeout", NULL, NULL, 0, G_MAXDOUBLE, DEFAULT_ACTIVATION_TIMEOUT,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  /**
   * BubusHost:deactivation-timeout: (getter get_deactivation_timeout) (setter set_deactivation_timeout)
   *
   * How long the handlers of a plugin that is being deactivated may go on, and how long it may take to end its work
   * after that, in seconds; 0 is without limit.
   *
   * Since: 1.0
   */
  properties[PROP_DEACTIVATION_TIMEOUT] =
    g_param_spec_double ("deactivation-timeout", NULL, NULL, 0, G_MAXDOUBLE, DEFAULT_DEACTIVATION_TIMEOUT,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  _bubus_host_install_worker (object_class);

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
  self->clock = bubus_clock_ref_thread_default ();
  self->activation_timeout = DEFAULT_ACTIVATION_TIMEOUT;
  self->deactivation_timeout = DEFAULT_DEACTIVATION_TIMEOUT;
  _bubus_host_init_worker (self);
  self->enabled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->overrides = g_key_file_new ();
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
 * bubus_host_get_activation_timeout: (get-property activation-timeout)
 * @self: a host
 *
 * Says how long a plugin may take to become active.
 *
 * Returns: a duration in seconds; 0 is without limit
 *
 * Since: 1.0
 */
double
bubus_host_get_activation_timeout (BubusHost *self)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), 0);

  return self->activation_timeout;
}

/**
 * bubus_host_set_activation_timeout: (set-property activation-timeout)
 * @self: a host
 * @seconds: a duration in seconds; 0 is without limit
 *
 * Sets how long a plugin may take to become active. It holds for what begins after that.
 *
 * Since: 1.0
 */
void
bubus_host_set_activation_timeout (BubusHost *self,
                                   double     seconds)
{
  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (seconds >= 0);

  if (self->activation_timeout == seconds)
    return;

  self->activation_timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVATION_TIMEOUT]);
}

/**
 * bubus_host_get_deactivation_timeout: (get-property deactivation-timeout)
 * @self: a host
 *
 * Says how long a plugin may take to end its work.
 *
 * Returns: a duration in seconds; 0 is without limit
 *
 * Since: 1.0
 */
double
bubus_host_get_deactivation_timeout (BubusHost *self)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), 0);

  return self->deactivation_timeout;
}

/**
 * bubus_host_set_deactivation_timeout: (set-property deactivation-timeout)
 * @self: a host
 * @seconds: a duration in seconds; 0 is without limit
 *
 * Sets how long a plugin may take to end its work. It holds for what begins after that.
 *
 * Since: 1.0
 */
void
bubus_host_set_deactivation_timeout (BubusHost *self,
                                     double     seconds)
{
  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (seconds >= 0);

  if (self->deactivation_timeout == seconds)
    return;

  self->deactivation_timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DEACTIVATION_TIMEOUT]);
}
