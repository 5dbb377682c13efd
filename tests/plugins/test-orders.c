/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <bubus-host.h>

typedef struct
{
  BubusEventBus *shop;
  BubusHost     *host;
} OrdersFixture;

static void
orders_fixture_set_up (OrdersFixture *self,
                       gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  self->shop = bubus_event_bus_new ("ShopBus");
  self->host = bubus_host_new (self->shop);
  bubus_host_add_search_path (self->host, g_getenv ("BUBUS_TEST_SHIPPED_PLUGINS"), &error);
  g_assert_no_error (error);
  bubus_host_scan (self->host, &error);
  g_assert_no_error (error);
  bubus_host_activate_plugin (self->host, "orders", &error);
  g_assert_no_error (error);
}

static void
orders_fixture_tear_down (OrdersFixture *self,
                          gconstpointer  user_data)
{
  BubusEventBus *warehouse = g_object_ref (bubus_host_lookup_bus (self->host, "WarehouseBus"));
  g_autoptr (GError) error = NULL;

  bubus_host_deactivate_all (self->host, &error);
  g_assert_no_error (error);
  g_assert_finalize_object (self->host);
  g_assert_finalize_object (warehouse);
  g_assert_finalize_object (self->shop);
}

static void
orders_fixture_idle_cb (GObject      *source,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  gboolean *idle = user_data;

  *idle = bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, NULL);
}

static BubusEvent *
orders_fixture_read (const char *gift,
                     double      total_amount,
                     const char *items)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *json = g_strdup_printf (
    "{\"event_type\":\"OrderPlacedEvent\",\"order_id\":\"ORD-000042\",\"customer_id\":\"7\","
    "\"customer_name\":\"Zoë\",\"total_amount\":%s,\"currency\":\"EUR\",\"gift\":%s,\"items\":%s,"
    "\"address\":{\"street\":\"Straße 9\",\"zip\":\"01099\"},\"weight_g\":570,\"note\":null}",
    g_ascii_dtostr (number, sizeof number, total_amount), gift, items);
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (json, -1, BUBUS_JSON_RESET, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (G_OBJECT_TYPE_NAME (event), ==, "OrderPlacedEvent");
  return event;
}

/* Returns: (transfer full): what a handler has answered, as “name: text” */
static char *
orders_fixture_describe_result (BubusEventResult *result)
{
  const char *name = bubus_event_result_get_handler_name (result);
  const GError *error = bubus_event_result_get_error (result);
  const GValue *value = bubus_event_result_get_value (result);
  g_autofree char *text = NULL;

  if (error != NULL)
    return g_strdup_printf ("%s: error %s", name, error->message);
  if (value == NULL || !G_IS_VALUE (value))
    return g_strdup (name);
  if (G_VALUE_HOLDS_STRING (value))
    return g_strdup_printf ("%s: %s", name, g_value_get_string (value));
  text = g_strdup_value_contents (value);
  return g_strdup_printf ("%s: %s", name, text);
}

/* One line for an event, and one for each child, with what the handlers have answered. */
static void
orders_fixture_describe (BubusEvent *event,
                         const char *indent,
                         GString    *out)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  g_autoptr (GListModel) children = bubus_event_list_children (event);

  g_string_append_printf (out, "%s%s", indent, bubus_event_get_event_type (event));
  for (guint i = 0; i < results->len; i++)
    {
      g_autofree char *text = orders_fixture_describe_result (g_ptr_array_index (results, i));

      g_string_append_printf (out, " [%s]", text);
    }
  g_string_append_c (out, '\n');
  for (guint i = 0; i < g_list_model_get_n_items (children); i++)
    {
      g_autoptr (BubusEvent) child = g_list_model_get_item (children, i);

      orders_fixture_describe (child, "  ", out);
    }
}

/* Takes the order, and has it carried out. */
static void
orders_fixture_assert_tree (OrdersFixture *self,
                            BubusEvent    *taken,
                            const char    *expected)
{
  g_autoptr (BubusEvent) order = taken;
  g_autoptr (GString) tree = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gboolean idle = FALSE;

  bubus_event_bus_dispatch (self->shop, order, &error);
  g_assert_no_error (error);
  bubus_event_bus_wait_until_idle_async (self->shop, NULL, orders_fixture_idle_cb, &idle);
  while (!idle)
    g_main_context_iteration (NULL, TRUE);

  g_assert_cmpint (bubus_event_get_event_status (order), ==, BUBUS_EVENT_STATUS_COMPLETED);
  orders_fixture_describe (order, "", tree);
  g_assert_cmpstr (tree->str, ==, expected);
}

static BubusEvent *
orders_fixture_get_child (BubusEvent *order,
                          guint       position)
{
  g_autoptr (GListModel) children = bubus_event_list_children (order);

  return g_list_model_get_item (children, position);
}

static void
test_orders_accepted (OrdersFixture *fixture,
                      gconstpointer  user_data)
{
  g_test_summary ("An order goes through all steps, item by item");

  orders_fixture_assert_tree (
    fixture,
    orders_fixture_read ("false", 629.42, "[{\"sku\":\"SKU-1\",\"quantity\":8,\"unit_price\":37.63},"
                                          "{\"sku\":\"SKU-2\",\"quantity\":1,\"unit_price\":67.0}]"),
    "OrderPlacedEvent [place_order: accepted]\n"
    "  ReserveStockEvent [forward_to_warehouse] [reserve_stock: TRUE]\n"
    "  ReserveStockEvent [forward_to_warehouse] [reserve_stock: TRUE]\n"
    "  ChargeCardEvent [charge_card: auth-000042]\n"
    "  ShipOrderEvent [forward_to_warehouse] [ship_order]\n"
    "  SendEmailEvent [send_email: 36]\n");
}

static void
test_orders_out_of_stock (OrdersFixture *fixture,
                          gconstpointer  user_data)
{
  g_test_summary ("The first item that is not there ends the sale");

  orders_fixture_assert_tree (
    fixture,
    orders_fixture_read ("false", 1, "[{\"sku\":\"SKU-1\",\"quantity\":1},{\"sku\":\"SKU-2\",\"quantity\":9},"
                                     "{\"sku\":\"SKU-3\",\"quantity\":1}]"),
    "OrderPlacedEvent [place_order: refused]\n"
    "  ReserveStockEvent [forward_to_warehouse] [reserve_stock: TRUE]\n"
    "  ReserveStockEvent [forward_to_warehouse] [reserve_stock: error only 8 of SKU-2 left]\n"
    "  OrderRefusedEvent [log_refusal]\n");
}

static void
test_orders_card_declined (OrdersFixture *fixture,
                           gconstpointer  user_data)
{
  g_test_summary ("More than 900.00 is declined, and 900.00 is not");

  orders_fixture_assert_tree (
    fixture,
    orders_fixture_read ("false", 900.01, "[{\"sku\":\"SKU-1\",\"quantity\":1}]"),
    "OrderPlacedEvent [place_order: refused]\n"
    "  ReserveStockEvent [forward_to_warehouse] [reserve_stock: TRUE]\n"
    "  ChargeCardEvent [charge_card: error card declined]\n"
    "  OrderRefusedEvent [log_refusal]\n");
  orders_fixture_assert_tree (
    fixture,
    orders_fixture_read ("false", 900, "[]"),
    "OrderPlacedEvent [place_order: accepted]\n"
    "  ChargeCardEvent [charge_card: auth-000042]\n"
    "  ShipOrderEvent [forward_to_warehouse] [ship_order]\n"
    "  SendEmailEvent [send_email: 36]\n");
}

static void
test_orders_payload (OrdersFixture *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (BubusEvent) order = orders_fixture_read ("true", 1.005, "[{\"sku\":\"SKU-1\",\"quantity\":3}]");
  g_autoptr (BubusEvent) reservation = NULL;
  g_autoptr (BubusEvent) charge = NULL;
  g_autoptr (BubusEvent) shipment = NULL;
  g_autoptr (BubusEvent) email = NULL;
  g_autofree char *sku = NULL;
  g_autofree char *to = NULL;
  g_autofree char *subject = NULL;
  g_autoptr (BubusJson) headers = NULL;
  g_autoptr (BubusJson) address = NULL;
  gint64 amount_cents;
  int quantity, weight_g;

  g_test_summary ("The children carry what the order says");

  orders_fixture_assert_tree (fixture, g_object_ref (order),
                              "OrderPlacedEvent [place_order: accepted]\n"
                              "  ReserveStockEvent [forward_to_warehouse] [reserve_stock: TRUE]\n"
                              "  ChargeCardEvent [charge_card: auth-000042]\n"
                              "  ShipOrderEvent [forward_to_warehouse] [ship_order]\n"
                              "  SendEmailEvent [send_email: 36]\n");
  reservation = orders_fixture_get_child (order, 0);
  charge = orders_fixture_get_child (order, 1);
  shipment = orders_fixture_get_child (order, 2);
  email = orders_fixture_get_child (order, 3);
  g_object_get (reservation, "sku", &sku, "quantity", &quantity, NULL);
  g_object_get (charge, "amount-cents", &amount_cents, NULL);
  g_object_get (shipment, "address", &address, "weight-g", &weight_g, NULL);
  g_object_get (email, "to", &to, "subject", &subject, "headers", &headers, NULL);

  g_assert_cmpstr (sku, ==, "SKU-1");
  g_assert_cmpint (quantity, ==, 3);
  g_assert_cmpint (amount_cents, ==, 100);
  g_assert_cmpstr (bubus_json_get_text (address), ==, "{\"street\":\"Straße 9\",\"zip\":\"01099\"}");
  g_assert_cmpint (weight_g, ==, 570);
  g_assert_cmpstr (to, ==, "c7@example.org");
  g_assert_cmpstr (subject, ==, "Your order ORD-000042 🚚 \"on its way\"");
  g_assert_cmpstr (bubus_json_get_text (headers), ==, "{\"X-Order\":\"ORD-000042\",\"X-Gift\":\"true\"}");
}

static void
test_orders_deactivated (OrdersFixture *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("Without the plugin nothing happens to an order");

  bubus_host_deactivate_plugin (fixture->host, "orders", &error);
  g_assert_no_error (error);
  orders_fixture_assert_tree (fixture, orders_fixture_read ("false", 1, "[]"), "OrderPlacedEvent\n");
}

static void
test_orders_deactivated_meanwhile (OrdersFixture *fixture,
                                   gconstpointer  user_data)
{
  g_autoptr (BubusEvent) order = orders_fixture_read ("false", 1, "[{\"sku\":\"SKU-1\",\"quantity\":1}]");
  g_autoptr (GError) error = NULL;
  gboolean idle = FALSE;

  g_test_summary ("An order that is being processed when the plugin goes comes to an end");

  bubus_event_bus_dispatch (fixture->shop, order, &error);
  g_assert_no_error (error);
  bubus_event_bus_wait_until_idle_async (fixture->shop, NULL, orders_fixture_idle_cb, &idle);
  while (bubus_event_get_event_status (order) == BUBUS_EVENT_STATUS_PENDING)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (bubus_event_get_event_status (order), ==, BUBUS_EVENT_STATUS_STARTED);

  bubus_host_deactivate_plugin (fixture->host, "orders", &error);
  g_assert_no_error (error);
  while (!idle)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (bubus_event_get_event_status (order), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
test_orders_wrong_bus (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("WarehouseBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (GError) error = NULL;

  g_test_summary ("The shop cannot be its own warehouse");

  bubus_host_add_search_path (host, g_getenv ("BUBUS_TEST_SHIPPED_PLUGINS"), &error);
  g_assert_no_error (error);
  bubus_host_scan (host, &error);
  g_assert_no_error (error);
  g_assert_false (bubus_host_activate_plugin (host, "orders", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
}

#define ORDERS_TEST(name, func) \
  g_test_add ("/plugins/orders/" name, OrdersFixture, NULL, orders_fixture_set_up, func, orders_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ORDERS_TEST ("accepted", test_orders_accepted);
  ORDERS_TEST ("out-of-stock", test_orders_out_of_stock);
  ORDERS_TEST ("card-declined", test_orders_card_declined);
  ORDERS_TEST ("payload", test_orders_payload);
  ORDERS_TEST ("deactivated", test_orders_deactivated);
  ORDERS_TEST ("deactivated-meanwhile", test_orders_deactivated_meanwhile);
  g_test_add_func ("/plugins/orders/wrong-bus", test_orders_wrong_bus);

  return g_test_run ();
}
