/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* [class] */
typedef struct
{
  BubusEvent  parent_instance;
  char       *customer;
  double      amount;
  char       *note;
} OrderEvent;

static const BubusField order_fields[] = {
  BUBUS_FIELD_STRING (OrderEvent, customer),
  BUBUS_FIELD_DOUBLE (OrderEvent, amount, .minimum = 0, .maximum = 10000),
  BUBUS_FIELD_STRING (OrderEvent, note, .optional = TRUE),
};
BUBUS_DECLARE_EVENT_TYPE (OrderEvent, order_event)
BUBUS_DEFINE_EVENT_TYPE (OrderEvent, order_event, BUBUS_TYPE_EVENT, order_fields)
/* [/class] */

/* [declarations] */
static gboolean
refund_event_validate (BubusEvent  *event,
                       GError     **error)
{
  OrderEvent *refund = (OrderEvent *) event;

  if (refund->note != NULL)
    return TRUE;

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_EVENT, "A refund needs a note");
  return FALSE;
}

static void
refund_event_declare (BubusEventClass *klass)
{
  klass->validate = refund_event_validate;
  bubus_event_class_set_event_type (klass, "shop.refund");
  bubus_event_class_set_event_version (klass, "1.2.0");
  bubus_event_class_set_result_type (klass, G_TYPE_STRING);
}
/* [/declarations] */

/* [derived] */
typedef struct
{
  OrderEvent  parent_instance;
  char       *order_id;
} RefundEvent;

static const BubusField refund_fields[] = {
  BUBUS_FIELD_STRING (RefundEvent, order_id),
};
BUBUS_DECLARE_EVENT_TYPE (RefundEvent, refund_event)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (RefundEvent, refund_event, order_event_get_type (), refund_fields,
                                   refund_event_declare (klass))
/* [/derived] */

/* The members of the structure can be read directly, and the payload of any class by its properties. */
static void
show (BubusEvent *event)
{
  OrderEvent *order = (OrderEvent *) event;
  double amount;

  g_object_get (event, "amount", &amount, NULL);
  g_print ("%s %s: %s, %.2f\n", bubus_event_get_event_type (event), bubus_event_get_event_version (event),
           order->customer, amount);
}

static void
try_to_dispatch (BubusEventBus *bus,
                 BubusEvent    *event)
{
  g_autoptr (GError) error = NULL;

  if (bubus_event_bus_dispatch (bus, event, &error))
    g_print ("dispatched\n");
  else
    g_print ("refused: %s\n", error->message);
}

int
main (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Shop");
  g_autoptr (BubusEvent) order = NULL;
  g_autoptr (BubusEvent) refund = NULL;

  setlocale (LC_ALL, "");
  /* [use] */
  order = g_object_new (order_event_get_type (),
                        "customer", "Zoë",
                        "amount", 12.5,
                        NULL);
  /* [/use] */
  show (order);
  try_to_dispatch (bus, order);

  refund = g_object_new (refund_event_get_type (), "customer", "Zoë", "amount", 12.5, NULL);
  show (refund);
  try_to_dispatch (bus, refund);
  g_object_set (refund, "order-id", "o-1", NULL);
  try_to_dispatch (bus, refund);
  g_object_set (refund, "note", "arrived broken", NULL);
  try_to_dispatch (bus, refund);

  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
  return 0;
}
