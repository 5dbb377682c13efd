/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "codec/bubus-generic-event.h"
#include "journal/bubus-journal-line-private.h"
#include "journal/bubus-journal-segments-private.h"
#include "journal-fixture.h"

#define N_PROCESSES 4
#define N_EVENTS    300

static void
dispatch_one (Fixture *fixture,
              guint    number)
{
  g_autofree char *name = g_strdup_printf ("Event%u", number);

  dispatch_event (fixture, name);
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
}

/* All that the journal holds, through all of its files. */
static GPtrArray *
read_journal (const char *path)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (path);
  GPtrArray *events = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  BubusJournalLinesStatus status;
  BubusJournalLine line;

  while ((status = _bubus_journal_lines_next (lines, &line, &error)) == BUBUS_JOURNAL_LINES_LINE)
    {
      g_autofree char *text = g_strndup (line.text, line.length);

      g_assert_false (line.torn);
      g_ptr_array_add (events, parse_line (text));
    }
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, BUBUS_JOURNAL_LINES_END);
  return events;
}

static guint
count_segments (Fixture *fixture)
{
  g_autoptr (GPtrArray) segments = _bubus_segments_list (fixture->path);

  return segments->len;
}

static void
assert_journal (Fixture *fixture,
                guint    first,
                guint    n)
{
  g_autoptr (GPtrArray) events = read_journal (fixture->path);

  g_assert_cmpuint (events->len, ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("Event%u", first + i);

      g_assert_cmpstr (bubus_event_get_event_type (events->pdata[i]), ==, name);
    }
}

/* ---- tests ---- */

static void
test_size (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GPtrArray) segments = NULL;

  fixture_use (fixture, "rotate-size", G_GUINT64_CONSTANT (3000), NULL);
  for (guint i = 0; i < 20; i++)
    dispatch_one (fixture, i);

  segments = _bubus_segments_list (fixture->path);
  g_assert_cmpuint (segments->len, >=, 3);
  for (guint i = 0; i < segments->len; i++)
    {
      const BubusSegment *segment = segments->pdata[i];

      g_assert_cmpuint (segment->number, ==, i + 1);
      g_assert_cmpuint (_bubus_segment_get_size (segment), <=, 3000);
    }
  assert_journal (fixture, 0, 20);
}

static void
test_age (Fixture       *fixture,
          gconstpointer  data)
{
  fixture_use (fixture, "rotate-age", 60.0, NULL);
  dispatch_one (fixture, 0);
  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (59000000000));
  dispatch_one (fixture, 1);
  g_assert_cmpuint (_bubus_segments_get_last (fixture->path), ==, 0);
  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1000000000));
  dispatch_one (fixture, 2);
  g_assert_cmpuint (_bubus_segments_get_last (fixture->path), ==, 1);
  g_assert_cmpuint (count_lines (fixture->path), ==, 1);

  /* The new file is as young as its first event. */
  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (59000000000));
  dispatch_one (fixture, 3);
  g_assert_cmpuint (_bubus_segments_get_last (fixture->path), ==, 1);
  assert_journal (fixture, 0, 4);
}

/* Where the time of the first event stands behind a long payload, and where that has one of the same name. */
static void
test_age_of_long_line (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autofree char *padding = g_strnfill (10000, 'x');
  g_autoptr (BubusEvent) event = NULL;

  fixture_use (fixture, "rotate-age", 60.0, NULL);
  event = bubus_generic_event_new ("LongEvent", g_variant_new_parsed ("{'padding': <%s>, 'inner': <{"
                                                                      "'event_created_at': '1999-01-01T00:00:00Z'}>}",
                                                                      padding));
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_until_idle (fixture->bus);
  fixture_flush (fixture);
  dispatch_one (fixture, 0);
  g_assert_cmpuint (_bubus_segments_get_last (fixture->path), ==, 0);
  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (60000000000));
  dispatch_one (fixture, 1);
  g_assert_cmpuint (_bubus_segments_get_last (fixture->path), ==, 1);
}

/* A clock that was put back, and a file that says nothing about its age. */
static void
test_age_unknown (Fixture       *fixture,
                  gconstpointer  data)
{
  const char *const beginnings[] = {
    "{\"event_type\":\"OldEvent\",\"event_created_at\":\"2499-01-01T00:00:00.000000000Z\"}\n",
    "no event\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    {
      g_assert_true (g_file_set_contents (fixture->path, beginnings[i], -1, NULL));
      fixture_use (fixture, "rotate-age", 60.0, NULL);
      dispatch_one (fixture, 0);
      g_assert_cmpuint (_bubus_segments_get_last (fixture->path), ==, i);
      bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (60000000000));
      dispatch_one (fixture, 1);
      g_assert_cmpuint (_bubus_segments_get_last (fixture->path), ==, i + 1);
      fixture_forget_journal (fixture);
    }
}

static void
test_total (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GPtrArray) segments = NULL;
  g_autoptr (GPtrArray) events = NULL;

  fixture_use (fixture, "rotate-size", G_GUINT64_CONSTANT (3000), "max-total-size", G_GUINT64_CONSTANT (6000), NULL);
  for (guint i = 0; i < 40; i++)
    dispatch_one (fixture, i);

  segments = _bubus_segments_list (fixture->path);
  g_assert_cmpuint (segments->len, ==, 2);
  g_assert_cmpuint (((BubusSegment *) segments->pdata[0])->number, >, 2);
  events = read_journal (fixture->path);
  g_assert_cmpuint (events->len, <, 20);
  assert_journal (fixture, 40 - events->len, events->len);
}

static void
test_compressed (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GPtrArray) segments = NULL;

  fixture_use (fixture, "rotate-size", G_GUINT64_CONSTANT (3000), "compress", TRUE, NULL);
  for (guint i = 0; i < 20; i++)
    dispatch_one (fixture, i);
  fixture_forget_journal (fixture);

  segments = _bubus_segments_list (fixture->path);
  g_assert_cmpuint (segments->len, >=, 3);
  for (guint i = 0; i < segments->len; i++)
    g_assert_true (((BubusSegment *) segments->pdata[i])->compressed);
  assert_journal (fixture, 0, 20);
}

static GArray *synced; /* the numbers of the files */
static GMutex synced_lock;

static int
note_sync (int fd)
{
  struct stat status;

  g_assert_cmpint (fstat (fd, &status), ==, 0);
  g_mutex_lock (&synced_lock);
  g_array_append_val (synced, status.st_ino);
  g_mutex_unlock (&synced_lock);
  return fdatasync (fd);
}

static gboolean
is_synced (const BubusSegment *segment)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (segment->path, &status), ==, 0);
  for (guint i = 0; i < synced->len; i++)
    if (g_array_index (synced, ino_t, i) == status.st_ino)
      return TRUE;
  return FALSE;
}

/* After a power failure there is one or the other. */
static void
test_compressed_on_disk (Fixture       *fixture,
                         gconstpointer  data)
{
  BubusFileCalls calls = _bubus_file_calls;
  g_autoptr (GPtrArray) segments = NULL;

  synced = g_array_new (FALSE, FALSE, sizeof (ino_t));
  _bubus_file_calls.sync = note_sync;
  test_compressed (fixture, data);
  _bubus_file_calls = calls;

  segments = _bubus_segments_list (fixture->path);
  for (guint i = 0; i < segments->len; i++)
    g_assert_true (is_synced (segments->pdata[i]));
  g_array_unref (synced);
}

static int
fail_sync (int fd)
{
  errno = EIO;
  return -1;
}

static void
test_not_compressed (Fixture       *fixture,
                     gconstpointer  data)
{
  BubusFileCalls calls = _bubus_file_calls;
  g_autofree char *path = g_strconcat (fixture->path, ".000001", NULL);
  g_autofree char *compressed = g_strconcat (path, ".gz", NULL);
  g_autofree char *temporary = g_strconcat (compressed, ".new", NULL);

  g_assert_true (g_file_set_contents (path, "text\n", -1, NULL));
  _bubus_file_calls.sync = fail_sync;
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*cannot be compressed*");
  _bubus_segment_compress (path);
  g_test_assert_expected_messages ();
  _bubus_file_calls = calls;
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (compressed, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* By a process that died meanwhile. */
static void
test_left_uncompressed (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autofree char *left = g_strconcat (fixture->path, ".000001", NULL);
  g_autofree char *temporary = g_strconcat (left, ".gz.new", NULL);
  g_autoptr (GPtrArray) segments = NULL;

  g_assert_true (g_file_set_contents (left, "", -1, NULL));
  g_assert_true (g_file_set_contents (temporary, "a piece", -1, NULL));
  fixture_use (fixture, "recovery", TRUE, "rotate-size", G_GUINT64_CONSTANT (3000), "compress", TRUE, NULL);
  for (guint i = 0; i < 10; i++)
    dispatch_one (fixture, i);
  fixture_forget_journal (fixture);

  segments = _bubus_segments_list (fixture->path);
  g_assert_cmpuint (segments->len, >=, 2);
  for (guint i = 0; i < segments->len; i++)
    g_assert_true (((BubusSegment *) segments->pdata[i])->compressed);
  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
}

/* Processes that share a journal tell by a lock whether the one that is compressing a file is alive. */
static void
test_shared_compression (Fixture       *fixture,
                         gconstpointer  data)
{
  const char *const left[] = { ".000001", ".000001.gz.new", ".000002", ".000002.gz.new", ".000003.gz.new" };
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  int fd;

  for (guint i = 0; i < G_N_ELEMENTS (left); i++)
    {
      g_ptr_array_add (paths, g_strconcat (fixture->path, left[i], NULL));
      g_assert_true (g_file_set_contents (paths->pdata[i], "text\n", -1, NULL));
    }
  fd = g_open (paths->pdata[3], O_RDWR | O_CLOEXEC, 0); /* somebody is at the second one */
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);

  fixture_use (fixture, "rotate-size", G_GUINT64_CONSTANT (3000), "compress", TRUE, NULL);
  for (guint i = 0; i < 10; i++)
    dispatch_one (fixture, i);
  fixture_forget_journal (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (left); i++)
    g_assert_cmpint (g_file_test (paths->pdata[i], G_FILE_TEST_EXISTS), ==, i == 2 || i == 3);
  close (fd);
  _bubus_segments_take_over (fixture->path);
  for (guint i = 0; i < G_N_ELEMENTS (left); i++)
    g_assert_false (g_file_test (paths->pdata[i], G_FILE_TEST_EXISTS));
}

/* Events that are not complete keep the files in which they were accepted. */
static void
test_unfinished_stay (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (BubusEventBus) slow = bubus_event_bus_new ("Slow");
  g_autoptr (BubusEvent) event = make_event ("SlowEvent");
  g_autoptr (GAsyncResult) result = NULL;

  fixture_use (fixture, "recovery", TRUE, "rotate-size", G_GUINT64_CONSTANT (3000), "max-total-size",
               G_GUINT64_CONSTANT (1), NULL);
  bubus_event_bus_add_middleware (slow, BUBUS_MIDDLEWARE (fixture->journal));
  bubus_event_bus_on_pattern (slow, "*", "never", never_answer, NULL, NULL);
  bubus_journal_recover_async (fixture->journal, slow, NULL, store_result, &result);
  g_assert_true (bubus_journal_recover_finish (fixture->journal, wait_for_result (&result), NULL, NULL));

  for (guint i = 0; i < 10; i++)
    dispatch_one (fixture, i);
  g_assert_true (bubus_event_bus_dispatch (slow, event, NULL));
  for (guint i = 10; i < 20; i++)
    dispatch_one (fixture, i);
  g_assert_cmpuint (count_segments (fixture), >=, 2);

  bubus_event_bus_stop (slow);
  for (guint i = 20; i < 30; i++)
    dispatch_one (fixture, i);
  g_assert_cmpuint (count_segments (fixture), ==, 0);
  bubus_event_bus_remove_middleware (slow, BUBUS_MIDDLEWARE (fixture->journal));
}

/* A reader that is in the middle goes on in the right file. */
static void
test_followed (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (fixture->path);
  BubusJournalLine line;
  guint n = 0;

  fixture_use (fixture, "rotate-size", G_GUINT64_CONSTANT (3000), "compress", TRUE, NULL);
  g_assert_cmpint (_bubus_journal_lines_next (lines, &line, NULL), ==, BUBUS_JOURNAL_LINES_END);
  for (guint i = 0; i < 40; i++)
    {
      dispatch_one (fixture, i);
      for (; i % 7 == 6 && _bubus_journal_lines_next (lines, &line, NULL) == BUBUS_JOURNAL_LINES_LINE; n++)
        {
          g_autofree char *text = g_strndup (line.text, line.length);
          g_autofree char *name = g_strdup_printf ("\"Event%u\"", n);

          g_assert_nonnull (strstr (text, name));
        }
    }
  g_assert_cmpuint (n, ==, 35);
}

static BubusJournalLinesStatus
next_line (BubusJournalLines *lines,
           const char        *expected)
{
  BubusJournalLine line;
  BubusJournalLinesStatus status = _bubus_journal_lines_next (lines, &line, NULL);

  if (status == BUBUS_JOURNAL_LINES_LINE)
    {
      g_autofree char *text = g_strndup (line.text, line.length);

      g_assert_cmpstr (text, ==, expected);
    }
  return status;
}

/* A file that was put aside and cannot be read is told once, and passed over. */
static void
test_unreadable (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (fixture->path);
  g_autofree char *second = g_strconcat (fixture->path, ".000002", NULL);
  g_autofree char *third = g_strconcat (fixture->path, ".000003", NULL);

  g_assert_cmpint (symlink ("nowhere", second), ==, 0);
  g_assert_true (g_file_set_contents (third, "third\n", -1, NULL));
  g_assert_true (g_file_set_contents (fixture->path, "last\n", -1, NULL));
  g_assert_cmpint (next_line (lines, NULL), ==, BUBUS_JOURNAL_LINES_ERROR);
  g_assert_cmpint (next_line (lines, "third"), ==, BUBUS_JOURNAL_LINES_LINE);
  g_assert_cmpint (next_line (lines, "last"), ==, BUBUS_JOURNAL_LINES_LINE);
  g_assert_cmpint (next_line (lines, NULL), ==, BUBUS_JOURNAL_LINES_END);
  g_assert_cmpint (g_unlink (second), ==, 0);
  g_assert_cmpint (g_unlink (third), ==, 0);
}

static void
set_size (Fixture    *fixture,
          gsize       size,
          const char *more)
{
  FILE *file;

  g_assert_cmpint (truncate (fixture->path, size), ==, 0);
  file = g_fopen (fixture->path, "a");
  g_assert_nonnull (file);
  g_assert_cmpint (fputs (more, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* A piece of a line that a writer takes back, and a file that somebody empties. */
static void
test_shrinks (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (fixture->path);

  g_assert_true (g_file_set_contents (fixture->path, "first\nsecond is lo", -1, NULL));
  g_assert_cmpint (next_line (lines, "first"), ==, BUBUS_JOURNAL_LINES_LINE);
  g_assert_cmpint (next_line (lines, NULL), ==, BUBUS_JOURNAL_LINES_END);
  set_size (fixture, strlen ("first\n"), "");
  g_assert_cmpint (next_line (lines, NULL), ==, BUBUS_JOURNAL_LINES_END);
  set_size (fixture, strlen ("first\n"), "second\n");
  g_assert_cmpint (next_line (lines, "second"), ==, BUBUS_JOURNAL_LINES_LINE);
  g_assert_cmpint (next_line (lines, NULL), ==, BUBUS_JOURNAL_LINES_END);
  set_size (fixture, 0, "new\n");
  g_assert_cmpint (next_line (lines, "new"), ==, BUBUS_JOURNAL_LINES_LINE);
  g_assert_cmpint (next_line (lines, NULL), ==, BUBUS_JOURNAL_LINES_END);
}

/* ---- several processes ---- */

static int
write_as_child (const char *path,
                guint       number)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("Child");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (BubusJournal) journal = g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "rotate-size",
                                                   G_GUINT64_CONSTANT (50000), "compress", number == 0, NULL);

  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (journal));
  for (guint i = 0; i < N_EVENTS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Event%u", number * N_EVENTS + i);
      g_autoptr (BubusEvent) event = make_event (name);

      g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
      run_until_idle (bus);
      if (i % 10 == 0)
        g_assert_true (bubus_journal_flush (journal, NULL));
    }
  g_assert_true (bubus_journal_flush (journal, NULL));
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (journal));
  return 0;
}

static const char *program;

static GSubprocess *
start_child (Fixture *fixture,
             guint    number)
{
  g_autofree char *text = g_strdup_printf ("%u", number);
  g_autoptr (GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error,
                                         program, "--child", fixture->path, text, NULL);

  g_assert_no_error (error);
  return child;
}

/* Lines are whole, none is lost, none stands there twice, and each process's come in order. */
static void
test_shared (Fixture       *fixture,
             gconstpointer  data)
{
  GSubprocess *children[N_PROCESSES];
  guint next[N_PROCESSES] = { 0 };
  g_autoptr (GPtrArray) events = NULL;

  for (guint i = 0; i < N_PROCESSES; i++)
    children[i] = start_child (fixture, i);
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_assert_true (g_subprocess_wait_check (children[i], NULL, NULL));
      g_object_unref (children[i]);
    }

  events = read_journal (fixture->path);
  g_assert_cmpuint (events->len, ==, N_PROCESSES * N_EVENTS);
  for (guint i = 0; i < events->len; i++)
    {
      guint number = strtoul (bubus_event_get_event_type (events->pdata[i]) + strlen ("Event"), NULL, 10);

      g_assert_cmpuint (number % N_EVENTS, ==, next[number / N_EVENTS]++);
    }
  g_assert_cmpuint (_bubus_segments_get_last (fixture->path), >, 5);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--child"))
    return write_as_child (argv[2], strtoul (argv[3], NULL, 10));

  program = argv[0];
  g_test_init (&argc, &argv, NULL);

  test ("rotation/size", test_size, "R-19");
  test ("rotation/age", test_age, "R-19");
  test ("rotation/age-of-long-line", test_age_of_long_line, "R-19");
  test ("rotation/age-unknown", test_age_unknown, "R-19");
  test ("rotation/total", test_total, "R-19");
  test ("rotation/compressed", test_compressed, "R-19");
  test ("rotation/compressed-on-disk", test_compressed_on_disk, "R-19");
  test ("rotation/not-compressed", test_not_compressed, "R-19");
  test ("rotation/left-uncompressed", test_left_uncompressed, "R-19");
  test ("rotation/shared-compression", test_shared_compression, "R-19: what a dead process has left is taken over");
  test ("rotation/unfinished-stay", test_unfinished_stay, "R-19");
  test ("rotation/followed", test_followed, "R-19");
  test ("rotation/unreadable", test_unreadable, "R-19");
  test ("rotation/shrinks", test_shrinks, "R-19");
  test ("rotation/shared", test_shared, "R-19");

  return g_test_run ();
}
