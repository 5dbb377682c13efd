/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/bubus-error.h"
#include "bus/bubus-event-bus.h"
#include "codec/bubus-event-json.h"
#include "codec/bubus-generic-event.h"
#include "journal/bubus-journal.h"

typedef struct
{
  char          *folder;
  char          *path;
  BubusEventBus *bus;
  BubusJournal  *journal;
  guint          n_failures; /* that were told */
} Fixture;

static BubusEvent *
event_new (const char *event_type)
{
  g_autoptr (GVariant) payload = g_variant_ref_sink (g_variant_new_parsed ("{'text': <'ä \\n 🚚'>}"));

  return bubus_generic_event_new (event_type, payload);
}

/* Until everything is written, and what there is to tell is told. */
static void
flush (BubusJournal *journal)
{
  bubus_journal_flush (journal, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
dispatch (Fixture    *fixture,
          const char *event_type)
{
  g_autoptr (BubusEvent) event = event_new (event_type);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  while (!bubus_event_bus_is_idle (fixture->bus))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  flush (fixture->journal);
}

static char **
read_lines (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (text, "\n", -1);
}

static void
assert_line (const char *line,
             const char *event_type)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) event = bubus_event_new_from_json (line, -1, BUBUS_JSON_NONE, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (bubus_event_get_event_type (event), ==, event_type);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
failed_cb (BubusJournal *journal,
           const GError *error,
           gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL);
  fixture->n_failures++;
}

static void
use_path (Fixture    *fixture,
          const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  fixture->journal = g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "retry-limit", 0, NULL);
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->journal));
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("bubus-journal-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "new", "folder", "journal.jsonl", NULL);
  fixture->bus = bubus_event_bus_new ("Bus");
}

static void
remove_if_there (const char *folder,
                 const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_remove (path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->bus);
  g_assert_finalize_object (fixture->journal);

  remove_if_there (fixture->folder, "new/folder/journal.jsonl");
  remove_if_there (fixture->folder, "new/folder");
  remove_if_there (fixture->folder, "new");
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

/* ---- tests ---- */

static void
test_lines (Fixture       *fixture,
            gconstpointer  data)
{
  g_auto (GStrv) lines = NULL;

  g_test_summary ("R-19, B-8.1: one line for each completed event, in order");
  use_path (fixture, fixture->path);
  dispatch (fixture, "FirstEvent");
  dispatch (fixture, "SecondEvent");

  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  assert_line (lines[0], "FirstEvent");
  assert_line (lines[1], "SecondEvent");
  g_assert_cmpstr (lines[2], ==, "");
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 2);
  g_assert_cmpuint (bubus_journal_get_n_failed (fixture->journal), ==, 0);
}

static void
test_same_as_codec (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusEvent) event = event_new ("PingEvent");
  g_autofree char *json = NULL;
  g_auto (GStrv) lines = NULL;

  use_path (fixture, fixture->path);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  while (!bubus_event_bus_is_idle (fixture->bus))
    g_main_context_iteration (NULL, TRUE);
  flush (fixture->journal);

  json = bubus_event_to_json (event);
  lines = read_lines (fixture->path);
  g_assert_cmpstr (lines[0], ==, json);
}

static void
test_lazy (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);

  use_path (fixture, fixture->path);
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
  dispatch (fixture, "PingEvent");
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_IS_REGULAR));
}

static void
test_mode (Fixture       *fixture,
           gconstpointer  data)
{
  mode_t mask = umask (027);
  GStatBuf status;

  use_path (fixture, fixture->path);
  dispatch (fixture, "PingEvent");
  umask (mask);
  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
}

static void
test_append (Fixture       *fixture,
             gconstpointer  data)
{
  g_auto (GStrv) lines = NULL;

  use_path (fixture, fixture->path);
  dispatch (fixture, "FirstEvent");
  bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->journal));
  g_assert_finalize_object (g_steal_pointer (&fixture->journal));

  use_path (fixture, fixture->path);
  dispatch (fixture, "SecondEvent");
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  assert_line (lines[0], "FirstEvent");
  assert_line (lines[1], "SecondEvent");
}

static void
test_one_event_on_two_buses (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  g_auto (GStrv) lines = NULL;

  use_path (fixture, fixture->path);
  bubus_event_bus_add_middleware (target, BUBUS_MIDDLEWARE (fixture->journal));
  bubus_event_bus_forward (fixture->bus, "*", "forward", target);
  dispatch (fixture, "PingEvent");

  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  assert_line (lines[0], "PingEvent");
}

/* The event is complete although its line is lost, and one report is enough for many lines. */
static void
test_failures (Fixture       *fixture,
               gconstpointer  data)
{
  use_path (fixture, "/dev/full");
  g_signal_connect (fixture->journal, "failed", G_CALLBACK (failed_cb), fixture);
  for (guint i = 0; i < 3; i++)
    dispatch (fixture, "PingEvent");

  g_assert_cmpuint (fixture->n_failures, ==, 1);
  g_assert_cmpuint (bubus_journal_get_n_failed (fixture->journal), ==, 3);
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 0);
}

/* A folder in the way, which goes away: the next event is written, and the next failure is told again. */
static void
test_recovery (Fixture       *fixture,
               gconstpointer  data)
{
  g_auto (GStrv) lines = NULL;

  g_assert_cmpint (g_mkdir_with_parents (fixture->path, 0700), ==, 0);
  use_path (fixture, fixture->path);
  g_signal_connect (fixture->journal, "failed", G_CALLBACK (failed_cb), fixture);
  dispatch (fixture, "LostEvent");
  dispatch (fixture, "LostEvent");
  g_assert_cmpuint (fixture->n_failures, ==, 1);

  g_assert_cmpint (g_rmdir (fixture->path), ==, 0);
  dispatch (fixture, "KeptEvent");
  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  assert_line (lines[0], "KeptEvent");
  g_assert_cmpuint (bubus_journal_get_n_failed (fixture->journal), ==, 2);
  g_assert_cmpuint (bubus_journal_get_n_written (fixture->journal), ==, 1);
}

/* The system takes only a piece of a line: nothing of it stays. */
static void
test_torn_line (Fixture       *fixture,
                gconstpointer  data)
{
  struct rlimit limit, small;
  g_auto (GStrv) lines = NULL;
  GStatBuf status;

  use_path (fixture, fixture->path);
  g_signal_connect (fixture->journal, "failed", G_CALLBACK (failed_cb), fixture);
  dispatch (fixture, "FirstEvent");
  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  small = limit;
  small.rlim_cur = status.st_size + 10;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  dispatch (fixture, "LostEvent");
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  dispatch (fixture, "LastEvent");

  lines = read_lines (fixture->path);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  assert_line (lines[0], "FirstEvent");
  assert_line (lines[1], "LastEvent");
  g_assert_cmpuint (fixture->n_failures, ==, 1);
}

static void
test_not_local (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("https://example.org/journal.jsonl");

  fixture->journal = g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "retry-limit", 0, NULL);
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (fixture->journal));
  g_signal_connect (fixture->journal, "failed", G_CALLBACK (failed_cb), fixture);
  dispatch (fixture, "PingEvent");
  g_assert_cmpuint (fixture->n_failures, ==, 1);
}

static guint n_logged;

/* Counts what a journal logs, and hands on the rest. */
static GLogWriterOutput
count_journal_messages (GLogLevelFlags   level,
                        const GLogField *fields,
                        gsize            n_fields,
                        gpointer         data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "BUBUS_JOURNAL"))
      {
        g_assert_cmpstr (fields[i].value, ==, "/dev/full");
        n_logged++;
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level, fields, n_fields, data);
}

static void
test_message_without_a_handler (Fixture       *fixture,
                                gconstpointer  data)
{
  use_path (fixture, "/dev/full");
  n_logged = 0;
  dispatch (fixture, "PingEvent");
  dispatch (fixture, "PingEvent");
  g_assert_cmpuint (n_logged, ==, 1);
}

static void
test_file (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
  g_autoptr (GFile) property = NULL;

  fixture->journal = bubus_journal_new (file);
  g_object_get (fixture->journal, "file", &property, NULL);
  g_assert_true (property == file);
  g_assert_true (bubus_journal_get_file (fixture->journal) == file);
}

#define ADD_TEST(path, function) g_test_add ("/journal/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_journal_messages, NULL, NULL);

  ADD_TEST ("lines", test_lines);
  ADD_TEST ("same-as-codec", test_same_as_codec);
  ADD_TEST ("lazy", test_lazy);
  ADD_TEST ("mode", test_mode);
  ADD_TEST ("append", test_append);
  ADD_TEST ("one-event-on-two-buses", test_one_event_on_two_buses);
  ADD_TEST ("failures", test_failures);
  ADD_TEST ("recovery", test_recovery);
  ADD_TEST ("torn-line", test_torn_line);
  ADD_TEST ("not-local", test_not_local);
  ADD_TEST ("message-without-a-handler", test_message_without_a_handler);
  ADD_TEST ("file", test_file);

  return g_test_run ();
}
