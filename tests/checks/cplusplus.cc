/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Event classes can be defined in C++ too: every macro that makes one, and a bus that takes the events. */

#include <bubus.h>

typedef struct
{
  BubusEvent        parent_instance;
  char             *text;
  double            price;
  BubusEventStatus  status;
  GObject          *object;
} Offer;

static const BubusField offer_fields[] = {
  BUBUS_FIELD_STRING (Offer, text),
  BUBUS_FIELD_DOUBLE (Offer, price, .minimum = 0, .maximum = 99),
  BUBUS_FIELD_ENUM (Offer, status, bubus_event_status_get_type),
  BUBUS_FIELD_OBJECT (Offer, object, g_object_get_type, .optional = TRUE),
};

BUBUS_DECLARE_EVENT_TYPE (Offer, offer)
BUBUS_DEFINE_EVENT_TYPE (Offer, offer, BUBUS_TYPE_EVENT, offer_fields)

typedef struct
{
  BubusEvent parent_instance;
} Nothing;

static const BubusField no_fields[1] = {};

BUBUS_DECLARE_EVENT_TYPE (Nothing, nothing)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (Nothing, nothing, BUBUS_TYPE_EVENT, no_fields,
                                   bubus_event_class_set_event_type (klass, "no.thing"))

int
main ()
{
  BubusEventBus *bus = bubus_event_bus_new ("C++");
  BubusEvent *offer = BUBUS_EVENT (g_object_new (offer_get_type (), "text", "a", "price", 1.5, NULL));
  BubusEvent *nothing = BUBUS_EVENT (g_object_new (nothing_get_type (), NULL));

  g_assert_true (bubus_event_bus_dispatch (bus, offer, NULL));
  g_assert_true (bubus_event_bus_dispatch (bus, nothing, NULL));
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (bubus_event_get_event_status (nothing), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (bubus_event_get_event_type (nothing), ==, "no.thing");

  g_object_unref (offer);
  g_object_unref (nothing);
  g_object_unref (bus);
  return 0;
}
