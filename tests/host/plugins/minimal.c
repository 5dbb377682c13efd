/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* What the documentation of BUBUS_DEFINE_PLUGIN shows. */

typedef struct
{
  GObject parent_instance;
} HelloPlugin;

static gboolean
hello_plugin_greet (BubusEvent *event, BubusInvocation *invocation, gpointer user_data, GError **error)
{
  bubus_invocation_return_string (invocation, "hello");
  return TRUE;
}

static gboolean
hello_plugin_activate (HelloPlugin *self, BubusPluginContext *context, GError **error)
{
  bubus_plugin_context_on_pattern (context, NULL, "HelloEvent", "greet", hello_plugin_greet, NULL, NULL);
  return TRUE;
}

static gboolean
hello_plugin_deactivate (HelloPlugin *self, BubusPluginContext *context, GError **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (HelloPlugin, hello_plugin)
