/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plugin-buses.h"

static gboolean
plugin_buses_watch (BubusPluginContext  *context,
                    BubusEventBus       *bus,
                    BubusMiddleware     *middleware,
                    GError             **error)
{
  if (bubus_plugin_context_add_middleware (context, bus, middleware))
    return TRUE;

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                       "The plugin watches all that happens on a bus, and cannot have a process of its own");
  return FALSE;
}

/* Adds a middleware to the main bus and those that the setting “buses” names. */
gboolean
plugin_buses_add_middleware (BubusPluginContext  *context,
                             BubusMiddleware     *middleware,
                             GError             **error)
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
    if (!plugin_buses_watch (context, buses->pdata[i], middleware, error))
      return FALSE;
  return TRUE;
}
