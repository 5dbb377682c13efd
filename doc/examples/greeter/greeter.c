/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [plugin] */
#include <bubus-host.h>

typedef struct
{
  GObject parent_instance;
} GreeterPlugin;

static gboolean
greeter_plugin_greet (BubusEvent       *event,
                      BubusInvocation  *invocation,
                      gpointer          user_data,
                      GError          **error)
{
  g_print ("%s: hello\n", bubus_event_get_event_type (event));
  return TRUE;
}

static gboolean
greeter_plugin_activate (GreeterPlugin       *self,
                         BubusPluginContext  *context,
                         GError             **error)
{
  bubus_plugin_context_on_pattern (context, NULL, "Hello*", "greet", greeter_plugin_greet, NULL, NULL);
  return TRUE;
}

static gboolean
greeter_plugin_deactivate (GreeterPlugin       *self,
                           BubusPluginContext  *context,
                           GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (GreeterPlugin, greeter_plugin)
/* [/plugin] */
