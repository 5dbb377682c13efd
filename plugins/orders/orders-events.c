/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "orders-events.h"

static const BubusField order_placed_fields[] = {
  BUBUS_FIELD_STRING (OrderPlacedEvent, order_id),
  BUBUS_FIELD_STRING (OrderPlacedEvent, customer_id),
  BUBUS_FIELD_STRING (OrderPlacedEvent, customer_name),
  BUBUS_FIELD_DOUBLE (OrderPlacedEvent, total_amount),
  BUBUS_FIELD_STRING (OrderPlacedEvent, currency),
  BUBUS_FIELD_BOOLEAN (OrderPlacedEvent, gift),
  BUBUS_FIELD_VARIANT (OrderPlacedEvent, items, .variant_type = "aa{sv}"),
  BUBUS_FIELD_JSON (OrderPlacedEvent, address),
  BUBUS_FIELD_INT (OrderPlacedEvent, weight_g),
  BUBUS_FIELD_STRING (OrderPlacedEvent, note, .optional = TRUE),
};

static const BubusField reserve_stock_fields[] = {
  BUBUS_FIELD_STRING (ReserveStockEvent, order_id),
  BUBUS_FIELD_STRING (ReserveStockEvent, sku),
  BUBUS_FIELD_INT (ReserveStockEvent, quantity),
};

static const BubusField charge_card_fields[] = {
  BUBUS_FIELD_STRING (ChargeCardEvent, order_id),
  BUBUS_FIELD_INT64 (ChargeCardEvent, amount_cents),
  BUBUS_FIELD_STRING (ChargeCardEvent, currency),
};

static const BubusField ship_order_fields[] = {
  BUBUS_FIELD_STRING (ShipOrderEvent, order_id),
  BUBUS_FIELD_JSON (ShipOrderEvent, address),
  BUBUS_FIELD_INT (ShipOrderEvent, weight_g),
};

static const BubusField send_email_fields[] = {
  BUBUS_FIELD_STRING (SendEmailEvent, to),
  BUBUS_FIELD_STRING (SendEmailEvent, subject),
  BUBUS_FIELD_JSON (SendEmailEvent, headers),
};

static const BubusField order_refused_fields[] = {
  BUBUS_FIELD_STRING (OrderRefusedEvent, order_id),
  BUBUS_FIELD_STRING (OrderRefusedEvent, reason),
};

#define RETURNS(type) bubus_event_class_set_result_type (klass, (type))

BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (OrderPlacedEvent, order_placed_event, BUBUS_TYPE_EVENT, order_placed_fields,
                                   RETURNS (G_TYPE_STRING))
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (ReserveStockEvent, reserve_stock_event, BUBUS_TYPE_EVENT, reserve_stock_fields,
                                   RETURNS (G_TYPE_BOOLEAN))
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (ChargeCardEvent, charge_card_event, BUBUS_TYPE_EVENT, charge_card_fields,
                                   RETURNS (G_TYPE_STRING))
BUBUS_DEFINE_EVENT_TYPE (ShipOrderEvent, ship_order_event, BUBUS_TYPE_EVENT, ship_order_fields)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (SendEmailEvent, send_email_event, BUBUS_TYPE_EVENT, send_email_fields,
                                   RETURNS (G_TYPE_INT))
BUBUS_DEFINE_EVENT_TYPE (OrderRefusedEvent, order_refused_event, BUBUS_TYPE_EVENT, order_refused_fields)
