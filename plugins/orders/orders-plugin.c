/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

#include "orders-shop.h"
#include "orders-warehouse.h"

typedef struct
{
  GObject parent_instance;
} OrdersPlugin;

/* The shop is the host's main bus. */
static gboolean
orders_plugin_activate (OrdersPlugin        *self,
                        BubusPluginContext  *context,
                        GError             **error)
{
  BubusEventBus *shop_bus = bubus_plugin_context_get_bus (context, NULL);
  BubusEventBus *warehouse_bus = bubus_plugin_context_get_bus (context, "WarehouseBus");

  if (warehouse_bus == shop_bus)
    {
      g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                           "The main bus is the shop and cannot be called “WarehouseBus”");
      return FALSE;
    }

  orders_shop_open (context, shop_bus, warehouse_bus);
  orders_warehouse_open (context, warehouse_bus);
  return TRUE;
}

/* The context gives back everything. */
static gboolean
orders_plugin_deactivate (OrdersPlugin        *self,
                          BubusPluginContext  *context,
                          GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (OrdersPlugin, orders_plugin)
