/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "base/bubus-error.h"
#include "bubus-event-bus-private.h"
#include "bubus-handler-private.h"

#define MAX_SPARE_HANDLERS 8

/* May be called from any thread. */
void
_bubus_event_bus_handlers_changed (BubusEventBus *self)
{
  g_mutex_lock (&self->lock);
  _bubus_dispatch_table_invalidate (&self->table);
  g_mutex_unlock (&self->lock);
}

/* Handlers that come and go are one and the same object, as long as nobody sees it (see _bubus_handler_is_forgotten()). */
static BubusHandler *
bubus_event_bus_take_handler_locked (BubusEventBus *self)
{
  BubusLink *link = _bubus_queue_pop_head (&self->spare_handlers);

  return link != NULL ? BUBUS_LINK_OWNER (link, BubusHandler, link) : _bubus_handler_new ();
}

/* FALSE when the handler cannot be used again, and has to be given back without the lock; so has one that a middleware is
 * to be told of. */
static gboolean
bubus_event_bus_keep_handler_locked (BubusEventBus *self,
                                     BubusHandler  *handler)
{
  if (self->spare_handlers.length >= MAX_SPARE_HANDLERS || _bubus_event_bus_has_middleware (self)
      || !_bubus_handler_is_forgotten (handler))
    return FALSE;

  _bubus_handler_recycle (handler);
  _bubus_queue_push_head (&self->spare_handlers, &handler->link);
  return TRUE;
}

void
_bubus_event_bus_free_spare_handlers (BubusEventBus *self)
{
  BubusLink *link;

  while ((link = _bubus_queue_pop_head (&self->spare_handlers)) != NULL)
    g_object_unref (BUBUS_LINK_OWNER (link, BubusHandler, link));
}

/* The id of a handler is made of what it is called and when it was registered: no two are registered at the same time,
 * even if the clock stands still. */
static gint64
bubus_event_bus_count_registration_locked (BubusEventBus *self,
                                           gint64         time)
{
  self->n_registered_then = time == self->registered_last ? self->n_registered_then + 1 : 0;
  self->registered_last = time;
  return time + self->n_registered_then;
}

static BubusHandler *
bubus_event_bus_register (BubusEventBus    *self,
                          GType             event_type,
                          const char       *pattern,
                          const char       *name,
                          BubusHandlerFunc  func,
                          gpointer          user_data,
                          GDestroyNotify    notify)
{
  BubusHandlerInfo *info = _bubus_handler_info_new (self->info, name != NULL ? name : "anonymous", pattern, NULL,
                                                    _bubus_event_bus_get_time (self));
  BubusHandler *handler;

  g_mutex_lock (&self->lock);
  info->registered_at = bubus_event_bus_count_registration_locked (self, info->registered_at);
  handler = bubus_event_bus_take_handler_locked (self);
  _bubus_handler_set_up (handler, info, event_type, func, user_data, notify);
  handler->bus = self;
  _bubus_dispatch_table_add (&self->table, handler);
  g_mutex_unlock (&self->lock);
  _bubus_event_bus_tell_handler (self, handler, TRUE);
  return handler;
}

/**
 * bubus_event_bus_on:
 * @self: a bus
 * @event_type: a class of events
 * @name: (nullable): what to call the handler in results and logs
 * @func: (scope notified) (closure user_data) (destroy notify): called for every event of the class, or of a class derived from it
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Registers a handler for a class of events.
 *
 * The handlers of an event are selected when its turn comes. They run one after the other: by priority, the ones for
 * the event's own class or type before those for its parent classes, then globs, then `*`, and else in order of
 * registration.
 *
 * Every call makes a handler of its own, also with the same function. May be called from any thread; @func is called in
 * the bus's main context.
 *
 * Returns: (transfer none): the handler, which belongs to the bus until it is taken off
 *
 * Since: 1.0
 */
BubusHandler *
bubus_event_bus_on (BubusEventBus    *self,
                    GType             event_type,
                    const char       *name,
                    BubusHandlerFunc  func,
                    gpointer          user_data,
                    GDestroyNotify    notify)
{
  const char *pattern;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (g_type_is_a (event_type, BUBUS_TYPE_EVENT), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  pattern = _bubus_event_type_ensure (event_type)->name;
  return bubus_event_bus_register (self, event_type, pattern, name, func, user_data, notify);
}

/**
 * bubus_event_bus_on_pattern:
 * @self: a bus
 * @pattern: an event type such as `OrderPlaced` or `order.placed`, a glob such as `Order*`, `order.*` or `order.**`, or
 *   `*` for everything
 * @name: (nullable): what to call the handler in results and logs
 * @func: (scope notified) (closure user_data) (destroy notify): called for every event whose type matches
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Registers a handler for events by their type. See [method@EventBus.on].
 *
 * In a glob, `*` stands for any characters but a dot, and `?` for one. Between dots, a `*` stands for one segment that is
 * not empty, and `**` for one or more segments: `order.*` matches `order.placed`, but neither `order` nor
 * `order.placed.late`, which `order.**` matches. Only a pattern that is nothing but `*` matches whatever there is. Case
 * counts, and nothing can be escaped.
 *
 * Returns: (transfer none): the handler, which belongs to the bus until it is taken off
 *
 * Since: 1.0
 */
BubusHandler *
bubus_event_bus_on_pattern (BubusEventBus    *self,
                            const char       *pattern,
                            const char       *name,
                            BubusHandlerFunc  func,
                            gpointer          user_data,
                            GDestroyNotify    notify)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL && *pattern != '\0', NULL);
  g_return_val_if_fail (func != NULL, NULL);

  return bubus_event_bus_register (self, G_TYPE_INVALID, pattern, name, func, user_data, notify);
}

static gboolean
bubus_event_bus_forward_cb (BubusEvent       *event,
                            BubusInvocation  *invocation,
                            gpointer          user_data,
                            GError          **error)
{
  BubusHandler *handler = user_data;
  g_autoptr (BubusEventBus) target = g_weak_ref_get (&handler->target);

  if (target != NULL)
    return _bubus_event_bus_dispatch (target, event, NULL, BUBUS_DISPATCH_NONE, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED,
               "The bus that %s forwards to is gone", bubus_handler_get_name (handler));
  return FALSE;
}

/**
 * bubus_event_bus_forward:
 * @self: a bus
 * @pattern: an event type, a glob, or `*` for everything
 * @name: (nullable): what to call the handler in results and logs
 * @target: another bus
 *
 * Forwards events to another bus.
 *
 * The same event is dispatched on @target; it gathers the results of both, and is complete when both are done with it.
 * An event never comes back to a bus that it has visited, so buses may forward to each other in a ring.
 *
 * @self does not keep @target alive.
 *
 * Returns: (transfer none): the handler, which belongs to the bus until it is taken off
 *
 * Since: 1.0
 */
BubusHandler *
bubus_event_bus_forward (BubusEventBus *self,
                         const char    *pattern,
                         const char    *name,
                         BubusEventBus *target)
{
  g_autofree char *default_name = NULL;
  BubusHandler *handler;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL && *pattern != '\0', NULL);
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (target) && target != self, NULL);

  default_name = g_strdup_printf ("forward_to_%s", target->info->name);
  handler = bubus_event_bus_on_pattern (self, pattern, name != NULL ? name : default_name,
                                        bubus_event_bus_forward_cb, NULL, NULL);
  handler->user_data = handler;
  _bubus_handler_set_target (handler, target);
  return handler;
}

/**
 * bubus_event_bus_off:
 * @self: a bus
 * @handler: a handler
 *
 * Takes a handler off the bus.
 *
 * It is not selected for events any more. An event whose handlers have been selected already keeps them, so a handler that
 * has been taken off may still be called for the event that is being handled; one that was tied to an object
 * ([method@Handler.tie]) is not called when the object is gone. May be called from any thread, also from the handler
 * itself.
 *
 * Returns: whether the handler was registered on @self
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_off (BubusEventBus *self,
                     BubusHandler  *handler)
{
  gboolean removed = FALSE;
  gboolean kept = FALSE;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_HANDLER (handler), FALSE);

  g_mutex_lock (&self->lock);
  if (handler->bus == self)
    removed = _bubus_dispatch_table_remove (&self->table, handler);
  if (removed)
    {
      handler->bus = NULL;
      kept = bubus_event_bus_keep_handler_locked (self, handler);
    }
  g_mutex_unlock (&self->lock);

  if (removed && !kept)
    {
      _bubus_event_bus_tell_handler (self, handler, FALSE);
      g_object_unref (handler);
    }
  return removed;
}

/**
 * bubus_event_bus_list_handlers:
 * @self: a bus
 *
 * Lists the handlers of the bus in order of registration. May be called from any thread.
 *
 * Returns: (transfer container) (element-type BubusHandler): the handlers
 *
 * Since: 1.0
 */
GPtrArray *
bubus_event_bus_list_handlers (BubusEventBus *self)
{
  GPtrArray *handlers;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  g_mutex_lock (&self->lock);
  handlers = _bubus_dispatch_table_list (&self->table, NULL, NULL);
  g_mutex_unlock (&self->lock);
  return handlers;
}
