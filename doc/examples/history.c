/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

typedef struct { BubusEvent parent_instance; } TickEvent;

BUBUS_DECLARE_EVENT_TYPE (TickEvent, tick_event)
BUBUS_DEFINE_EVENT_TYPE (TickEvent, tick_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

/* [changed] */
static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    user_data)
{
  g_print ("%s: at %u, %u gone and %u new, now %u\n", (const char *) user_data,
           position, removed, added, g_list_model_get_n_items (model));
}
/* [/changed] */

static void
dispatch_ticks (BubusEventBus *bus,
                guint          n_ticks)
{
  for (guint i = 0; i < n_ticks; i++)
    {
      g_autoptr (BubusEvent) event = g_object_new (tick_event_get_type (), NULL);

      bubus_event_bus_dispatch (bus, event, NULL);
    }
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Clock");

  /* What is told depends on how much is done per iteration. */
  bubus_event_bus_set_time_budget (bus, G_MAXUINT);

  /* [views] */
  GListModel *pending = bubus_event_bus_get_pending_events (bus);
  GListModel *completed = bubus_event_bus_get_completed_events (bus);

  bubus_event_bus_set_max_history_size (bus, 3);
  g_signal_connect (pending, "items-changed", G_CALLBACK (items_changed_cb), (gpointer) "pending");
  g_signal_connect (completed, "items-changed", G_CALLBACK (items_changed_cb), (gpointer) "completed");
  /* [/views] */
  dispatch_ticks (bus, 5);
  iterate ();
  dispatch_ticks (bus, 2);
  iterate ();

  /* [find] */
  g_autoptr (BubusEvent) last = g_list_model_get_item (completed, g_list_model_get_n_items (completed) - 1);
  g_autoptr (BubusEvent) found = bubus_event_bus_get_event (bus, bubus_event_get_event_id (last));

  g_print ("found: %s\n", found == last ? "yes" : "no");
  /* [/find] */

  /* [memory] */
  bubus_set_memory_limit (200 * 1000 * 1000);
  g_print ("memory: %s\n", bubus_event_bus_get_memory_used (bus) > 0 ? "some" : "none");
  /* [/memory] */

  bubus_event_bus_clear (bus);
  iterate ();
  g_print ("memory: %s\n", bubus_get_memory_used () > 0 ? "some" : "none");
  return 0;
}
