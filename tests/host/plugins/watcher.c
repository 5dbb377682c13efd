/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* Works with a middleware only, and does not ask whether it has been added. */
typedef struct
{
  GObject parent_instance;
} WatcherPlugin;

static gboolean
watcher_plugin_activate (WatcherPlugin       *self,
                         BubusPluginContext  *context,
                         GError             **error)
{
  g_autoptr (BubusMetrics) metrics = bubus_metrics_new ();

  bubus_plugin_context_add_middleware (context, NULL, BUBUS_MIDDLEWARE (metrics));
  return TRUE;
}

static gboolean
watcher_plugin_deactivate (WatcherPlugin       *self,
                           BubusPluginContext  *context,
                           GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (WatcherPlugin, watcher_plugin)
