/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

typedef struct
{
  BubusEvent  parent_instance;
  char       *sku;
} ReserveEvent;

static const BubusField reserve_fields[] = {
  BUBUS_FIELD_STRING (ReserveEvent, sku),
};
BUBUS_DECLARE_EVENT_TYPE (ReserveEvent, reserve_event)
BUBUS_DEFINE_EVENT_TYPE (ReserveEvent, reserve_event, BUBUS_TYPE_EVENT, reserve_fields)

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          user_data,
        GError          **error)
{
  bubus_invocation_return_string (invocation, user_data);
  return TRUE;
}

static void
show_results (BubusEvent *event)
{
  /* [results] */
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  for (guint i = 0; i < results->len; i++)
    {
      BubusEventResult *result = g_ptr_array_index (results, i);
      const GValue *value = bubus_event_result_get_value (result);

      g_print ("%s on %s: %s\n", bubus_event_result_get_handler_name (result),
               bubus_event_result_get_eventbus_name (result),
               value != NULL ? g_value_get_string (value) : "nothing");
    }
  /* [/results] */
}

int
main (void)
{
  g_autoptr (BubusEventBus) shop = bubus_event_bus_new ("Shop");
  g_autoptr (BubusEventBus) warehouse = bubus_event_bus_new ("Warehouse");
  g_autoptr (BubusEvent) event = g_object_new (reserve_event_get_type (), "sku", "tea", NULL);
  g_auto (GStrv) path = NULL;

  bubus_event_bus_on (shop, reserve_event_get_type (), "note", answer, (gpointer) "noted", NULL);
  bubus_event_bus_on (warehouse, reserve_event_get_type (), "reserve", answer, (gpointer) "reserved", NULL);

  /* [ring] */
  bubus_event_bus_forward (shop, "Reserve*", NULL, warehouse);
  bubus_event_bus_forward (warehouse, "*", "tell_shop", shop);
  bubus_event_bus_dispatch (shop, event, NULL);
  /* [/ring] */
  while (!bubus_event_bus_is_idle (shop) || !bubus_event_bus_is_idle (warehouse))
    g_main_context_iteration (NULL, TRUE);

  show_results (event);
  path = bubus_event_dup_event_path (event);
  g_print ("visited %u buses\n", g_strv_length (path));
  return 0;
}
