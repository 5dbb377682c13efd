/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* One of two modules that want the same name for their types. */

typedef struct
{
  GObject parent_instance;
} TwinPlugin;

static gboolean
twin_plugin_activate (TwinPlugin          *self,
                      BubusPluginContext  *context,
                      GError             **error)
{
  return TRUE;
}

static gboolean
twin_plugin_deactivate (TwinPlugin          *self,
                        BubusPluginContext  *context,
                        GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (TwinPlugin, twin_plugin)
