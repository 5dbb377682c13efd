/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

typedef struct
{
  BubusEvent  parent_instance;
  char       *customer;
} OrderEvent;

typedef struct
{
  BubusEvent parent_instance;
  int        cents;
} ChargeEvent;

static const BubusField order_fields[] = {
  BUBUS_FIELD_STRING (OrderEvent, customer),
};
static const BubusField charge_fields[] = {
  BUBUS_FIELD_INT (ChargeEvent, cents, .minimum = 1),
};
BUBUS_DECLARE_EVENT_TYPE (OrderEvent, order_event)
BUBUS_DECLARE_EVENT_TYPE (ChargeEvent, charge_event)
BUBUS_DEFINE_EVENT_TYPE (OrderEvent, order_event, BUBUS_TYPE_EVENT, order_fields)
BUBUS_DEFINE_EVENT_TYPE (ChargeEvent, charge_event, BUBUS_TYPE_EVENT, charge_fields)

static gboolean
take_order (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          user_data,
            GError          **error)
{
  static const int amounts[] = { 500, 99999 };

  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      g_autoptr (BubusEvent) charge = g_object_new (charge_event_get_type (), "cents", amounts[i], NULL);

      if (!bubus_invocation_dispatch (invocation, NULL, charge, error))
        return FALSE;
    }
  bubus_invocation_return_string (invocation, "taken");
  return TRUE;
}

static gboolean
charge_card (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          user_data,
             GError          **error)
{
  if (((ChargeEvent *) event)->cents > 10000)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "card declined");
      return FALSE;
    }
  bubus_invocation_return_int (invocation, ((ChargeEvent *) event)->cents);
  return TRUE;
}

static gboolean
ask_the_bank (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          user_data,
              GError          **error)
{
  bubus_invocation_defer (invocation);
  return TRUE;
}

/* Ids differ in each run; this example is to print the same each time. */
static char *
hide_ids (const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new ("#[0-9a-f]{4}\\b", 0, 0, NULL);

  return g_regex_replace_literal (regex, text, -1, 0, "#....", 0, NULL);
}

static void
print (const char *log_domain,
       GLogLevelFlags  level,
       const char *message,
       gpointer    user_data)
{
  g_autofree char *text = hide_ids (message);

  g_print ("%s\n", text);
}

static void
show_a_tree (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) order = g_object_new (order_event_get_type (), "customer", "Ada", NULL);

  bubus_event_bus_dispatch (bus, order, NULL);
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);

  {
    /* [format] */
    g_autofree char *text = bubus_event_bus_format_tree (bus, BUBUS_TREE_NONE);
    /* [/format] */
    g_autofree char *same_each_time = hide_ids (text);

    g_print ("%s\n", same_each_time);
  }
}

static void
show_a_timeout (BubusEventBus *bus,
                BubusClock    *clock)
{
  g_autoptr (BubusEvent) order = g_object_new (order_event_get_type (), "customer", "Bob", NULL);

  bubus_event_bus_on (bus, charge_event_get_type (), "ask_the_bank", ask_the_bank, NULL, NULL);
  bubus_event_bus_dispatch (bus, order, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  bubus_clock_advance (clock, 60 * G_GINT64_CONSTANT (1000000000));
  bubus_event_bus_stop (bus);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (void)
{
  g_autoptr (BubusClock) clock = NULL;
  g_autoptr (BubusEventBus) bus = NULL;

  setlocale (LC_ALL, "");
  g_setenv ("TZ", "UTC", TRUE);
  clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000) * 1000000000);
  bubus_clock_push_thread_default (clock);
  bus = bubus_event_bus_new ("Shop");
  bubus_event_bus_set_event_handler_slow_timeout (bus, 0);
  bubus_event_bus_on (bus, order_event_get_type (), "take_order", take_order, NULL, NULL);
  bubus_event_bus_on (bus, charge_event_get_type (), "charge_card", charge_card, NULL, NULL);

  show_a_tree (bus);
  g_log_set_handler ("Bubus", G_LOG_LEVEL_MASK, print, NULL);
  g_log_set_debug_enabled (TRUE);
  show_a_timeout (bus, clock);
  bubus_clock_pop_thread_default (clock);
  return 0;
}
