/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ORDERS_ERROR (orders_error_quark ())

/* Why an order cannot be carried out. */
typedef enum
{
  ORDERS_ERROR_OUT_OF_STOCK,
  ORDERS_ERROR_CARD_DECLINED,
} OrdersError;

GQuark orders_error_quark (void);

G_END_DECLS
