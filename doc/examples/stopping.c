/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

typedef struct { BubusEvent parent_instance; } OrderEvent;
typedef struct { BubusEvent parent_instance; } ReceiptEvent;

BUBUS_DECLARE_EVENT_TYPE (OrderEvent, order_event)
BUBUS_DECLARE_EVENT_TYPE (ReceiptEvent, receipt_event)
BUBUS_DEFINE_EVENT_TYPE (OrderEvent, order_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (ReceiptEvent, receipt_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

static gboolean
take_order (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          user_data,
            GError          **error)
{
  g_autoptr (BubusEvent) receipt = g_object_new (receipt_event_get_type (), NULL);

  g_print ("order\n");
  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), receipt, error);
}

static gboolean
write_receipt (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          user_data,
               GError          **error)
{
  g_print ("receipt\n");
  return TRUE;
}

/* [stopped] */
static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  gboolean drained = bubus_event_bus_stop_finish (BUBUS_EVENT_BUS (source), result);

  g_print ("stopped, %s\n", drained ? "and everything is done" : "and something was failed");
  g_main_loop_quit (user_data);
}
/* [/stopped] */

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Shop");
  g_autoptr (BubusEvent) order = g_object_new (order_event_get_type (), NULL);
  g_autoptr (BubusEvent) late = g_object_new (order_event_get_type (), NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  bubus_event_bus_on (bus, order_event_get_type (), "take", take_order, NULL, NULL);
  bubus_event_bus_on (bus, receipt_event_get_type (), "write", write_receipt, NULL, NULL);
  bubus_event_bus_dispatch (bus, order, NULL);

  /* [stop] */
  bubus_event_bus_stop_async (bus, 5, NULL, stopped_cb, loop);
  if (!bubus_event_bus_dispatch (bus, late, &error))
    g_print ("late: %s\n", error->message);
  /* [/stop] */
  g_main_loop_run (loop);
  return 0;
}
