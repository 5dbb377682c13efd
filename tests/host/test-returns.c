/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "host-fixture.h"

/* What handlers of plugins in Python and JavaScript return. */

static char *
test_returns_get (HostFixture *fixture,
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
test_returns_assert (HostFixture *fixture,
                     const char  *type,
                     const char  *expected)
{
  g_autofree char *found = test_returns_get (fixture, type);

  g_test_message ("%s: %s", type, found);
  host_fixture_assert_contains (found, expected);
}

static void
test_returns_run (HostFixture *fixture,
                  const char  *name,
                  const char  *source,
                  const char  *loader)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", loader);

  host_fixture_add_plugin (fixture, name, source, lines);
  host_fixture_scan (fixture);
  host_fixture_activate (fixture, name);
  test_returns_assert (fixture, "Text", "text");
  test_returns_assert (fixture, "Data", "\"list\"");
  test_returns_assert (fixture, "Done", "nothing");
  test_returns_assert (fixture, "Undone", "without giving a reason");
  test_returns_assert (fixture, "Later", "later");
  test_returns_assert (fixture, "Both", "answered");
}

static void
test_returns_js (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  g_test_summary ("What a function in JavaScript returns is its result, unless it says whether it has succeeded");

  test_returns_run (fixture, "jsreturns", "jsreturns.js", "js");
  host_fixture_deactivate (fixture, "jsreturns");
}

static void
test_returns_python (HostFixture   *fixture,
                     gconstpointer  user_data)
{
  g_test_summary ("What a function in Python returns is its result, unless it says whether it has succeeded; and a "
                  "coroutine cannot end the program");

  test_returns_run (fixture, "pyreturns", "pyreturns.py", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));
  test_returns_assert (fixture, "Leave", "SystemExit: later\n    at leave_later (");
  test_returns_assert (fixture, "Lost", "TypeError: it returned a coroutine, and is no coroutine function itself");
  host_fixture_deactivate (fixture, "pyreturns");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  if (*g_getenv ("BUBUS_TEST_JS_PROBLEM") == '\0')
    host_fixture_add_test ("/host/returns/js", test_returns_js);
  if (*g_getenv ("BUBUS_TEST_PYTHON_PROBLEM") == '\0')
    host_fixture_add_test ("/host/returns/python", test_returns_python);

  return g_test_run ();
}
