/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-private.h"

#include "bubus-host-round-private.h"
#include "bubus-plugin-unit-private.h"

static gboolean
bubus_host_is_among (GPtrArray          *names,
                     const char * const *wanted)
{
  for (guint i = 0; wanted[i] != NULL; i++)
    if (g_ptr_array_find_with_equal_func (names, wanted[i], g_str_equal, NULL))
      return TRUE;
  return FALSE;
}

/* Returns: (transfer full): @name, and what is active and depends on it, in the order of activation */
static GPtrArray *
bubus_host_list_to_reload (BubusHost  *self,
                           const char *name)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (names, g_strdup (name));
  for (guint i = 0; i < self->units->len; i++)
    {
      BubusPluginInfo *info = _bubus_plugin_unit_get_info (g_ptr_array_index (self->units, i));

      if (bubus_host_is_among (names, bubus_plugin_info_get_depends (info)))
        g_ptr_array_add (names, g_strdup (bubus_plugin_info_get_name (info)));
    }
  return names;
}

/**
 * bubus_host_reload_plugin_async:
 * @self: a host
 * @name: the name of a plugin
 * @cancellable: (nullable): cuts off what does not answer at once
 * @callback: (scope async) (closure user_data): called when the plugin is active again, or has failed
 * @user_data: passed to @callback
 *
 * Deactivates a plugin and what depends on it, and activates all of that again.
 *
 * A plugin in Python or JavaScript whose file has changed since it was last activated has its new code then; so does
 * one that is activated in any other way. A module in C keeps the code that it had first, unless the plugin has a
 * process of its own, which is a new one then. As types are for ever, the
 * new code of a plugin in JavaScript cannot define classes under the names of the old; functions can be replaced
 * freely. Other files that a module imports are not read again.
 *
 * A plugin that was not active is just activated.
 *
 * Since: 1.0
 */
void
bubus_host_reload_plugin_async (BubusHost           *self,
                                const char          *name,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GPtrArray) names = NULL;

  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_host_reload_plugin_async);
  _bubus_host_begin_round (task);
  names = bubus_host_list_to_reload (self, name);
  bubus_host_deactivate_plugin_async (self, name, cancellable, NULL, NULL);
  for (guint i = 0; i < names->len; i++)
    _bubus_host_activate_too (task, g_ptr_array_index (names, i));
  _bubus_host_end_round (task, NULL);
}

/**
 * bubus_host_reload_plugin_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Host.reload_plugin_async]. What the plugin complained about when it was deactivated is no error
 * here.
 *
 * Returns: whether the plugin, and what depends on it, is active again
 *
 * Since: 1.0
 */
gboolean
bubus_host_reload_plugin_finish (BubusHost     *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
