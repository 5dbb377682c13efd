/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus/bubus-event-wait.h"
#include "journal/bubus-journal-line-private.h"
#include "journal-fixture.h"

/* A process that works with a journal in recovery mode is killed at random moments, again and again, and at last left
 * alone. By hand, with more of them: test-journal-crash --rounds 1000 [--seed N] */

#define N_IN_FLIGHT 8

static guint n_rounds = 50;
static guint32 seed = 1;
static const char *program;

/* ---- the one who dies ---- */

typedef struct
{
  GMainLoop     *loop;
  BubusEventBus *bus;
  BubusJournal  *journal;
  gboolean       plain;    /* events are dispatched on the bus, and an event that runs is acknowledged */
  gboolean       held;     /* events are acknowledged when they are complete */
} Child;

/* One write, so that the parent gets it or not. */
static void
say (const char *format,
     ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format,
     ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (write (STDOUT_FILENO, text, strlen (text)) < 0)
    exit (3);
}

static void dispatch_next (Child *child);

static gboolean
work (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  Child *child = data;

  say ("done %s %u\n", bubus_event_get_event_id (event), bubus_journal_get_n_retries (child->journal, event));
  if (child->plain)
    {
      say ("ack %s\n", bubus_event_get_event_id (event));
      dispatch_next (child);
    }
  return TRUE;
}

/* The callback has no event: its id comes along. */
typedef struct
{
  Child *child;
  char  *id;
} Acknowledgement;

static void
acknowledge_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      data)
{
  Acknowledgement *acknowledgement = data;
  Child *child = acknowledgement->child;
  g_autoptr (GError) error = NULL;

  if (!bubus_journal_dispatch_finish (child->journal, result, &error))
    g_error ("%s", error->message);
  say ("ack %s\n", acknowledgement->id);
  g_free (acknowledgement->id);
  g_free (acknowledgement);
  dispatch_next (child);
}

static void
completed_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GError) error = NULL;

  if (!bubus_event_wait_finish (BUBUS_EVENT (object), result, &error))
    g_error ("%s", error->message);
  say ("ack %s\n", bubus_event_get_event_id (BUBUS_EVENT (object)));
  dispatch_next (data);
}

static void
dispatch_next (Child *child)
{
  g_autoptr (BubusEvent) event = make_event ("WorkEvent");
  Acknowledgement *acknowledgement;

  if (child->plain || child->held)
    {
      bubus_event_bus_dispatch_with_flags (child->bus, event, BUBUS_DISPATCH_DETACHED, NULL);
      if (child->held)
        bubus_event_wait_async (event, NULL, completed_cb, child);
      return;
    }

  acknowledgement = g_new0 (Acknowledgement, 1);
  acknowledgement->child = child;
  acknowledgement->id = g_strdup (bubus_event_get_event_id (event));
  bubus_journal_dispatch_async (child->journal, child->bus, event, NULL, acknowledge_cb, acknowledgement);
}

static int
live_and_die (const char *path,
              const char *kind)
{
  gboolean last = g_str_equal (kind, "--last");
  gboolean held = g_str_equal (kind, "--held");
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Child");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (BubusJournal) journal =
    g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "recovery", TRUE, "durability",
                  held ? BUBUS_JOURNAL_DURABILITY_NONE : BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, "durable-completion", held,
                  "rotate-size", G_GUINT64_CONSTANT (200000), NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Child child = { NULL, bus, journal };

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (journal));
  bubus_event_bus_on_pattern (bus, "*", "work", work, &child, NULL);
  bubus_journal_recover_async (journal, bus, NULL, store_result, &result);
  if (!bubus_journal_recover_finish (journal, wait_for_result (&result), NULL, &error))
    g_error ("%s", error->message);
  if (last)
    {
      run_until_idle (bus);
      g_assert_true (bubus_journal_flush (journal, NULL));
      bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (journal));
      return 0;
    }

  child.plain = g_str_equal (kind, "--plain");
  child.held = held;
  for (guint i = 0; i < N_IN_FLIGHT; i++)
    dispatch_next (&child);
  while (TRUE)
    g_main_context_iteration (NULL, TRUE);
}

/* ---- the one who kills ---- */

typedef struct
{
  GHashTable *acknowledged;  /* ids */
  GHashTable *runs;          /* “ID RETRIES” of handlers that ran */
  gboolean    held;          /* what was acknowledged is complete */
} Account;

static GSubprocess *
start_child (const char *path,
             const char *kind)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, kind, path, NULL);

  g_assert_no_error (error);
  return child;
}

/* What was told to be complete was on the disk by then, so that no later life handles it again. */
static void
check_run (Account    *account,
           const char *line)
{
  g_autofree char *id = g_strndup (line + strlen ("done "), BUBUS_UUID_TEXT_SIZE - 1);

  if (account->held && g_hash_table_contains (account->acknowledged, id))
    g_error ("%s was told to be complete, and is handled again", id);
}

/* No handler runs twice for the same reason. */
static void
note_line (Account    *account,
           const char *line)
{
  if (g_str_has_prefix (line, "ack "))
    g_hash_table_add (account->acknowledged, g_strdup (line + strlen ("ack ")));
  else if (!g_hash_table_add (account->runs, g_strdup (line)))
    g_error ("this happened twice: %s", line);
  else
    check_run (account, line);
}

/* Reads @n_lines, kills, and reads what was said before. */
static void
run_child (const char *path,
           const char *kind,
           guint       n_lines,
           Account    *account)
{
  g_autoptr (GSubprocess) child = start_child (path, kind);
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  char *line;

  for (guint i = 0; (line = g_data_input_stream_read_line (stream, NULL, NULL, NULL)) != NULL; i++)
    {
      if (i == n_lines)
        g_subprocess_force_exit (child);
      note_line (account, line);
      g_free (line);
    }
  g_subprocess_wait (child, NULL, NULL);
  g_assert_true (n_lines != G_MAXUINT || g_subprocess_get_successful (child));
}

/* The ids that are complete: each once, or as a retry. */
static GHashTable *
read_completed (const char *path)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (path);
  GHashTable *completed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  BubusJournalLine line;

  while (_bubus_journal_lines_next (lines, &line, &error) == BUBUS_JOURNAL_LINES_LINE)
    {
      BubusJournalEntry entry;
      char id[BUBUS_UUID_TEXT_SIZE];

      g_assert_true (_bubus_journal_line_check (&line, &error));
      g_assert_true (_bubus_journal_line_parse (&line, &entry, &error));
      if (!entry.over)
        continue;
      _bubus_uuid_format (&entry.id, id);
      if (!g_hash_table_add (completed, g_strdup (id)))
        g_assert_nonnull (g_strstr_len (line.text, line.length, "\"" BUBUS_JOURNAL_RETRY "\""));
    }
  g_assert_no_error (error);
  return completed;
}

static void
test_killed (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  Account account = { g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                      g_str_equal (data, "--held") };
  g_autoptr (GHashTable) completed = NULL;
  GHashTableIter iter;
  gpointer id;

  for (guint i = 0; i < n_rounds; i++)
    run_child (fixture->path, data, g_rand_int_range (rand, 0, 60), &account);
  run_child (fixture->path, "--last", G_MAXUINT, &account);

  completed = read_completed (fixture->path);
  g_hash_table_iter_init (&iter, account.acknowledged);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!g_hash_table_contains (completed, id))
      g_error ("%s was acknowledged, and is lost", (char *) id);

  g_test_message ("%u events acknowledged, %u completed, %u runs", g_hash_table_size (account.acknowledged),
                  g_hash_table_size (completed), g_hash_table_size (account.runs));
  g_assert_cmpuint (g_hash_table_size (account.acknowledged), >, n_rounds);
  g_hash_table_unref (account.acknowledged);
  g_hash_table_unref (account.runs);
}

static gboolean
take_options (int    *argc,
              char ***argv)
{
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, NULL, NULL },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse (context, argc, argv, NULL);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 3 && (g_str_equal (argv[1], "--child") || g_str_equal (argv[1], "--plain")
                    || g_str_equal (argv[1], "--held") || g_str_equal (argv[1], "--last")))
    return live_and_die (argv[2], argv[1]);

  program = argv[0];
  take_options (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/journal/crash/killed", Fixture, "--child", fixture_set_up, test_killed, fixture_tear_down);
  g_test_add ("/journal/crash/killed-plain", Fixture, "--plain", fixture_set_up, test_killed, fixture_tear_down);
  g_test_add ("/journal/crash/killed-held", Fixture, "--held", fixture_set_up, test_killed, fixture_tear_down);
  return g_test_run ();
}
