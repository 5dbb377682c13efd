/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "host-fixture.h"

/* What plugins in Python and JavaScript have in common. */

static char *
test_scripts_get (HostFixture *fixture,
                  const char  *type)
{
  g_autoptr (BubusEvent) event = host_fixture_dispatch (fixture, bubus_generic_event_new (type, NULL));
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);
  const GError *error = bubus_event_result_get_error (g_ptr_array_index (results, 0));
  const GValue *value = bubus_event_result_get_value (g_ptr_array_index (results, 0));

  if (value == NULL)
    return g_strdup (error != NULL ? error->message : "nothing");
  if (G_VALUE_HOLDS (value, BUBUS_TYPE_JSON))
    return g_strdup (bubus_json_get_text (g_value_get_boxed (value)));
  return g_value_dup_string (value);
}

static void
test_scripts_assert (HostFixture *fixture,
                     const char  *type,
                     const char  *expected)
{
  g_autofree char *found = test_scripts_get (fixture, type);

  g_test_message ("%s: %s", type, found);
  host_fixture_assert_contains (found, expected);
}

static void
test_scripts_assert_returns (HostFixture *fixture,
                  const char  *name,
                  const char  *source,
                  const char  *loader)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", loader);

  host_fixture_add_plugin (fixture, name, source, lines);
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, name);
  test_scripts_assert (fixture, "Text", "text");
  test_scripts_assert (fixture, "Data", "\"list\"");
  test_scripts_assert (fixture, "Done", "nothing");
  test_scripts_assert (fixture, "Undone", "without giving a reason");
  test_scripts_assert (fixture, "Later", "later");
  test_scripts_assert (fixture, "Both", "answered");
}

static void
test_scripts_returns_js (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  g_test_summary ("What a function in JavaScript returns is its result, unless it says whether it has succeeded");

  test_scripts_assert_returns (fixture, "jsreturns", "jsreturns.js", "js");
  host_fixture_deactivate (fixture, "jsreturns");
}

static void
test_scripts_returns_python (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_test_summary ("What a function in Python returns is its result, unless it says whether it has succeeded; and a "
                  "coroutine cannot end the program");

  test_scripts_assert_returns (fixture, "pyreturns", "pyreturns.py", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));
  test_scripts_assert (fixture, "Leave", "SystemExit: later\n    at leave_later (");
  test_scripts_assert (fixture, "Lost", "TypeError: it returned a coroutine, and is no coroutine function itself");
  host_fixture_deactivate (fixture, "pyreturns");
}

static gpointer
test_scripts_elsewhere (gpointer data)
{
  HostFixture *fixture = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) bus = NULL;
  g_autoptr (BubusHost) host = NULL;
  GError *error = NULL;

  g_main_context_push_thread_default (context);
  bus = bubus_event_bus_new ("Elsewhere");
  host = bubus_host_new (bus);
  g_assert_true (bubus_host_add_search_path (host, fixture->directory, NULL));
  g_assert_true (bubus_host_scan (host, NULL));
  g_assert_false (bubus_host_activate_plugin (host, "script", &error));
  g_clear_object (&host);
  g_clear_object (&bus);
  g_main_context_pop_thread_default (context);
  return error;
}

static void
test_scripts_threads (HostFixture   *fixture,
                      gconstpointer  loader)
{
  const gboolean js = g_str_equal (loader, "js");
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", (const char *) loader);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A host in another thread is told that it cannot have plugins of the same interpreter");

  host_fixture_add_module (fixture, "script", js ? "jsreturns.js" : "pyreturns.py");
  host_fixture_add_manifest (fixture, "script", lines);
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, "script");
  error = g_thread_join (g_thread_new ("elsewhere", test_scripts_elsewhere, fixture));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_assert_contains (error->message, "can be used in one thread of a process only");
  host_fixture_deactivate (fixture, "script");
}

static void
test_scripts_threads_js (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  test_scripts_threads (fixture, "js");
}

static void
test_scripts_threads_python (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  test_scripts_threads (fixture, g_getenv ("BUBUS_TEST_PYTHON_LOADER"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  if (*g_getenv ("BUBUS_TEST_JS_PROBLEM") == '\0')
    {
      host_fixture_add_test ("/host/scripts/returns-js", test_scripts_returns_js);
      host_fixture_add_test ("/host/scripts/threads-js", test_scripts_threads_js);
    }
  if (*g_getenv ("BUBUS_TEST_PYTHON_PROBLEM") == '\0')
    {
      host_fixture_add_test ("/host/scripts/returns-python", test_scripts_returns_python);
      host_fixture_add_test ("/host/scripts/threads-python", test_scripts_threads_python);
    }

  return g_test_run ();
}
