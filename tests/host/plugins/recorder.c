/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* Does what the test has written on the main bus, and writes there what happens: “+” when it is activated, “-” when it
 * is deactivated, “~” when its handler is released, each before its name. One file serves under many names. */

typedef struct
{
  GObject parent_instance;
} RecorderPlugin;

typedef struct
{
  BubusEventBus *bus;
  char          *name;
} RecorderNote;

static void
recorder_plugin_log (BubusEventBus *bus,
                     char           mark,
                     const char    *name)
{
  GString *log = g_object_get_data (G_OBJECT (bus), "log");

  g_string_append_printf (log, "%s%c%s", log->len > 0 ? " " : "", mark, name);
}

static void
recorder_note_free (gpointer data)
{
  RecorderNote *self = data;

  recorder_plugin_log (self->bus, '~', self->name);
  g_object_unref (self->bus);
  g_free (self->name);
  g_free (self);
}

static gboolean
recorder_plugin_answer (BubusEvent       *event,
                        BubusInvocation  *invocation,
                        gpointer          user_data,
                        GError          **error)
{
  RecorderNote *note = user_data;

  bubus_invocation_return_string (invocation, note->name);
  return TRUE;
}

static void
recorder_plugin_acquire (BubusPluginContext *context,
                         BubusEventBus      *bus,
                         const char         *name)
{
  RecorderNote *note = g_new0 (RecorderNote, 1);

  note->bus = g_object_ref (bus);
  note->name = g_strdup (name);
  bubus_plugin_context_on_pattern (context, NULL, "PingEvent", name, recorder_plugin_answer, note, recorder_note_free);
  bubus_plugin_context_forward (context, NULL, "PassEvent", NULL, bubus_plugin_context_get_bus (context, "OtherBus"));
}

/* Under the key there is the name of the plugin that shall fail, with “!” if it shall not say why. */
static gboolean
recorder_plugin_shall_fail (BubusEventBus  *bus,
                            const char     *key,
                            const char     *name,
                            GError        **error)
{
  const char *wanted = g_object_get_data (G_OBJECT (bus), key);

  if (wanted == NULL || !g_str_has_prefix (wanted, name))
    return FALSE;

  if (!g_str_has_suffix (wanted, "!"))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s was asked to", name);
  return TRUE;
}

static gboolean
recorder_plugin_activate (RecorderPlugin      *self,
                          BubusPluginContext  *context,
                          GError             **error)
{
  const char *name = bubus_plugin_info_get_name (bubus_plugin_context_get_plugin_info (context));
  BubusEventBus *bus = bubus_plugin_context_get_bus (context, NULL);

  recorder_plugin_log (bus, '+', name);
  recorder_plugin_acquire (context, bus, name);
  g_object_set_data_full (G_OBJECT (bus), "context", g_object_ref (context), g_object_unref);
  return !recorder_plugin_shall_fail (bus, "fail-activate", name, error);
}

static gboolean
recorder_plugin_deactivate (RecorderPlugin      *self,
                            BubusPluginContext  *context,
                            GError             **error)
{
  const char *name = bubus_plugin_info_get_name (bubus_plugin_context_get_plugin_info (context));
  BubusEventBus *bus = bubus_plugin_context_get_bus (context, NULL);

  recorder_plugin_log (bus, '-', name);
  return !recorder_plugin_shall_fail (bus, "fail-deactivate", name, error);
}

BUBUS_DEFINE_PLUGIN (RecorderPlugin, recorder_plugin)
