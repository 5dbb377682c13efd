/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plugin-buses.h"

/* Adds a middleware to the main bus and those that the setting “buses” names. */
void
plugin_buses_add_middleware (BubusPluginContext *context,
                             BubusMiddleware    *middleware)
{
  g_autoptr (GPtrArray) buses = g_ptr_array_new ();
  g_autofree const char **names = NULL;

  g_ptr_array_add (buses, bubus_plugin_context_get_bus (context, NULL));
  g_variant_lookup (bubus_plugin_context_get_settings (context), "buses", "^a&s", &names);
  for (guint i = 0; names[i] != NULL; i++)
    {
      BubusEventBus *bus = bubus_plugin_context_get_bus (context, names[i]);

      if (!g_ptr_array_find (buses, bus, NULL))
        g_ptr_array_add (buses, bus);
    }
  for (guint i = 0; i < buses->len; i++)
    bubus_plugin_context_add_middleware (context, buses->pdata[i], middleware);
}
