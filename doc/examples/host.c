/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

#include <locale.h>

static const char order[] =
  "{\"event_type\": \"OrderPlacedEvent\", \"order_id\": \"order-0001\", \"customer_id\": \"7\","
  " \"customer_name\": \"Zoë\", \"total_amount\": 12.5, \"currency\": \"EUR\", \"gift\": false,"
  " \"items\": [{\"sku\": \"tea\", \"quantity\": 2, \"unit_price\": 6.25}], \"address\": {\"city\": \"Zürich\"},"
  " \"weight_g\": 250, \"note\": null}";

static void
show_tree (BubusEvent *event,
           int         depth)
{
  g_autoptr (GListModel) children = bubus_event_list_children (event);

  g_print ("%*s%s\n", 2 * depth, "", bubus_event_get_event_type (event));
  for (guint i = 0; i < g_list_model_get_n_items (children); i++)
    {
      g_autoptr (BubusEvent) child = g_list_model_get_item (children, i);

      show_tree (child, depth + 1);
    }
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("ShopBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (BubusEvent) event = NULL;

  setlocale (LC_ALL, "");
  /* [host] */
  if (!bubus_host_add_search_path (host, argv[1], &error)
      || !bubus_host_scan (host, &error)
      || !bubus_host_activate_plugin (host, "orders", &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  /* [/host] */

  event = bubus_event_new_from_json (order, -1, BUBUS_JSON_RESET, &error);
  if (event == NULL || !bubus_event_bus_dispatch (bus, event, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  while (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED)
    g_main_context_iteration (NULL, TRUE);

  show_tree (event, 0);
  return bubus_host_deactivate_all (host, NULL) ? 0 : 1;
}
