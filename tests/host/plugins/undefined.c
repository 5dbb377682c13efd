/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* Needs a function that no library has. */

gboolean bubus_test_function_that_does_not_exist (void);

typedef struct
{
  GObject parent_instance;
} UndefinedPlugin;

static gboolean
undefined_plugin_activate (UndefinedPlugin     *self,
                           BubusPluginContext  *context,
                           GError             **error)
{
  return bubus_test_function_that_does_not_exist ();
}

static gboolean
undefined_plugin_deactivate (UndefinedPlugin     *self,
                             BubusPluginContext  *context,
                             GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (UndefinedPlugin, undefined_plugin)
