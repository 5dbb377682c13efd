/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "orders-sale.h"

#include <math.h>

#include "orders-events.h"

/* The life of one order, from the moment it is placed. It goes through the steps below. Each of them dispatches a child
 * event and waits for it; reserving stock does so once for every item. When a child fails and the step has a reason to
 * refuse the order, the sale ends with one more child that says so. */
typedef enum
{
  ORDERS_STEP_RESERVE,
  ORDERS_STEP_CHARGE,
  ORDERS_STEP_SHIP,
  ORDERS_STEP_EMAIL,
  ORDERS_STEP_ACCEPTED,
  ORDERS_STEP_REFUSED,
} OrdersStep;

typedef struct
{
  BubusInvocation  *invocation; /* owned; keeps the order alive */
  OrderPlacedEvent *order;
  OrdersStep        step;
  gsize             next_item;  /* the first that is not reserved */
  BubusEvent       *child;      /* owned: what is being waited for */
} OrdersSale;

static void
orders_sale_free (OrdersSale *self)
{
  g_clear_object (&self->child);
  g_object_unref (self->invocation);
  g_free (self);
}

static int
orders_sale_get_quantity (GVariant *item)
{
  g_autoptr (GVariant) quantity = g_variant_lookup_value (item, "quantity", NULL);

  if (quantity != NULL && g_variant_is_of_type (quantity, G_VARIANT_TYPE_INT64))
    return (int) CLAMP (g_variant_get_int64 (quantity), G_MININT, G_MAXINT);
  if (quantity != NULL && g_variant_is_of_type (quantity, G_VARIANT_TYPE_DOUBLE))
    return (int) CLAMP (ceil (g_variant_get_double (quantity)), G_MININT, G_MAXINT);
  return 0;
}

static gboolean
orders_sale_has_more_items (OrdersSale *self)
{
  return self->next_item < g_variant_n_children (self->order->items);
}

static BubusEvent *
orders_sale_create_reservation (OrdersSale *self)
{
  g_autoptr (GVariant) item = g_variant_get_child_value (self->order->items, self->next_item++);
  const char *sku = "";

  g_variant_lookup (item, "sku", "&s", &sku);
  return g_object_new (reserve_stock_event_get_type (),
                       "order-id", self->order->order_id,
                       "sku", sku,
                       "quantity", orders_sale_get_quantity (item),
                       NULL);
}

static BubusEvent *
orders_sale_create_charge (OrdersSale *self)
{
  return g_object_new (charge_card_event_get_type (),
                       "order-id", self->order->order_id,
                       "amount-cents", (gint64) llround (self->order->total_amount * 100),
                       "currency", self->order->currency,
                       NULL);
}

static BubusEvent *
orders_sale_create_shipment (OrdersSale *self)
{
  return g_object_new (ship_order_event_get_type (),
                       "order-id", self->order->order_id,
                       "address", self->order->address,
                       "weight-g", self->order->weight_g,
                       NULL);
}

static BubusJson *
orders_sale_create_headers (OrdersSale *self)
{
  g_auto (GVariantBuilder) headers = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));

  g_variant_builder_add (&headers, "{ss}", "X-Order", self->order->order_id);
  g_variant_builder_add (&headers, "{ss}", "X-Gift", self->order->gift ? "true" : "false");
  return bubus_json_new_from_variant (g_variant_builder_end (&headers));
}

static BubusEvent *
orders_sale_create_email (OrdersSale *self)
{
  g_autofree char *to = g_strdup_printf ("c%s@example.org", self->order->customer_id);
  g_autofree char *subject = g_strdup_printf ("Your order %s 🚚 \"on its way\"", self->order->order_id);
  g_autoptr (BubusJson) headers = orders_sale_create_headers (self);

  return g_object_new (send_email_event_get_type (),
                       "to", to,
                       "subject", subject,
                       "headers", headers,
                       NULL);
}

static const struct
{
  BubusEvent *(*create)    (OrdersSale *self);
  gboolean    (*has_more)  (OrdersSale *self); /* whether the step is to be done again; NULL: never */
  const char   *refusal;                       /* why the order is refused when a child fails; NULL: it goes on */
} steps[] = {
  [ORDERS_STEP_RESERVE] = { orders_sale_create_reservation, orders_sale_has_more_items, "stock" },
  [ORDERS_STEP_CHARGE] = { orders_sale_create_charge, NULL, "payment" },
  [ORDERS_STEP_SHIP] = { orders_sale_create_shipment, NULL, NULL },
  [ORDERS_STEP_EMAIL] = { orders_sale_create_email, NULL, NULL },
};

static gboolean
orders_sale_has_failed (BubusEvent *child)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (child);

  for (guint i = 0; i < results->len; i++)
    {
      if (bubus_event_result_get_status (g_ptr_array_index (results, i)) == BUBUS_RESULT_STATUS_ERROR)
        return TRUE;
    }
  return FALSE;
}

static void
orders_sale_fail (OrdersSale *self,
                  GError     *error)
{
  bubus_invocation_return_error (self->invocation, error);
  g_error_free (error);
  orders_sale_free (self);
}

static void
orders_sale_end (OrdersSale *self,
                 const char *result)
{
  bubus_invocation_return_string (self->invocation, result);
  orders_sale_free (self);
}

static void orders_sale_child_done_cb (GObject      *source,
                                       GAsyncResult *result,
                                       gpointer      user_data);

static void
orders_sale_run (OrdersSale *self,
                 BubusEvent *child)
{
  BubusEventBus *bus = bubus_invocation_get_bus (self->invocation);
  GError *error = NULL;

  self->child = child;
  if (bubus_invocation_dispatch (self->invocation, bus, child, &error))
    bubus_invocation_run_async (self->invocation, child, bubus_invocation_get_cancellable (self->invocation),
                                orders_sale_child_done_cb, self);
  else
    orders_sale_fail (self, error);
}

static void
orders_sale_refuse (OrdersSale *self,
                    const char *reason)
{
  self->step = ORDERS_STEP_REFUSED;
  orders_sale_run (self, g_object_new (order_refused_event_get_type (),
                                       "order-id", self->order->order_id,
                                       "reason", reason,
                                       NULL));
}

/* Does the step at which the sale is. */
static void
orders_sale_do_step (OrdersSale *self)
{
  if (self->step == ORDERS_STEP_ACCEPTED)
    orders_sale_end (self, "accepted");
  else
    orders_sale_run (self, steps[self->step].create (self));
}

static void
orders_sale_go_on (OrdersSale *self)
{
  if (steps[self->step].has_more == NULL || !steps[self->step].has_more (self))
    self->step++;
  orders_sale_do_step (self);
}

static void
orders_sale_child_done_cb (GObject      *source,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  OrdersSale *self = user_data;
  g_autoptr (BubusEvent) child = g_steal_pointer (&self->child);
  GError *error = NULL;

  if (!bubus_invocation_run_finish (self->invocation, result, &error))
    orders_sale_fail (self, error);
  else if (self->step == ORDERS_STEP_REFUSED)
    orders_sale_end (self, "refused");
  else if (orders_sale_has_failed (child) && steps[self->step].refusal != NULL)
    orders_sale_refuse (self, steps[self->step].refusal);
  else
    orders_sale_go_on (self);
}

gboolean
orders_sale_place_order (BubusEvent       *event,
                         BubusInvocation  *invocation,
                         gpointer          user_data,
                         GError          **error)
{
  OrdersSale *self = g_new0 (OrdersSale, 1);

  self->invocation = g_object_ref (invocation);
  self->order = (OrderPlacedEvent *) event;
  self->step = orders_sale_has_more_items (self) ? ORDERS_STEP_RESERVE : ORDERS_STEP_CHARGE;
  bubus_invocation_defer (invocation);
  orders_sale_do_step (self);
  return TRUE;
}
