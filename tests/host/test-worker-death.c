/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "worker-fixture.h"

/* What becomes of a worker whose host has gone. The host is this program, called once more; what it leaves behind
 * becomes a child of the test, which so learns how it ends. */

#define WORKER_FD 3

/* ---- the host that is killed ---- */

static void
doomed_activated_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  BubusHost *host = BUBUS_HOST (source);
  g_autoptr (BubusEvent) event = bubus_generic_event_new (user_data, NULL);
  g_autoptr (GError) error = NULL;

  bubus_host_activate_plugin_finish (host, result, &error);
  g_assert_no_error (error);
  g_print ("%u\n", bubus_plugin_info_get_process_id (bubus_host_lookup_plugin (host, "plugin")));
  bubus_event_bus_dispatch (bubus_host_get_main_bus (host), event, &error);
  g_assert_no_error (error);
}

static gboolean
doomed_say (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          user_data,
            GError          **error)
{
  g_print ("waiting\n");
  bubus_invocation_defer (invocation);
  return TRUE;
}

static int
doomed_main (const char *directory,
             const char *event)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("MainBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_on_pattern (bus, "Never", "never", doomed_say, NULL, NULL);
  bubus_event_bus_on_pattern (bus, "Nobody", "nobody", doomed_say, NULL, NULL);
  bubus_host_add_search_path (host, directory, &error);
  g_assert_no_error (error);
  bubus_host_scan (host, &error);
  g_assert_no_error (error);
  bubus_host_activate_plugin_async (host, "plugin", NULL, doomed_activated_cb, (gpointer) event);
  g_main_loop_run (loop);
  return 0;
}

typedef struct
{
  const char *path;
  const char *source;
  const char *event;
  const char *sign;     /* what is printed when the worker is as it should be */
} Death;

static const Death deaths[] = {
  { "/host/worker-death/idle", "crash", "Nobody", "waiting\n" },
  { "/host/worker-death/busy", "crash", "Spin", "spinning\n" },
  { "/host/worker-death/waits-in-place", "errand", "RunNever", "waiting\n" },
};

static void
test_worker_death_host (HostFixture   *fixture,
                        gconstpointer  user_data)
{
  const Death *death = user_data;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *argv[] = { self, "--doomed", fixture->directory, death->event, NULL };
  g_autoptr (GError) error = NULL;
  char line[64];
  GPid host;
  int worker;
  int out;
  int status;
  FILE *stream;

  g_test_summary ("A worker does not outlive its host, even when that is killed and the plugin never looks up");

  host_fixture_add_plugin (fixture, "plugin", death->source, ISOLATED);
  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &host, NULL, &out, NULL,
                            &error);
  g_assert_no_error (error);
  stream = fdopen (out, "r");
  g_assert_nonnull (fgets (line, sizeof line, stream));
  worker = atoi (line);
  g_assert_cmpint (worker, >, 1);
  g_assert_nonnull (fgets (line, sizeof line, stream));
  g_assert_cmpstr (line, ==, death->sign);

  g_assert_cmpint (kill (host, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (host, &status, 0), ==, host);
  g_assert_cmpint (waitpid (worker, &status, 0), ==, worker);
  g_assert_true (WIFSIGNALED (status) || WEXITSTATUS (status) == 1);
  fclose (stream);
}

/* ---- the socket alone ---- */

static void
worker_death_take_socket (gpointer user_data)
{
  dup2 (GPOINTER_TO_INT (user_data), WORKER_FD);
}

static GPid
worker_death_start (int *fd)
{
  g_autofree char *program = g_build_filename (g_getenv ("BUBUS_LOADER_PATH"), "bubus-worker", NULL);
  g_autofree char *parent = g_strdup_printf ("%d", (int) getpid ());
  const char *argv[] = { program, parent, "1000000", "0", NULL };
  g_autoptr (GError) error = NULL;
  int fds[2];
  GPid pid;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_LEAVE_DESCRIPTORS_OPEN,
                 worker_death_take_socket, GINT_TO_POINTER (fds[1]), &pid, &error);
  g_assert_no_error (error);
  close (fds[1]);
  *fd = fds[0];
  return pid;
}

static void
worker_death_send (int         fd,
                   const char *text)
{
  gsize length = strlen (text);
  const guint8 header[] = { 0, 0, (guint8) (length >> 8), (guint8) (length & 0xff) };

  g_assert_cmpint (write (fd, header, sizeof header), ==, sizeof header);
  g_assert_cmpint (write (fd, text, length), ==, length);
}

/* Returns: what has come up to and with @sign */
static char *
worker_death_read_until (int         fd,
                         const char *sign)
{
  GString *text = g_string_new (NULL);
  char byte;

  while (strstr (text->str, sign) == NULL)
    {
      g_assert_cmpint (read (fd, &byte, 1), ==, 1);
      g_string_append_c (text, byte != '\0' ? byte : ' ');
    }
  return g_string_free (text, FALSE);
}

static void
worker_death_assert_end (GPid pid,
                         int  fd)
{
  int status;

  close (fd);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
}

static void
test_worker_death_closed (HostFixture   *fixture,
                          gconstpointer  user_data)
{
  int fd;
  GPid pid;

  g_test_summary ("A worker whose socket is closed ends by itself");

  pid = worker_death_start (&fd);
  worker_death_assert_end (pid, fd);
}

static void
test_worker_death_closed_in_place (HostFixture   *fixture,
                                   gconstpointer  user_data)
{
  g_autofree char *start = NULL;
  g_autofree char *registered = NULL;
  g_autofree char *active = NULL;
  g_autofree char *awaits = NULL;
  g_autofree char *event = NULL;
  int fd;
  GPid pid;

  g_test_summary ("A worker whose socket is closed while a handler waits in place ends by itself");

  host_fixture_add_plugin (fixture, "errand", "errand", "");
  start = g_strdup_printf ("{\"op\":\"start\",\"bus\":\"MainBus\",\"directory\":\"%s\","
                           "\"file\":\"errand.plugin\"}", fixture->directory);
  pid = worker_death_start (&fd);
  worker_death_send (fd, start);
  registered = worker_death_read_until (fd, ",\"pattern\":\"RunOwn\"");
  active = worker_death_read_until (fd, "\"op\":\"active\"");
  event = g_strdup_printf ("{\"op\":\"event\",\"call\":1,\"handler\":%d,\"event\":{\"event_type\":\"RunOwn\"}}",
                           atoi (g_strrstr (registered, "\"handler\":") + strlen ("\"handler\":")));
  worker_death_send (fd, event);
  awaits = worker_death_read_until (fd, "\"op\":\"await\"");
  worker_death_assert_end (pid, fd);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--doomed"))
    return doomed_main (argv[2], argv[3]);

  g_test_init (&argc, &argv, NULL);
  prctl (PR_SET_CHILD_SUBREAPER, 1);

  for (guint i = 0; i < G_N_ELEMENTS (deaths); i++)
    g_test_add (deaths[i].path, HostFixture, &deaths[i], host_fixture_set_up, test_worker_death_host,
                host_fixture_tear_down);
  host_fixture_add_test ("/host/worker-death/closed", test_worker_death_closed);
  host_fixture_add_test ("/host/worker-death/closed-in-place", test_worker_death_closed_in_place);

  return g_test_run ();
}
