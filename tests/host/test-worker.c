/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <signal.h>
#include <unistd.h>
#include <string.h>

#include "host-fixture.h"

#define SECOND G_GINT64_CONSTANT (1000000000)
#define ISOLATED "X-Bubus-Isolation=process\n"

/* ---- helpers ---- */

typedef gboolean (*WorkerFinish) (BubusHost     *host,
                                  GAsyncResult  *result,
                                  GError       **error);

static void
worker_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
worker_finish (HostFixture    *fixture,
               GAsyncResult  **result,
               WorkerFinish    finish,
               GError        **error)
{
  g_autoptr (GAsyncResult) taken = NULL;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  taken = g_steal_pointer (result);
  return finish (fixture->host, taken, error);
}

static gboolean
worker_try (HostFixture  *fixture,
            const char   *name,
            GError      **error)
{
  GAsyncResult *result = NULL;

  bubus_host_activate_plugin_async (fixture->host, name, NULL, worker_cb, &result);
  return worker_finish (fixture, &result, bubus_host_activate_plugin_finish, error);
}

static void
worker_activate (HostFixture *fixture,
                 const char  *name)
{
  g_autoptr (GError) error = NULL;

  worker_try (fixture, name, &error);
  g_assert_no_error (error);
  host_fixture_assert_state (fixture, name, BUBUS_PLUGIN_STATE_ACTIVE);
}

static void
worker_deactivate (HostFixture *fixture,
                   const char  *name)
{
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  bubus_host_deactivate_plugin_async (fixture->host, name, NULL, worker_cb, &result);
  worker_finish (fixture, &result, bubus_host_deactivate_plugin_finish, &error);
  g_assert_no_error (error);
  host_fixture_assert_state (fixture, name, BUBUS_PLUGIN_STATE_UNLOADED);
}

static guint
worker_get_pid (HostFixture *fixture,
                const char  *name)
{
  return bubus_plugin_info_get_process_id (bubus_host_lookup_plugin (fixture->host, name));
}

/* Neither running, nor a zombie. */
static void
worker_assert_gone (guint pid)
{
  while (kill ((pid_t) pid, 0) == 0)
    g_thread_yield ();
  g_assert_cmpint (errno, ==, ESRCH);
}

static void
worker_start (HostFixture *fixture,
              const char  *name,
              const char  *source)
{
  host_fixture_add_plugin (fixture, name, source, ISOLATED);
  host_fixture_scan (fixture);
  worker_activate (fixture, name);
}

static BubusEvent *
worker_send (HostFixture *fixture,
             const char  *type)
{
  BubusEvent *event = bubus_generic_event_new (type, NULL);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  return event;
}

static void
worker_await (BubusEvent *event)
{
  while (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED)
    g_main_context_iteration (NULL, TRUE);
}

static const GError *
worker_get_error (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  return bubus_event_result_get_error (g_ptr_array_index (results, 0));
}

static const GValue *
worker_get_value (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  g_assert_no_error (bubus_event_result_get_error (g_ptr_array_index (results, 0)));
  return bubus_event_result_get_value (g_ptr_array_index (results, 0));
}

static void
worker_assert_answer (HostFixture *fixture,
                      const char  *type,
                      const char  *expected)
{
  g_autofree char *answer = host_fixture_ping (fixture, type);

  g_assert_cmpstr (answer, ==, expected);
}

/* The handler of an event takes its process along. */
static void
worker_assert_crash (HostFixture *fixture,
                     const char  *type,
                     const char  *reason)
{
  g_autoptr (BubusEvent) event = worker_send (fixture, type);

  worker_await (event);
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  g_test_message ("%s: %s", type, worker_get_error (event)->message);
  host_fixture_assert_contains (worker_get_error (event)->message, reason);
}

static void
worker_expect_restart (void)
{
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*is started again*");
}

/* A host whose clock stands still unless a test moves it. */
typedef struct
{
  HostFixture  host;
  BubusClock  *clock;
} TimedHost;

static void
timed_host_set_up (TimedHost     *self,
                   gconstpointer  user_data)
{
  self->clock = bubus_clock_new_test (0);
  bubus_clock_push_thread_default (self->clock);
  host_fixture_set_up (&self->host, NULL);
  bubus_clock_pop_thread_default (self->clock);
}

static void
timed_host_tear_down (TimedHost     *self,
                      gconstpointer  user_data)
{
  host_fixture_tear_down (&self->host, NULL);
  g_assert_finalize_object (self->clock);
}

/* ---- ordinary plugins ---- */

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

static gboolean
test_worker_host_handler (BubusEvent       *event,
                          BubusInvocation  *invocation,
                          gpointer          user_data,
                          GError          **error)
{
  bubus_invocation_return_string (invocation, "the host");
  return TRUE;
}

static void
test_worker_await (HostFixture   *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (BubusEvent) busy = NULL;

  g_test_summary ("A handler in a worker awaits what it dispatches, also what it handles itself (R-2)");

  bubus_event_bus_on_pattern (fixture->bus, "FromHost", "host", test_worker_host_handler, NULL, NULL);
  worker_start (fixture, "errand", "errand");
  worker_assert_answer (fixture, "AskHost", "the host");
  worker_assert_answer (fixture, "AskOwn", "first");
  busy = host_fixture_dispatch (fixture, bubus_generic_event_new ("AskBusy", NULL));
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
  g_autoptr (GPtrArray) events = NULL;
  BubusEvent *child, *background, *detached;

  g_test_summary ("What a handler in a worker dispatches is a child of the event, unless it says otherwise (R-4, R-5)");

  worker_start (fixture, "errand", "errand");
  parent = host_fixture_dispatch (fixture, bubus_generic_event_new ("Send", NULL));
  events = bubus_event_bus_list_history (fixture->bus);
  child = test_worker_find (events, "Child");
  background = test_worker_find (events, "Background");
  detached = test_worker_find (events, "Detached");
  g_assert_cmpstr (bubus_event_get_event_parent_id (child), ==, bubus_event_get_event_id (parent));
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

/* ---- crashes ---- */

static void
test_worker_crashes (TimedHost     *timed,
                     gconstpointer  user_data)
{
  static const struct { const char *type; const char *reason; } crashes[] = {
    { "Segv", "signal 11" }, { "Abort", "signal 6" }, { "Exit", "status 7" }, { "Grandchild", "status 9" },
    { "Garbage", "cannot be understood" }, { "Nonsense", "cannot be understood" }, { "Frame", "4294967295 bytes" },
    { "Close", "Its process" }, /* the host may end it, or it ends itself */
  };
  HostFixture *fixture = &timed->host;

  g_test_summary ("A handler that takes its process along fails its event; all else goes on, and so does the plugin");

  bubus_event_bus_on_pattern (fixture->bus, "FromHost", "host", test_worker_host_handler, NULL, NULL);
  worker_start (fixture, "crash", "crash");
  for (guint i = 0; i < G_N_ELEMENTS (crashes); i++)
    {
      guint pid = worker_get_pid (fixture, "crash");
      g_autoptr (BubusEvent) waiting = NULL;

      worker_expect_restart ();
      worker_assert_crash (fixture, crashes[i].type, crashes[i].reason);
      worker_assert_gone (pid);
      g_test_assert_expected_messages ();
      worker_assert_answer (fixture, "FromHost", "the host");

      /* What comes in between waits for the new process. */
      waiting = worker_send (fixture, "Pid");
      g_assert_cmpuint (worker_get_pid (fixture, "crash"), ==, 0);
      bubus_clock_advance (timed->clock, SECOND);
      worker_await (waiting);
      g_assert_nonnull (worker_get_value (waiting));
      g_assert_cmpuint (worker_get_pid (fixture, "crash"), !=, pid);
      bubus_clock_advance (timed->clock, 3600 * SECOND);
    }
  worker_deactivate (fixture, "crash");
}

static void
test_worker_innocent (TimedHost     *timed,
                      gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  g_autoptr (BubusEvent) innocent = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("All events that the process was handling fail with it");

  bubus_event_set_event_concurrency (innocent, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  worker_start (fixture, "crash", "crash");
  bubus_event_bus_dispatch (fixture->bus, innocent, &error);
  g_assert_no_error (error);
  worker_expect_restart ();
  worker_assert_crash (fixture, "Segv", "signal 11");
  worker_await (innocent);
  g_assert_error (worker_get_error (innocent), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  g_test_assert_expected_messages ();
}

static void
test_worker_hang (TimedHost     *timed,
                  gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("A process that does not come back to its main loop is killed");

  g_object_set (fixture->host, "worker-hang-timeout", 5.0, NULL);
  worker_start (fixture, "crash", "crash");
  event = worker_send (fixture, "Loop");
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  worker_expect_restart ();
  bubus_clock_advance (timed->clock, 5 * SECOND);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  bubus_clock_advance (timed->clock, 5 * SECOND);
  worker_await (event);
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  host_fixture_assert_contains (worker_get_error (event)->message, "has not answered for 5 s");
  g_test_assert_expected_messages ();
}

static void
test_worker_memory (TimedHost     *timed,
                    gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;

  g_test_summary ("A plugin that takes more memory than it may comes to its end before the host does");

  g_object_set (fixture->host, "worker-memory-limit", (guint64) 64 << 20, "worker-restart-limit", 0, NULL);
  worker_start (fixture, "crash", "crash");
  worker_assert_crash (fixture, "Memory", "signal 6");
  while (bubus_plugin_info_get_state (bubus_host_lookup_plugin (fixture->host, "crash")) != BUBUS_PLUGIN_STATE_FAILED)
    g_main_context_iteration (NULL, TRUE);
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
  g_autoptr (GError) error = NULL;

  g_test_summary ("What is wrong with a module is found out in the worker, and told in the host");

  host_fixture_add_plugin (fixture, "no-abi", "no-abi", ISOLATED);
  host_fixture_add_manifest (fixture, "oddly", "X-Bubus-Isolation=sometimes\n");
  host_fixture_scan (fixture);
  g_assert_false (worker_try (fixture, "no-abi", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_ABI);
  host_fixture_assert_state (fixture, "no-abi", BUBUS_PLUGIN_STATE_FAILED);
  host_fixture_assert_state (fixture, "oddly", BUBUS_PLUGIN_STATE_FAILED);
}

static void
test_worker_limit (TimedHost     *timed,
                   gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  BubusPluginInfo *info;
  g_autoptr (BubusEvent) waiting = NULL;

  g_test_summary ("After so many crashes in a row the plugin has failed, with the signal as the reason");

  g_object_set (fixture->host, "worker-restart-limit", 2, "worker-restart-delay", 1.0, NULL);
  worker_start (fixture, "crash", "crash");
  info = bubus_host_lookup_plugin (fixture->host, "crash");
  for (guint i = 0; i < 2; i++)
    {
      worker_expect_restart ();
      worker_assert_crash (fixture, "Segv", "signal 11");
      g_test_assert_expected_messages ();
      bubus_clock_advance (timed->clock, (1 << i) * SECOND - 1);
      g_assert_cmpuint (worker_get_pid (fixture, "crash"), ==, 0);
      bubus_clock_advance (timed->clock, 1);
      while (worker_get_pid (fixture, "crash") == 0)
        g_main_context_iteration (NULL, TRUE);
    }
  worker_assert_crash (fixture, "Segv", "signal 11");
  while (bubus_plugin_info_get_state (info) != BUBUS_PLUGIN_STATE_FAILED)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (bubus_plugin_info_get_error (info), BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED);
  host_fixture_assert_contains (bubus_plugin_info_get_error (info)->message, "signal 11");
  host_fixture_assert_contains (bubus_plugin_info_get_error (info)->message, "2 times");
  g_assert_cmpuint (host_fixture_count_handlers (fixture->bus), ==, 0);
  worker_activate (fixture, "crash");
}

/* ---- limits ---- */

static void
test_worker_cancelled (TimedHost     *timed,
                       gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (BubusEvent) next = NULL;
  g_autoptr (GError) error = NULL;
  guint pid;

  g_test_summary ("A handler in a worker that takes too long is given up, and the worker goes on (R-7)");

  bubus_event_set_event_timeout (event, 2);
  worker_start (fixture, "crash", "crash");
  pid = worker_get_pid (fixture, "crash");
  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  while (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_STARTED)
    g_main_context_iteration (NULL, TRUE);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has not answered after 2 seconds*");
  bubus_clock_advance (timed->clock, 2 * SECOND);
  worker_await (event);
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_test_assert_expected_messages ();
  next = host_fixture_dispatch (fixture, bubus_generic_event_new ("Pid", NULL));
  g_assert_nonnull (worker_get_value (next));
  g_assert_cmpuint (worker_get_pid (fixture, "crash"), ==, pid);
}

static void
test_worker_room (HostFixture   *fixture,
                  gconstpointer  user_data)
{
  g_autoptr (BubusEvent) first = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (BubusEvent) second = bubus_generic_event_new ("Wait", NULL);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A worker has only so many events at a time");

  g_object_set (fixture->host, "worker-max-in-flight", 1, NULL);
  bubus_event_set_event_concurrency (first, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_set_event_concurrency (second, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  worker_start (fixture, "crash", "crash");
  bubus_event_bus_dispatch (fixture->bus, first, &error);
  g_assert_no_error (error);
  bubus_event_bus_dispatch (fixture->bus, second, &error);
  g_assert_no_error (error);
  worker_await (second);
  g_assert_error (worker_get_error (second), BUBUS_ERROR, BUBUS_ERROR_FULL);
  g_assert_cmpint (bubus_event_get_event_status (first), ==, BUBUS_EVENT_STATUS_STARTED);

  g_assert_false (bubus_host_deactivate_plugin (fixture->host, "crash", &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  worker_await (first);
  g_assert_error (worker_get_error (first), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

static void
test_worker_frame_size (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  g_autofree char *text = g_strnfill (4096, 'x');
  g_autoptr (BubusEvent) event = NULL;

  g_test_summary ("An event that is too large for a worker fails, and the worker goes on");

  g_object_set (fixture->host, "worker-max-frame-size", 2048, NULL);
  worker_start (fixture, "errand", "errand");
  event = host_fixture_dispatch (fixture, bubus_generic_event_new ("Answer",
                                                                   g_variant_new_parsed ("{'text': <%s>}", text)));
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_FULL);
  worker_assert_answer (fixture, "Answer", "first");
}

#define timed_host_add_test(path, func)                                                             \
  g_test_add (path, TimedHost, NULL, timed_host_set_up, func, timed_host_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/worker/ordinary", test_worker_ordinary);
  host_fixture_add_test ("/host/worker/property", test_worker_property);
  host_fixture_add_test ("/host/worker/values", test_worker_values);
  host_fixture_add_test ("/host/worker/await", test_worker_await);
  host_fixture_add_test ("/host/worker/children", test_worker_children);
  host_fixture_add_test ("/host/worker/registrations", test_worker_registrations);
  host_fixture_add_test ("/host/worker/reload", test_worker_reload);
  host_fixture_add_test ("/host/worker/now", test_worker_now);
  host_fixture_add_test ("/host/worker/settings", test_worker_settings);
  host_fixture_add_test ("/host/worker/activation", test_worker_activation);
  host_fixture_add_test ("/host/worker/broken", test_worker_broken);
  host_fixture_add_test ("/host/worker/room", test_worker_room);
  host_fixture_add_test ("/host/worker/frame-size", test_worker_frame_size);
  timed_host_add_test ("/host/worker/crashes", test_worker_crashes);
  timed_host_add_test ("/host/worker/innocent", test_worker_innocent);
  timed_host_add_test ("/host/worker/hang", test_worker_hang);
  timed_host_add_test ("/host/worker/memory", test_worker_memory);
  timed_host_add_test ("/host/worker/limit", test_worker_limit);
  timed_host_add_test ("/host/worker/cancelled", test_worker_cancelled);
  if (*g_getenv ("BUBUS_TEST_JS_PROBLEM") == '\0')
    host_fixture_add_test ("/host/worker/js", test_worker_js);
  if (*g_getenv ("BUBUS_TEST_PYTHON_PROBLEM") == '\0')
    host_fixture_add_test ("/host/worker/python", test_worker_python);

  return g_test_run ();
}
