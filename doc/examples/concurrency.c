/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* The same downloads, one after the other, all at once, in a race, and in threads. */

typedef struct
{
  BubusEvent  parent_instance;
  char       *page;
} DownloadEvent;

static const BubusField download_fields[] = {
  BUBUS_FIELD_STRING (DownloadEvent, page),
};

BUBUS_DECLARE_EVENT_TYPE (DownloadEvent, download_event)
BUBUS_DEFINE_EVENT_TYPE (DownloadEvent, download_event, BUBUS_TYPE_EVENT, download_fields)

/* [class] */
typedef struct { BubusEvent parent_instance; } PriceEvent;

static void
price_event_declare (BubusEventClass *klass)
{
  bubus_event_class_set_result_type (klass, G_TYPE_STRING);
  bubus_event_class_set_handler_concurrency (klass, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_class_set_handler_completion (klass, BUBUS_HANDLER_COMPLETION_FIRST);
}

BUBUS_DECLARE_EVENT_TYPE (PriceEvent, price_event)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (PriceEvent, price_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS,
                                   price_event_declare (klass))
/* [/class] */

static gboolean
download_done (gpointer user_data)
{
  DownloadEvent *event = (DownloadEvent *) bubus_invocation_get_event (user_data);

  g_print ("  %s: done\n", event->page);
  bubus_invocation_return_nothing (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
download (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          user_data,
          GError          **error)
{
  g_print ("  %s: begins\n", ((DownloadEvent *) event)->page);
  bubus_invocation_defer (invocation);
  g_idle_add_full (G_PRIORITY_LOW, download_done, g_object_ref (invocation), g_object_unref);
  return TRUE;
}

static void
run (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
}

static void
dispatch_downloads (BubusEventBus *bus)
{
  const char *pages[] = { "index", "news", "about" };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr (BubusEvent) event = g_object_new (download_event_get_type (), "page", pages[i], NULL);

      bubus_event_bus_dispatch (bus, event, NULL);
    }
  run (bus);
}

static void
show_events (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Crawler");
  g_autoptr (BubusEvent) urgent = g_object_new (download_event_get_type (), "page", "robots.txt", NULL);

  bubus_event_bus_on (bus, download_event_get_type (), "download", download, NULL, NULL);
  g_print ("-- one after the other\n");
  dispatch_downloads (bus);

  g_print ("-- one of them does not wait\n");
/* [event] */
  bubus_event_set_event_concurrency (urgent, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_bus_dispatch (bus, urgent, NULL);
/* [/event] */
  dispatch_downloads (bus);

  g_print ("-- all at once\n");
/* [bus] */
  bubus_event_bus_set_event_concurrency (bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
/* [/bus] */
  dispatch_downloads (bus);
}

/* [race] */
static gboolean
answer (gpointer user_data)
{
  bubus_invocation_return_string (user_data, "12.50");
  return G_SOURCE_REMOVE;
}

static gboolean
ask_quick_shop (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          user_data,
                GError          **error)
{
  bubus_invocation_defer (invocation);
  g_idle_add_full (G_PRIORITY_LOW, answer, g_object_ref (invocation), g_object_unref);
  return TRUE;
}

static void
lost_cb (GCancellable *cancellable,
         gpointer      user_data)
{
  g_print ("  the other shop need not answer any more\n");
}

static gboolean
ask_slow_shop (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          user_data,
               GError          **error)
{
  bubus_invocation_defer (invocation);
  g_signal_connect (bubus_invocation_get_cancellable (invocation), "cancelled", G_CALLBACK (lost_cb), NULL);
  return TRUE;
}
/* [/race] */

static void
show_race (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Shop");
  g_autoptr (BubusEvent) event = g_object_new (price_event_get_type (), NULL);
  g_autoptr (BubusResults) results = bubus_results_new (event);
  const GValue *value;

  g_print ("-- the first answer wins\n");
  bubus_event_bus_on (bus, price_event_get_type (), "slow", ask_slow_shop, NULL, NULL);
  bubus_event_bus_on (bus, price_event_get_type (), "quick", ask_quick_shop, NULL, NULL);
  bubus_event_bus_dispatch (bus, event, NULL);
  run (bus);
  value = bubus_results_get_first (results, NULL);
  g_print ("  the price is %s\n", g_value_get_string (value));
}

/* [threaded] */
static gboolean
add_up (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          user_data,
        GError          **error)
{
  GCancellable *cancellable = bubus_invocation_get_cancellable (invocation);
  gint64 sum = 0;

  for (int i = 1; i <= 1000000; i++)
    {
      if (i % 1000 == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      sum += i;
    }
  bubus_invocation_return_int64 (invocation, sum);
  return TRUE;
}

static void
register_add_up (BubusEventBus *bus)
{
  BubusHandler *handler = bubus_event_bus_on_pattern (bus, "DownloadEvent", "add_up", add_up, NULL, NULL);

  bubus_handler_set_threaded (handler, TRUE);
}
/* [/threaded] */

static void
show_thread (void)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Numbers");
  g_autoptr (BubusEvent) event = g_object_new (download_event_get_type (), "page", "numbers", NULL);
  g_autoptr (BubusResults) results = bubus_results_new (event);

  g_print ("-- in a thread\n");
  register_add_up (bus);
  bubus_event_bus_dispatch (bus, event, NULL);
  run (bus);
  g_print ("  %" G_GINT64_FORMAT "\n", g_value_get_int64 (bubus_results_get_first (results, NULL)));
}

int
main (void)
{
  setlocale (LC_ALL, "");
  show_events ();
  show_race ();
  show_thread ();
  return 0;
}
