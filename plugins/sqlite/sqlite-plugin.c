/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

#include "sqlite-middleware.h"
#include "support/plugin-buses.h"

typedef struct
{
  GObject           parent_instance;

  SqliteMiddleware *middleware;  /* nullable */
} SqlitePlugin;

static void
sqlite_plugin_close (SqlitePlugin *self)
{
  if (self->middleware != NULL)
    sqlite_middleware_close (self->middleware);
  g_clear_object (&self->middleware);
}

static void
sqlite_plugin_finalize (GObject *object)
{
  sqlite_plugin_close ((SqlitePlugin *) object);

  G_OBJECT_CLASS (g_type_class_peek (G_TYPE_OBJECT))->finalize (object);
}

static gboolean
sqlite_plugin_activate (SqlitePlugin        *self,
                        BubusPluginContext  *context,
                        GError             **error)
{
  BubusEventBus *bus = bubus_plugin_context_get_bus (context, NULL);

  self->middleware = sqlite_middleware_new (bubus_plugin_context_get_settings (context),
                                            bubus_event_bus_get_main_context (bus), error);
  return self->middleware != NULL
         && plugin_buses_add_middleware (context, BUBUS_MIDDLEWARE (self->middleware), error);
}

/* All that has happened by now is written before the plugin is gone. */
static gboolean
sqlite_plugin_deactivate (SqlitePlugin        *self,
                          BubusPluginContext  *context,
                          GError             **error)
{
  sqlite_plugin_close (self);
  return TRUE;
}

BUBUS_DEFINE_PLUGIN_WITH_CODE (SqlitePlugin, sqlite_plugin, klass->finalize = sqlite_plugin_finalize)
