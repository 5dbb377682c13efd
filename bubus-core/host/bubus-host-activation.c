/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-host-operation-private.h"

/* What can be asked of a host: it is done in bubus-host-operation.c. */

static void
bubus_host_start_operation (BubusHost           *self,
                            BubusHostGoal        goal,
                            const char          *name,
                            gpointer             source_tag,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  _bubus_host_do_later (self, goal, name, task);
}

static gboolean
bubus_host_finish_operation (BubusHost     *self,
                             GAsyncResult  *result,
                             gpointer       source_tag,
                             GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, source_tag), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * bubus_host_activate_plugin:
 * @self: a host
 * @name: the name of a plugin
 * @error: return location for an error
 *
 * Activates a plugin, after everything it depends on. One that is active already stays so.
 *
 * When this fails, everything is as before, except for the states of the plugins: the one that is at fault has failed,
 * and those that need it are skipped. The error tells how one led to the other. A plugin that has failed can be
 * tried again.
 *
 * Fails with %BUBUS_ERROR_PLUGIN_NOT_FOUND, %BUBUS_ERROR_PLUGIN_DEPENDENCY when a dependency is missing or depends on
 * the plugin in turn, %BUBUS_ERROR_PLUGIN_UNTRUSTED, %BUBUS_ERROR_PLUGIN_ABI, %BUBUS_ERROR_PLUGIN, or whatever a
 * plugin itself fails with. A plugin that answers later fails with %BUBUS_ERROR_WOULD_BLOCK: use
 * [method@Host.activate_plugin_async] for it.
 *
 * Returns: whether the plugin is active now
 *
 * Since: 1.0
 */
gboolean
bubus_host_activate_plugin (BubusHost   *self,
                            const char  *name,
                            GError     **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _bubus_host_do_now (self, BUBUS_HOST_ACTIVATE, name, error);
}

/**
 * bubus_host_activate_plugin_async:
 * @self: a host
 * @name: the name of a plugin
 * @cancellable: (nullable): makes what does not answer at once fail
 * @callback: (scope async) (closure user_data): called when the plugin is active, or has failed
 * @user_data: passed to @callback
 *
 * Activates a plugin, after everything it depends on, and waits for those that answer later. A plugin that has not
 * answered when [property@Host:activation-timeout] is over fails with %BUBUS_ERROR_TIMED_OUT.
 *
 * What is asked of the host while plugins come or go waits for its turn. See [method@Host.activate_plugin] for the
 * errors.
 *
 * Since: 1.0
 */
void
bubus_host_activate_plugin_async (BubusHost           *self,
                                  const char          *name,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  bubus_host_start_operation (self, BUBUS_HOST_ACTIVATE, name, bubus_host_activate_plugin_async, cancellable,
                              callback, user_data);
}

/**
 * bubus_host_activate_plugin_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Host.activate_plugin_async].
 *
 * Returns: whether the plugin is active now
 *
 * Since: 1.0
 */
gboolean
bubus_host_activate_plugin_finish (BubusHost     *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  return bubus_host_finish_operation (self, result, bubus_host_activate_plugin_async, error);
}

/**
 * bubus_host_deactivate_plugin:
 * @self: a host
 * @name: the name of a plugin
 * @error: return location for an error
 *
 * Deactivates a plugin at once, after everything that depends on it. One that is not active stays so.
 *
 * What the plugins have acquired through their contexts is given back in any case; handlers that have not answered yet
 * are cancelled. When a plugin complains, that is the error, but it is as inactive as the others. To let handlers
 * finish, and to wait for a plugin that ends its work later, use [method@Host.deactivate_plugin_async].
 *
 * Fails with %BUBUS_ERROR_WOULD_DEADLOCK, and does nothing, in a handler of one of the plugins.
 *
 * Returns: whether nothing went wrong
 *
 * Since: 1.0
 */
gboolean
bubus_host_deactivate_plugin (BubusHost   *self,
                              const char  *name,
                              GError     **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _bubus_host_do_now (self, BUBUS_HOST_DEACTIVATE, name, error);
}

/**
 * bubus_host_deactivate_plugin_async:
 * @self: a host
 * @name: the name of a plugin
 * @cancellable: (nullable): cuts off what does not answer at once
 * @callback: (nullable) (scope async) (closure user_data): called when the plugin is not active any more
 * @user_data: passed to @callback
 *
 * Deactivates a plugin, after everything that depends on it.
 *
 * From the moment when its turn comes, no new event reaches the handlers of the plugin. Those that have begun may go
 * on until [property@Host:deactivation-timeout] is over, and are cancelled then; after that the plugin may take as
 * long again to end its work. Then everything that it has is given back, whatever it does. A handler of the plugin may
 * call this.
 *
 * Since: 1.0
 */
void
bubus_host_deactivate_plugin_async (BubusHost           *self,
                                    const char          *name,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  bubus_host_start_operation (self, BUBUS_HOST_DEACTIVATE, name, bubus_host_deactivate_plugin_async, cancellable,
                              callback, user_data);
}

/**
 * bubus_host_deactivate_plugin_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Host.deactivate_plugin_async].
 *
 * Returns: whether nothing went wrong
 *
 * Since: 1.0
 */
gboolean
bubus_host_deactivate_plugin_finish (BubusHost     *self,
                                     GAsyncResult  *result,
                                     GError       **error)
{
  return bubus_host_finish_operation (self, result, bubus_host_deactivate_plugin_async, error);
}

/**
 * bubus_host_deactivate_all:
 * @self: a host
 * @error: return location for an error
 *
 * Deactivates all plugins at once, in the reverse order of their activation. See [method@Host.deactivate_plugin].
 *
 * When plugins complain, the first of them gives the error, but all are inactive.
 *
 * Returns: whether nothing went wrong
 *
 * Since: 1.0
 */
gboolean
bubus_host_deactivate_all (BubusHost  *self,
                           GError    **error)
{
  g_return_val_if_fail (BUBUS_IS_HOST (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _bubus_host_do_now (self, BUBUS_HOST_DEACTIVATE_ALL, NULL, error);
}

/**
 * bubus_host_deactivate_all_async:
 * @self: a host
 * @cancellable: (nullable): cuts off what does not answer at once
 * @callback: (nullable) (scope async) (closure user_data): called when no plugin is active any more
 * @user_data: passed to @callback
 *
 * Deactivates all plugins, in the reverse order of their activation, each as
 * [method@Host.deactivate_plugin_async] does.
 *
 * Since: 1.0
 */
void
bubus_host_deactivate_all_async (BubusHost           *self,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_HOST (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  bubus_host_start_operation (self, BUBUS_HOST_DEACTIVATE_ALL, NULL, bubus_host_deactivate_all_async, cancellable,
                              callback, user_data);
}

/**
 * bubus_host_deactivate_all_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes [method@Host.deactivate_all_async].
 *
 * Returns: whether nothing went wrong
 *
 * Since: 1.0
 */
gboolean
bubus_host_deactivate_all_finish (BubusHost     *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  return bubus_host_finish_operation (self, result, bubus_host_deactivate_all_async, error);
}
