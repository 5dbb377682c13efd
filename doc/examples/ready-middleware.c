/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* A shop whose bus is looked after by the middleware that comes with the library. Time is a test's. */

static BubusEvent *
order_new (const char *event_type,
           const char *number)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "number", "s", number);
  return bubus_generic_event_new (event_type, g_variant_dict_end (&dict));
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
dispatch (BubusEventBus *bus,
          const char    *event_type,
          const char    *number)
{
  g_autoptr (BubusEvent) event = order_new (event_type, number);
  g_autoptr (GError) reason = NULL;

  if (bubus_event_bus_dispatch (bus, event, &reason))
    {
      settle ();
      reason = bubus_event_dup_drop_reason (event);
    }
  if (reason != NULL)
    g_print ("%s %s: %s\n", event_type, number, reason->message);
}

static gboolean
print_order (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusJson) number = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (event), "number");

  g_print ("handled: %s %s, version %s\n", bubus_event_get_event_type (event), bubus_json_get_text (number),
           bubus_event_get_event_version (event));
  return TRUE;
}

/* [authorize] */
static gboolean
authorize (BubusEvent     *event,
           BubusEventBus  *bus,
           gpointer        user_data,
           GError        **error)
{
  if (!g_str_equal (bubus_event_get_event_type (event), "RefundEvent"))
    return TRUE;

  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_DENIED, "only the boss gives money back");
  return FALSE;
}

static void
add_authorizer (BubusEventBus *bus)
{
  g_autoptr (BubusAuthorizer) authorizer = bubus_authorizer_new (authorize, NULL, NULL);

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (authorizer));
}
/* [/authorize] */

/* [keys] */
static void
add_keyed (BubusEventBus *bus)
{
  g_autoptr (BubusDeduplicator) deduplicator =
    g_object_new (BUBUS_TYPE_DEDUPLICATOR, "pattern", "OrderEvent", "key", "number", "window", 60.0, NULL);
  g_autoptr (BubusDebouncer) debouncer =
    g_object_new (BUBUS_TYPE_DEBOUNCER, "pattern", "SearchEvent", "delay", 0.3, NULL);

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (deduplicator));
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (debouncer));
}
/* [/keys] */

/* [upcast] */
static BubusEvent *
order_to_version_2 (BubusEvent  *event,
                    gpointer     user_data,
                    GError     **error)
{
  g_autoptr (GVariant) payload = bubus_generic_event_dup_payload (BUBUS_GENERIC_EVENT (event), error);
  GVariantDict dict;

  if (payload == NULL)
    return NULL;

  g_variant_dict_init (&dict, payload);
  g_variant_dict_insert (&dict, "currency", "s", "EUR");
  return bubus_generic_event_new ("OrderEvent", g_variant_dict_end (&dict));
}

static void
add_upcaster (BubusEventBus *bus)
{
  g_autoptr (BubusUpcaster) upcaster = bubus_upcaster_new ();

  bubus_upcaster_expect (upcaster, "OrderEvent", "2");
  bubus_upcaster_add_step (upcaster, "OrderEvent", "0.0.1", "2", order_to_version_2, NULL, NULL, NULL);
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (upcaster));
}
/* [/upcast] */

/* [dead] */
static gboolean
print_letter (BubusEvent       *letter,
              BubusInvocation  *invocation,
              gpointer          user_data,
              GError          **error)
{
  g_autoptr (BubusEvent) event = bubus_dead_letters_dup_event (letter, error);
  g_autoptr (BubusJson) reason = bubus_generic_event_dup_member (BUBUS_GENERIC_EVENT (letter), "reason");

  if (event == NULL)
    return FALSE;

  g_print ("dead letter: %s, %s\n", bubus_event_get_event_type (event), bubus_json_get_text (reason));
  return TRUE;
}

static void
add_dead_letters (BubusEventBus *bus,
                  BubusEventBus *dead)
{
  g_autoptr (BubusDeadLetters) letters = bubus_dead_letters_new (dead);

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (letters));
  bubus_event_bus_on_pattern (dead, "DeadLetterEvent", "print", print_letter, NULL, NULL);
}
/* [/dead] */

int
main (void)
{
  g_autoptr (BubusClock) clock = bubus_clock_new_test (0);
  g_autoptr (BubusEventBus) bus = NULL;
  g_autoptr (BubusEventBus) dead = NULL;

  setlocale (LC_ALL, "");
  bubus_clock_push_thread_default (clock);
  bus = bubus_event_bus_new ("Shop");
  dead = bubus_event_bus_new ("Dead");
  bubus_clock_pop_thread_default (clock);

  add_authorizer (bus);
  add_keyed (bus);
  add_upcaster (bus);
  add_dead_letters (bus, dead);
  bubus_event_bus_on_pattern (bus, "OrderEvent", "print", print_order, NULL, NULL);
  bubus_event_bus_on_pattern (bus, "SearchEvent", "print", print_order, NULL, NULL);

  dispatch (bus, "OrderEvent", "1");
  dispatch (bus, "OrderEvent", "1");
  dispatch (bus, "RefundEvent", "1");
  dispatch (bus, "SearchEvent", "t");
  dispatch (bus, "SearchEvent", "tea");
  bubus_clock_advance (clock, 300 * 1000 * 1000);
  settle ();
  dispatch (bus, "ComplaintEvent", "1");
  return 0;
}
