/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* Handlers that come and go: by topic, for one event, with an object, and with somebody who looks at their failures. */

typedef struct { BubusEvent parent_instance; } OrderEvent;

BUBUS_DECLARE_EVENT_TYPE (OrderEvent, order_event)
BUBUS_DEFINE_EVENT_TYPE (OrderEvent, order_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

static gboolean
print_name (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          user_data,
            GError          **error)
{
  g_print ("  %s: %s\n", (const char *) user_data, bubus_event_get_event_type (event));
  return TRUE;
}

static gboolean
charge (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          user_data,
        GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The card has expired");
  return FALSE;
}

static void
run (BubusEventBus *bus,
     BubusEvent    *event)
{
  bubus_event_bus_dispatch (bus, event, NULL);
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (event);
}

/* [errors] */
static void
print_failure (BubusEvent       *event,
               BubusEventResult *result,
               const GError     *error,
               gpointer          user_data)
{
  g_print ("  %s has failed: %s\n", bubus_event_result_get_handler_name (result), error->message);
}
/* [/errors] */

static void
show_kinds (BubusEventBus *bus,
            GObject       *window)
{
  BubusHandler *handler;

/* [once] */
  handler = bubus_event_bus_on (bus, order_event_get_type (), "first", print_name, (gpointer) "first order", NULL);
  bubus_handler_set_once (handler, TRUE);
/* [/once] */
/* [tie] */
  handler = bubus_event_bus_on (bus, order_event_get_type (), "window", print_name, (gpointer) "window", NULL);
  bubus_handler_tie (handler, window);
/* [/tie] */
  handler = bubus_event_bus_on (bus, order_event_get_type (), "charge", charge, NULL, NULL);
  bubus_handler_set_error_func (handler, print_failure, NULL, NULL);
}

int
main (void)
{
  g_autoptr (BubusEventBus) bus = NULL;
  GObject *window = g_object_new (G_TYPE_OBJECT, NULL);

  setlocale (LC_ALL, "");
  bus = bubus_event_bus_new ("Shop");
  show_kinds (bus, window);
  g_print ("-- the first order\n");
  run (bus, g_object_new (order_event_get_type (), NULL));
  g_object_unref (window);
  g_print ("-- the second, without the window\n");
  run (bus, g_object_new (order_event_get_type (), NULL));

  g_print ("-- %u taken off by pattern\n", bubus_event_bus_off_by_pattern (bus, "OrderEvent"));
  bubus_event_bus_on_pattern (bus, "shop.*", "step", print_name, (gpointer) "shop.*", NULL);
  bubus_event_bus_on_pattern (bus, "shop.**", "all", print_name, (gpointer) "shop.**", NULL);
  run (bus, bubus_event_new_from_json ("{\"event_type\": \"shop.opened\"}", -1, BUBUS_JSON_NONE, NULL));
  run (bus, bubus_event_new_from_json ("{\"event_type\": \"shop.till.opened\"}", -1, BUBUS_JSON_NONE, NULL));
  return 0;
}
