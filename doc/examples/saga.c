/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <glib/gstdio.h>
#include <locale.h>

/* An order is fulfilled when it has been paid for and the goods are reserved, whichever comes first. The recorder shows
 * what was dispatched; the clock is a test clock, so that the program need not wait. */

static BubusEvent *
make_event (const char *event_type,
            const char *order_id)
{
  return bubus_generic_event_new (event_type, g_variant_new_parsed ("{'order_id': <%s>}", order_id));
}

/* [completion] */
static BubusEvent *
start_fulfilment (BubusSaga         *saga,
                  BubusSagaInstance *instance,
                  BubusEvent        *event,
                  gpointer           user_data)
{
  return make_event ("FulfilmentStarted", bubus_saga_instance_get_key (instance));
}

static BubusEvent *
give_money_back (BubusSaga         *saga,
                 BubusSagaInstance *instance,
                 BubusEvent        *event,
                 gpointer           user_data)
{
  return make_event ("PaymentReturned", bubus_saga_instance_get_key (instance));
}
/* [/completion] */

/* [saga] */
static BubusSaga *
fulfilment_new (BubusEventBus *bus)
{
  BubusSaga *saga = bubus_saga_new (bus, "fulfilment", "order_id");

  bubus_saga_add_step (saga, "PaymentProcessed");
  bubus_saga_add_step (saga, "InventoryReserved");
  bubus_saga_add_failure (saga, "OrderCancelled");
  bubus_saga_set_completion (saga, start_fulfilment, NULL, NULL);
  bubus_saga_set_compensation (saga, "PaymentProcessed", give_money_back, NULL, NULL);
  bubus_saga_set_timeout (saga, 3600);
  return saga;
}
/* [/saga] */

static void
dispatch (BubusEventBus *bus,
          const char    *event_type,
          const char    *order_id)
{
  g_autoptr (BubusEvent) event = make_event (event_type, order_id);

  bubus_event_bus_dispatch (bus, event, NULL);
}

/* [test] */
static void
show (BubusRecorder *recorder,
      const char    *title)
{
  g_autoptr (GPtrArray) events = NULL;
  g_autoptr (GError) error = NULL;

  if (!bubus_recorder_drain (recorder, 10, &error) || !bubus_recorder_check_no_errors (recorder, &error))
    g_print ("%s\n", error->message);

  events = bubus_recorder_list_events (recorder, NULL);
  g_print ("%s:", title);
  for (guint i = 0; i < events->len; i++)
    g_print (" %s", bubus_event_get_event_type (g_ptr_array_index (events, i)));
  g_print ("\n");
  bubus_recorder_clear (recorder);
}
/* [/test] */

/* [recall] */
static void
recall (BubusSaga  *saga,
        const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (BubusJournalReader) reader = bubus_journal_reader_new (file);

  g_object_set (reader, "status", "completed", NULL);
  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (BubusEvent) event = bubus_journal_reader_next (reader, &error);

      if (event == NULL && error == NULL)
        break;
      if (event == NULL || !bubus_saga_recall (saga, event, &error))
        g_print ("%s\n", error->message);
    }
}
/* [/recall] */

/* Another process would do this. */
static void
restart (BubusClock *clock,
         const char *path)
{
  g_autoptr (BubusEventBus) bus = g_object_new (BUBUS_TYPE_EVENT_BUS, "name", "Shop", "clock", clock, NULL);
  g_autoptr (BubusRecorder) recorder = bubus_recorder_new (bus);
  g_autoptr (BubusSaga) saga = fulfilment_new (bus);

  recall (saga, path);
  show (recorder, "restarted");
  dispatch (bus, "InventoryReserved", "A-4");
  show (recorder, "then reserved");
}

int
main (void)
{
  g_autofree char *folder = g_dir_make_tmp ("saga-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "shop.jsonl", NULL);
  g_autoptr (BubusClock) clock = bubus_clock_new_test (G_GINT64_CONSTANT (1800000000) * G_GINT64_CONSTANT (1000000000));
  g_autoptr (BubusEventBus) bus = g_object_new (BUBUS_TYPE_EVENT_BUS, "name", "Shop", "clock", clock, NULL);
  g_autoptr (BubusJournal) journal = bubus_journal_attach (bus, path);
  g_autoptr (BubusRecorder) recorder = bubus_recorder_new (bus);
  g_autoptr (BubusSaga) saga = fulfilment_new (bus);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  dispatch (bus, "InventoryReserved", "A-1");
  dispatch (bus, "PaymentProcessed", "A-1");
  show (recorder, "both");

  dispatch (bus, "PaymentProcessed", "A-2");
  dispatch (bus, "OrderCancelled", "A-2");
  show (recorder, "cancelled");

  dispatch (bus, "PaymentProcessed", "A-3");
  show (recorder, "paid");
  /* [advance] */
  if (!bubus_recorder_advance (recorder, 3600, &error))
    g_print ("%s\n", error->message);
  /* [/advance] */
  show (recorder, "too late");

  /* [check] */
  if (!bubus_recorder_check_count (recorder, "Payment*", 1, &error))
    g_print ("%s\n", error->message);
  /* [/check] */

  dispatch (bus, "PaymentProcessed", "A-4");
  show (recorder, "paid");
  bubus_journal_flush (journal, NULL);
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (journal));
  restart (clock, path);
  g_remove (path);
  g_rmdir (folder);
  return 0;
}
