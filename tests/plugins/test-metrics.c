/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "plugin-fixture.h"

#define SECOND G_GINT64_CONSTANT (1000000000)

static char *
metrics_set_path (PluginFixture *fixture,
                  const char    *key,
                  const char    *name)
{
  char *path = plugin_fixture_get_path (fixture, name);

  bubus_host_set_plugin_setting (fixture->host, "metrics", key, path);
  return path;
}

static void
metrics_run (PluginFixture *fixture)
{
  g_object_unref (plugin_fixture_run (fixture, "{\"event_type\": \"OrderEvent\"}"));
}

static void
test_metrics_file (PluginFixture *fixture,
                   gconstpointer  user_data)
{
  g_autofree char *path = metrics_set_path (fixture, "file", "metrics");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *last = NULL;

  g_test_summary ("The file is replaced at the interval, and once more at the end");

  plugin_fixture_activate (fixture, "metrics");
  metrics_run (fixture);
  bubus_clock_advance (fixture->clock, 9 * SECOND);
  before = plugin_fixture_read (fixture, "metrics");
  g_assert_null (strstr (before, "OrderEvent"));
  bubus_clock_advance (fixture->clock, 1 * SECOND);
  after = plugin_fixture_read (fixture, "metrics");
  plugin_fixture_assert_contains (after, "OrderEvent\"} 1\n");

  metrics_run (fixture);
  plugin_fixture_deactivate (fixture, "metrics");
  last = plugin_fixture_read (fixture, "metrics");
  plugin_fixture_assert_contains (last, "OrderEvent\"} 2\n");
}

static void
test_metrics_trouble (PluginFixture *fixture,
                      gconstpointer  user_data)
{
  g_autofree char *directory = plugin_fixture_get_path (fixture, "d");
  g_autofree char *path = metrics_set_path (fixture, "file", "d/metrics");

  g_test_summary ("A file that cannot be replaced any more is told once, and again when it can be");

  plugin_fixture_fail_activation (fixture, "metrics", "metrics");
  g_assert_cmpint (g_mkdir (directory, 0755), ==, 0);
  plugin_fixture_activate (fixture, "metrics");
  g_remove (path);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  g_test_expect_message ("bubus-metrics", G_LOG_LEVEL_WARNING, "*counted only");
  bubus_clock_advance (fixture->clock, 30 * SECOND);
  g_test_assert_expected_messages ();

  g_assert_cmpint (g_mkdir (directory, 0755), ==, 0);
  g_test_expect_message ("bubus-metrics", G_LOG_LEVEL_MESSAGE, "*can be written again, after 3 failures");
  bubus_clock_advance (fixture->clock, 10 * SECOND);
  g_test_assert_expected_messages ();
  plugin_fixture_deactivate (fixture, "metrics");
  g_remove (path);
}

static void
test_metrics_nothing (PluginFixture *fixture,
                      gconstpointer  user_data)
{
  g_test_summary ("Metrics that nobody could read are an error of the settings");

  plugin_fixture_fail_activation (fixture, "metrics", "“file” or “socket”");
}

/* ---- socket ---- */

static void
metrics_connected_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  GSocketConnection **connection = user_data;
  g_autoptr (GError) error = NULL;

  *connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  g_assert_no_error (error);
}

static GSocketConnection *
metrics_connect (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  GSocketConnection *connection = NULL;

  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), NULL, metrics_connected_cb, &connection);
  plugin_fixture_wait_for (connection != NULL);
  return connection;
}

static void
metrics_spliced_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  gboolean *done = user_data;

  g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL);
  *done = TRUE;
}

/* All that comes until the other side closes. */
static char *
metrics_read_all (GSocketConnection *connection)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  gboolean done = FALSE;

  g_output_stream_splice_async (memory, g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, 0, NULL, metrics_spliced_cb, &done);
  plugin_fixture_wait_for (done);
  return g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
                    g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
}

static void
test_metrics_socket (PluginFixture *fixture,
                     gconstpointer  user_data)
{
  g_autofree char *path = metrics_set_path (fixture, "socket", "socket");
  g_autoptr (GSocketConnection) connection = NULL;
  g_autofree char *text = NULL;
  GStatBuf status;

  g_test_summary ("Whoever connects gets the text; the socket is the user's alone, and goes with the plugin");

  plugin_fixture_activate (fixture, "metrics");
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  metrics_run (fixture);
  connection = metrics_connect (path);
  text = metrics_read_all (connection);
  plugin_fixture_assert_contains (text, "OrderEvent\"} 1\n");
  plugin_fixture_deactivate (fixture, "metrics");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
metrics_make_stale (const char *path)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  g_assert_true (g_socket_bind (socket, address, FALSE, NULL));
}

static void
test_metrics_socket_taken (PluginFixture *fixture,
                           gconstpointer  user_data)
{
  g_autofree char *path = metrics_set_path (fixture, "socket", "socket");
  g_autofree char *text = NULL;

  g_test_summary ("A socket that a dead process left is replaced; a plain file is not");

  metrics_make_stale (path);
  plugin_fixture_activate (fixture, "metrics");
  plugin_fixture_deactivate (fixture, "metrics");

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  plugin_fixture_fail_activation (fixture, "metrics", "cannot be made");
  text = plugin_fixture_read (fixture, "socket");
  g_assert_cmpstr (text, ==, "mine");
}

static void
test_metrics_socket_crowd (PluginFixture *fixture,
                           gconstpointer  user_data)
{
  g_autofree char *path = metrics_set_path (fixture, "socket", "socket");
  g_autoptr (GPtrArray) silent = g_ptr_array_new_with_free_func (g_object_unref);

  g_test_summary ("Many who connect and go without reading keep nobody from the end of the plugin");

  plugin_fixture_activate (fixture, "metrics");
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"event_type\": \"Order%uEvent\"}", i);

      g_object_unref (plugin_fixture_run (fixture, json));
    }
  for (guint i = 0; i < 20; i++)
    g_ptr_array_add (silent, metrics_connect (path));
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_ptr_array_remove_range (silent, 0, 3);
  plugin_fixture_deactivate (fixture, "metrics");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plugin_fixture_add_test ("/plugins/metrics/file", test_metrics_file);
  plugin_fixture_add_test ("/plugins/metrics/trouble", test_metrics_trouble);
  plugin_fixture_add_test ("/plugins/metrics/nothing", test_metrics_nothing);
  plugin_fixture_add_test ("/plugins/metrics/socket", test_metrics_socket);
  plugin_fixture_add_test ("/plugins/metrics/socket-taken", test_metrics_socket_taken);
  plugin_fixture_add_test ("/plugins/metrics/socket-crowd", test_metrics_socket_crowd);

  return g_test_run ();
}
