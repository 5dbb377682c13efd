/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "host-fixture.h"

static void
test_python_add (HostFixture *fixture,
                 const char  *module,
                 const char  *depends)
{
  g_autofree char *source = g_strconcat (module, ".py", NULL);
  g_autofree char *lines = g_strdup_printf ("Loader=%s\nDepends=%s\n", g_getenv ("BUBUS_TEST_PYTHON_LOADER"), depends);

  host_fixture_add_plugin (fixture, module, source, lines);
}

/* All in one, since Python knows a module by its name for as long as the process lives. */
static void
test_python_works (HostFixture   *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) silent = NULL;
  g_autoptr (GError) raised = NULL;
  g_autoptr (GError) constructor = NULL;
  g_autoptr (GError) empty = NULL;

  g_test_summary ("A plugin in Python handles events, after one in C that it needs, and can come and go");

  host_fixture_add_recorder (fixture, "native", "");
  test_python_add (fixture, "pyrecorder", "native");
  host_fixture_scan (fixture);

  g_setenv ("BUBUS_TEST_FAIL", "error", TRUE);
  error = host_fixture_fail_activation (fixture, "pyrecorder", g_quark_from_string ("test-quark"), 7,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "python was asked to");
  g_setenv ("BUBUS_TEST_FAIL", "raise", TRUE);
  raised = host_fixture_fail_activation (fixture, "pyrecorder", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                         BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (raised->message, "KeyError: 'activation'\n    at do_activate (");
  g_setenv ("BUBUS_TEST_FAIL", "constructor", TRUE);
  constructor = host_fixture_fail_activation (fixture, "pyrecorder", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                              BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (constructor->message, "ValueError: constructor\n    at __init__ (");
  g_setenv ("BUBUS_TEST_FAIL", "exception", TRUE);
  silent = host_fixture_fail_activation (fixture, "pyrecorder", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                         BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (silent->message, "did not say why");
  g_setenv ("BUBUS_TEST_FAIL", "empty", TRUE);
  empty = host_fixture_fail_activation (fixture, "pyrecorder", g_quark_from_string ("test-quark"), 7,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (empty->message, "did not say why");
  g_unsetenv ("BUBUS_TEST_FAIL");

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *during = NULL;
      g_autofree char *after = NULL;

      host_fixture_activate (fixture, "pyrecorder");
      during = host_fixture_ping (fixture, "PingEvent");
      g_assert_cmpstr (during, ==, "native from Python: PingEvent");
      host_fixture_deactivate (fixture, "pyrecorder");
      after = host_fixture_ping (fixture, "PingEvent");
      g_assert_cmpstr (after, ==, "native");
    }
}

static void
test_python_leaves (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  static const char *const places[] = { "constructor", "activation" };
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (GError) handler = NULL;
  g_autoptr (GError) deactivation = NULL;

  g_test_summary ("What ends a program in Python, such as sys.exit(), is an error of the plugin like others");

  test_python_add (fixture, "pyleaves", "");
  host_fixture_scan (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *reason = g_strdup_printf ("SystemExit: %s was asked to\n    at ", places[i]);

      g_setenv ("BUBUS_TEST_LEAVE", places[i], TRUE);
      error = host_fixture_fail_activation (fixture, "pyleaves", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                            BUBUS_PLUGIN_STATE_FAILED);
      host_fixture_assert_contains (error->message, reason);
    }

  g_setenv ("BUBUS_TEST_LEAVE", "handler", TRUE);
  host_fixture_activate (fixture, "pyleaves");
  event = host_fixture_dispatch (fixture, bubus_generic_event_new ("PingEvent", NULL));
  results = bubus_results_new (event);
  g_assert_null (bubus_results_get_first (results, &handler));
  g_assert_error (handler, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
  host_fixture_assert_contains (handler->message, "SystemExit: handler was asked to\n    at ");

  g_setenv ("BUBUS_TEST_LEAVE", "deactivation", TRUE);
  g_assert_false (bubus_host_deactivate_plugin (fixture->host, "pyleaves", &deactivation));
  host_fixture_assert_contains (deactivation->message, "SystemExit: deactivation was asked to\n    at leave (");
  g_unsetenv ("BUBUS_TEST_LEAVE");
}

static void
test_python_broken (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_test_summary ("What Python says of a module reaches the error, each time, and a repaired module works");

  test_python_add (fixture, "pybroken", "");
  host_fixture_scan (fixture);
  g_setenv ("BUBUS_TEST_BROKEN", "1", TRUE);
  error = host_fixture_fail_activation (fixture, "pybroken", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message,
                                "loaded: ModuleNotFoundError: No module named 'a_module_that_does_not_exist'\n"
                                "    at (module) (");
  host_fixture_assert_contains (error->message, "/pybroken.py:10)");
  again = host_fixture_fail_activation (fixture, "pybroken", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (again->message, "No module named 'a_module_that_does_not_exist'");

  g_unsetenv ("BUBUS_TEST_BROKEN");
  host_fixture_activate (fixture, "pybroken");
}

static void
test_python_syntax (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));
  g_autoptr (GError) error = NULL;

  g_test_summary ("What Python cannot parse is named with its line");

  host_fixture_write (fixture, "pyindented.py", "import gi\n\nif gi:\nprint(gi)\n", -1);
  host_fixture_add_manifest (fixture, "pyindented", lines);
  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "pyindented", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "cannot be loaded: IndentationError: ");
  host_fixture_assert_contains (error->message, "/pyindented.py:4)");
}

static void
test_python_no_file (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));
  g_autoptr (GError) error = NULL;

  host_fixture_add_manifest (fixture, "pynowhere", lines);
  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "pynowhere", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "pynowhere.py");
}

static void
test_python_name_taken (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));
  g_autoptr (GError) error = NULL;

  g_test_summary ("A module whose name Python has in use already says so");

  host_fixture_write (fixture, "gettext.py", "", -1);
  host_fixture_add_manifest (fixture, "gettext", lines);
  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "gettext", BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                                        BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_contains (error->message, "gettext");
}

int
main (int    argc,
      char **argv)
{
  const char *problem = g_getenv ("BUBUS_TEST_PYTHON_PROBLEM");

  if (problem != NULL && *problem != '\0')
    {
      g_print ("1..0 # SKIP %s\n", problem);
      return 0;
    }

  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/python/works", test_python_works);
  host_fixture_add_test ("/host/python/leaves", test_python_leaves);
  host_fixture_add_test ("/host/python/broken", test_python_broken);
  host_fixture_add_test ("/host/python/syntax", test_python_syntax);
  host_fixture_add_test ("/host/python/no-file", test_python_no_file);
  host_fixture_add_test ("/host/python/name-taken", test_python_name_taken);

  return g_test_run ();
}
