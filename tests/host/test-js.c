/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <malloc.h>
#include <string.h>

#include "host-fixture.h"

static void
test_js_write (HostFixture *fixture,
               const char  *module,
               const char  *script)
{
  g_autofree char *file = g_strconcat (module, ".js", NULL);

  host_fixture_write (fixture, file, script, -1);
  host_fixture_add_manifest (fixture, module, "Loader=js\n");
}

static GError *
test_js_fail (HostFixture *fixture,
              const char  *module,
              const char  *reason)
{
  GError *error = host_fixture_fail_activation (fixture, module, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                                BUBUS_PLUGIN_STATE_FAILED);

  host_fixture_assert_contains (error->message, reason);
  return error;
}

static void
test_js_works (HostFixture   *fixture,
               gconstpointer  user_data)
{
  g_test_summary ("A plugin in JavaScript handles events, after one in C that it needs, and can come and go");

  host_fixture_add_recorder (fixture, "native", "");
  host_fixture_add_plugin (fixture, "jsbroken", "jsbroken.js", "Loader=js\nDepends=native\n");
  host_fixture_scan (fixture);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *during = NULL;
      g_autofree char *after = NULL;

      host_fixture_activate (fixture, "jsbroken");
      during = host_fixture_ping (fixture, "PingEvent");
      g_assert_cmpstr (during, ==, "native from JavaScript: PingEvent");
      host_fixture_deactivate (fixture, "jsbroken");
      after = host_fixture_ping (fixture, "PingEvent");
      g_assert_cmpstr (after, ==, "native");
    }
}

typedef struct
{
  const char *fault;
  const char *reason;
  const char *place;
} JsFault;

static const JsFault js_faults[] = {
  { "import", "ThereIsNoSuchNamespace", "jsbroken.js:11" },
  { "body", "TypeError: The body has thrown", "at (module) (" },
  { "activate", "RangeError: The activation has thrown", "at activate (" },
  { "false", "did not say why", "" },
};

static void
test_js_faults (HostFixture   *fixture,
                gconstpointer  user_data)
{
  g_test_summary ("What JavaScript throws says its type, its message and the place; a repaired plugin works");

  host_fixture_add_plugin (fixture, "jsbroken", "jsbroken.js", "Loader=js\n");
  host_fixture_scan (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (js_faults); i++)
    {
      g_autoptr (GError) error = NULL;

      g_setenv ("BUBUS_TEST_BROKEN", js_faults[i].fault, TRUE);
      /* Another file, so that it is another module. */
      host_fixture_copy_module (fixture, "jsbroken", "jsbroken.js");
      error = test_js_fail (fixture, "jsbroken", js_faults[i].reason);
      host_fixture_assert_contains (error->message, js_faults[i].place);
      g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
    }

  g_unsetenv ("BUBUS_TEST_BROKEN");
  host_fixture_copy_module (fixture, "jsbroken", "jsbroken.js");
  host_fixture_activate (fixture, "jsbroken");
}

static void
test_js_glib_error (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("An error of GLib that JavaScript throws stays what it is");

  host_fixture_add_manifest (fixture, "jsbroken", "Loader=js\n");
  host_fixture_copy_module (fixture, "jsbroken", "jsbroken.js");
  host_fixture_scan (fixture);
  g_setenv ("BUBUS_TEST_BROKEN", "error", TRUE);
  error = host_fixture_fail_activation (fixture, "jsbroken", g_quark_from_string ("test-quark"), 7,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "JavaScript was asked to");
  g_unsetenv ("BUBUS_TEST_BROKEN");
}

static void
test_js_deactivation (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A plugin that throws when it is deactivated has no more than the others");

  host_fixture_add_manifest (fixture, "jsbroken", "Loader=js\n");
  host_fixture_copy_module (fixture, "jsbroken", "jsbroken.js");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "jsbroken");
  g_setenv ("BUBUS_TEST_BROKEN", "deactivate", TRUE);
  g_assert_false (bubus_host_deactivate_plugin (fixture->host, "jsbroken", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_assert_contains (error->message, "RangeError: The deactivation has thrown");
  host_fixture_assert_state (fixture, "jsbroken", BUBUS_PLUGIN_STATE_UNLOADED);
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
  g_unsetenv ("BUBUS_TEST_BROKEN");
}

static void
test_js_syntax (HostFixture   *fixture,
                gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_test_summary ("A syntax error names the file and the line; a repaired file works");

  test_js_write (fixture, "jssyntax", "import GLib from 'gi://GLib';\nexport function activate() {\n  let x = ;\n}\n");
  host_fixture_scan (fixture);
  error = test_js_fail (fixture, "jssyntax", "SyntaxError");
  host_fixture_assert_contains (error->message, "jssyntax.js:3");
  again = test_js_fail (fixture, "jssyntax", "SyntaxError");

  test_js_write (fixture, "jssyntax", "export function activate() {\n}\n");
  host_fixture_activate (fixture, "jssyntax");
}

static void
test_js_imports (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GError) file = NULL;
  g_autoptr (GError) namespace = NULL;
  g_autoptr (GError) nothing = NULL;
  g_autoptr (GError) missing = NULL;

  g_test_summary ("Files and namespaces that are missing are named, and a module that is no plugin says so");

  test_js_write (fixture, "jsfile", "import {x} from './nowhere.js';\nexport function activate() {}\n");
  test_js_write (fixture, "jsnamespace",
                 "import X from 'gi://ThereIsNoSuchNamespace';\nexport function activate() {}\n");
  test_js_write (fixture, "jsnothing", "export const x = 1;\n");
  host_fixture_add_manifest (fixture, "jsmissing", "Loader=js\n");
  host_fixture_scan (fixture);
  file = test_js_fail (fixture, "jsfile", "nowhere.js");
  namespace = test_js_fail (fixture, "jsnamespace", "ThereIsNoSuchNamespace");
  nothing = test_js_fail (fixture, "jsnothing", "does not export a function “activate”");
  missing = test_js_fail (fixture, "jsmissing", "jsmissing.js");
}

/* gjs before 1.90 does not see what the objects that it wraps cost: without collecting, all events of this test would
 * stay in memory, and with far more of them calls would be slow at first, and then lost. */
static void
test_js_garbage (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  struct mallinfo2 before = { 0 };
  struct mallinfo2 after;

  g_test_summary ("Events that JavaScript has handled do not stay in memory");

  host_fixture_add_plugin (fixture, "jsbroken", "jsbroken.js", "Loader=js\n");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "jsbroken");
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *answer = host_fixture_ping (fixture, "PingEvent");

      g_assert_cmpstr (answer, ==, "from JavaScript: PingEvent");
      if (i == 5000)
        before = mallinfo2 ();
    }

  after = mallinfo2 ();
  g_test_message ("from %zu to %zu bytes", before.uordblks, after.uordblks);
  g_assert_cmpuint (after.uordblks, <, before.uordblks + 3 * 1024 * 1024);
}

static void
test_js_no_loader (HostFixture   *fixture,
                   gconstpointer  user_data)
{
  g_autofree char *path = g_strdup (g_getenv ("BUBUS_LOADER_PATH"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) dependent = NULL;
  g_autoptr (GError) broken = NULL;

  g_test_summary ("A loader that is not installed is the reason of the plugin, and of what depends on it");

  test_js_write (fixture, "jsplain", "export function activate() {}\n");
  host_fixture_add_recorder (fixture, "other", "jsplain");
  host_fixture_scan (fixture);
  g_setenv ("BUBUS_LOADER_PATH", fixture->directory, TRUE);
  error = test_js_fail (fixture, "jsplain", "The loader “js” is not installed");
  dependent = host_fixture_fail_activation (fixture, "other", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                            BUBUS_PLUGIN_STATE_SKIPPED);

  host_fixture_write (fixture, "libbubus-js-loader.so", "not a module", -1);
  broken = test_js_fail (fixture, "jsplain", "The loader “js” cannot be opened");
  g_setenv ("BUBUS_LOADER_PATH", path, TRUE);
}

int
main (int    argc,
      char **argv)
{
  const char *problem = g_getenv ("BUBUS_TEST_JS_PROBLEM");

  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/js/no-loader", test_js_no_loader);
  if (problem != NULL && *problem != '\0')
    {
      g_test_message ("%s", problem);
      return g_test_run ();
    }

  host_fixture_add_test ("/host/js/works", test_js_works);
  host_fixture_add_test ("/host/js/faults", test_js_faults);
  host_fixture_add_test ("/host/js/glib-error", test_js_glib_error);
  host_fixture_add_test ("/host/js/deactivation", test_js_deactivation);
  host_fixture_add_test ("/host/js/syntax", test_js_syntax);
  host_fixture_add_test ("/host/js/imports", test_js_imports);
  host_fixture_add_test ("/host/js/garbage", test_js_garbage);

  return g_test_run ();
}
