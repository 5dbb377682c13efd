/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "host-fixture.h"

static void
test_trust_change (HostFixture *fixture,
                   const char  *file,
                   int          mode)
{
  g_autofree char *path = g_build_filename (fixture->directory, file, NULL);

  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

/* A module of the test's own, which need not work. */
static void
test_trust_add_plugin (HostFixture *fixture)
{
  host_fixture_write (fixture, "open/libopen.so", "not really", -1);
  host_fixture_add_manifest (fixture, "open/open", "");
}

static void
test_trust_assert_refused (HostFixture *fixture,
                           const char  *file,
                           const char  *reason)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (fixture->directory, file, NULL);

  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "open", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_UNTRUSTED,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, path);
  host_fixture_assert_contains (error->message, reason);
}

static void
test_trust_directory (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_test_summary ("A directory that others can write is refused, and its manifest is not even read");

  test_trust_add_plugin (fixture);
  test_trust_change (fixture, "open", 0757);
  test_trust_assert_refused (fixture, "open", "everybody can write it");
  test_trust_change (fixture, "open", 0775);
  test_trust_assert_refused (fixture, "open", "its group can write it");
  test_trust_change (fixture, "open", 01777);
  test_trust_assert_refused (fixture, "open", "everybody can write it");
}

static void
test_trust_manifest (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_test_summary ("A manifest that others can write is refused");

  test_trust_add_plugin (fixture);
  test_trust_change (fixture, "open/open.plugin", 0646);
  test_trust_assert_refused (fixture, "open/open.plugin", "everybody can write it");
}

static void
test_trust_module (HostFixture   *fixture,
                   gconstpointer  user_data)
{
  g_test_summary ("A module that others can write is refused");

  test_trust_add_plugin (fixture);
  test_trust_change (fixture, "open/libopen.so", 0664);
  test_trust_assert_refused (fixture, "open/libopen.so", "its group can write it");
}

static void
test_trust_python_module (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));

  g_test_summary ("A Python file, or package, that others can write is refused");

  host_fixture_write (fixture, "open.py", "raise SystemExit (1)", -1);
  host_fixture_add_manifest (fixture, "open", lines);
  test_trust_change (fixture, "open.py", 0666);
  test_trust_assert_refused (fixture, "open.py", "everybody can write it");

  host_fixture_write (fixture, "open/__init__.py", "raise SystemExit (1)", -1);
  test_trust_change (fixture, "open", 0777);
  test_trust_assert_refused (fixture, "open", "everybody can write it");
}

static void
test_trust_link (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  g_autofree char *target = g_build_filename (fixture->directory, "away", "target", NULL);
  g_autofree char *path = g_build_filename (fixture->directory, "open", "libopen.so", NULL);

  g_test_summary ("A link counts as what it points to");

  test_trust_add_plugin (fixture);
  host_fixture_write (fixture, "away/target", "not really", -1);
  test_trust_change (fixture, "away/target", 0666);
  g_remove (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
  test_trust_assert_refused (fixture, "open/libopen.so", "everybody can write it");
}

static void
test_trust_owner (HostFixture   *fixture,
                  gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "open", NULL);

  if (geteuid () != 0)
    {
      g_test_skip ("only root can give a directory away");
      return;
    }

  test_trust_add_plugin (fixture);
  g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
  test_trust_assert_refused (fixture, "open", "belongs to another user");
}

static void
test_trust_sticky_parent (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  g_test_summary ("A directory above in which nobody can rename what belongs to others may be written by all");

  host_fixture_add_recorder (fixture, "build/plugin/good", "");
  test_trust_change (fixture, "build", 01777);
  {
    g_autofree char *path = g_build_filename (fixture->directory, "build", NULL);
    g_autoptr (GError) error = NULL;

    bubus_host_add_search_path (fixture->host, path, &error);
    g_assert_no_error (error);
  }
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "good");
}

static void
test_trust_later (HostFixture   *fixture,
                  gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("What has become writable since the scan is refused too");

  host_fixture_add_recorder (fixture, "open/open", "");
  host_fixture_scan (fixture);
  test_trust_change (fixture, "open/open.plugin", 0666);
  error = host_fixture_fail_activation (fixture, "open", BUBUS_ERROR, BUBUS_ERROR_PLUGIN_UNTRUSTED,
                                        BUBUS_PLUGIN_STATE_FAILED);
  test_trust_change (fixture, "open/open.plugin", 0644);
  host_fixture_activate (fixture, "open");
}

static void
test_trust_link_module (HostFixture *fixture,
                        const char  *link_name,
                        const char  *target)
{
  g_autofree char *link_path = g_build_filename (fixture->directory, link_name, NULL);
  g_autofree char *target_path = g_build_filename (fixture->directory, target, NULL);

  g_remove (link_path);
  g_assert_cmpint (symlink (target_path, link_path), ==, 0);
}

static void
test_trust_parents (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autofree char *inner = g_build_filename (fixture->directory, "outer", "inner", NULL);

  g_test_summary ("Every directory above counts, also those of a module that is a link");

  host_fixture_write (fixture, "outer/inner/open/libopen.so", "not really", -1);
  host_fixture_add_manifest (fixture, "outer/inner/open/open", "");
  g_assert_true (bubus_host_add_search_path (fixture->host, inner, NULL));
  test_trust_change (fixture, "outer", 0777);
  test_trust_assert_refused (fixture, "outer", "everybody can write it");
  test_trust_change (fixture, "outer", 0770);
  test_trust_assert_refused (fixture, "outer", "its group can write it");
  test_trust_change (fixture, "outer", 0755);

  host_fixture_write (fixture, "outside/deep/libopen.so", "not really", -1);
  test_trust_link_module (fixture, "outer/inner/open/libopen.so", "outside/deep/libopen.so");
  test_trust_change (fixture, "outside", 0777);
  test_trust_assert_refused (fixture, "outside", "everybody can write it");
}

static void
test_trust_relative (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_host_add_search_path (fixture->host, ".", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_assert_contains (error->message, "not an absolute path");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/trust/directory", test_trust_directory);
  host_fixture_add_test ("/host/trust/manifest", test_trust_manifest);
  host_fixture_add_test ("/host/trust/module", test_trust_module);
  host_fixture_add_test ("/host/trust/python-module", test_trust_python_module);
  host_fixture_add_test ("/host/trust/link", test_trust_link);
  host_fixture_add_test ("/host/trust/owner", test_trust_owner);
  host_fixture_add_test ("/host/trust/sticky-parent", test_trust_sticky_parent);
  host_fixture_add_test ("/host/trust/parents", test_trust_parents);
  host_fixture_add_test ("/host/trust/relative", test_trust_relative);
  host_fixture_add_test ("/host/trust/later", test_trust_later);

  return g_test_run ();
}
