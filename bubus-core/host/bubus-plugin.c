/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin.h"

#include "base/bubus-error.h"

/**
 * BubusPlugin:
 *
 * What a plugin implements: to take up work, and to end it.
 *
 * A plugin is an object that a [class@Host] makes when it activates the plugin, and lets go of when it deactivates
 * it. It reaches the host only through the [class@PluginContext] that both functions get. In C, the object and its
 * class are a matter of one line, see BUBUS_DEFINE_PLUGIN(). In Python, the module of a plugin has one class that
 * derives from `GObject.Object` and `BubusHost.Plugin`, with the methods `do_activate()` and `do_deactivate()`. In
 * JavaScript, it exports the functions `activate()` and, if there is something to do, `deactivate()`.
 *
 * Both functions run in the thread of the host and should return soon. One that needs more time uses
 * [method@PluginContext.defer].
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (BubusPlugin, bubus_plugin, G_TYPE_OBJECT)

static void
bubus_plugin_default_init (BubusPluginInterface *iface)
{
}

static gboolean
bubus_plugin_judge (BubusPluginContext *context,
                    gboolean            succeeded,
                    const char         *verb,
                    GError            **error,
                    GError             *reason)
{
  const char *name = bubus_plugin_info_get_name (bubus_plugin_context_get_plugin_info (context));

  if (succeeded)
    {
      g_clear_error (&reason);
      return TRUE;
    }

  if (reason == NULL)
    reason = g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "");
  if (*reason->message == '\0')
    g_prefix_error (&reason, "The plugin “%s” could not be %s and did not say why", name, verb);
  g_propagate_error (error, reason);
  return FALSE;
}

/**
 * bubus_plugin_activate:
 * @self: a plugin
 * @context: the plugin's context
 * @error: return location for an error
 *
 * Makes the plugin take up its work.
 *
 * The host calls this; a program that hosts plugins calls [method@Host.activate_plugin]. What the plugin acquires
 * through @context is released when this fails. A plugin that fails without an error gets one that says so.
 *
 * Must be called in the thread of the host.
 *
 * Returns: whether the plugin is active now
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_activate (BubusPlugin        *self,
                       BubusPluginContext *context,
                       GError            **error)
{
  BubusPluginInterface *iface;
  GError *reason = NULL;
  gboolean succeeded;

  g_return_val_if_fail (BUBUS_IS_PLUGIN (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (context), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  iface = BUBUS_PLUGIN_GET_IFACE (self);
  succeeded = iface->activate != NULL && iface->activate (self, context, &reason);
  return bubus_plugin_judge (context, succeeded, "activated", error, reason);
}

/**
 * bubus_plugin_deactivate:
 * @self: a plugin
 * @context: the plugin's context
 * @error: return location for an error
 *
 * Makes the plugin end its work.
 *
 * The host calls this; a program that hosts plugins calls [method@Host.deactivate_plugin]. What the plugin has
 * acquired through @context is released by the host afterwards, whether this succeeds or not. A plugin without such
 * a function has nothing else to do.
 *
 * Must be called in the thread of the host.
 *
 * Returns: whether everything went well
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_deactivate (BubusPlugin        *self,
                         BubusPluginContext *context,
                         GError            **error)
{
  BubusPluginInterface *iface;
  GError *reason = NULL;
  gboolean succeeded;

  g_return_val_if_fail (BUBUS_IS_PLUGIN (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (context), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  iface = BUBUS_PLUGIN_GET_IFACE (self);
  succeeded = iface->deactivate == NULL || iface->deactivate (self, context, &reason);
  return bubus_plugin_judge (context, succeeded, "deactivated", error, reason);
}
