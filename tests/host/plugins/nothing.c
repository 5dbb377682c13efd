/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* A fitting record, but no plugin. */

G_MODULE_EXPORT extern const BubusPluginAbi bubus_plugin_abi;
G_MODULE_EXPORT void peas_register_types (gpointer module);

G_MODULE_EXPORT const BubusPluginAbi bubus_plugin_abi = {
  BUBUS_PLUGIN_ABI_MAGIC, sizeof (BubusPluginAbi), BUBUS_MAJOR_VERSION, BUBUS_MINOR_VERSION,
};

G_MODULE_EXPORT void
peas_register_types (gpointer module)
{
}
