/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <locale.h>

/* Handlers that never answer, and what becomes of them. The time is a test's: it goes on when the program says so. */

typedef struct { BubusEvent parent_instance; } ReportEvent;
typedef struct { BubusEvent parent_instance; } FetchEvent;
typedef struct { BubusEvent parent_instance; } CleanEvent;

BUBUS_DECLARE_EVENT_TYPE (ReportEvent, report_event)
BUBUS_DECLARE_EVENT_TYPE (FetchEvent, fetch_event)
BUBUS_DECLARE_EVENT_TYPE (CleanEvent, clean_event)
BUBUS_DEFINE_EVENT_TYPE (ReportEvent, report_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (FetchEvent, fetch_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE (CleanEvent, clean_event, BUBUS_TYPE_EVENT, BUBUS_NO_FIELDS)

static BubusClock *test_clock;

static void
wait_seconds (guint seconds)
{
  for (guint i = 0; i <= seconds; i++)
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      if (i < seconds)
        bubus_clock_advance (test_clock, G_GINT64_CONSTANT (1000000000));
    }
}

static void
print_results (const char *title,
               BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  for (guint i = 0; i < results->len; i++)
    {
      BubusEventResult *result = g_ptr_array_index (results, i);
      const GError *error = bubus_event_result_get_error (result);

      g_print ("  %s, %s: %s\n", title, bubus_event_result_get_handler_name (result),
               error != NULL ? error->message : "done");
    }
}

/* [cancellable] */
static void
give_up_cb (GCancellable *cancellable,
            gpointer      user_data)
{
  g_print ("  fetch gives up\n");
}

static gboolean
fetch (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          user_data,
       GError          **error)
{
  bubus_invocation_defer (invocation);
  g_signal_connect (bubus_invocation_get_cancellable (invocation), "cancelled", G_CALLBACK (give_up_cb), NULL);
  return TRUE;
}
/* [/cancellable] */

static gboolean
do_at_once (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          user_data,
            GError          **error)
{
  return TRUE;
}

static void
show_limit (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = g_object_new (fetch_event_get_type (), NULL);
  BubusHandler *handler;

  g_print ("-- a handler that takes too long\n");
/* [limits] */
  bubus_event_bus_set_event_timeout (bus, 30);      /* each handler of each event, */
  bubus_event_set_event_timeout (event, 10);        /* each handler of this event, */
  handler = bubus_event_bus_on (bus, fetch_event_get_type (), "fetch", fetch, NULL, NULL);
  bubus_handler_set_timeout (handler, 5);           /* and this handler, whatever it handles */
/* [/limits] */
/* [slow] */
  bubus_event_bus_set_event_handler_slow_timeout (bus, 20);
  bubus_event_bus_set_event_slow_timeout (bus, 60);
  bubus_handler_set_slow_timeout (handler, 0);
/* [/slow] */
  bubus_event_bus_on (bus, fetch_event_get_type (), "next", do_at_once, NULL, NULL);
  bubus_event_bus_dispatch (bus, event, NULL);
  wait_seconds (5);
  print_results ("event", event);
}

static void
show_deadline (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = g_object_new (fetch_event_get_type (), NULL);

  g_print ("-- an event that takes too long\n");
  bubus_event_bus_on (bus, fetch_event_get_type (), "done", do_at_once, NULL, NULL);
  bubus_event_bus_on (bus, fetch_event_get_type (), "fetch", fetch, NULL, NULL);
  bubus_event_bus_on (bus, fetch_event_get_type (), "waiting", do_at_once, NULL, NULL);
/* [deadline] */
  bubus_event_set_event_deadline (event, 8);
  bubus_event_bus_dispatch (bus, event, NULL);
/* [/deadline] */
  wait_seconds (8);
  print_results ("event", event);
}

/* What belongs to a report: data that it awaits, and cleaning that it does not wait for. */
typedef struct
{
  BubusEvent *data;
  BubusEvent *clean;
} Report;

static void
data_ready_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  if (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, NULL))
    bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

/* [cascade] */
static gboolean
write_report (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          user_data,
              GError          **error)
{
  Report *report = user_data;
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);

  if (!bubus_event_bus_dispatch (bus, report->data, error)
      || !bubus_event_bus_dispatch_with_flags (bus, report->clean, BUBUS_DISPATCH_BACKGROUND, error))
    return FALSE;
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, report->data, NULL, data_ready_cb, NULL);
  return TRUE;
}
/* [/cascade] */

static void
show_cascade (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = g_object_new (report_event_get_type (), NULL);
  g_autoptr (BubusEvent) fetched = g_object_new (fetch_event_get_type (), NULL);
  g_autoptr (BubusEvent) clean = g_object_new (clean_event_get_type (), NULL);
  Report report = { fetched, clean };

  g_print ("-- a handler that takes too long, with children\n");
  bubus_event_bus_on (bus, report_event_get_type (), "write", write_report, &report, NULL);
  bubus_event_bus_on (bus, fetch_event_get_type (), "fetch", fetch, NULL, NULL);
  bubus_event_bus_on (bus, fetch_event_get_type (), "parse", do_at_once, NULL, NULL);
  bubus_event_bus_on (bus, clean_event_get_type (), "clean", do_at_once, NULL, NULL);
  bubus_event_set_event_timeout (event, 5);
  bubus_event_bus_dispatch (bus, event, NULL);
  wait_seconds (5);
  print_results ("report", event);
  print_results ("data", fetched);
  print_results ("clean", clean);
}

/* [caller] */
static void
waited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (bubus_event_wait_for_finish (BUBUS_EVENT (source), result, &error))
    g_print ("  complete\n");
  else
    g_print ("  %s\n", error->message);
}

static void
wait_a_little (BubusEvent *event)
{
  bubus_event_wait_for_async (event, 2, NULL, waited_cb, NULL);
}
/* [/caller] */

static void
show_caller (BubusEventBus *bus)
{
  g_autoptr (BubusEvent) event = g_object_new (fetch_event_get_type (), NULL);

  g_print ("-- a caller that waits a little only\n");
  bubus_event_bus_on (bus, fetch_event_get_type (), "fetch", fetch, NULL, NULL);
  bubus_event_set_event_timeout (event, 10);
  bubus_event_bus_dispatch (bus, event, NULL);
  wait_a_little (event);
  wait_seconds (2);
  if (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_STARTED)
    g_print ("  the event goes on\n");
  wait_seconds (8);
  print_results ("event", event);
}

int
main (void)
{
  void (*parts[]) (BubusEventBus *) = { show_limit, show_deadline, show_cascade, show_caller };
  g_autoptr (BubusEventBus) bus = NULL;

  setlocale (LC_ALL, "");
/* [clock] */
  test_clock = bubus_clock_new_test (0);
  bubus_clock_push_thread_default (test_clock);
  bus = bubus_event_bus_new ("Main");
/* [/clock] */
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      parts[i] (bus);
      bubus_event_bus_off_all (bus);
    }
  g_clear_object (&bus);
  bubus_clock_pop_thread_default (test_clock);
  g_object_unref (test_clock);
  return 0;
}
