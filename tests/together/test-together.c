/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus.h>

#include <glib/gstdio.h>
#include <string.h>

/* A bus with a journal, in a life of its own; another one may follow. */
typedef struct
{
  char          *folder;
  char          *path;
  BubusEventBus *bus;
  BubusJournal  *journal;
  GString       *trace;
} Fixture;

static void
begin_life (Fixture  *fixture,
            gboolean  recovers)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);

  fixture->bus = bubus_event_bus_new ("Shop");
  fixture->journal = g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "recovery", recovers, NULL);
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->journal));
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
end_life (Fixture *fixture)
{
  bubus_event_bus_stop (fixture->bus);
  settle ();
  bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->journal));
  bubus_event_bus_clear (fixture->bus);
  g_assert_finalize_object (fixture->journal);
  g_assert_finalize_object (fixture->bus);
}

static char *
read_journal (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  char *text;

  bubus_journal_flush (fixture->journal, &error);
  g_assert_no_error (error);
  g_file_get_contents (fixture->path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary (data);
  fixture->folder = g_dir_make_tmp ("bubus-together-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "journal.jsonl", NULL);
  fixture->trace = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  end_life (fixture);
  g_remove (fixture->path);
  g_rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
  g_string_free (fixture->trace, TRUE);
}

static void
dispatch (Fixture    *fixture,
          const char *event_type)
{
  g_autoptr (GVariant) payload = g_variant_ref_sink (g_variant_new_parsed ("{'order': <42>}"));
  g_autoptr (BubusEvent) event = bubus_generic_event_new (event_type, payload);

  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  settle ();
}

static gboolean
trace_type (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  g_string_append_printf (((Fixture *) data)->trace, "%s ", bubus_event_get_event_type (event));
  return TRUE;
}

static gboolean
never_answer (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  bubus_invocation_defer (invocation);
  return TRUE;
}

/* ---- sagas ---- */

static BubusEvent *
follow (BubusSaga         *saga,
        BubusSagaInstance *instance,
        BubusEvent        *event,
        gpointer           data)
{
  return bubus_generic_event_new ("Done", NULL);
}

static BubusSaga *
make_saga (Fixture *fixture)
{
  BubusSaga *saga = bubus_saga_new (fixture->bus, "fulfilment", "order");

  bubus_saga_add_step (saga, "Paid");
  bubus_saga_add_step (saga, "Reserved");
  bubus_saga_set_completion (saga, follow, NULL, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Done", "done", trace_type, fixture, NULL);
  return saga;
}

static void
store_result (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
recover (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n_recovered;

  bubus_journal_recover_async (fixture->journal, fixture->bus, NULL, store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (bubus_journal_recover_finish (fixture->journal, result, &n_recovered, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_recovered, ==, 2);
  settle ();
}

/* The process dies when one step is done, and another one accepted; the next one goes on with both. */
static void
test_saga_restart (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autofree char *text = NULL;
  g_autoptr (BubusJson) state = NULL;
  g_autoptr (GError) error = NULL;
  BubusSaga *saga;

  begin_life (fixture, TRUE);
  saga = make_saga (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "Slow", "slow", never_answer, NULL, NULL);
  dispatch (fixture, "Paid");
  dispatch (fixture, "Slow");
  dispatch (fixture, "Reserved");
  g_assert_cmpstr (fixture->trace->str, ==, "");
  state = bubus_saga_to_json (saga);
  text = read_journal (fixture);
  g_assert_finalize_object (saga);
  end_life (fixture);
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));

  begin_life (fixture, TRUE);
  saga = make_saga (fixture);
  g_assert_true (bubus_saga_restore (saga, state, &error));
  g_assert_no_error (error);
  recover (fixture);
  g_assert_cmpstr (fixture->trace->str, ==, "Done ");
  g_assert_finalize_object (saga);
}

/* ---- dead letters ---- */

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the shelf is full");
  return FALSE;
}

/* The journal of the bus that they are sent to is the file in which they are kept, with the reason. */
static void
test_dead_letter_file (Fixture       *fixture,
                       gconstpointer  data)
{
  BubusEventBus *bus = bubus_event_bus_new ("Orders");
  g_autoptr (BubusDeadLetters) letters = NULL;
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("Order", NULL);
  g_autoptr (BubusEvent) letter = NULL;
  g_autoptr (BubusEvent) again = NULL;
  g_autofree char *text = NULL;

  begin_life (fixture, FALSE);
  letters = bubus_dead_letters_new (fixture->bus);
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (letters));
  bubus_event_bus_on_pattern (bus, "Order", "store", fail, NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  settle ();

  text = read_journal (fixture);
  g_assert_nonnull (strstr (text, "the shelf is full"));
  letter = bubus_event_new_from_json (g_strchomp (text), -1, BUBUS_JSON_NONE, NULL);
  g_assert_nonnull (letter);
  again = bubus_dead_letters_dup_event (letter, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (bubus_event_get_event_type (again), ==, "Order");

  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (letters));
  g_clear_object (&letters);
  g_assert_finalize_object (bus);
}

/* ---- streams ---- */

static gboolean
send_two (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          data,
          GError          **error)
{
  for (guint i = 0; i < 2; i++)
    bubus_message_send_part_async (BUBUS_MESSAGE (event), NULL, NULL, NULL, NULL);
  if (g_str_equal (bubus_event_get_event_type (event), "bad"))
    return fail (event, invocation, data, error);
  bubus_invocation_return_int (invocation, 2);
  return TRUE;
}

static void
stream (BubusMessenger *messenger,
        const char     *address)
{
  g_autoptr (BubusReplyStream) parts = NULL;

  bubus_messenger_consumer (messenger, address, BUBUS_CONSUMER_NONE, send_two, NULL, NULL, NULL);
  parts = bubus_messenger_request_stream (messenger, address, NULL, NULL);
  settle ();
  g_assert_cmpuint (bubus_reply_stream_get_n_waiting (parts), ==, 2);
}

/* A stream is one event: it stands in the journal, the tree and what a recorder has seen, with what it answered. */
static void
test_stream_records (Fixture       *fixture,
                     gconstpointer  data)
{
  const char *const seen[] = { "good", "bad", NULL };
  g_autoptr (BubusRecorder) recorder = NULL;
  g_autoptr (BubusMessenger) messenger = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *tree = NULL;
  g_auto (GStrv) lines = NULL;

  begin_life (fixture, FALSE);
  messenger = bubus_messenger_new (fixture->bus);
  recorder = bubus_recorder_new (fixture->bus);
  stream (messenger, "good");
  stream (messenger, "bad");

  text = read_journal (fixture);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_nonnull (strstr (lines[0], "\"delivery\":\"stream\""));
  g_assert_nonnull (strstr (lines[0], "\"result\":2"));
  g_assert_nonnull (strstr (lines[1], "the shelf is full"));
  tree = bubus_event_bus_format_tree (fixture->bus, BUBUS_TREE_NONE);
  g_assert_nonnull (strstr (tree, "good"));
  g_assert_nonnull (strstr (tree, "the shelf is full"));
  bubus_recorder_check_sequence (recorder, seen, &error);
  g_assert_no_error (error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define together(path, function, summary) g_test_add ("/together/" path, Fixture, summary, set_up, function, tear_down)
  together ("saga-restart", test_saga_restart, "B-15.5: a saga and its events survive the process");
  together ("dead-letter-file", test_dead_letter_file, "Dead letters are kept in a file, with their reason");
  together ("stream-records", test_stream_records, "R-23: a stream is an event, and recorded like others");

  return g_test_run ();
}
