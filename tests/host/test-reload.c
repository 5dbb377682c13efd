/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "host-fixture.h"

static void
reload_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
reload_plugin (HostFixture  *fixture,
               const char   *name,
               GError      **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  bubus_host_reload_plugin_async (fixture->host, name, NULL, reload_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return bubus_host_reload_plugin_finish (fixture->host, result, error);
}

static void
reload_write_js (HostFixture *fixture,
                 const char  *answer)
{
  g_autofree char *script =
    g_strdup_printf ("export function activate(context) {\n"
                     "    context.on_pattern(null, 'PingEvent', 'answer', (event, invocation) => {\n"
                     "        invocation.return_string('%s');\n"
                     "    });\n"
                     "}\n", answer);

  host_fixture_write (fixture, "jschanging.js", script, -1);
}

static void
reload_write_python (HostFixture *fixture,
                     const char  *answer)
{
  g_autofree char *script =
    g_strdup_printf ("from gi.repository import BubusHost, GObject\n"
                     "class Changing(GObject.Object, BubusHost.Plugin):\n"
                     "    def do_activate(self, context):\n"
                     "        context.on_pattern(None, 'PingEvent', 'answer', self.answer)\n"
                     "    def answer(self, event, invocation):\n"
                     "        invocation.return_string('%s')\n", answer);

  host_fixture_write (fixture, "pychanging.py", script, -1);
}

static void
reload_assert_answer (HostFixture *fixture,
                      const char  *expected)
{
  g_autofree char *answer = host_fixture_ping (fixture, "PingEvent");

  g_assert_cmpstr (answer, ==, expected);
}

/* The same for both languages. */
static void
reload_change (HostFixture *fixture,
               const char  *name,
               void       (*write) (HostFixture *fixture, const char *answer))
{
  g_autoptr (GError) error = NULL;

  write (fixture, "first");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, name);
  reload_assert_answer (fixture, "first");

  g_assert_true (reload_plugin (fixture, name, &error));
  reload_assert_answer (fixture, "first");

  write (fixture, "second one");
  reload_assert_answer (fixture, "first");
  g_assert_true (reload_plugin (fixture, name, &error));
  reload_assert_answer (fixture, "second one");

  write (fixture, "(' what is this?");
  g_assert_false (reload_plugin (fixture, name, &error));
  g_test_message ("%s", error->message);
  host_fixture_assert_contains (error->message, "SyntaxError");
  host_fixture_assert_state (fixture, name, BUBUS_PLUGIN_STATE_FAILED);
  reload_assert_answer (fixture, "");

  write (fixture, "the third");
  g_clear_error (&error);
  g_assert_true (reload_plugin (fixture, name, &error));
  reload_assert_answer (fixture, "the third");
}

static void
test_reload_js (HostFixture   *fixture,
                gconstpointer  user_data)
{
  g_test_summary ("A plugin in JavaScript has its new code when it is reloaded");

  host_fixture_add_manifest (fixture, "jschanging", "Loader=js\n");
  reload_change (fixture, "jschanging", reload_write_js);
}

static void
test_reload_python (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));

  g_test_summary ("A plugin in Python has its new code when it is reloaded");

  host_fixture_add_manifest (fixture, "pychanging", lines);
  reload_change (fixture, "pychanging", reload_write_python);
}

static void
test_reload_dependents (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("What depends on a plugin goes before it and comes after it; others stay");

  host_fixture_add_recorder (fixture, "base", "");
  host_fixture_add_recorder (fixture, "middle", "base");
  host_fixture_add_recorder (fixture, "top", "middle");
  host_fixture_add_recorder (fixture, "other", "");
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "top");
  host_fixture_activate (fixture, "other");
  host_fixture_assert_log (fixture, "+base +middle +top +other");
  g_assert_true (reload_plugin (fixture, "middle", &error));
  host_fixture_assert_log (fixture, "-top ~top -middle ~middle +middle +top");
  g_assert_false (reload_plugin (fixture, "nobody", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_NOT_FOUND);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/reload/dependents", test_reload_dependents);
  if (*g_getenv ("BUBUS_TEST_JS_PROBLEM") == '\0')
    host_fixture_add_test ("/host/reload/js", test_reload_js);
  if (*g_getenv ("BUBUS_TEST_PYTHON_PROBLEM") == '\0')
    host_fixture_add_test ("/host/reload/python", test_reload_python);

  return g_test_run ();
}
