/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "orders-warehouse.h"

#include "orders-error.h"
#include "orders-events.h"

/* What the warehouse does with the events that the shop forwards to it. */

#define STOCK_OF_EACH 8

static gboolean
orders_warehouse_reserve_stock (BubusEvent       *event,
                                BubusInvocation  *invocation,
                                gpointer          user_data,
                                GError          **error)
{
  ReserveStockEvent *wish = (ReserveStockEvent *) event;

  if (wish->quantity > STOCK_OF_EACH)
    {
      g_set_error (error, ORDERS_ERROR, ORDERS_ERROR_OUT_OF_STOCK, "only %d of %s left", STOCK_OF_EACH, wish->sku);
      return FALSE;
    }

  bubus_invocation_return_boolean (invocation, TRUE);
  return TRUE;
}

static gboolean
orders_warehouse_ship_order (BubusEvent       *event,
                             BubusInvocation  *invocation,
                             gpointer          user_data,
                             GError          **error)
{
  return TRUE;
}

void
orders_warehouse_open (BubusPluginContext *context,
                       BubusEventBus      *bus)
{
  bubus_plugin_context_on (context, bus, reserve_stock_event_get_type (), "reserve_stock",
                           orders_warehouse_reserve_stock, NULL, NULL);
  bubus_plugin_context_on (context, bus, ship_order_event_get_type (), "ship_order",
                           orders_warehouse_ship_order, NULL, NULL);
}
