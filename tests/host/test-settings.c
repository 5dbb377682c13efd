/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <glib/gstdio.h>

#include "host-fixture.h"

/* Of the last activation. */
static GError *settings_error;

static void
settings_activated_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  gboolean *done = user_data;

  *done = TRUE;
  bubus_host_activate_enabled_finish (BUBUS_HOST (source), result, &settings_error);
}

static void
settings_activate (HostFixture *fixture)
{
  gboolean done = FALSE;

  g_clear_error (&settings_error);
  bubus_host_activate_enabled_async (fixture->host, NULL, settings_activated_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

static char *
settings_use (HostFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->directory, "settings", "plugins.ini", NULL);
  g_autoptr (GError) error = NULL;

  bubus_host_set_settings_file (fixture->host, path, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&path);
}

static void
settings_enable (HostFixture *fixture,
                 const char  *name,
                 gboolean     enabled)
{
  g_autoptr (GError) error = NULL;

  bubus_host_set_plugin_enabled (fixture->host, name, enabled, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bubus_host_is_plugin_enabled (fixture->host, name), ==, enabled);
}

static void
test_settings_remembered (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  g_autofree char *path = settings_use (fixture);
  g_autofree char *again = NULL;

  g_test_summary ("Another host finds what was enabled, and activates that and what it needs");

  host_fixture_add_recorder (fixture, "one", "two");
  host_fixture_add_recorder (fixture, "two", "");
  host_fixture_add_recorder (fixture, "three", "");
  settings_enable (fixture, "one", TRUE);
  settings_enable (fixture, "three", TRUE);
  settings_enable (fixture, "three", FALSE);
  g_assert_cmpstr (bubus_host_get_settings_file (fixture->host), ==, path);

  g_assert_finalize_object (fixture->host);
  fixture->host = bubus_host_new (fixture->bus);
  bubus_host_add_search_path (fixture->host, fixture->directory, NULL);
  again = settings_use (fixture);
  host_fixture_scan (fixture);
  settings_activate (fixture);
  g_assert_no_error (settings_error);
  host_fixture_assert_log (fixture, "+two +one");
}

static void
test_settings_kept (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;

  g_test_summary ("What else is in the file stays there");

  host_fixture_write (fixture, "settings/plugins.ini", "# mine\n[Other]\nKey=value\n", -1);
  path = settings_use (fixture);
  settings_enable (fixture, "one", TRUE);
  g_file_get_contents (path, &text, NULL, NULL);
  host_fixture_assert_contains (text, "# mine");
  host_fixture_assert_contains (text, "Key=value");
  host_fixture_assert_contains (text, "Enabled=one;");
}

static void
test_settings_refused (HostFixture   *fixture,
                       gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "plugins.ini", NULL);
  g_autoptr (GError) nonsense = NULL;
  g_autoptr (GError) open = NULL;

  g_test_summary ("A file that cannot be read, or that others can write, is refused");

  host_fixture_write (fixture, "plugins.ini", "nonsense", -1);
  g_assert_false (bubus_host_set_settings_file (fixture->host, path, &nonsense));
  g_assert_error (nonsense, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_write (fixture, "plugins.ini", "[Plugins]\nEnabled=one\n", -1);
  g_assert_cmpint (g_chmod (path, 0666), ==, 0);
  g_assert_false (bubus_host_set_settings_file (fixture->host, path, &open));
  g_assert_error (open, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_UNTRUSTED);
  g_assert_false (bubus_host_is_plugin_enabled (fixture->host, "one"));
}

static void
test_settings_order (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_test_summary ("Manifests say in which order plugins are activated that do not need each other");

  host_fixture_add_plugin (fixture, "a", "recorder", "X-Bubus-After=c;nowhere\n");
  host_fixture_add_plugin (fixture, "b", "recorder", "X-Bubus-Before=c\n");
  host_fixture_add_plugin (fixture, "c", "recorder", "");
  host_fixture_add_plugin (fixture, "d", "recorder", "X-Bubus-Requires=e\n");
  host_fixture_add_plugin (fixture, "e", "recorder", "X-Bubus-After=a\n");
  for (const char *name = "abcd"; *name != '\0'; name++)
    {
      char text[] = { *name, '\0' };

      settings_enable (fixture, text, TRUE);
    }
  host_fixture_scan (fixture);
  settings_activate (fixture);
  g_assert_no_error (settings_error);
  host_fixture_assert_log (fixture, "+b +c +a +e +d");
}

static void
test_settings_wishes_in_plan (HostFixture   *fixture,
                              gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("The order holds for what one plugin needs, and a wish that cannot be granted is told");

  host_fixture_add_plugin (fixture, "top", "recorder", "Depends=left;right\n");
  host_fixture_add_plugin (fixture, "left", "recorder", "X-Bubus-After=right\n");
  host_fixture_add_plugin (fixture, "right", "recorder", "");
  host_fixture_add_plugin (fixture, "bad", "recorder", "Depends=worse\nX-Bubus-Before=worse\n");
  host_fixture_add_plugin (fixture, "worse", "recorder", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "top");
  host_fixture_assert_log (fixture, "+right +left +top");
  error = host_fixture_fail_activation (fixture, "bad", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_DEPENDENCY,
                                        BUBUS_PLUGIN_STATE_SKIPPED);
  host_fixture_assert_contains (error->message, "cycle");
}

static void
test_settings_failures (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_test_summary ("One that fails does not keep the others from becoming active");

  host_fixture_add_recorder (fixture, "good", "");
  settings_enable (fixture, "bad", TRUE);
  settings_enable (fixture, "good", TRUE);
  host_fixture_scan (fixture);
  settings_activate (fixture);
  g_assert_error (settings_error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND);
  host_fixture_assert_state (fixture, "good", BUBUS_PLUGIN_STATE_ACTIVE);
  g_clear_error (&settings_error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/settings/remembered", test_settings_remembered);
  host_fixture_add_test ("/host/settings/kept", test_settings_kept);
  host_fixture_add_test ("/host/settings/refused", test_settings_refused);
  host_fixture_add_test ("/host/settings/order", test_settings_order);
  host_fixture_add_test ("/host/settings/wishes-in-plan", test_settings_wishes_in_plan);
  host_fixture_add_test ("/host/settings/failures", test_settings_failures);

  return g_test_run ();
}
