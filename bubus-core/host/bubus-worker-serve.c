/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "bubus-host-private.h"
#include "bubus-plugin-info-private.h"
#include "bubus-worker-guest-private.h"

/* What the program bubus-worker does: it lets one plugin work for the host at the other end of a socket, until one of
 * the two does not want to any more. It is here because it needs what a host is made of. */
typedef struct
{
  BubusWorkerPipe  *pipe;
  BubusHost        *host;   /* nullable: nothing has been asked for yet */
  BubusPluginInfo  *info;   /* of the host */
  BubusWorkerGuest *guest;
} BubusWorker;

/* Interpreters, and what the plugin has started, are not waited for. */
static G_NORETURN void
bubus_worker_leave (BubusWorker *self,
                    int          status)
{
  while (!_bubus_worker_pipe_flush (self->pipe))
    {
      GPollFD descriptor = { BUBUS_WORKER_FD, G_IO_OUT, 0 };

      g_poll (&descriptor, 1, -1);
    }
  fflush (NULL);
  _exit (status);
}

/* The host says itself what it was that failed: the reason is enough. */
static void
bubus_worker_activated_cb (GObject      *source,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  BubusWorker *self = user_data;
  g_autoptr (GError) error = NULL;
  const GError *reason;

  bubus_host_activate_plugin_finish (self->host, result, &error);
  reason = error != NULL ? bubus_plugin_info_get_error (self->info) : NULL;
  _bubus_worker_guest_send (self->guest, BUBUS_WORKER_OP_ACTIVE, reason != NULL ? reason : error);
  if (error != NULL)
    bubus_worker_leave (self, 0);
}

static void
bubus_worker_deactivated_cb (GObject      *source,
                             GAsyncResult *result,
                             gpointer      user_data)
{
  BubusWorker *self = user_data;
  g_autoptr (GError) error = NULL;

  bubus_host_deactivate_all_finish (self->host, result, &error);
  _bubus_worker_guest_send (self->guest, BUBUS_WORKER_OP_STOPPED, error);
  bubus_worker_leave (self, 0);
}

/* What the plugin depends on is active in the host. */
static BubusPluginInfo *
bubus_worker_read_manifest (const char  *directory,
                            const char  *file,
                            GError     **error)
{
  BubusPluginManifest *manifest = _bubus_plugin_manifest_new (directory, file);
  char ***lists[] = { &manifest->depends, &manifest->requires, &manifest->after, &manifest->before };

  if (!_bubus_plugin_manifest_read (manifest, error))
    {
      _bubus_plugin_manifest_free (manifest);
      return NULL;
    }

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_strfreev (*lists[i]);
      *lists[i] = g_new0 (char *, 1);
    }
  return _bubus_plugin_info_new (manifest);
}

static void
bubus_worker_take_settings (BubusWorker              *self,
                            const BubusWorkerMessage *message,
                            const char               *plugin)
{
  g_autofree char *text = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_SETTINGS);
  g_autoptr (GKeyFile) settings = g_key_file_new ();
  g_auto (GStrv) keys = NULL;

  if (text == NULL || *text == '\0' || !g_key_file_load_from_data (settings, text, (gsize) -1, G_KEY_FILE_NONE, NULL))
    return;

  keys = g_key_file_get_keys (settings, BUBUS_WORKER_SETTINGS_GROUP, NULL, NULL);
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *value = g_key_file_get_value (settings, BUBUS_WORKER_SETTINGS_GROUP, keys[i], NULL);

      bubus_host_set_plugin_setting (self->host, plugin, keys[i], value);
    }
}

static void
bubus_worker_start (BubusWorker              *self,
                    const BubusWorkerMessage *message)
{
  g_autofree char *name = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_BUS);
  g_autofree char *directory = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_DIRECTORY);
  g_autofree char *file = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_FILE);
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new (name);
  g_autoptr (GError) error = NULL;
  BubusPluginInfo *info;

  self->host = bubus_host_new (bus);
  self->guest = _bubus_worker_guest_new (self->host, self->pipe);
  self->host->guest = self->guest;
  bubus_host_set_activation_timeout (self->host, 0);
  bubus_host_set_deactivation_timeout (self->host, 0);
  info = bubus_worker_read_manifest (directory, file, &error);
  if (info == NULL)
    {
      _bubus_worker_guest_send (self->guest, BUBUS_WORKER_OP_ACTIVE, error);
      bubus_worker_leave (self, 0);
    }

  bubus_worker_take_settings (self, message, bubus_plugin_info_get_name (info));
  _bubus_host_add_plugin (self->host, info);
  self->info = info;
  bubus_host_activate_plugin_async (self->host, bubus_plugin_info_get_name (info), NULL, bubus_worker_activated_cb, self);
}

static void
bubus_worker_frame (gpointer    user_data,
                    const char *text,
                    gsize       length)
{
  BubusWorker *self = user_data;
  BubusWorkerMessage message;
  g_autoptr (GError) error = NULL;

  if (!_bubus_worker_message_parse (&message, text, length, &error))
    g_error ("The host has sent what cannot be understood: %s", error->message);

  if (message.op == BUBUS_WORKER_OP_START && self->host == NULL)
    bubus_worker_start (self, &message);
  else if (self->host == NULL || _bubus_worker_guest_take (self->guest, &message))
    return;
  else if (message.op == BUBUS_WORKER_OP_PING)
    _bubus_worker_guest_send (self->guest, BUBUS_WORKER_OP_PONG, NULL);
  else if (message.op == BUBUS_WORKER_OP_STOP)
    bubus_host_deactivate_all_async (self->host, NULL, bubus_worker_deactivated_cb, self);
}

/* The host has gone. */
static void
bubus_worker_closed (gpointer      user_data,
                     const GError *error)
{
  fflush (NULL);
  _exit (1);
}

int
_bubus_worker_serve (int   fd,
                     gsize max_frame_size)
{
  static const BubusWorkerPipeFuncs funcs = { bubus_worker_frame, bubus_worker_closed };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  BubusWorker self = { 0 };

  self.pipe = _bubus_worker_pipe_new (fd, max_frame_size, g_main_context_default (), &funcs, &self);
  g_main_loop_run (loop);
  return 0;
}
