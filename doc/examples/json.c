/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

typedef struct
{
  BubusEvent  parent_instance;
  char       *sku;
  int         quantity;
} StockEvent;

static const BubusField stock_fields[] = {
  BUBUS_FIELD_STRING (StockEvent, sku),
  BUBUS_FIELD_INT (StockEvent, quantity, .minimum = 0, .maximum = 99),
};
BUBUS_DECLARE_EVENT_TYPE (StockEvent, stock_event)
BUBUS_DEFINE_EVENT_TYPE (StockEvent, stock_event, BUBUS_TYPE_EVENT, stock_fields)

#define FRAME "\"event_id\": \"018f8e40-1234-7000-8000-000000000001\", " \
              "\"event_created_at\": \"2026-01-02T03:04:05.000000006Z\""

static const char known[] =
  "{\"event_type\": \"StockEvent\", " FRAME ", \"sku\": \"tea\", \"quantity\": 3, \"shelf\": [4, \"b\"]}";
static const char unknown[] =
  "{\"event_type\": \"weather.changed\", " FRAME ", \"degrees\": -1.50, \"where\": {\"city\": \"Zürich\"}}";
static const char wrong[] =
  "{\"event_type\": \"StockEvent\",\n \"sku\": \"tea\", \"quantity\": 100}";
static const char broken[] =
  "{\"event_type\": \"StockEvent\",\n \"sku\": \"tea\", \"quantity\": 3";

/* [read] */
static BubusEvent *
read_event (const char *line)
{
  g_autoptr (GError) error = NULL;
  BubusEvent *event = bubus_event_new_from_json (line, -1, BUBUS_JSON_NONE, &error);

  if (event == NULL)
    g_print ("%s\n", error->message);
  return event;
}
/* [/read] */

static void
read_and_write (const char *line)
{
  g_autoptr (BubusEvent) event = read_event (line);
  g_autofree char *text = NULL;

  if (event == NULL)
    return;
  text = bubus_event_to_json (event);
  g_print ("%s\n%s\n", G_OBJECT_TYPE_NAME (event), text);
}

static void
show_member (const char *line)
{
  g_autoptr (BubusEvent) event = read_event (line);
  /* [member] */
  g_autoptr (BubusJson) where = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), "where");
  g_autoptr (GVariant) place = bubus_json_to_variant (where, G_VARIANT_TYPE ("a{ss}"), NULL);
  const char *city;

  if (g_variant_lookup (place, "city", "&s", &city))
    g_print ("%s\n", city);
  /* [/member] */
}

int
main (void)
{
  setlocale (LC_ALL, "");
  /* [register] */
  bubus_event_register_type (stock_event_get_type ());
  /* [/register] */

  read_and_write (known);
  read_and_write (unknown);
  show_member (unknown);
  read_and_write (wrong);
  read_and_write (broken);
  return 0;
}
