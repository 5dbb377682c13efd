/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "host-fixture.h"

typedef struct
{
  const char *name;
  const char *text;
  gssize      length;   /* -1: up to the NUL */
  const char *place;    /* what follows the path */
  const char *reason;
} BadManifest;

static const BadManifest bad_manifests[] = {
  { "empty", "", -1, ": ", "has no group “[Plugin]”" },
  { "no-key-file", "[Plugin]\nModule=x\nwhat is this\nName=X\n", -1, ":3: ", "what is this" },
  { "first-line", "nonsense", -1, ":1: ", "" },
  { "other-group", "[Plug]\nModule=x\nName=X\n", -1, ": ", "has no group “[Plugin]”" },
  { "no-module", "[Plugin]\nName=X\n", -1, ": ", "“Module” is missing" },
  { "empty-module", "[Plugin]\nName=X\n\nModule=\n", -1, ":4: ", "“Module” is missing" },
  { "no-name", "[Plugin]\nModule=x\n", -1, ": ", "“Name” is missing" },
  { "module-path", "[Plugin]\nModule=../x\nName=X\n", -1, ":2: ", "is not the name of a module" },
  { "module-slash", "[Plugin]\nModule=a/x\nName=X\n", -1, ":2: ", "is not the name of a module" },
  { "loader", "[Plugin]\nModule=x\nName=X\n# why\nLoader=cobol\n", -1, ":5: ", "no loader “cobol”" },
  { "latin-1", "[Plugin]\nModule=x\nName=M\xfcller\n", -1, ":3: ", "not text in UTF-8" },
  { "nul", "[Plugin]\nModule=x\nName=a\0b\n", 28, ":3: ", "not text in UTF-8" },
  { "abi-newer", "[Plugin]\nModule=x\nName=X\nX-Bubus-ABI=1.99\n", -1, ":4: ", "built for Bubus 1.99, this is Bubus 1.0" },
  { "abi-older", "[Plugin]\nModule=x\nName=X\nX-Bubus-ABI=0\n", -1, ":4: ", "built for Bubus 0.0, this is Bubus 1.0" },
  { "abi-odd", "[Plugin]\nModule=x\nName=X\nX-Bubus-ABI=one\n", -1, ":4: ", "“one” is not a version" },
};

static const GError *
test_manifests_get_only_error (HostFixture *fixture)
{
  g_autoptr (BubusPluginInfo) info = g_list_model_get_item (G_LIST_MODEL (fixture->host), 0);

  g_assert_nonnull (info);
  g_assert_cmpint (bubus_plugin_info_get_state (info), ==, BUBUS_PLUGIN_STATE_FAILED);
  g_assert_nonnull (bubus_plugin_info_get_error (info));
  g_test_message ("%s", bubus_plugin_info_get_error (info)->message);
  return bubus_plugin_info_get_error (info);
}

static void
test_manifests_bad (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  const BadManifest *bad = user_data;
  g_autofree char *file = g_strconcat (bad->name, ".plugin", NULL);
  g_autofree char *path = g_build_filename (fixture->directory, file, NULL);
  g_autofree char *start = g_strconcat (path, bad->place, NULL);
  const GError *error;

  host_fixture_write (fixture, file, bad->text, bad->length);
  host_fixture_scan (fixture);
  error = test_manifests_get_only_error (fixture);
  g_assert_true (g_str_has_prefix (error->message, start));
  host_fixture_assert_contains (error->message, bad->reason);
}

static void
test_manifests_activate_bad (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A plugin whose manifest is bad cannot be activated, and the reason is told again");

  host_fixture_write (fixture, "bad.plugin", "[Plugin]\nModule=bad\n", -1);
  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "bad", BUBUS_ERROR, BUBUS_ERROR_PLUGIN, BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "Failed to activate “bad”: ");
  host_fixture_assert_contains (error->message, "“Name” is missing");
}

static void
test_manifests_not_text (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  BubusPluginInfo *info;

  g_test_summary ("A directory whose name is not text is used, and what is said of it is text");

  host_fixture_write (fixture, "od\377d/oddly.plugin", "[Plugin]\nModule=oddly\nName=oddly\n", -1);
  host_fixture_scan (fixture);
  g_assert_false (bubus_host_activate_plugin (fixture->host, "oddly", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  info = bubus_host_lookup_plugin (fixture->host, "oddly");
  host_fixture_assert_contains (error->message, "/od\357\277\275d/liboddly.so");
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_true (g_utf8_validate (bubus_plugin_info_get_error (info)->message, -1, NULL));
}

static void
test_manifests_oversized (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  const char head[] = "[Plugin]\nModule=big\nName=Big\n";
  g_autofree char *text = g_strnfill (64 * 1024 + 1, '#');

  g_test_summary ("64 KiB are allowed, and not one byte more");

  memcpy (text, head, strlen (head));
  host_fixture_write (fixture, "big.plugin", text, 64 * 1024);
  host_fixture_scan (fixture);
  host_fixture_assert_state (fixture, "big", BUBUS_PLUGIN_STATE_RESOLVED);

  host_fixture_write (fixture, "big.plugin", text, 64 * 1024 + 1);
  host_fixture_scan (fixture);
  host_fixture_assert_contains (test_manifests_get_only_error (fixture)->message, "larger than 64 KiB");
}

static void
test_manifests_not_a_file (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "pipe.plugin", NULL);

  g_test_summary ("A pipe is refused, and not waited for");

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  host_fixture_scan (fixture);
  host_fixture_assert_contains (test_manifests_get_only_error (fixture)->message, "not a regular file");
}

static void
test_manifests_dangling (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "gone.plugin", NULL);

  g_test_summary ("A link to nowhere is told");

  g_assert_cmpint (symlink ("/nowhere/gone.plugin", path), ==, 0);
  host_fixture_scan (fixture);
  host_fixture_assert_contains (test_manifests_get_only_error (fixture)->message, "cannot be opened");
}

static void
test_manifests_unreadable (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "secret.plugin", NULL);
  const uid_t user = geteuid ();

  g_test_summary ("A manifest that cannot be read says so");

  host_fixture_write (fixture, "secret.plugin", "[Plugin]\nModule=secret\nName=Secret\n", -1);
  g_assert_cmpint (g_chmod (path, 0), ==, 0);

  /* Root can read everything. */
  g_assert_cmpint (g_chmod (fixture->directory, 0755), ==, 0);
  if (user == 0)
    g_assert_cmpint (seteuid (65534), ==, 0);
  host_fixture_scan (fixture);
  g_assert_cmpint (seteuid (user), ==, 0);
  host_fixture_assert_contains (test_manifests_get_only_error (fixture)->message, "cannot be opened");
}

static void
test_manifests_other_python (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  const char *right = g_getenv ("BUBUS_TEST_PYTHON_LOADER");
  const char *wrong = g_str_equal (right, "python") ? "python3" : "python";
  g_autofree char *text = g_strdup_printf ("[Plugin]\nModule=x\nName=X\nLoader=%s\n", wrong);
  const GError *error;

  g_test_summary ("The loader's name for the other generation of libpeas is recognized");

  host_fixture_write (fixture, "x.plugin", text, -1);
  host_fixture_scan (fixture);
  error = test_manifests_get_only_error (fixture);
  host_fixture_assert_contains (error->message, ":4: ");
  host_fixture_assert_contains (error->message, "libpeas");
  host_fixture_assert_contains (error->message, right);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bad_manifests); i++)
    {
      g_autofree char *path = g_strconcat ("/host/manifests/bad/", bad_manifests[i].name, NULL);

      g_test_add (path, HostFixture, &bad_manifests[i], host_fixture_set_up, test_manifests_bad,
                  host_fixture_tear_down);
    }
  host_fixture_add_test ("/host/manifests/activate-bad", test_manifests_activate_bad);
  host_fixture_add_test ("/host/manifests/not-text", test_manifests_not_text);
  host_fixture_add_test ("/host/manifests/oversized", test_manifests_oversized);
  host_fixture_add_test ("/host/manifests/not-a-file", test_manifests_not_a_file);
  host_fixture_add_test ("/host/manifests/dangling", test_manifests_dangling);
  host_fixture_add_test ("/host/manifests/unreadable", test_manifests_unreadable);
  host_fixture_add_test ("/host/manifests/other-python", test_manifests_other_python);

  return g_test_run ();
}
