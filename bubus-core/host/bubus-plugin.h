/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus-host.h> can be included directly."
#endif

#include "host/bubus-plugin-context.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_PLUGIN (bubus_plugin_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_INTERFACE (BubusPlugin, bubus_plugin, BUBUS, PLUGIN, GObject)

/**
 * BubusPluginInterface:
 * @g_iface: the parent interface
 * @activate: takes up work; must be there
 * @deactivate: (nullable): ends it
 *
 * What a plugin implements.
 *
 * Since: 1.0
 */
struct _BubusPluginInterface
{
  GTypeInterface g_iface;

  gboolean (*activate)   (BubusPlugin         *self,
                          BubusPluginContext  *context,
                          GError             **error);
  gboolean (*deactivate) (BubusPlugin         *self,
                          BubusPluginContext  *context,
                          GError             **error);

  /*< private >*/
  gpointer _reserved[8];
};

BUBUS_AVAILABLE_IN_ALL
gboolean bubus_plugin_activate   (BubusPlugin         *self,
                                  BubusPluginContext  *context,
                                  GError             **error);
BUBUS_AVAILABLE_IN_ALL
gboolean bubus_plugin_deactivate (BubusPlugin         *self,
                                  BubusPluginContext  *context,
                                  GError             **error);

G_END_DECLS
