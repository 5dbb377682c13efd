/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* Built for another major version. */

G_MODULE_EXPORT extern const BubusPluginAbi bubus_plugin_abi;
G_MODULE_EXPORT void peas_register_types (gpointer module);

G_MODULE_EXPORT const BubusPluginAbi bubus_plugin_abi = {
  BUBUS_PLUGIN_ABI_MAGIC, sizeof (BubusPluginAbi), 0, 9,
};

G_MODULE_EXPORT void
peas_register_types (gpointer module)
{
  g_error ("This must not be called");
}
