/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "metrics-socket.h"

#include <string.h>

#include <sys/un.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

/* One that connects and never reads is cut off, and only so many can do that at a time. */
#define MAX_CONNECTIONS 16
#define MAX_SECONDS 10

struct _MetricsSocket
{
  char           *path;
  GSocketService *service;
  BubusMetrics   *metrics;
  GCancellable   *cancellable;
  guint          *n_connections;  /* a reference-counted box: answers may outlive this */
};

typedef struct
{
  GSocketConnection *connection;
  char              *text;
  guint             *n_connections;
} MetricsAnswer;

static void
metrics_answer_free (MetricsAnswer *self)
{
  *self->n_connections -= 1;
  g_rc_box_release (self->n_connections);
  g_object_unref (self->connection);
  g_free (self->text);
  g_free (self);
}

/* Whoever asked may have gone away; that is nobody's trouble. */
static void
metrics_socket_written_cb (GObject      *source,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  MetricsAnswer *answer = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (answer->connection), NULL, NULL);
  metrics_answer_free (answer);
}

static gboolean
metrics_socket_incoming_cb (GSocketService    *service,
                            GSocketConnection *connection,
                            GObject           *source,
                            gpointer           user_data)
{
  MetricsSocket *self = user_data;
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  MetricsAnswer *answer;

  if (*self->n_connections >= MAX_CONNECTIONS)
    return TRUE;

  answer = g_new0 (MetricsAnswer, 1);
  answer->connection = g_object_ref (connection);
  answer->text = bubus_metrics_to_text (self->metrics);
  answer->n_connections = g_rc_box_acquire (self->n_connections);
  *answer->n_connections += 1;
  g_socket_set_timeout (g_socket_connection_get_socket (connection), MAX_SECONDS);
  g_output_stream_write_all_async (output, answer->text, strlen (answer->text), G_PRIORITY_DEFAULT,
                                   self->cancellable, metrics_socket_written_cb, answer);
  return TRUE;
}

/* What a process left behind that has died is taken away; a socket at which somebody answers is not, nor anything
 * that is no socket. */
static void
metrics_socket_remove_stale (GSocketAddress *address,
                             const char     *path)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  if (socket == NULL || g_lstat (path, &status) != 0 || !S_ISSOCK (status.st_mode))
    return;

  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_connect (socket, address, NULL, &error)
      && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_unlink (path);
}

static gboolean
metrics_socket_listen (MetricsSocket  *self,
                       GError        **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (self->path);

  if (strlen (self->path) >= sizeof (((struct sockaddr_un *) NULL)->sun_path))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The path “%s” is too long for a socket",
                   self->path);
      g_clear_pointer (&self->path, g_free);
      return FALSE;
    }

  metrics_socket_remove_stale (address, self->path);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address, G_SOCKET_TYPE_STREAM, 0, NULL, NULL,
                                      error))
    {
      g_prefix_error (error, "The socket “%s” cannot be made: ", self->path);
      g_clear_pointer (&self->path, g_free);
      return FALSE;
    }
  g_chmod (self->path, 0600);
  return TRUE;
}

MetricsSocket *
metrics_socket_new (const char    *path,
                    GMainContext  *main_context,
                    BubusMetrics  *metrics,
                    GError       **error)
{
  g_autoptr (MetricsSocket) self = g_new0 (MetricsSocket, 1);

  self->path = g_canonicalize_filename (path, NULL);
  self->metrics = g_object_ref (metrics);
  self->cancellable = g_cancellable_new ();
  self->n_connections = g_rc_box_new0 (guint);
  self->service = g_socket_service_new ();
  g_socket_service_stop (self->service);
  g_signal_connect (self->service, "incoming", G_CALLBACK (metrics_socket_incoming_cb), self);
  if (!metrics_socket_listen (self, error))
    return NULL;

  g_main_context_push_thread_default (main_context);
  g_socket_service_start (self->service);
  g_main_context_pop_thread_default (main_context);
  return g_steal_pointer (&self);
}

void
metrics_socket_free (MetricsSocket *self)
{
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_cancellable_cancel (self->cancellable);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  if (self->path != NULL)
    g_unlink (self->path);
  g_object_unref (self->service);
  g_object_unref (self->cancellable);
  g_object_unref (self->metrics);
  g_rc_box_release (self->n_connections);
  g_free (self->path);
  g_free (self);
}
