/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <sys/socket.h>

#include "worker-fixture.h"

/* How handlers in a worker wait for what they dispatch. */

static void
test_worker_waits_later (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (BubusEvent) busy = NULL;

  g_test_summary ("A handler in a worker awaits what it dispatches, also what it handles itself");

  worker_add_host_answer (fixture);
  worker_start (fixture, "errand", "errand");
  worker_assert_answer (fixture, "AskHost", "the host");
  worker_assert_answer (fixture, "AskOwn", "first");
  busy = host_fixture_dispatch (fixture, bubus_generic_event_new ("AskBusy", NULL));
  g_assert_error (worker_get_error (busy), G_IO_ERROR, G_IO_ERROR_BUSY);
  worker_deactivate (fixture, "errand");
}

static void
worker_waits_add (HostFixture *fixture,
                  const char  *name,
                  const char  *source,
                  const char  *loader)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n" ISOLATED, loader);

  host_fixture_add_plugin (fixture, name, source, lines);
}

static void
test_worker_waits_languages (HostFixture   *fixture,
                             gconstpointer  user_data)
{
  g_test_summary ("Handlers in three workers and languages wait in place for each other, with the code that they have "
                  "in the host");

  worker_waits_add (fixture, "crelay", "crelay", "C");
  worker_waits_add (fixture, "pyrelay", "pyrelay.py", g_getenv ("BUBUS_TEST_PYTHON_LOADER"));
  worker_waits_add (fixture, "jsrelay", "jsrelay.js", "js");
  host_fixture_scan (fixture);
  worker_activate (fixture, "crelay");
  worker_activate (fixture, "pyrelay");
  worker_activate (fixture, "jsrelay");
  worker_assert_answer (fixture, "CRelay", "C greets Ada, Python greets Guido, JavaScript greets Brendan, nobody");
  worker_deactivate (fixture, "pyrelay");
  worker_assert_answer (fixture, "CRelay", "C greets Ada, nobody");
  worker_deactivate (fixture, "crelay");
  worker_deactivate (fixture, "jsrelay");
}

static void
worker_waits_relayed_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  BubusInvocation *invocation = BUBUS_INVOCATION (source);
  g_autoptr (BubusEvent) child = user_data;
  g_autoptr (GError) error = NULL;

  bubus_invocation_run_finish (invocation, result, &error);
  g_assert_no_error (error);
  bubus_invocation_return_value (invocation, worker_get_value (child));
}

/* A handler of the host that awaits a handler of the plugin. @user_data may want to know what it is. */
static gboolean
worker_waits_relay (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          user_data,
                    GError          **error)
{
  BubusEvent *child = bubus_generic_event_new ("Answer", NULL);

  bubus_invocation_dispatch (invocation, NULL, child, error);
  g_assert_no_error (*error);
  if (user_data != NULL)
    g_set_object ((BubusEvent **) user_data, child);
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, child, NULL, worker_waits_relayed_cb, child);
  return TRUE;
}

static void
test_worker_waits_in_place (HostFixture   *fixture,
                            gconstpointer  user_data)
{
  g_autoptr (BubusEvent) busy = NULL;
  g_autoptr (BubusEvent) later = NULL;

  g_test_summary ("A handler in a worker runs in place what it dispatches, whoever handles it, also one in another");

  worker_add_host_answer (fixture);
  bubus_event_bus_on_pattern (fixture->bus, "HostRelay", "relay", worker_waits_relay, NULL, NULL);
  worker_start (fixture, "errand", "errand");
  worker_assert_answer (fixture, "RunHost", "the host");
  worker_assert_answer (fixture, "RunOwn", "first");
  worker_assert_answer (fixture, "RunRun", "first");
  worker_assert_answer (fixture, "RunRelay", "first");
  worker_assert_answer (fixture, "RunNobody", "");
  busy = host_fixture_dispatch (fixture, bubus_generic_event_new ("RunBusy", NULL));
  g_assert_error (worker_get_error (busy), G_IO_ERROR, G_IO_ERROR_BUSY);
  later = host_fixture_dispatch (fixture, bubus_generic_event_new ("RunLater", NULL));
  g_assert_error (worker_get_error (later), BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  worker_assert_answer (fixture, "RunOwn", "first");
  worker_deactivate (fixture, "errand");
}

/* Handlers of the host that answer when the test wants it. */
static gboolean
worker_waits_keep (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          user_data,
                   GError          **error)
{
  bubus_invocation_defer (invocation);
  g_set_object ((BubusInvocation **) user_data, invocation);
  return TRUE;
}

static BubusEvent *
worker_waits_send (HostFixture *fixture,
                   const char  *type)
{
  BubusEvent *event = bubus_generic_event_new (type, NULL);
  g_autoptr (GError) error = NULL;

  bubus_event_set_event_concurrency (event, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  return event;
}

static void
worker_waits_wait_for (BubusInvocation **invocation)
{
  while (*invocation == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
worker_waits_note_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  bubus_event_wait_finish (BUBUS_EVENT (source), result, &error);
  g_assert_no_error (error);
  g_string_append_printf (user_data, "%s ", bubus_event_get_event_type (BUBUS_EVENT (source)));
}

static void
test_worker_waits_alone (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  BubusInvocation *late = NULL;
  BubusInvocation *never = NULL;
  g_autoptr (BubusEvent) asking = NULL;
  g_autoptr (BubusEvent) running = NULL;
  g_autoptr (BubusEvent) counted = NULL;
  g_autoptr (GString) order = g_string_new (NULL);

  g_test_summary ("While a handler in a worker waits in place, no other handler of the plugin is called");

  bubus_event_bus_on_pattern (fixture->bus, "Late", "late", worker_waits_keep, &late, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Never", "never", worker_waits_keep, &never, NULL);
  worker_start (fixture, "errand", "errand");
  asking = worker_waits_send (fixture, "AskLate");
  worker_waits_wait_for (&late);
  running = worker_waits_send (fixture, "RunNever");
  worker_waits_wait_for (&never);
  counted = worker_waits_send (fixture, "Count");
  bubus_event_wait_async (asking, NULL, worker_waits_note_cb, order);
  bubus_event_wait_async (running, NULL, worker_waits_note_cb, order);
  bubus_event_wait_async (counted, NULL, worker_waits_note_cb, order);

  /* What the worker gets comes in this order: the event, and what the two are waiting for. */
  while (bubus_event_get_event_status (counted) != BUBUS_EVENT_STATUS_STARTED)
    g_main_context_iteration (NULL, TRUE);
  bubus_invocation_return_string (late, "late");
  while (bubus_invocation_is_deferred (late) || g_main_context_iteration (NULL, FALSE))
    continue;
  bubus_invocation_return_string (never, "now");
  worker_await (running);
  worker_await (asking);
  worker_await (counted);
  g_assert_true (g_str_has_prefix (order->str, "RunNever "));
  g_assert_cmpstr (g_value_get_string (worker_get_value (running)), ==, "now");
  g_assert_cmpstr (g_value_get_string (worker_get_value (asking)), ==, "late");
  g_clear_object (&late);
  g_clear_object (&never);
  worker_deactivate (fixture, "errand");
}

static void
test_worker_waits_early (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  BubusInvocation *late = NULL;
  BubusEvent *called = NULL;
  g_autoptr (BubusEvent) running = NULL;

  g_test_summary ("What a handler in a worker has to call in place may have come before it waits for that");

  bubus_event_bus_on_pattern (fixture->bus, "Late", "late", worker_waits_keep, &late, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "HostRelay", "relay", worker_waits_relay, &called, NULL);
  worker_start (fixture, "errand", "errand");
  running = worker_send (fixture, "RunBoth");

  /* The handler waits for the first when it is asked to handle what the second one waits for. */
  worker_waits_wait_for (&late);
  while (called == NULL || bubus_event_get_event_status (called) != BUBUS_EVENT_STATUS_STARTED)
    g_main_context_iteration (NULL, TRUE);
  bubus_invocation_return_string (late, "late");
  worker_await (running);
  g_assert_cmpstr (g_value_get_string (worker_get_value (running)), ==, "both");
  g_assert_cmpstr (g_value_get_string (worker_get_value (called)), ==, "first");
  g_clear_object (&late);
  g_clear_object (&called);
  worker_deactivate (fixture, "errand");
}

/* ---- what a worker says, to whom it takes for its host ---- */

static void
worker_waits_say (GOutputStream *stream,
                  const char    *text)
{
  guint32 length = GUINT32_TO_BE (strlen (text));
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (stream, &length, sizeof length, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (stream, text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

/* Returns: (transfer full): the next message with @op, and with @word */
static char *
worker_waits_hear (GInputStream *stream,
                   const char   *op,
                   const char   *word)
{
  g_autofree char *member = g_strdup_printf ("\"op\":\"%s\"", op);
  char *text = NULL;

  do
    {
      g_autoptr (GError) error = NULL;
      guint32 length = 0;

      g_clear_pointer (&text, g_free);
      g_input_stream_read_all (stream, &length, sizeof length, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (length, !=, 0);
      text = g_malloc0 (GUINT32_FROM_BE (length) + 1);
      g_input_stream_read_all (stream, text, GUINT32_FROM_BE (length), NULL, NULL, &error);
      g_assert_no_error (error);
    }
  while (strstr (text, member) == NULL || strstr (text, word) == NULL);
  return text;
}

static GSocketConnection *
worker_waits_launch (GSubprocess **process)
{
  g_autofree char *program = g_build_filename (g_getenv ("BUBUS_LOADER_PATH"), "bubus-worker", NULL);
  g_autofree char *host = g_strdup_printf ("%d", getpid ());
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_subprocess_launcher_take_fd (launcher, ends[1], 3);
  *process = g_subprocess_launcher_spawn (launcher, &error, program, host, "16777216", "0", NULL);
  g_assert_no_error (error);
  socket = g_socket_new_from_fd (ends[0], &error);
  g_assert_no_error (error);
  return g_socket_connection_factory_create_connection (socket);
}

static void
test_worker_waits_alive (HostFixture   *fixture,
                         gconstpointer  user_data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GSocketConnection) connection = worker_waits_launch (&process);
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("RunNever", NULL);
  g_autofree char *json = bubus_event_to_json (event);
  g_autofree char *start = g_strdup_printf ("{\"op\":\"start\",\"bus\":\"Main\",\"directory\":\"%s\","
                                            "\"file\":\"errand.plugin\"}", fixture->directory);
  g_autofree char *call = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A worker says that it is alive also while a handler waits in place");

  host_fixture_add_plugin (fixture, "errand", "errand", "");
  worker_waits_say (out, start);
  said = worker_waits_hear (in, "on", "RunNever");
  call = g_strdup_printf ("{\"op\":\"event\",\"call\":1,\"handler\":%d,\"event\":%s}",
                          atoi (strstr (said, "\"handler\":") + strlen ("\"handler\":")), json);
  g_free (said);
  said = worker_waits_hear (in, "active", "");
  worker_waits_say (out, call);
  g_free (said);
  said = worker_waits_hear (in, "await", "");
  for (guint i = 0; i < 3; i++)
    {
      worker_waits_say (out, "{\"op\":\"ping\"}");
      g_free (said);
      said = worker_waits_hear (in, "pong", "");
    }
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
}

static void
test_worker_waits_given_up (TimedHost     *timed,
                            gconstpointer  user_data)
{
  HostFixture *fixture = &timed->host;
  BubusInvocation *never = NULL;
  g_autoptr (BubusEvent) event = bubus_generic_event_new ("RunNever", NULL);
  g_autoptr (GError) error = NULL;
  guint pid;

  g_test_summary ("A handler in a worker that waits in place for too long is given up, and the worker goes on (R-7)");

  bubus_event_bus_on_pattern (fixture->bus, "Never", "never", worker_waits_keep, &never, NULL);
  bubus_event_set_event_timeout (event, 2);
  worker_start (fixture, "errand", "errand");
  pid = worker_get_pid (fixture, "errand");
  bubus_event_bus_dispatch (fixture->bus, event, &error);
  g_assert_no_error (error);
  worker_waits_wait_for (&never);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has not answered after 2 seconds*");
  bubus_clock_advance (timed->clock, 2 * SECOND);
  worker_await (event);
  g_assert_error (worker_get_error (event), BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_test_assert_expected_messages ();
  worker_assert_answer (fixture, "RunOwn", "first");
  g_assert_cmpuint (worker_get_pid (fixture, "errand"), ==, pid);
  g_clear_object (&never);
  worker_deactivate (fixture, "errand");
}

/* What a coroutine awaits: first in a worker, then in the host. */
static void
worker_waits_assert_answers (HostFixture *fixture,
                             const char  *name,
                             const char  *expected)
{
  g_autoptr (BubusEvent) busy = NULL;

  worker_activate (fixture, name);
  worker_assert_answer (fixture, "Ask", expected);
  busy = host_fixture_dispatch (fixture, bubus_generic_event_new ("AskBusy", NULL));
  host_fixture_assert_contains (worker_get_error (busy)->message, "no time");
  worker_deactivate (fixture, name);
}

static void
worker_waits_assert_language (HostFixture *fixture,
                              const char  *name,
                              const char  *source,
                              const char  *loader,
                              const char  *expected)
{
  g_autofree char *lines = g_strdup_printf ("Loader=%s\n", loader);

  worker_add_host_answer (fixture);
  worker_waits_add (fixture, name, source, loader);
  host_fixture_scan (fixture);
  worker_waits_assert_answers (fixture, name, expected);
  host_fixture_add_manifest (fixture, name, lines);
  host_fixture_scan (fixture);
  worker_waits_assert_answers (fixture, name, expected);
}

static void
test_worker_waits_js (HostFixture   *fixture,
                      gconstpointer  user_data)
{
  g_test_summary ("An asynchronous function in JavaScript awaits events, in a worker and in the host");

  worker_waits_assert_language (fixture, "jswaits", "jswaits.js", "js", "the host, JavaScript");
}

static void
test_worker_waits_python (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  g_test_summary ("A coroutine in Python awaits events, in a worker and in the host");

  worker_waits_assert_language (fixture, "pywaits", "pywaits.py", g_getenv ("BUBUS_TEST_PYTHON_LOADER"),
                                "the host, Python");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  host_fixture_add_test ("/host/worker-waits/later", test_worker_waits_later);
  host_fixture_add_test ("/host/worker-waits/in-place", test_worker_waits_in_place);
  host_fixture_add_test ("/host/worker-waits/alone", test_worker_waits_alone);
  host_fixture_add_test ("/host/worker-waits/early", test_worker_waits_early);
  host_fixture_add_test ("/host/worker-waits/alive", test_worker_waits_alive);
  timed_host_add_test ("/host/worker-waits/given-up", test_worker_waits_given_up);
  if (*g_getenv ("BUBUS_TEST_JS_PROBLEM") == '\0')
    host_fixture_add_test ("/host/worker-waits/js", test_worker_waits_js);
  if (*g_getenv ("BUBUS_TEST_PYTHON_PROBLEM") == '\0')
    host_fixture_add_test ("/host/worker-waits/python", test_worker_waits_python);
  if (*g_getenv ("BUBUS_TEST_JS_PROBLEM") == '\0' && *g_getenv ("BUBUS_TEST_PYTHON_PROBLEM") == '\0')
    host_fixture_add_test ("/host/worker-waits/languages", test_worker_waits_languages);

  return g_test_run ();
}
