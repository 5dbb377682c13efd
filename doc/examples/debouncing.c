/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

/* Several parts of a program want screenshots of pages. One that was taken a moment ago, or is being taken, will do.
 * The time is that of a test clock, so that the example prints the same every time. */

typedef struct
{
  BubusEvent  parent_instance;
  char       *page;
} ScreenshotEvent;

static const BubusField screenshot_fields[] = {
  BUBUS_FIELD_STRING (ScreenshotEvent, page),
};
BUBUS_DECLARE_EVENT_TYPE (ScreenshotEvent, screenshot_event)
BUBUS_DEFINE_EVENT_TYPE (ScreenshotEvent, screenshot_event, BUBUS_TYPE_EVENT, screenshot_fields)

static gboolean
take_screenshot (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          user_data,
                 GError          **error)
{
  g_print ("  taking a screenshot of %s\n", ((ScreenshotEvent *) event)->page);
  return TRUE;
}

/* [debounce] */
static BubusEvent *
want_screenshot (BubusEventBus *bus,
                 const char    *page)
{
  g_autoptr (BubusEventQuery) query =
    g_object_new (BUBUS_TYPE_EVENT_QUERY, "event-type", screenshot_event_get_type (), "past", 5.0, "limit", 1, NULL);
  g_autoptr (GPtrArray) recent = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  BubusEvent *event;

  g_value_set_string (g_value_init (&value, G_TYPE_STRING), page);
  bubus_event_query_set_field (query, "page", &value);
  recent = bubus_event_bus_filter (bus, query);
  if (recent->len > 0)
    return g_object_ref (g_ptr_array_index (recent, 0));

  event = g_object_new (screenshot_event_get_type (), "page", page, NULL);
  bubus_event_bus_dispatch (bus, event, NULL);
  return event;
}
/* [/debounce] */

static void
run (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
}

static void
want (BubusEventBus *bus,
      const char    *page)
{
  g_autoptr (BubusEvent) event = NULL;

  g_print ("a screenshot of %s is wanted\n", page);
  event = want_screenshot (bus, page);
}

/* [expect] */
static void
screenshot_seen_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) event = bubus_event_bus_expect_finish (BUBUS_EVENT_BUS (source), result, &error);

  if (event == NULL)
    g_print ("%s\n", error->message);
  else
    g_print ("  somebody wants a screenshot of %s\n", ((ScreenshotEvent *) event)->page);
}

static void
expect_screenshot (BubusEventBus *bus)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (screenshot_event_get_type ());

  bubus_event_bus_expect_async (bus, query, 30, NULL, screenshot_seen_cb, NULL);
}
/* [/expect] */

int
main (void)
{
  g_autoptr (BubusClock) clock = bubus_clock_new_test (0);
  g_autoptr (BubusEventBus) bus = NULL;

  bubus_clock_push_thread_default (clock);
  bus = bubus_event_bus_new ("Browser");
  bubus_event_bus_on (bus, screenshot_event_get_type (), "take", take_screenshot, NULL, NULL);

  want (bus, "start");
  want (bus, "start");
  want (bus, "help");
  run (bus);
  bubus_clock_advance (clock, 4 * G_GINT64_CONSTANT (1000000000));
  want (bus, "start");
  bubus_clock_advance (clock, 2 * G_GINT64_CONSTANT (1000000000));
  want (bus, "start");
  run (bus);

  expect_screenshot (bus);
  bubus_clock_advance (clock, 30 * G_GINT64_CONSTANT (1000000000));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  bubus_clock_pop_thread_default (clock);
  return 0;
}
