/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "exercise.h"
#include "host-window.h"

/* usage: gtk-host PLUGIN-DIRECTORY
 *        gtk-host PLUGIN-DIRECTORY --exercise [PICTURE [EVENTS]] */

typedef struct
{
  BubusHost  *host;
  HostWindow *window;
  char      **arguments;
} GtkHost;

/* [close] */
static void
gtk_host_deactivated_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (!bubus_host_deactivate_all_finish (BUBUS_HOST (source), result, &error))
    g_printerr ("%s\n", error->message);
  g_application_release (user_data);
}

/* The window goes at once; the application when the plugins have ended their work. */
static gboolean
gtk_host_close_request_cb (GtkWindow *window,
                           GtkHost   *self)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (window));

  g_application_hold (application);
  bubus_host_deactivate_all_async (self->host, NULL, gtk_host_deactivated_cb, application);
  g_clear_pointer (&self->window, host_window_free);
  return TRUE;
}
/* [/close] */

static void
gtk_host_activate_cb (GtkApplication *application,
                      GtkHost        *self)
{
  if (self->window != NULL)
    {
      gtk_window_present (self->window->window);
      return;
    }

  self->window = host_window_new (application, self->host);
  g_signal_connect (self->window->window, "close-request", G_CALLBACK (gtk_host_close_request_cb), self);
  gtk_window_present (self->window->window);
  if (self->arguments[2] != NULL)
    exercise_start (self->window, self->arguments + 3);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("ShopBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (GtkApplication) application = gtk_application_new ("org.bubus.GtkHost", G_APPLICATION_NON_UNIQUE);
  GtkHost self = { host, NULL, argv };

  /* [priority] */
  bubus_event_bus_set_priority (bus, GDK_PRIORITY_REDRAW + 10); /* it works when there is nothing to draw */
  /* [/priority] */
  /* [scan] */
  bubus_event_bus_set_max_history_size (bus, 100000);
  if (!bubus_host_add_search_path (host, argv[1], &error) || !bubus_host_scan (host, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  /* [/scan] */

  g_signal_connect (application, "activate", G_CALLBACK (gtk_host_activate_cb), &self);
  return g_application_run (G_APPLICATION (application), 0, NULL);
}
