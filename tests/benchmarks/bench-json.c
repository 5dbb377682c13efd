/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bench.h"

/* The rows that read and write lines of JSON. */

static char **
read_lines (guint *n_lines)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  char **lines;

  g_file_get_contents (BENCH_SAMPLE, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  *n_lines = g_strv_length (lines);
  return lines;
}

/* Returns what the lines declare: a string. */
static gboolean
accept (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  guint *n_calls = data;

  ++*n_calls;
  bubus_invocation_return_string (invocation, "accepted");
  return TRUE;
}

/* A line in, its event dispatched to one handler, a line out. */
double
bench_json_roundtrip (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GString) out = g_string_new (NULL);
  guint n_lines;
  g_auto (GStrv) lines = read_lines (&n_lines);
  guint n_calls = 0;
  gint64 start;
  double ns;

  bubus_event_bus_on_pattern (bus, "OrderPlacedEvent", "accept", accept, &n_calls, NULL);
  start = bench_now ();
  for (guint done = 0; done < n; done += BENCH_BATCH)
    {
      for (guint i = done; i < MIN (n, done + BENCH_BATCH); i++)
        {
          g_autoptr (GError) error = NULL;
          BubusEvent *event = bubus_event_new_from_json (lines[i % n_lines], -1, BUBUS_JSON_NONE, &error);

          g_assert_no_error (error);
          bench_dispatch (bus, event);
          g_ptr_array_add (batch, event);
        }
      bench_bus_run (bus);
      for (guint i = 0; i < batch->len; i++)
        {
          g_string_truncate (out, 0);
          bubus_event_append_json (batch->pdata[i], out);
          g_string_append_c (out, '\n');
        }
      g_ptr_array_set_size (batch, 0);
    }
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  return ns;
}

/* ---- the journal ---- */

static char *
make_path (char **folder)
{
  g_autoptr (GError) error = NULL;

  *folder = g_dir_make_tmp ("bubus-bench-XXXXXX", &error);
  g_assert_no_error (error);
  return g_build_filename (*folder, "journal.jsonl", NULL);
}

static void
remove_path (const char *folder,
             const char *path)
{
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static guint
count_lines (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  guint n = 0;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < length; i++)
    n += text[i] == '\n';
  return n;
}

/* What the journal adds to an event's way, until the last line has been written: making a bare line is part of it. */
double
bench_journal (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  g_autofree char *folder = NULL;
  g_autofree char *path = make_path (&folder);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  BubusJournal *journal = bubus_journal_new (file);
  guint n_calls = 0;
  gint64 start;
  double ns;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (journal));
  start = bench_now ();
  bench_dispatch_and_run (bus, n);
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (journal));
  g_assert_finalize_object (journal);
  ns = bench_since (start, n);

  g_assert_cmpuint (count_lines (path), ==, n);
  bench_bus_free (bus);
  remove_path (folder, path);
  return ns;
}

static char *
make_line (void)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  g_autoptr (BubusEvent) event = (BubusEvent *) bench_object_new (BENCH_TYPE_EVENT);
  guint n_calls = 0;
  g_autofree char *json = NULL;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  bench_dispatch (bus, event);
  bench_bus_run (bus);
  json = bubus_event_to_json (event);
  bench_bus_free (bus);
  return g_strconcat (json, "\n", NULL);
}

/* Lines such as the journal's, each with one write. */
double
bench_write (guint n)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = make_path (&folder);
  g_autofree char *line = make_line ();
  gsize length = strlen (line);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  gint64 start = bench_now ();
  double ns;

  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (write (fd, line, length), ==, (gssize) length);
  ns = bench_since (start, n);

  g_assert_true (g_close (fd, NULL));
  remove_path (folder, path);
  return ns;
}

/* ---- group commit ---- */

/* While one group waits for the disk, the next one is made. */
#define BENCH_GROUP     256
#define BENCH_IN_FLIGHT (2 * BENCH_GROUP)

typedef struct
{
  BubusJournal  *journal;
  BubusEventBus *bus;
  guint          n_left;
  guint          n_waiting;
} GroupCommit;

static void dispatch_next (GroupCommit *commit);

static void
acknowledged_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      data)
{
  GroupCommit *commit = data;
  g_autoptr (GError) error = NULL;

  bubus_journal_dispatch_finish (BUBUS_JOURNAL (object), result, &error);
  g_assert_no_error (error);
  commit->n_waiting--;
  dispatch_next (commit);
}

static void
dispatch_next (GroupCommit *commit)
{
  g_autoptr (BubusEvent) event = NULL;

  if (commit->n_left == 0)
    return;
  commit->n_left--;
  commit->n_waiting++;
  event = (BubusEvent *) bench_object_new (BENCH_TYPE_EVENT);
  bubus_journal_dispatch_async (commit->journal, commit->bus, event, NULL, acknowledged_cb, commit);
}

static void
dispatch_and_wait (GroupCommit *commit,
                   guint        n_in_flight)
{
  for (guint i = 0; i < n_in_flight; i++)
    dispatch_next (commit);
  while (commit->n_waiting > 0)
    g_main_context_iteration (NULL, TRUE);
  bench_bus_run (commit->bus);
}

/* Events whose acceptance is on the disk before it is told, so many at a time, until all are complete, and that is on
 * the disk, too. */
static double
group_commit (const char *path,
              guint       n,
              guint       n_in_flight)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  g_autofree char *lock = g_strconcat (path, ".lock", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GroupCommit commit = { NULL, bus, n, 0 };
  guint n_calls = 0;
  gint64 start;
  double ns;

  commit.journal = g_object_new (BUBUS_TYPE_JOURNAL, "file", file, "recovery", TRUE, "durability",
                                 BUBUS_JOURNAL_DURABILITY_BEFORE_ACK, NULL);
  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (commit.journal));
  start = bench_now ();
  dispatch_and_wait (&commit, n_in_flight);
  bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (commit.journal));
  g_assert_finalize_object (commit.journal);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  g_assert_cmpint (g_unlink (lock), ==, 0);
  return ns;
}

double
bench_group_commit (guint n)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = make_path (&folder);
  double ns = group_commit (path, n, BENCH_IN_FLIGHT);

  g_assert_cmpuint (count_lines (path), ==, 2 * n);
  remove_path (folder, path);
  return ns;
}

/* What the journal writes for one event: the line that accepts it, and the line that completes it. */
static char *
make_lines_of_event (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = make_path (&folder);
  g_autoptr (GError) error = NULL;
  char *lines = NULL;

  group_commit (path, 1, 1);
  g_file_get_contents (path, &lines, NULL, &error);
  g_assert_no_error (error);
  remove_path (folder, path);
  return lines;
}

/* The same bytes without a bus, and one sync for as many events. */
double
bench_group_write (guint n)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = make_path (&folder);
  g_autofree char *lines = make_lines_of_event ();
  g_autoptr (GString) group = g_string_new (NULL);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  gsize size = strlen (lines);
  gint64 start;
  double ns;

  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < BENCH_GROUP; i++)
    g_string_append_len (group, lines, size);
  start = bench_now ();
  for (guint done = 0; done < n; done += BENCH_GROUP)
    {
      gsize length = MIN (BENCH_GROUP, n - done) * size;

      g_assert_cmpint (write (fd, group->str, length), ==, (gssize) length);
      g_assert_cmpint (fdatasync (fd), ==, 0);
    }
  ns = bench_since (start, n);

  g_assert_true (g_close (fd, NULL));
  remove_path (folder, path);
  return ns;
}
