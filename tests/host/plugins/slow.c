/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* Takes its time where the test has written so on the main bus, and leaves there what the test needs to go on: its
 * context, and the invocation of its handler that answers later. */

typedef struct
{
  GObject parent_instance;
} SlowPlugin;

static gboolean
slow_plugin_wait (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          user_data,
                  GError          **error)
{
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);

  bubus_invocation_defer (invocation);
  g_object_set_data_full (G_OBJECT (bus), "invocation", g_object_ref (invocation), g_object_unref);
  return TRUE;
}

static gboolean
slow_plugin_answer (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          user_data,
                    GError          **error)
{
  bubus_invocation_return_string (invocation, "slow");
  return TRUE;
}

static gboolean
slow_plugin_quit (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          user_data,
                  GError          **error)
{
  bubus_plugin_context_deactivate (user_data);
  bubus_plugin_context_deactivate (user_data);
  bubus_invocation_return_string (invocation, "quit");
  return TRUE;
}

/* The host is not a plugin's to have, but it may get it from elsewhere. */
static gboolean
slow_plugin_quit_at_once (BubusEvent       *event,
                          BubusInvocation  *invocation,
                          gpointer          user_data,
                          GError          **error)
{
  BubusHost *host = g_object_get_data (G_OBJECT (bubus_invocation_get_bus (invocation)), "host");

  return bubus_host_deactivate_plugin (host, "slow", error);
}

/* Lets go of the last reference to the host. */
static gboolean
slow_plugin_drop_host (BubusEvent       *event,
                       BubusInvocation  *invocation,
                       gpointer          user_data,
                       GError          **error)
{
  g_object_set_data (G_OBJECT (bubus_invocation_get_bus (invocation)), "host", NULL);
  g_assert_true (bubus_plugin_context_is_closed (user_data));
  bubus_invocation_return_string (invocation, "dropped");
  return TRUE;
}

static gboolean
slow_plugin_activate (SlowPlugin          *self,
                      BubusPluginContext  *context,
                      GError             **error)
{
  BubusEventBus *bus = bubus_plugin_context_get_bus (context, NULL);

  bubus_plugin_context_on_pattern (context, NULL, "PingEvent", "answer", slow_plugin_answer, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "WaitEvent", "wait", slow_plugin_wait, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "QuitEvent", "quit", slow_plugin_quit, context, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "QuitAtOnceEvent", "quit_at_once", slow_plugin_quit_at_once, NULL,
                                   NULL);
  bubus_plugin_context_on_pattern (context, NULL, "DropHostEvent", "drop", slow_plugin_drop_host, context, NULL);
  g_object_set_data_full (G_OBJECT (bus), "context", g_object_ref (context), g_object_unref);
  if (g_object_get_data (G_OBJECT (bus), "defer-activate") != NULL)
    bubus_plugin_context_defer (context);
  return TRUE;
}

static gboolean
slow_plugin_deactivate (SlowPlugin          *self,
                        BubusPluginContext  *context,
                        GError             **error)
{
  BubusEventBus *bus = bubus_plugin_context_get_bus (context, NULL);

  if (g_object_get_data (G_OBJECT (bus), "defer-deactivate") != NULL)
    bubus_plugin_context_defer (context);
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (SlowPlugin, slow_plugin)
