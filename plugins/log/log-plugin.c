/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

#include "log-middleware.h"
#include "support/plugin-buses.h"

typedef struct
{
  GObject parent_instance;
} LogPlugin;

static gboolean
log_plugin_activate (LogPlugin           *self,
                     BubusPluginContext  *context,
                     GError             **error)
{
  g_autoptr (BubusMiddleware) middleware =
    log_middleware_new (bubus_plugin_context_get_settings (context), error);

  return middleware != NULL && plugin_buses_add_middleware (context, middleware, error);
}

/* The context gives back the middleware, and with it the file is closed. */
static gboolean
log_plugin_deactivate (LogPlugin           *self,
                       BubusPluginContext  *context,
                       GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (LogPlugin, log_plugin)
