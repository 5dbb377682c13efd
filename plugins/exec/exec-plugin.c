/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

#include "exec-runner.h"

typedef struct
{
  GObject parent_instance;
} ExecPlugin;

static gboolean
exec_plugin_activate (ExecPlugin          *self,
                      BubusPluginContext  *context,
                      GError             **error)
{
  GVariant *settings = bubus_plugin_context_get_settings (context);
  ExecRunner *runner = exec_runner_new (settings, error);
  const char *pattern;

  if (runner == NULL)
    return FALSE;

  g_variant_lookup (settings, "pattern", "&s", &pattern);
  bubus_plugin_context_on_pattern (context, NULL, pattern, "exec", exec_runner_handle, runner, exec_runner_unref);
  return TRUE;
}

/* The host waits for the programs, and cancels those that do not end in time. */
static gboolean
exec_plugin_deactivate (ExecPlugin          *self,
                        BubusPluginContext  *context,
                        GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (ExecPlugin, exec_plugin)
