/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

#include "metrics-file.h"
#include "metrics-socket.h"
#include "support/plugin-buses.h"

typedef struct
{
  GObject        parent_instance;

  MetricsFile   *file;    /* nullable */
  MetricsSocket *socket;  /* nullable */
} MetricsPlugin;

static void
metrics_plugin_close (MetricsPlugin *self)
{
  g_clear_pointer (&self->file, metrics_file_free);
  g_clear_pointer (&self->socket, metrics_socket_free);
}

static void
metrics_plugin_finalize (GObject *object)
{
  metrics_plugin_close ((MetricsPlugin *) object);

  G_OBJECT_CLASS (g_type_class_peek (G_TYPE_OBJECT))->finalize (object);
}

static gboolean
metrics_plugin_open (MetricsPlugin  *self,
                     BubusEventBus  *bus,
                     BubusMetrics   *metrics,
                     GVariant       *settings,
                     GError        **error)
{
  GMainContext *main_context = bubus_event_bus_get_main_context (bus);
  const char *file, *socket;
  double interval;

  g_variant_lookup (settings, "file", "&s", &file);
  g_variant_lookup (settings, "socket", "&s", &socket);
  g_variant_lookup (settings, "interval", "d", &interval);
  if (*file == '\0' && *socket == '\0')
    {
      g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                           "The plugin “metrics” needs the setting “file” or “socket”");
      return FALSE;
    }

  if (*file != '\0')
    self->file = metrics_file_new (file, interval, main_context, metrics, error);
  if (*file != '\0' && self->file == NULL)
    return FALSE;
  if (*socket != '\0')
    self->socket = metrics_socket_new (socket, main_context, metrics, error);
  return *socket == '\0' || self->socket != NULL;
}

static gboolean
metrics_plugin_activate (MetricsPlugin       *self,
                         BubusPluginContext  *context,
                         GError             **error)
{
  g_autoptr (BubusMetrics) metrics = bubus_metrics_new ();
  BubusEventBus *bus = bubus_plugin_context_get_bus (context, NULL);

  return metrics_plugin_open (self, bus, metrics, bubus_plugin_context_get_settings (context), error)
         && plugin_buses_add_middleware (context, BUBUS_MIDDLEWARE (metrics), error);
}

static gboolean
metrics_plugin_deactivate (MetricsPlugin       *self,
                           BubusPluginContext  *context,
                           GError             **error)
{
  metrics_plugin_close (self);
  return TRUE;
}

BUBUS_DEFINE_PLUGIN_WITH_CODE (MetricsPlugin, metrics_plugin, klass->finalize = metrics_plugin_finalize)
