/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* The same plugin as pyrelay.py and jsrelay.js. It greets a guest with an event of its own, which it handles itself;
 * then it lets the plugin in the next language do the same, and says what both have said. */

typedef struct
{
  GObject parent_instance;
} CRelayPlugin;

typedef struct
{
  BubusEvent  parent_instance;
  char       *guest;
} CHello;

static const BubusField c_hello_fields[] = {
  BUBUS_FIELD_STRING (CHello, guest),
};
BUBUS_DECLARE_EVENT_TYPE (CHello, c_hello)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (CHello, c_hello, BUBUS_TYPE_EVENT, c_hello_fields,
                                   bubus_event_class_set_result_type (klass, G_TYPE_STRING))

static gboolean
c_relay_plugin_greet (BubusEvent       *event,
                      BubusInvocation  *invocation,
                      gpointer          user_data,
                      GError          **error)
{
  g_autofree char *text = g_strdup_printf ("C greets %s", ((CHello *) event)->guest);

  bubus_invocation_return_string (invocation, text);
  return TRUE;
}

/* Dispatches a child, awaits it, and says what its handler has returned. */
static char *
c_relay_plugin_ask (BubusInvocation  *invocation,
                    BubusEvent       *event,
                    GError          **error)
{
  g_autoptr (BubusResults) results = bubus_results_new (event);
  const GValue *value;

  if (!bubus_invocation_dispatch (invocation, NULL, event, error)
      || !bubus_invocation_run (invocation, event, error))
    return NULL;

  bubus_results_set_raise_if_any (results, FALSE);
  value = bubus_results_get_first (results, NULL);
  return value != NULL ? g_value_dup_string (value) : g_strdup ("nobody");
}

static gboolean
c_relay_plugin_relay (BubusEvent       *event,
                      BubusInvocation  *invocation,
                      gpointer          user_data,
                      GError          **error)
{
  g_autoptr (BubusEvent) hello = g_object_new (c_hello_get_type (), "guest", "Ada", NULL);
  g_autoptr (BubusEvent) next = bubus_generic_event_new ("PyRelay", NULL);
  g_autofree char *greeting = c_relay_plugin_ask (invocation, hello, error);
  g_autofree char *others = greeting != NULL ? c_relay_plugin_ask (invocation, next, error) : NULL;
  g_autofree char *text = NULL;

  if (others == NULL)
    return FALSE;

  text = g_strdup_printf ("%s, %s", greeting, others);
  bubus_invocation_return_string (invocation, text);
  return TRUE;
}

static gboolean
c_relay_plugin_fail (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          user_data,
                     GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "C has no time");
  return FALSE;
}

/* What is not of the declared type. */
static gboolean
c_relay_plugin_answer_wrongly (BubusEvent       *event,
                               BubusInvocation  *invocation,
                               gpointer          user_data,
                               GError          **error)
{
  bubus_invocation_return_int (invocation, 42);
  return TRUE;
}

static gboolean
c_relay_plugin_activate (CRelayPlugin        *self,
                         BubusPluginContext  *context,
                         GError             **error)
{
  bubus_plugin_context_on (context, NULL, c_hello_get_type (), "c_greet", c_relay_plugin_greet, NULL, NULL);
  bubus_plugin_context_on (context, NULL, c_hello_get_type (), "c_wrong", c_relay_plugin_answer_wrongly, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "CRelay", "c_relay", c_relay_plugin_relay, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Fail", "c_fail", c_relay_plugin_fail, NULL, NULL);
  return TRUE;
}

static gboolean
c_relay_plugin_deactivate (CRelayPlugin        *self,
                           BubusPluginContext  *context,
                           GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (CRelayPlugin, c_relay_plugin)
