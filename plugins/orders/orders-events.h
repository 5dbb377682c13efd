/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* The events of the shop. The names of the structures are the names of the events, those of their members the names
 * in JSON. */

typedef struct
{
  BubusEvent  parent_instance;
  char       *order_id;
  char       *customer_id;
  char       *customer_name;
  double      total_amount;
  char       *currency;
  gboolean    gift;
  GVariant   *items;        /* aa{sv}: sku, quantity, unit_price */
  BubusJson  *address;
  int         weight_g;
  char       *note;         /* nullable */
} OrderPlacedEvent;

typedef struct
{
  BubusEvent  parent_instance;
  char       *order_id;
  char       *sku;
  int         quantity;
} ReserveStockEvent;

typedef struct
{
  BubusEvent  parent_instance;
  char       *order_id;
  gint64      amount_cents;
  char       *currency;
} ChargeCardEvent;

typedef struct
{
  BubusEvent  parent_instance;
  char       *order_id;
  BubusJson  *address;
  int         weight_g;
} ShipOrderEvent;

typedef struct
{
  BubusEvent  parent_instance;
  char       *to;
  char       *subject;
  BubusJson  *headers;
} SendEmailEvent;

typedef struct
{
  BubusEvent  parent_instance;
  char       *order_id;
  char       *reason;       /* “stock” or “payment” */
} OrderRefusedEvent;

BUBUS_DECLARE_EVENT_TYPE (OrderPlacedEvent, order_placed_event)
BUBUS_DECLARE_EVENT_TYPE (ReserveStockEvent, reserve_stock_event)
BUBUS_DECLARE_EVENT_TYPE (ChargeCardEvent, charge_card_event)
BUBUS_DECLARE_EVENT_TYPE (ShipOrderEvent, ship_order_event)
BUBUS_DECLARE_EVENT_TYPE (SendEmailEvent, send_email_event)
BUBUS_DECLARE_EVENT_TYPE (OrderRefusedEvent, order_refused_event)

G_END_DECLS
