/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "worker-fixture.h"

static void
test_worker_ordinary (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_autofree char *pid_text = NULL;
  guint pid;

  g_test_summary ("A plugin in C works in a process of its own, which is gone when it is deactivated");

  worker_start (fixture, "crash", "crash");
  pid = worker_get_pid (fixture, "crash");
  pid_text = g_strdup_printf ("%u", pid);
  g_assert_cmpuint (pid, !=, 0);
  g_assert_cmpuint (pid, !=, (guint) getpid ());
  worker_assert_answer (fixture, "Pid", pid_text);
  worker_deactivate (fixture, "crash");
  g_assert_cmpuint (worker_get_pid (fixture, "crash"), ==, 0);
  worker_assert_gone (pid);
  worker_assert_answer (fixture, "Pid", "");
}

static void
test_worker_property (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_test_summary ("A host can give every plugin a process of its own");

  host_fixture_add_plugin (fixture, "errand", "errand", "");
  host_fixture_scan (fixture);
  g_object_set (fixture->host, "isolation", BUBUS_ISOLATION_PROCESS, NULL);
  worker_activate (fixture, "errand");
  g_assert_cmpuint (worker_get_pid (fixture, "errand"), !=, 0);
  worker_assert_answer (fixture, "Answer", "first");
  worker_deactivate (fixture, "errand");
}

static void
test_worker_values (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autoptr (BubusEvent) number = NULL;
  g_autoptr (BubusEvent) variant = NULL;
  g_autoptr (BubusEvent) object = NULL;
  g_autoptr (BubusEvent) nothing = NULL;
  g_autoptr (BubusEvent) busy = NULL;

  g_test_summary ("Values and errors come out of the worker as what they were (R-14)");

  worker_start (fixture, "errand", "errand");
  number = host_fixture_dispatch (fixture, bubus_generic_event_new ("Int", NULL));
  g_assert_cmpint (g_value_get_int (worker_get_value (number)), ==, 42);
  variant = host_fixture_dispatch (fixture, bubus_generic_event_new ("Variant", NULL));
  g_assert_cmpstr (g_variant_get_type_string (g_value_get_variant (worker_get_value (variant))), ==, "(us)");
  nothing = host_fixture_dispatch (fixture, bubus_generic_event_new ("Nothing", NULL));
  g_assert_null (worker_get_value (nothing));
  object = host_fixture_dispatch (fixture, bubus_generic_event_new ("Object", NULL));
  g_assert_error (worker_get_error (object), BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE);
  busy = host_fixture_dispatch (fixture, bubus_generic_event_new ("Busy", NULL));
  g_assert_error (worker_get_error (busy), G_IO_ERROR, G_IO_ERROR_BUSY);
  worker_deactivate (fixture, "errand");
}

static BubusEvent *
test_worker_find (GPtrArray  *events,
                  const char *type)
{
  for (guint i = 0; i < events->len; i++)
    if (g_str_equal (bubus_event_get_event_type (g_ptr_array_index (events, i)), type))
      return g_ptr_array_index (events, i);
  g_assert_not_reached ();
}

static void
test_worker_children (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (BubusEvent) adopter = NULL;
  g_autoptr (GPtrArray) events = NULL;
  BubusEvent *child, *background, *detached;

  g_test_summary ("What a handler in a worker dispatches is a child of the event, unless it says otherwise (R-4, R-5)");

  worker_start (fixture, "errand", "errand");
  parent = host_fixture_dispatch (fixture, bubus_generic_event_new ("Send", NULL));
  events = bubus_event_bus_list_history (fixture->bus);
  child = test_worker_find (events, "Child");
  background = test_worker_find (events, "Background");
  detached = test_worker_find (events, "Detached");
  adopter = bubus_event_ref_parent (child);
  g_assert_true (adopter == parent);
  g_assert_true (bubus_event_get_event_blocks_parent_completion (child));
  g_assert_cmpstr (bubus_event_get_event_parent_id (background), ==, bubus_event_get_event_id (parent));
  g_assert_false (bubus_event_get_event_blocks_parent_completion (background));
  g_assert_null (bubus_event_get_event_parent_id (detached));
  worker_deactivate (fixture, "errand");
}

static BubusHandler *
test_worker_find_handler (HostFixture *fixture,
                          const char  *name)
{
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (fixture->bus);

  for (guint i = 0; i < handlers->len; i++)
    if (g_str_equal (bubus_handler_get_name (g_ptr_array_index (handlers, i)), name))
      return g_ptr_array_index (handlers, i);
  return NULL;
}

static void
test_worker_registrations (HostFixture   *fixture,
                           gconstpointer  user_data)
{
  BubusHandler *handler;
  g_autoptr (BubusEvent) forwarded = NULL;
  g_autoptr (GPtrArray) results = NULL;

  g_test_summary ("A registration in a worker holds in the host, with all that is set for it");

  worker_start (fixture, "errand", "errand");
  handler = test_worker_find_handler (fixture, "settings");
  g_assert_cmpint (bubus_handler_get_priority (handler), ==, 17);
  g_assert_cmpfloat (bubus_handler_get_timeout (handler), ==, 3.5);
  worker_assert_answer (fixture, "Once", "first");
  worker_assert_answer (fixture, "Once", "");
  worker_assert_answer (fixture, "Answer", "first");
  forwarded = worker_send (fixture, "Forwarded");
  worker_await (forwarded);
  results = bubus_event_list_results (forwarded);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_cmpstr (bubus_event_result_get_eventbus_name (g_ptr_array_index (results, 1)), ==, "Side");
  worker_deactivate (fixture, "errand");
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
}

static void
test_worker_language (HostFixture *fixture,
                      const char  *source,
                      const char  *loader,
                      const char  *text,
                      const char  *event)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n" ISOLATED, loader);
  g_autoptr (BubusEvent) failed = NULL;

  host_fixture_write (fixture, source, text, -1);
  host_fixture_add_manifest (fixture, "script", lines);
  host_fixture_scan (fixture);
  worker_activate (fixture, "script");
  worker_assert_answer (fixture, event, "hello");
  failed = host_fixture_dispatch (fixture, bubus_generic_event_new ("Fail", NULL));
  host_fixture_assert_contains (worker_get_error (failed)->message, "no time");
  worker_deactivate (fixture, "script");
}

static void
test_worker_js (HostFixture   *fixture,
                gconstpointer  user_data)
{
  g_test_summary ("A plugin in JavaScript works in a process of its own");

  test_worker_language (fixture, "script.js", "js",
                        "export function activate(context) {\n"
                        "    context.on_pattern(null, 'Hello', 'hello', async (event, invocation) => {\n"
                        "        invocation.return_string('hello');\n"
                        "    });\n"
                        "    context.on_pattern(null, 'Fail', 'fail', () => { throw new Error('no time'); });\n"
                        "}\n", "Hello");
}

static void
test_worker_python (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_test_summary ("A plugin in Python works in a process of its own");

  test_worker_language (fixture, "script.py", g_getenv ("BUBUS_TEST_PYTHON_LOADER"),
                        "from gi.repository import BubusHost, GObject\n"
                        "class Script(GObject.Object, BubusHost.Plugin):\n"
                        "    def do_activate(self, context):\n"
                        "        context.on_pattern(None, 'Hello', 'hello', self.hello)\n"
                        "        context.on_pattern(None, 'Fail', 'fail', self.fail)\n"
                        "    def hello(self, event, invocation):\n"
                        "        invocation.return_string('hello')\n"
                        "        return True\n"
                        "    def fail(self, event, invocation):\n"
                        "        raise RuntimeError('no time')\n", "Hello");
}

static void
test_worker_reload (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  g_test_summary ("A module in C that has been built anew has its new code when its plugin is reloaded");

  host_fixture_add_manifest (fixture, "errand", ISOLATED);
  host_fixture_copy_module (fixture, "errand", "errand");
  host_fixture_scan (fixture);
  worker_activate (fixture, "errand");
  worker_assert_answer (fixture, "Answer", "first");
  host_fixture_copy_module (fixture, "errand", "errand-again");
  bubus_host_reload_plugin_async (fixture->host, "errand", NULL, worker_cb, &result);
  worker_finish (fixture, &result, bubus_host_reload_plugin_finish, &error);
  g_assert_no_error (error);
  worker_assert_answer (fixture, "Answer", "second");
  worker_deactivate (fixture, "errand");
}

static void
test_worker_now (HostFixture   *fixture,
                 gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("Nothing waits for a process: the synchronous functions say so, and leave none behind");

  host_fixture_add_plugin (fixture, "errand", "errand", ISOLATED);
  host_fixture_scan (fixture);
  error = host_fixture_fail_activation (fixture, "errand", BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK,
                                        BUBUS_PLUGIN_STATE_FAILED);
  worker_activate (fixture, "errand");
}

static void
test_worker_settings (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  BubusIsolation isolation;
  guint restart_limit, max_frame_size, max_in_flight;
  double restart_delay, hang_timeout;
  guint64 memory_limit;

  g_test_summary ("What a host lets workers do can be asked for");

  g_object_get (fixture->host, "isolation", &isolation, "worker-restart-limit", &restart_limit,
                "worker-restart-delay", &restart_delay, "worker-hang-timeout", &hang_timeout, "worker-memory-limit",
                &memory_limit, "worker-max-frame-size", &max_frame_size, "worker-max-in-flight", &max_in_flight, NULL);
  g_assert_cmpint (isolation, ==, BUBUS_ISOLATION_MANIFEST);
  g_assert_cmpuint (restart_limit, ==, 3);
  g_assert_cmpfloat (restart_delay, ==, 0.5);
  g_assert_cmpfloat (hang_timeout, ==, 60);
  g_assert_cmpuint (memory_limit, ==, 0);
  g_assert_cmpuint (max_frame_size, ==, BUBUS_EVENT_JSON_MAX_SIZE);
  g_assert_cmpuint (max_in_flight, ==, 1000);
}

static void
test_worker_activation (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A plugin that crashes while it is activated has failed, with the reason");

  host_fixture_add_plugin (fixture, "crash-now", "crash", ISOLATED);
  host_fixture_scan (fixture);
  g_assert_false (worker_try (fixture, "crash-now", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  host_fixture_assert_contains (error->message, "signal 11");
  host_fixture_assert_state (fixture, "crash-now", BUBUS_PLUGIN_STATE_FAILED);
}

static void
test_worker_broken (HostFixture   *fixture,
                    gconstpointer  user_data)
{
  static const struct { const char *source; int code; const char *reason; } animals[] = {
    { "undefined", BUBUS_ERROR_PLUGIN, "bubus_test_function_that_does_not_exist" },
    { "no-abi", BUBUS_ERROR_PLUGIN_ABI, "no ABI record" },
    { "newer-abi", BUBUS_ERROR_PLUGIN_ABI, "It was built for Bubus 1.7" },
    { "wrong-magic", BUBUS_ERROR_PLUGIN_ABI, "ABI" },
    { "nothing", BUBUS_ERROR_PLUGIN, "no object that is a Bubus plugin" },
  };

  g_test_summary ("What is wrong with a module is found out in the worker, and told in the host; the others work");

  for (guint i = 0; i < G_N_ELEMENTS (animals); i++)
    host_fixture_add_plugin (fixture, animals[i].source, animals[i].source, ISOLATED);
  host_fixture_add_manifest (fixture, "oddly", "X-Bubus-Isolation=sometimes\n");
  worker_start (fixture, "errand", "errand");
  for (guint i = 0; i < G_N_ELEMENTS (animals); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (worker_try (fixture, animals[i].source, &error));
      g_assert_error (error, BUBUS_ERROR, animals[i].code);
      host_fixture_assert_contains (error->message, animals[i].reason);
      g_assert_cmpstr (g_strrstr (error->message, "Failed to activate"), ==, error->message);
      host_fixture_assert_state (fixture, animals[i].source, BUBUS_PLUGIN_STATE_FAILED);
      g_assert_cmpuint (worker_get_pid (fixture, animals[i].source), ==, 0);
    }
  host_fixture_assert_state (fixture, "oddly", BUBUS_PLUGIN_STATE_FAILED);
  worker_assert_answer (fixture, "RunOwn", "first");
}

static void
test_worker_middleware (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("A plugin that adds a middleware cannot have a process of its own, and its state says why");

  host_fixture_add_plugin (fixture, "watcher", "watcher", "");
  host_fixture_scan (fixture);
  worker_activate (fixture, "watcher");
  worker_deactivate (fixture, "watcher");
  g_object_set (fixture->host, "isolation", BUBUS_ISOLATION_PROCESS, NULL);
  g_assert_false (worker_try (fixture, "watcher", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN);
  host_fixture_assert_contains (error->message, "“watcher” adds a middleware");
  host_fixture_assert_state (fixture, "watcher", BUBUS_PLUGIN_STATE_FAILED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/worker/ordinary", test_worker_ordinary);
  host_fixture_add_test ("/host/worker/property", test_worker_property);
  host_fixture_add_test ("/host/worker/values", test_worker_values);
  host_fixture_add_test ("/host/worker/children", test_worker_children);
  host_fixture_add_test ("/host/worker/registrations", test_worker_registrations);
  host_fixture_add_test ("/host/worker/reload", test_worker_reload);
  host_fixture_add_test ("/host/worker/now", test_worker_now);
  host_fixture_add_test ("/host/worker/settings", test_worker_settings);
  host_fixture_add_test ("/host/worker/activation", test_worker_activation);
  host_fixture_add_test ("/host/worker/broken", test_worker_broken);
  host_fixture_add_test ("/host/worker/middleware", test_worker_middleware);
  if (*g_getenv ("BUBUS_TEST_JS_PROBLEM") == '\0')
    host_fixture_add_test ("/host/worker/js", test_worker_js);
  if (*g_getenv ("BUBUS_TEST_PYTHON_PROBLEM") == '\0')
    host_fixture_add_test ("/host/worker/python", test_worker_python);

  return g_test_run ();
}
