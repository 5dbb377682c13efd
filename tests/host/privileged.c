/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <sys/auxv.h>

#include <bubus-host.h>

/* A host that test-privileged.py gives more rights than its caller has. It says whether it has them, activates one
 * plugin of one directory, and says what came of it. */

static void
privileged_activated_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (bubus_host_activate_plugin_finish (BUBUS_HOST (source), result, &error))
    g_print ("active\n");
  else
    g_print ("%s\n", error->message);
  g_main_loop_quit (user_data);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("MainBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (GError) error = NULL;

  g_print ("%s\n", getauxval (AT_SECURE) != 0 ? "privileged" : "ordinary");
  if (argc != 3 || !bubus_host_add_search_path (host, argv[1], &error) || !bubus_host_scan (host, &error))
    {
      g_printerr ("%s\n", error != NULL ? error->message : "DIRECTORY PLUGIN");
      return 1;
    }

  bubus_host_activate_plugin_async (host, argv[2], NULL, privileged_activated_cb, loop);
  g_main_loop_run (loop);
  return 0;
}
