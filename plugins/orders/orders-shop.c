/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "orders-shop.h"

#include <string.h>

#include "orders-error.h"
#include "orders-events.h"
#include "orders-sale.h"

/* What the shop does itself. */

#define CARD_LIMIT_CENTS 90000

static const char *
orders_shop_get_tail (const char *text,
                      gsize       length)
{
  gsize text_length = g_utf8_strlen (text, -1);

  return text_length > length ? g_utf8_offset_to_pointer (text, text_length - length) : text;
}

static gboolean
orders_shop_answer_charge (gpointer user_data)
{
  BubusInvocation *invocation = user_data;
  ChargeCardEvent *charge = (ChargeCardEvent *) bubus_invocation_get_event (invocation);
  g_autofree char *authorization = NULL;

  if (charge->amount_cents > CARD_LIMIT_CENTS)
    {
      bubus_invocation_return_error_literal (invocation, ORDERS_ERROR, ORDERS_ERROR_CARD_DECLINED, "card declined");
      return G_SOURCE_REMOVE;
    }

  authorization = g_strconcat ("auth-", orders_shop_get_tail (charge->order_id, 6), NULL);
  bubus_invocation_return_string (invocation, authorization);
  return G_SOURCE_REMOVE;
}

/* The card company answers later: as soon as the main loop comes to it. */
static gboolean
orders_shop_charge_card (BubusEvent       *event,
                         BubusInvocation  *invocation,
                         gpointer          user_data,
                         GError          **error)
{
  g_autoptr (GSource) answer = g_idle_source_new ();

  bubus_invocation_defer (invocation);
  g_source_set_priority (answer, G_PRIORITY_DEFAULT);
  g_source_set_callback (answer, orders_shop_answer_charge, g_object_ref (invocation), g_object_unref);
  g_source_attach (answer, bubus_event_bus_get_main_context (bubus_invocation_get_bus (invocation)));
  return TRUE;
}

static gboolean
orders_shop_send_email (BubusEvent       *event,
                        BubusInvocation  *invocation,
                        gpointer          user_data,
                        GError          **error)
{
  SendEmailEvent *email = (SendEmailEvent *) event;

  bubus_invocation_return_int (invocation, g_utf8_strlen (email->subject, -1));
  return TRUE;
}

static gboolean
orders_shop_log_refusal (BubusEvent       *event,
                         BubusInvocation  *invocation,
                         gpointer          user_data,
                         GError          **error)
{
  OrderRefusedEvent *refusal = (OrderRefusedEvent *) event;

  g_debug ("%s is refused: %s", refusal->order_id, refusal->reason);
  return TRUE;
}

void
orders_shop_open (BubusPluginContext *context,
                  BubusEventBus      *bus,
                  BubusEventBus      *warehouse_bus)
{
  static const char warehouse_handler[] = "forward_to_warehouse";

  bubus_plugin_context_forward (context, bus, "ReserveStockEvent", warehouse_handler, warehouse_bus);
  bubus_plugin_context_forward (context, bus, "ShipOrderEvent", warehouse_handler, warehouse_bus);
  bubus_plugin_context_on (context, bus, order_placed_event_get_type (), "place_order",
                           orders_sale_place_order, NULL, NULL);
  bubus_plugin_context_on (context, bus, charge_card_event_get_type (), "charge_card",
                           orders_shop_charge_card, NULL, NULL);
  bubus_plugin_context_on (context, bus, send_email_event_get_type (), "send_email",
                           orders_shop_send_email, NULL, NULL);
  bubus_plugin_context_on (context, bus, order_refused_event_get_type (), "log_refusal",
                           orders_shop_log_refusal, NULL, NULL);
}
