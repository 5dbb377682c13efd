/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-context-private.h"

#include "base/bubus-error.h"
#include "bubus-host-private.h"
#include "bubus-worker-guest-private.h"

/* What a plugin acquires: handlers and middleware. */

/* Returns: (nullable): the main bus for %NULL, and %NULL when nothing can be acquired any more */
static BubusEventBus *
bubus_plugin_context_choose_bus (BubusPluginContext *self,
                                 BubusEventBus      *bus)
{
  if (self->draining || bus != NULL)
    return self->draining ? NULL : bus;
  return bubus_host_get_main_bus (self->host);
}

/* Of a handler there are two ends: it is taken off its bus, and what it was registered with is let go of. */
static void
bubus_plugin_context_release_handler (GObject *owner,
                                      GObject *thing)
{
  bubus_event_bus_off (BUBUS_EVENT_BUS (owner), BUBUS_HANDLER (thing));
}

static void
bubus_plugin_context_release_middleware (GObject *owner,
                                         GObject *thing)
{
  bubus_event_bus_remove_middleware (BUBUS_EVENT_BUS (owner), BUBUS_MIDDLEWARE (thing));
}

/* A bus refuses a handler only after it has complained. */
static BubusHandler *
bubus_plugin_context_enter_handler (BubusPluginContext *self,
                                    BubusEventBus      *bus,
                                    BubusHandler       *handler)
{
  if (handler != NULL)
    _bubus_plugin_ledger_enter (self->ledger, bus, handler, bubus_plugin_context_release_handler);
  return handler;
}

/* A @pattern of %NULL means the class @event_type. */
static BubusHandler *
bubus_plugin_context_enter_callee (BubusPluginContext *self,
                                   BubusEventBus      *bus,
                                   GType               event_type,
                                   const char         *pattern,
                                   const char         *name,
                                   BubusPluginCallee  *callee)
{
  BubusHandler *handler;

  if (pattern != NULL)
    handler = bubus_event_bus_on_pattern (bus, pattern, name, _bubus_plugin_callee_call, callee,
                                          _bubus_plugin_callee_free);
  else
    handler = bubus_event_bus_on (bus, event_type, name, _bubus_plugin_callee_call, callee, _bubus_plugin_callee_free);
  return bubus_plugin_context_enter_handler (self, bus, handler);
}

/* In a worker, the host is told, and decides for which events the handler is called. A @func of %NULL is for events that
 * the host forwards to @target. */
static BubusHandler *
bubus_plugin_context_register_in_worker (BubusPluginContext *self,
                                         BubusEventBus      *bus,
                                         GType               event_type,
                                         const char         *pattern,
                                         const char         *name,
                                         BubusHandlerFunc    func,
                                         gpointer            user_data,
                                         GDestroyNotify      notify,
                                         BubusEventBus      *target)
{
  BubusWorkerHandler *registration = _bubus_worker_handler_new (self->host->guest, func, user_data, notify);
  BubusPluginCallee *callee = _bubus_plugin_calls_add_callee (self->calls, _bubus_worker_handler_call, registration,
                                                              _bubus_worker_handler_free);
  BubusHandler *handler = bubus_plugin_context_enter_callee (self, bus, event_type, pattern, name, callee);

  if (handler != NULL)
    _bubus_worker_handler_enter (registration, bus, handler, pattern == NULL, target);
  return handler;
}

static BubusHandler *
bubus_plugin_context_register (BubusPluginContext *self,
                               BubusEventBus      *bus,
                               GType               event_type,
                               const char         *pattern,
                               const char         *name,
                               BubusHandlerFunc    func,
                               gpointer            user_data,
                               GDestroyNotify      notify)
{
  BubusPluginCallee *callee;

  bus = bubus_plugin_context_choose_bus (self, bus);
  if (bus != NULL && G_UNLIKELY (self->host->guest != NULL))
    return bubus_plugin_context_register_in_worker (self, bus, event_type, pattern, name, func, user_data, notify, NULL);

  callee = _bubus_plugin_calls_add_callee (self->calls, func, user_data, notify);
  if (bus != NULL)
    return bubus_plugin_context_enter_callee (self, bus, event_type, pattern, name, callee);

  _bubus_plugin_callee_free (callee);
  return NULL;
}

/**
 * bubus_plugin_context_on:
 * @self: a context
 * @bus: (nullable): a bus, or %NULL for the host's main bus
 * @event_type: the #GType of an event class
 * @name: (nullable): the name of the handler
 * @func: (scope notified) (closure user_data) (destroy notify): the handler
 * @user_data: what to give to the handler
 * @notify: called with @user_data when the handler is not needed any more
 *
 * Registers a handler of a class of events until the plugin is deactivated. See [method@Bubus.EventBus.on].
 *
 * Returns: (transfer none) (nullable): the registration, or %NULL when the plugin is being deactivated or the context
 *   is closed; then @notify has been called
 *
 * Since: 1.0
 */
BubusHandler *
bubus_plugin_context_on (BubusPluginContext *self,
                         BubusEventBus      *bus,
                         GType               event_type,
                         const char         *name,
                         BubusHandlerFunc    func,
                         gpointer            user_data,
                         GDestroyNotify      notify)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), NULL);
  g_return_val_if_fail (bus == NULL || BUBUS_IS_EVENT_BUS (bus), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return bubus_plugin_context_register (self, bus, event_type, NULL, name, func, user_data, notify);
}

/**
 * bubus_plugin_context_on_pattern:
 * @self: a context
 * @bus: (nullable): a bus, or %NULL for the host's main bus
 * @pattern: the name of an event type, or a pattern with `*` and `?`
 * @name: (nullable): the name of the handler
 * @func: (scope notified) (closure user_data) (destroy notify): the handler
 * @user_data: what to give to the handler
 * @notify: called with @user_data when the handler is not needed any more
 *
 * Registers a handler of events by their names until the plugin is deactivated. See
 * [method@Bubus.EventBus.on_pattern].
 *
 * Returns: (transfer none) (nullable): the registration, or %NULL when the plugin is being deactivated or the context
 *   is closed; then @notify has been called
 *
 * Since: 1.0
 */
BubusHandler *
bubus_plugin_context_on_pattern (BubusPluginContext *self,
                                 BubusEventBus      *bus,
                                 const char         *pattern,
                                 const char         *name,
                                 BubusHandlerFunc    func,
                                 gpointer            user_data,
                                 GDestroyNotify      notify)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), NULL);
  g_return_val_if_fail (bus == NULL || BUBUS_IS_EVENT_BUS (bus), NULL);
  g_return_val_if_fail (pattern != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return bubus_plugin_context_register (self, bus, G_TYPE_INVALID, pattern, name, func, user_data, notify);
}

/**
 * bubus_plugin_context_forward:
 * @self: a context
 * @bus: (nullable): a bus, or %NULL for the host's main bus
 * @pattern: the name of an event type, or a pattern with `*` and `?`
 * @name: (nullable): the name of the handler
 * @target: (nullable): the bus to forward to; %NULL, which is what [method@PluginContext.get_bus] gives when the
 *   context is closed, does nothing
 *
 * Passes events of one bus on to another until the plugin is deactivated. See [method@Bubus.EventBus.forward].
 *
 * Returns: (transfer none) (nullable): the registration, or %NULL when the context is closed
 *
 * Since: 1.0
 */
BubusHandler *
bubus_plugin_context_forward (BubusPluginContext *self,
                              BubusEventBus      *bus,
                              const char         *pattern,
                              const char         *name,
                              BubusEventBus      *target)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), NULL);
  g_return_val_if_fail (bus == NULL || BUBUS_IS_EVENT_BUS (bus), NULL);
  g_return_val_if_fail (pattern != NULL, NULL);
  g_return_val_if_fail (target == NULL || BUBUS_IS_EVENT_BUS (target), NULL);

  bus = bubus_plugin_context_choose_bus (self, bus);
  if (bus == NULL || target == NULL)
    return NULL;
  if (G_UNLIKELY (self->host->guest != NULL))
    return bubus_plugin_context_register_in_worker (self, bus, G_TYPE_INVALID, pattern, name, NULL, NULL, NULL, target);
  return bubus_plugin_context_enter_handler (self, bus, bubus_event_bus_forward (bus, pattern, name, target));
}

/**
 * bubus_plugin_context_off:
 * @self: a context
 * @handler: a registration that was made through this context
 *
 * Gives a handler back before the plugin is deactivated.
 *
 * Returns: whether the plugin had this handler
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_context_off (BubusPluginContext *self,
                          BubusHandler       *handler)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_HANDLER (handler), FALSE);

  return _bubus_plugin_ledger_release (self->ledger, handler);
}

/* A plugin that is activated all the same would be one that does nothing. */
static void
bubus_plugin_context_refuse_middleware (BubusPluginContext *self)
{
  if (self->answer.wanted && !self->answer.given && self->refusal == NULL)
    g_set_error (&self->refusal, BUBUS_ERROR, BUBUS_ERROR_PLUGIN,
                 "“%s” adds a middleware, which it cannot do from a process of its own: what happens on a bus is not "
                 "told to other processes", bubus_plugin_info_get_name (self->info));
}

/**
 * bubus_plugin_context_add_middleware:
 * @self: a context
 * @bus: (nullable): a bus, or %NULL for the host's main bus
 * @middleware: (transfer none): what wants to be told
 *
 * Adds a middleware to a bus until the plugin is deactivated. See [method@Bubus.EventBus.add_middleware].
 *
 * What happens on a bus is not told to other processes: a plugin that has one of its own cannot add a middleware, and
 * fails with %BUBUS_ERROR_PLUGIN if it tries to while it is activated.
 *
 * Returns: whether it has been added, which it is unless the context is closed or the plugin is isolated
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_context_add_middleware (BubusPluginContext *self,
                                     BubusEventBus      *bus,
                                     BubusMiddleware    *middleware)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), FALSE);
  g_return_val_if_fail (bus == NULL || BUBUS_IS_EVENT_BUS (bus), FALSE);
  g_return_val_if_fail (BUBUS_IS_MIDDLEWARE (middleware), FALSE);

  bus = bubus_plugin_context_choose_bus (self, bus);
  if (bus == NULL)
    return FALSE;
  if (self->host->guest != NULL)
    {
      bubus_plugin_context_refuse_middleware (self);
      return FALSE;
    }

  bubus_event_bus_add_middleware (bus, middleware);
  _bubus_plugin_ledger_enter (self->ledger, bus, middleware, bubus_plugin_context_release_middleware);
  return TRUE;
}

/**
 * bubus_plugin_context_remove_middleware:
 * @self: a context
 * @middleware: a middleware that was added through this context
 *
 * Removes a middleware before the plugin is deactivated; of several buses it is removed from the last one.
 *
 * Returns: whether the plugin had added it
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_context_remove_middleware (BubusPluginContext *self,
                                        BubusMiddleware    *middleware)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_MIDDLEWARE (middleware), FALSE);

  return _bubus_plugin_ledger_release (self->ledger, middleware);
}
