/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <glib/gstdio.h>

static gboolean
print_event (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          user_data,
             GError          **error)
{
  g_print ("handled %s\n", bubus_event_get_event_type (event));
  return TRUE;
}

static void
run_until_idle (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
}

static void
write_events (const char *path)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Shop");
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("OrderPlacedEvent", NULL);
  g_autoptr (GError) error = NULL;

  /* [attach] */
  g_autoptr (BubusJournal) journal = bubus_journal_attach (bus, path);
  /* [/attach] */

  bubus_event_bus_on_pattern (bus, "*", "print", print_event, NULL, NULL);
  bubus_event_bus_dispatch (bus, event, NULL);
  run_until_idle (bus);

  /* [flush] */
  if (!bubus_journal_flush (journal, &error))
    g_print ("%s\n", error->message);
  /* [/flush] */
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (journal));
}

static void
read_events (const char *path)
{
  /* [read] */
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (BubusJournalReader) reader = bubus_journal_reader_new (file);

  g_object_set (reader, "type-pattern", "Order*", "status", "completed", NULL);
  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (BubusEvent) event = bubus_journal_reader_next (reader, &error);

      if (event == NULL && error == NULL)
        break;
      g_print ("%s\n", event != NULL ? bubus_event_get_event_type (event) : error->message);
    }
  /* [/read] */
}

/* [replay] */
static void
replayed_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  BubusReplay *replay = BUBUS_REPLAY (object);
  gboolean *done = user_data;

  *done = bubus_replay_run_finish (replay, result, NULL);
  g_print ("replayed %" G_GUINT64_FORMAT "\n", bubus_replay_get_n_events (replay));
}

static void
replay_events (const char *path)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Test");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (BubusJournalReader) reader = bubus_journal_reader_new (file);
  g_autoptr (BubusReplay) replay = bubus_replay_new (reader, bus);
  gboolean done = FALSE;

  bubus_event_bus_on_pattern (bus, "*", "print", print_event, NULL, NULL);
  bubus_replay_set_speed (replay, 0); /* at once; 1 keeps the pauses */
  bubus_replay_run_async (replay, NULL, replayed_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  run_until_idle (bus);
}
/* [/replay] */

/* [recover] */
static void
accepted_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  /* From here on the event survives the end of the process, and a power failure. */
  if (bubus_journal_dispatch_finish (BUBUS_JOURNAL (object), result, &error))
    g_print ("accepted\n");
  else
    g_print ("refused: %s\n", error->message);
}

static void
recovered_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("PaymentEvent", NULL);
  guint n_recovered;

  if (bubus_journal_recover_finish (BUBUS_JOURNAL (object), result, &n_recovered, NULL))
    g_print ("%u events were not complete\n", n_recovered);
  bubus_journal_dispatch_async (BUBUS_JOURNAL (object), user_data, event, NULL, accepted_cb, NULL);
}

static BubusJournal *
start_safely (BubusEventBus *bus,
              const char    *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  BubusJournal *journal = g_object_new (BUBUS_TYPE_JOURNAL,
                                        "file", file,
                                        "recovery", TRUE,
                                        "durability", BUBUS_JOURNAL_DURABILITY_BEFORE_ACK,
                                        "require", TRUE,
                                        NULL);

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (journal));
  bubus_journal_recover_async (journal, bus, NULL, recovered_cb, bus);
  return journal;
}
/* [/recover] */

static BubusJournal *
keep_durably (BubusEventBus *bus,
              const char    *path)
{
  /* [durable] */
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (BubusJournal) journal = g_object_new (BUBUS_TYPE_JOURNAL,
                                                   "file", file,
                                                   "durable-completion", TRUE,
                                                   "require", TRUE,
                                                   NULL);
  /* [/durable] */

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (journal));
  return g_steal_pointer (&journal);
}

static void
complete_durably (const char *path)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Shop");
  g_autoptr (BubusJournal) journal = keep_durably (bus, path);
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("RefundEvent", NULL);

  bubus_event_bus_dispatch (bus, event, NULL);
  run_until_idle (bus);
  g_print ("%s\n", g_file_test (path, G_FILE_TEST_EXISTS) ? "on the disk" : "lost");
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (journal));
}

static void
recover_events (const char *path)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Bank");
  g_autoptr (BubusJournal) journal = NULL;

  bubus_event_bus_on_pattern (bus, "*", "print", print_event, NULL, NULL);
  journal = start_safely (bus, path);
  while (bubus_journal_get_n_written (journal) < 2)
    g_main_context_iteration (NULL, FALSE);
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (journal));
}

static void
remove_files (const char *folder)
{
  static const char *const names[] = { "journal.jsonl", "safe.jsonl", "safe.jsonl.lock" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

int
main (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bubus-example-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "journal.jsonl", NULL);
  g_autofree char *safe_path = g_build_filename (folder, "safe.jsonl", NULL);
  g_autofree char *durable_path = g_build_filename (folder, "durable.jsonl", NULL);

  write_events (path);
  read_events (path);
  replay_events (path);
  recover_events (safe_path);
  complete_durably (durable_path);
  remove_files (folder);
  return 0;
}
