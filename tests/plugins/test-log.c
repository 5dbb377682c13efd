/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "plugin-fixture.h"

#define ORDER "{\"event_type\": \"OrderEvent\", \"card\": \"4111-SECRET\"}"
#define OTHER "{\"event_type\": \"OtherEvent\"}"

static void
log_set (PluginFixture *fixture,
         const char    *key,
         const char    *value)
{
  bubus_host_set_plugin_setting (fixture->host, "log", key, value);
}

static void
log_open (PluginFixture *fixture,
          const char    *level)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "log");

  log_set (fixture, "file", path);
  log_set (fixture, "level", level);
  plugin_fixture_activate (fixture, "log");
}

static void
log_run (PluginFixture *fixture,
         const char    *json)
{
  g_object_unref (plugin_fixture_run (fixture, json));
}

static gboolean
log_fail (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          user_data,
          GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "card 4111-SECRET\nwas \xe2\x80\xae declined");
  return FALSE;
}

static guint
log_count_lines (const char *text)
{
  guint n_lines = 0;

  for (const char *end = strchr (text, '\n'); end != NULL; end = strchr (end + 1, '\n'))
    n_lines++;
  return n_lines;
}

static void
test_log_lines (PluginFixture *fixture,
                gconstpointer  user_data)
{
  g_autofree char *text = NULL;

  g_test_summary ("Every event is one line that tells how it went and nothing of what it carries");

  log_open (fixture, "info");
  bubus_event_bus_on_pattern (fixture->bus, "OrderEvent", "charge", log_fail, NULL, NULL);
  log_run (fixture, ORDER);
  log_run (fixture, OTHER);
  text = plugin_fixture_read (fixture, "log");
  g_assert_cmpuint (log_count_lines (text), ==, 2);
  plugin_fixture_assert_contains (text, "2023-11-14T22:13:20");
  plugin_fixture_assert_contains (text, " warning OrderEvent#");
  plugin_fixture_assert_contains (text, " info OtherEvent#");
  plugin_fixture_assert_contains (text, ", 1 handler, 1 failed (charge: g-io-error-quark 0)");
  g_assert_null (strstr (text, "SECRET"));
}

static void
test_log_messages (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autofree char *text = NULL;

  g_test_summary ("Messages of errors are logged when that is wanted, on one line");

  log_set (fixture, "messages", "true");
  log_open (fixture, "info");
  bubus_event_bus_on_pattern (fixture->bus, "*", "charge", log_fail, NULL, NULL);
  log_run (fixture, ORDER);
  text = plugin_fixture_read (fixture, "log");
  g_assert_cmpuint (log_count_lines (text), ==, 1);
  plugin_fixture_assert_contains (text, "SECRET\\nwas \\u{202e} declined)");
}

static void
test_log_levels (PluginFixture *fixture,
                 gconstpointer  user_data)
{
  static const struct { const char *level; guint n_lines; } cases[] = {
    { "debug", 3 },
    { "info", 2 },
    { "warning", 1 },
  };

  g_test_summary ("The level says what is logged; an event without handlers does not begin");

  bubus_event_bus_on_pattern (fixture->bus, "OrderEvent", "charge", log_fail, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = plugin_fixture_get_path (fixture, "log");
      g_autofree char *text = NULL;

      log_open (fixture, cases[i].level);
      log_run (fixture, ORDER);
      log_run (fixture, OTHER);
      plugin_fixture_deactivate (fixture, "log");
      text = plugin_fixture_read (fixture, "log");
      g_assert_cmpuint (log_count_lines (text), ==, cases[i].n_lines);
      g_remove (path);
    }
}

static void
test_log_pattern_and_buses (PluginFixture *fixture,
                            gconstpointer  user_data)
{
  g_autofree char *text = NULL;
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("The pattern chooses types, and other buses are logged when they are named");

  log_set (fixture, "pattern", "Ord*");
  log_set (fixture, "buses", "Side;MainBus;");
  log_open (fixture, "info");
  log_run (fixture, ORDER);
  log_run (fixture, OTHER);
  event = bubus_event_new_from_json (ORDER, -1, BUBUS_JSON_RESET, NULL);
  bubus_event_bus_dispatch (bubus_host_get_bus (fixture->host, "Side"), event, NULL);
  plugin_fixture_wait_for (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED);
  text = plugin_fixture_read (fixture, "log");
  g_assert_cmpuint (log_count_lines (text), ==, 2);
  plugin_fixture_assert_contains (text, " on Side#");
}

static void
test_log_rotation (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autofree char *fourth = plugin_fixture_get_path (fixture, "log.3");

  g_test_summary ("A file that would become too large is put aside, and only so many are kept");

  log_set (fixture, "max-size", "200");
  log_set (fixture, "keep", "2");
  log_open (fixture, "info");
  for (guint i = 0; i < 20; i++)
    log_run (fixture, ORDER);

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = i == 0 ? g_strdup ("log") : g_strdup_printf ("log.%u", i);
      g_autofree char *text = plugin_fixture_read (fixture, name);

      g_assert_cmpuint (strlen (text), <=, 200);
      g_assert_true (g_str_has_suffix (text, "\n"));
    }
  g_assert_false (g_file_test (fourth, G_FILE_TEST_EXISTS));
}

static void
test_log_full_disk (PluginFixture *fixture,
                    gconstpointer  user_data)
{
  g_test_summary ("A full disk is told once, and changes nothing for the events");

  if (!g_file_test ("/dev/full", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("there is no /dev/full here");
      return;
    }

  log_set (fixture, "file", "/dev/full");
  plugin_fixture_activate (fixture, "log");
  g_test_expect_message ("bubus-log", G_LOG_LEVEL_WARNING, "*“/dev/full” cannot be written: *counted only");
  log_run (fixture, ORDER);
  log_run (fixture, ORDER);
  g_test_assert_expected_messages ();
}

static void
log_limit_files (rlim_t size)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN (size, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
test_log_torn (PluginFixture *fixture,
               gconstpointer  user_data)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_test_summary ("A line that was cut off because there was no room does not spoil the next one");

  signal (SIGXFSZ, SIG_IGN);
  log_open (fixture, "info");
  log_limit_files (30);
  g_test_expect_message ("bubus-log", G_LOG_LEVEL_WARNING, "*cannot be written: *counted only");
  log_run (fixture, ORDER);
  log_run (fixture, ORDER);
  g_test_assert_expected_messages ();
  log_limit_files (RLIM_INFINITY);
  log_run (fixture, OTHER);

  text = plugin_fixture_read (fixture, "log");
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_cmpuint (strlen (lines[0]), ==, 30);
  plugin_fixture_assert_contains (lines[1], "Z info OtherEvent#");
}

static void
test_log_unwritable (PluginFixture *fixture,
                     gconstpointer  user_data)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "nowhere/log");

  g_test_summary ("A file that cannot be opened, and a pipe that nobody reads, make the plugin fail");

  log_set (fixture, "file", path);
  plugin_fixture_fail_activation (fixture, "log", "cannot be opened");
  g_clear_pointer (&path, g_free);
  path = plugin_fixture_get_path (fixture, "pipe");
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  log_set (fixture, "file", path);
  plugin_fixture_fail_activation (fixture, "log", "cannot be opened");
}

static void
test_log_huge (PluginFixture *fixture,
               gconstpointer  user_data)
{
  g_autofree char *payload = g_strnfill (4 * 1024 * 1024, 'x');
  g_autofree char *json = g_strdup_printf ("{\"event_type\": \"OrderEvent\", \"text\": \"%s\"}", payload);
  g_autofree char *text = NULL;

  g_test_summary ("A line is short whatever the event carries");

  log_open (fixture, "info");
  log_run (fixture, json);
  text = plugin_fixture_read (fixture, "log");
  g_assert_cmpuint (strlen (text), <, 200);
}

/* ---- the log of the program ---- */

static GString *log_fields;

static GLogWriterOutput
log_writer (GLogLevelFlags   level,
            const GLogField *fields,
            gsize            n_fields,
            gpointer         user_data)
{
  if (log_fields == NULL || (level & (G_LOG_LEVEL_INFO | G_LOG_LEVEL_MESSAGE)) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);

  for (gsize i = 0; i < n_fields; i++)
    g_string_append_printf (log_fields, "%s=%s\n", fields[i].key, (const char *) fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static void
test_log_structured (PluginFixture *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GString) fields = g_string_new (NULL);

  g_test_summary ("Without a file, lines go to the log of the program with fields to search for");

  plugin_fixture_activate (fixture, "log");
  bubus_event_bus_on_pattern (fixture->bus, "OrderEvent", "charge", log_fail, NULL, NULL);
  log_fields = fields;
  log_run (fixture, ORDER);
  log_run (fixture, OTHER);
  log_fields = NULL;
  plugin_fixture_assert_contains (fields->str, "PRIORITY=4\n");
  plugin_fixture_assert_contains (fields->str, "PRIORITY=6\n");
  plugin_fixture_assert_contains (fields->str, "BUBUS_EVENT_TYPE=OtherEvent\n");
  plugin_fixture_assert_contains (fields->str, "BUBUS_BUS=MainBus#");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (log_writer, NULL, NULL);

  plugin_fixture_add_test ("/plugins/log/lines", test_log_lines);
  plugin_fixture_add_test ("/plugins/log/messages", test_log_messages);
  plugin_fixture_add_test ("/plugins/log/levels", test_log_levels);
  plugin_fixture_add_test ("/plugins/log/pattern-and-buses", test_log_pattern_and_buses);
  plugin_fixture_add_test ("/plugins/log/rotation", test_log_rotation);
  plugin_fixture_add_test ("/plugins/log/full-disk", test_log_full_disk);
  plugin_fixture_add_test ("/plugins/log/torn", test_log_torn);
  plugin_fixture_add_test ("/plugins/log/unwritable", test_log_unwritable);
  plugin_fixture_add_test ("/plugins/log/huge", test_log_huge);
  plugin_fixture_add_test ("/plugins/log/structured", test_log_structured);

  return g_test_run ();
}
