/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>

#include "plugin-fixture.h"

#define ORDER "{\"event_type\": \"OrderEvent\", \"name\": \"a; touch $(x) 'y'\"}"
#define SECOND G_GINT64_CONSTANT (1000000000)

static void
exec_set (PluginFixture *fixture,
          const char    *key,
          const char    *value)
{
  bubus_host_set_plugin_setting (fixture->host, "exec", key, value);
}

/* Runs a script of the shell for each event. */
static void
exec_use (PluginFixture *fixture,
          const char    *script)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "script");
  g_autofree char *command = g_strdup_printf ("/bin/sh;%s;%s;", path, fixture->directory);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, script, -1, &error);
  g_assert_no_error (error);
  exec_set (fixture, "command", command);
  exec_set (fixture, "pattern", "Order*");
  plugin_fixture_activate (fixture, "exec");
}

static BubusEventResult *
exec_get_result (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  return results->pdata[0];
}

static const char *
exec_get_error (BubusEvent *event)
{
  const GError *error = bubus_event_result_get_error (exec_get_result (event));

  g_assert_nonnull (error);
  g_assert_cmpstr (g_quark_to_string (error->domain), ==, "exec-error");
  return error->message;
}

static void
exec_assert_value (BubusEvent *event,
                   const char *expected)
{
  const GError *error = bubus_event_result_get_error (exec_get_result (event));
  const GValue *value = bubus_event_result_get_value (exec_get_result (event));

  g_assert_no_error (error);
  g_assert_cmpstr (bubus_json_get_text (g_value_get_boxed (value)), ==, expected);
}

static void
exec_assert_fails (PluginFixture *fixture,
                   const char    *script,
                   const char    *part)
{
  g_autoptr (BubusEvent) event = NULL;

  exec_use (fixture, script);
  event = plugin_fixture_run (fixture, ORDER);
  plugin_fixture_assert_contains (exec_get_error (event), part);
  plugin_fixture_deactivate (fixture, "exec");
}

static void
test_exec_result (PluginFixture *fixture,
                  gconstpointer  user_data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autofree char *input = NULL;

  g_test_summary ("The program reads the event, and what it prints is the result");

  exec_use (fixture, "cat > \"$1/input\"; echo ' {\"a\": [1, 2]} '");
  event = plugin_fixture_run (fixture, ORDER);
  exec_assert_value (event, "{\"a\":[1,2]}");
  input = plugin_fixture_read (fixture, "input");
  plugin_fixture_assert_contains (input, "\"event_type\":\"OrderEvent\"");
  plugin_fixture_assert_contains (input, "a; touch $(x) 'y'");
  g_assert_true (g_str_has_suffix (input, "}\n"));
}

static void
test_exec_nothing (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) other = NULL;
  g_autoptr (GPtrArray) results = NULL;

  g_test_summary ("A program that prints nothing returns nothing, and other events are left alone");

  exec_use (fixture, "echo; exit 0");
  event = plugin_fixture_run (fixture, ORDER);
  g_assert_no_error (bubus_event_result_get_error (exec_get_result (event)));
  other = plugin_fixture_run (fixture, "{\"event_type\": \"OtherEvent\"}");
  results = bubus_event_list_results (other);
  g_assert_cmpuint (results->len, ==, 0);
}

static void
test_exec_failures (PluginFixture *fixture,
                    gconstpointer  user_data)
{
  g_test_summary ("What a program does wrong is an error of the event, with the end of what it complained");

  exec_assert_fails (fixture, "echo wrong >&2; exit 3", "ended with status 3: wrong");
  exec_assert_fails (fixture, "exit 4", "ended with status 4");
  exec_assert_fails (fixture, "kill -TERM $$", "killed by signal 15");
  exec_assert_fails (fixture, "echo nonsense", "wrote no JSON");
  exec_assert_fails (fixture, "printf '\\033[31mred\\377\\nblue' >&2; exit 1", "\\u{1b}[31mred");
  exec_assert_fails (fixture, "head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 1", "xxxend");
}

static void
test_exec_bounded (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("The excerpt of what a program complained is short");

  exec_use (fixture, "head -c 100000 /dev/zero | tr '\\0' '\\n' >&2; echo end >&2; exit 1");
  event = plugin_fixture_run (fixture, ORDER);
  g_assert_cmpuint (strlen (exec_get_error (event)), <, 1000);
}

static void
test_exec_floods (PluginFixture *fixture,
                  gconstpointer  user_data)
{
  g_test_summary ("A program that floods an output is killed");

  exec_assert_fails (fixture, "exec cat /dev/zero", "wrote more than 1048576 bytes");
  exec_assert_fails (fixture, "exec cat /dev/zero >&2", "wrote more than 1048576 bytes");
}

static void
test_exec_huge (PluginFixture *fixture,
                gconstpointer  user_data)
{
  g_autofree char *payload = g_strnfill (4 * 1024 * 1024, 'x');
  g_autofree char *json = g_strdup_printf ("{\"event_type\": \"OrderEvent\", \"text\": \"%s\"}", payload);
  g_autoptr (BubusEvent) unread = NULL;
  g_autoptr (BubusEvent) read = NULL;

  g_test_summary ("A huge event that the program does not read, or reads, keeps nobody waiting");

  exec_use (fixture, "echo 1");
  unread = plugin_fixture_run (fixture, json);
  exec_assert_value (unread, "1");
  plugin_fixture_deactivate (fixture, "exec");
  exec_use (fixture, "test $(wc -c) -gt 4194304 && echo 2");
  read = plugin_fixture_run (fixture, json);
  exec_assert_value (read, "2");
}

/* ---- programs that do not end ---- */

/* It and what it has started hold the pipe, on which it says that it runs. */
static const char never_ends[] = "exec 3>\"$1/pipe\"; echo >&3; sleep 1000 & sleep 1000";

static GInputStream *
exec_open_pipe (PluginFixture *fixture)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "pipe");
  int fd;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  g_assert_cmpint (fd, >=, 0);
  return g_unix_input_stream_new (fd, TRUE);
}

static void
exec_read_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  gssize *n_read = user_data;
  g_autoptr (GError) error = NULL;

  *n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);
  g_assert_no_error (error);
}

/* Returns: 1 when the program runs, 0 when all of it is dead */
static gssize
exec_read (GInputStream *pipe)
{
  gssize n_read = -1;
  char byte;

  g_input_stream_read_async (pipe, &byte, 1, 0, NULL, exec_read_cb, &n_read);
  plugin_fixture_wait_for (n_read >= 0);
  return n_read;
}

static void
test_exec_timeout (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (GInputStream) pipe = exec_open_pipe (fixture);
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("A program that does not end in time is killed, with what it has started");

  exec_set (fixture, "timeout", "5");
  exec_use (fixture, never_ends);
  event = plugin_fixture_dispatch (fixture, ORDER);
  g_assert_cmpint (exec_read (pipe), ==, 1);
  bubus_clock_advance (fixture->clock, 5 * SECOND - 1);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  bubus_clock_advance (fixture->clock, 1);
  plugin_fixture_wait_for (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED);
  plugin_fixture_assert_contains (exec_get_error (event), "took longer than 5 s");
  g_assert_cmpint (exec_read (pipe), ==, 0);
}

static void
test_exec_cancelled (PluginFixture *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GInputStream) pipe = exec_open_pipe (fixture);
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("A program whose plugin is deactivated at once is killed");

  exec_use (fixture, never_ends);
  event = plugin_fixture_dispatch (fixture, ORDER);
  g_assert_cmpint (exec_read (pipe), ==, 1);
  plugin_fixture_deactivate (fixture, "exec");
  plugin_fixture_wait_for (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_nonnull (bubus_event_result_get_error (exec_get_result (event)));
  g_assert_cmpint (exec_read (pipe), ==, 0);
}

static void
test_exec_stopped (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (GInputStream) pipe = exec_open_pipe (fixture);
  g_autoptr (BubusEvent) running = NULL;
  g_autoptr (BubusEvent) waiting = NULL;

  g_test_summary ("When its bus is stopped a program is killed, and one whose turn has not come is not started");

  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  exec_set (fixture, "concurrency", "1");
  exec_use (fixture, never_ends);
  running = plugin_fixture_dispatch (fixture, ORDER);
  waiting = plugin_fixture_dispatch (fixture, ORDER);
  g_assert_cmpint (exec_read (pipe), ==, 1);
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (exec_read (pipe), ==, 0);
  g_assert_cmpint (bubus_event_get_event_status (waiting), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
test_exec_turns (PluginFixture *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_refused = 0;

  g_test_summary ("Only so many run at a time and wait; further events fail, and none is forgotten");

  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  exec_set (fixture, "concurrency", "2");
  exec_set (fixture, "queue", "3");
  exec_use (fixture, "mkdir \"$1/a\" 2>/dev/null && { sleep 0; rmdir \"$1/a\"; echo 1; exit; };"
                     "mkdir \"$1/b\" 2>/dev/null && { rmdir \"$1/b\"; echo 1; exit; };"
                     "echo three at a time >&2; exit 9");
  for (guint i = 0; i < 8; i++)
    g_ptr_array_add (events, plugin_fixture_dispatch (fixture, ORDER));
  for (guint i = 0; i < events->len; i++)
    {
      BubusEvent *event = events->pdata[i];

      plugin_fixture_wait_for (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED);
      if (bubus_event_result_get_error (exec_get_result (event)) == NULL)
        continue;
      plugin_fixture_assert_contains (exec_get_error (event), "3 events wait");
      n_refused++;
    }
  g_assert_cmpuint (n_refused, ==, 3);
}

static void
test_exec_missing (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autofree char *path = plugin_fixture_get_path (fixture, "program");
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);

  g_test_summary ("A program that is missing is an error of the settings, or, when it went later, of each event");

  exec_set (fixture, "pattern", "*");
  plugin_fixture_fail_activation (fixture, "exec", "needs the setting “command”");
  exec_set (fixture, "command", "");
  plugin_fixture_fail_activation (fixture, "exec", "no program");
  exec_set (fixture, "command", path);
  plugin_fixture_fail_activation (fixture, "exec", "no program");

  g_assert_true (g_file_set_contents_full (path, "#!/bin/sh\n", -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  plugin_fixture_activate (fixture, "exec");
  g_remove (path);
  for (guint i = 0; i < 10; i++)
    g_ptr_array_add (events, plugin_fixture_dispatch (fixture, ORDER));
  for (guint i = 0; i < events->len; i++)
    {
      plugin_fixture_wait_for (bubus_event_get_event_status (events->pdata[i]) == BUBUS_EVENT_STATUS_COMPLETED);
      plugin_fixture_assert_contains (exec_get_error (events->pdata[i]), "could not be started");
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plugin_fixture_add_test ("/plugins/exec/result", test_exec_result);
  plugin_fixture_add_test ("/plugins/exec/nothing", test_exec_nothing);
  plugin_fixture_add_test ("/plugins/exec/failures", test_exec_failures);
  plugin_fixture_add_test ("/plugins/exec/bounded", test_exec_bounded);
  plugin_fixture_add_test ("/plugins/exec/floods", test_exec_floods);
  plugin_fixture_add_test ("/plugins/exec/huge", test_exec_huge);
  plugin_fixture_add_test ("/plugins/exec/timeout", test_exec_timeout);
  plugin_fixture_add_test ("/plugins/exec/cancelled", test_exec_cancelled);
  plugin_fixture_add_test ("/plugins/exec/stopped", test_exec_stopped);
  plugin_fixture_add_test ("/plugins/exec/turns", test_exec_turns);
  plugin_fixture_add_test ("/plugins/exec/missing", test_exec_missing);

  return g_test_run ();
}
