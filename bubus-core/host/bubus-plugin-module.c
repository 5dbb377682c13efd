/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-peas-private.h"
#include "bubus-plugin-module.h"

/**
 * bubus_plugin_module_register: (skip)
 * @module: (not nullable): what the function that the loader calls has been given
 * @plugin_type: the type of an object that implements [iface@Plugin]
 *
 * Tells the loader which object is the plugin.
 *
 * BUBUS_DEFINE_PLUGIN() calls this, so that a plugin needs nothing but libbubus and libbubus-host.
 *
 * May only be called by the function that the loader calls, in its thread.
 *
 * Since: 1.0
 */
void
bubus_plugin_module_register (gpointer module,
                              GType    plugin_type)
{
  g_return_if_fail (PEAS_IS_OBJECT_MODULE (module));
  g_return_if_fail (plugin_type == G_TYPE_NONE || g_type_is_a (plugin_type, BUBUS_TYPE_PLUGIN));

  /* Its name was taken, which GObject has said already. */
  if (plugin_type == G_TYPE_NONE)
    return;

  peas_object_module_register_extension_type (module, BUBUS_TYPE_PLUGIN, plugin_type);
}
