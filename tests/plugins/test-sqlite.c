/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "plugin-fixture.h"

#define ORDER "{\"event_type\": \"OrderEvent\", \"card\": \"4111\"}"
#define OTHER "{\"event_type\": \"OtherEvent\"}"

/* ---- what is told ---- */

static GString *told;

static void
log_cb (const char     *domain,
        GLogLevelFlags  level,
        const char     *message,
        gpointer        user_data)
{
  g_string_append_printf (told, "%s\n", message);
}

static gboolean
log_is_fatal (const char     *domain,
              GLogLevelFlags  level,
              const char     *message,
              gpointer        user_data)
{
  return g_strcmp0 (domain, "bubus-sqlite") != 0;
}

static guint
count_told (const char *part)
{
  guint n = 0;

  for (const char *found = strstr (told->str, part); found != NULL; found = strstr (found + 1, part))
    n++;
  return n;
}

/* ---- the database, as others see it ---- */

static sqlite3 *
open_file (PluginFixture *fixture)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "history");
  sqlite3 *handle = NULL;

  g_assert_cmpint (sqlite3_open_v2 (path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), ==, SQLITE_OK);
  return handle;
}

static void
execute (sqlite3    *handle,
         const char *sql)
{
  int code = sqlite3_exec (handle, sql, NULL, NULL, NULL);

  if (code != SQLITE_OK)
    g_error ("%s: %s", sql, sqlite3_errmsg (handle));
}

static void
execute_on_file (PluginFixture *fixture,
                 const char    *sql)
{
  sqlite3 *handle = open_file (fixture);

  execute (handle, sql);
  sqlite3_close (handle);
}

static int
ask (PluginFixture *fixture,
     const char    *sql)
{
  sqlite3 *handle = open_file (fixture);
  sqlite3_stmt *statement = NULL;
  int answer;

  g_assert_cmpint (sqlite3_prepare_v2 (handle, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  answer = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (handle);
  return answer;
}

/* ---- the plugin ---- */

static void
set (PluginFixture *fixture,
     const char    *key,
     const char    *value)
{
  bubus_host_set_plugin_setting (fixture->host, "sqlite", key, value);
}

static void
set_file (PluginFixture *fixture,
          const char    *name)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, name);

  set (fixture, "file", path);
}

static void
activate (PluginFixture *fixture)
{
  set_file (fixture, "history");
  plugin_fixture_activate (fixture, "sqlite");
}

static void
deactivate (PluginFixture *fixture)
{
  plugin_fixture_deactivate (fixture, "sqlite");
}

static void
run (PluginFixture *fixture,
     const char    *json)
{
  g_object_unref (plugin_fixture_run (fixture, json));
}

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          user_data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "declined");
  return FALSE;
}

static gboolean
answer (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          user_data,
        GError          **error)
{
  bubus_invocation_return_string (invocation, "accepted");
  return TRUE;
}

static void
set_up (PluginFixture *fixture,
        gconstpointer  user_data)
{
  plugin_fixture_set_up (fixture, user_data);
  told = g_string_new (NULL);
  g_test_log_set_fatal_handler (log_is_fatal, NULL);
}

static void
tear_down (PluginFixture *fixture,
           gconstpointer  user_data)
{
  plugin_fixture_tear_down (fixture, user_data);
  g_string_free (told, TRUE);
}

static void
test_rows (PluginFixture *fixture,
           gconstpointer  user_data)
{
  g_test_summary ("B-8.10: each change of an event and of a result is a row");

  activate (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "OrderEvent", "charge", fail, NULL, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "OrderEvent", "accept", answer, NULL, NULL);
  run (fixture, ORDER);
  run (fixture, OTHER);
  deactivate (fixture);

  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log"), ==, 5);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log WHERE phase = event_status"), ==, 5);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log WHERE phase = 'started'"), ==, 1);
  g_assert_cmpint (ask (fixture, "SELECT count(DISTINCT event_id) FROM events_log"), ==, 2);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log WHERE eventbus_name = 'MainBus'"
                                 " AND inserted_at = '2023-11-14T22:13:20.000000000Z'"), ==, 5);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM event_results_log"), ==, 6);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM event_results_log WHERE phase = 'completed' AND status = 'error'"
                                 " AND handler_name = 'charge' AND error_repr = 'g-io-error-quark 0: declined'"
                                 " AND result_repr IS NULL"), ==, 1);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM event_results_log WHERE phase = 'completed'"
                                 " AND status = 'completed' AND result_repr = '\"accepted\"'"
                                 " AND event_result_json LIKE '{%\"result\":\"accepted\"%}'"), ==, 1);
  g_assert_cmpint (ask (fixture, "SELECT length (event_json) > 100 FROM events_log WHERE phase = 'completed'"), ==, 1);
}

static void
test_choice (PluginFixture *fixture,
             gconstpointer  user_data)
{
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("Types, changes and buses can be chosen");

  set (fixture, "changes", "completed");
  set (fixture, "pattern", "Ord*");
  set (fixture, "buses", "Side;");
  activate (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "*", "accept", answer, NULL, NULL);
  run (fixture, ORDER);
  run (fixture, OTHER);
  event = bubus_event_new_from_json (ORDER, -1, BUBUS_JSON_RESET, NULL);
  bubus_event_bus_dispatch (bubus_host_get_bus (fixture->host, "Side"), event, NULL);
  plugin_fixture_wait_for (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED);
  deactivate (fixture);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log WHERE event_type = 'OrderEvent'"), ==, 2);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log"), ==, 2);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log WHERE eventbus_name = 'Side'"), ==, 1);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM event_results_log"), ==, 1);
}

static void
test_end (PluginFixture *fixture,
          gconstpointer  user_data)
{
  g_test_summary ("The end writes all that has happened, and a second life appends");

  set (fixture, "sync", "full");
  for (guint life = 1; life <= 2; life++)
    {
      activate (fixture);
      for (guint i = 0; i < 1000; i++)
        run (fixture, OTHER);
      deactivate (fixture);
      g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log WHERE phase = 'completed'"), ==, life * 1000);
    }
  g_assert_cmpstr (told->str, ==, "");
}

static void
test_locked (PluginFixture *fixture,
             gconstpointer  user_data)
{
  sqlite3 *other;

  g_test_summary ("While another process keeps the file locked, events go on and rows wait");

  set (fixture, "busy-timeout", "0");
  activate (fixture);
  other = open_file (fixture);
  execute (other, "BEGIN IMMEDIATE");
  run (fixture, ORDER);
  plugin_fixture_wait_for (count_told ("database is locked") == 1);
  run (fixture, ORDER);
  bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1000000000));
  run (fixture, ORDER);
  execute (other, "ROLLBACK");
  sqlite3_close (other);
  for (guint i = 0; count_told ("can be written again") == 0; i++)
    {
      bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1000000000));
      g_main_context_iteration (NULL, FALSE);
    }
  deactivate (fixture);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log WHERE phase = 'completed'"), ==, 3);
  g_assert_cmpuint (count_told ("are lost"), ==, 0);
}

static void
test_lost (PluginFixture *fixture,
           gconstpointer  user_data)
{
  sqlite3 *other;

  g_test_summary ("Rows that cannot be written even at the end are counted");

  set (fixture, "busy-timeout", "0");
  set (fixture, "changes", "completed");
  activate (fixture);
  other = open_file (fixture);
  execute (other, "BEGIN IMMEDIATE");
  run (fixture, ORDER);
  run (fixture, OTHER);
  deactivate (fixture);
  g_assert_cmpuint (count_told ("database is locked"), ==, 1);
  g_assert_cmpuint (count_told ("2 rows of the history"), ==, 1);
  execute (other, "ROLLBACK");
  sqlite3_close (other);
}

static void
test_backlog (PluginFixture *fixture,
              gconstpointer  user_data)
{
  g_test_summary ("What waits is limited; what has no room is lost, counted, and told once");

  set (fixture, "max-backlog", "1");
  activate (fixture);
  run (fixture, ORDER);
  run (fixture, OTHER);
  deactivate (fixture);
  g_assert_cmpuint (count_told ("cannot be written as fast"), ==, 1);
  g_assert_cmpuint (count_told ("4 rows of the history"), ==, 1);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log"), ==, 0);
}

static void
limit_files (rlim_t size)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN (size, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
test_full (PluginFixture *fixture,
           gconstpointer  user_data)
{
  g_test_summary ("A file that cannot grow changes nothing for the events, and nothing of it is torn");

  signal (SIGXFSZ, SIG_IGN);
  activate (fixture);
  limit_files (8192);
  run (fixture, ORDER);
  plugin_fixture_wait_for (count_told ("cannot be ") == 1);
  limit_files (RLIM_INFINITY);
  while (count_told ("can be written again") == 0)
    {
      bubus_clock_advance (fixture->clock, G_GINT64_CONSTANT (1000000000));
      g_main_context_iteration (NULL, FALSE);
    }
  deactivate (fixture);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM events_log"), ==, 2);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), ==, 1);
}

static void
test_corrupt (PluginFixture *fixture,
              gconstpointer  user_data)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "history");
  g_autofree char *rubbish = g_strnfill (64 * 1024, '\xff');
  int fd;

  g_test_summary ("A corrupt file changes nothing for the events");

  activate (fixture);
  deactivate (fixture);
  fd = g_open (path, O_WRONLY, 0);
  g_assert_cmpint (pwrite (fd, rubbish, 5 * 4096, 4096), ==, 5 * 4096);
  g_close (fd, NULL);

  set (fixture, "retry-limit", "0");
  activate (fixture);
  run (fixture, ORDER);
  plugin_fixture_wait_for (count_told ("cannot be") == 1);
  run (fixture, ORDER);
  deactivate (fixture);
  g_assert_cmpuint (count_told ("malformed"), ==, 1);
  g_assert_cmpuint (count_told ("4 rows of the history"), ==, 1);
}

static void
test_foreign (PluginFixture *fixture,
              gconstpointer  user_data)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "history");

  g_test_summary ("A file of another program, or of a newer version, is refused and stays as it is");

  set_file (fixture, "history");
  g_assert_true (g_file_set_contents (path, "these are the last words of somebody else\n", -1, NULL));
  plugin_fixture_fail_activation (fixture, "sqlite", "file is not a database");
  g_remove (path);

  execute_on_file (fixture, "CREATE TABLE events_log (id); INSERT INTO events_log VALUES (7)");
  plugin_fixture_fail_activation (fixture, "sqlite", "it is a database of another program");
  g_assert_cmpint (ask (fixture, "SELECT id FROM events_log"), ==, 7);
  g_assert_cmpint (ask (fixture, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'delete'"), ==, 1);
  g_remove (path);

  plugin_fixture_activate (fixture, "sqlite");
  deactivate (fixture);
  execute_on_file (fixture, "PRAGMA user_version = 99");
  plugin_fixture_fail_activation (fixture, "sqlite", "newer version");
}

static void
test_untrusted (PluginFixture *fixture,
                gconstpointer  user_data)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "history");
  g_autofree char *link = plugin_fixture_get_path (fixture, "link");
  GStatBuf status;

  g_test_summary ("What others could have changed, or is no file, is refused; a new file is the user's alone");

  plugin_fixture_fail_activation (fixture, "sqlite", "needs the setting “file”");
  set_file (fixture, "nowhere/history");
  plugin_fixture_fail_activation (fixture, "sqlite", "No such file or directory");

  activate (fixture);
  deactivate (fixture);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  g_assert_cmpint (symlink (path, link), ==, 0);
  set_file (fixture, "link");
  plugin_fixture_fail_activation (fixture, "sqlite", "it is no regular file");
  set_file (fixture, "history");
  g_assert_cmpint (g_chmod (path, 0606), ==, 0);
  plugin_fixture_fail_activation (fixture, "sqlite", "everybody can write it");
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_cmpint (g_chmod (fixture->directory, 0777), ==, 0);
  plugin_fixture_fail_activation (fixture, "sqlite", "everybody can write it");
  g_assert_cmpint (g_chmod (fixture->directory, 0700), ==, 0);
  activate (fixture);
}

#define add_test(path, func) g_test_add (path, PluginFixture, NULL, set_up, func, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("bubus-sqlite", G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL, log_cb, NULL);

  add_test ("/plugins/sqlite/rows", test_rows);
  add_test ("/plugins/sqlite/choice", test_choice);
  add_test ("/plugins/sqlite/end", test_end);
  add_test ("/plugins/sqlite/locked", test_locked);
  add_test ("/plugins/sqlite/lost", test_lost);
  add_test ("/plugins/sqlite/backlog", test_backlog);
  add_test ("/plugins/sqlite/full", test_full);
  add_test ("/plugins/sqlite/corrupt", test_corrupt);
  add_test ("/plugins/sqlite/foreign", test_foreign);
  add_test ("/plugins/sqlite/untrusted", test_untrusted);

  return g_test_run ();
}
