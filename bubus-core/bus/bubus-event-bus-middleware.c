/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "bubus-event-bus-private.h"
#include "bubus-handler-private.h"

static GPtrArray *
bubus_event_bus_ref_middleware (BubusEventBus *self)
{
  GPtrArray *middleware = NULL;

  if (G_LIKELY (g_atomic_pointer_get (&self->middleware) == NULL))
    return NULL;

  g_mutex_lock (&self->lock);
  if (self->middleware != NULL)
    middleware = g_ptr_array_ref (self->middleware);
  g_mutex_unlock (&self->lock);
  return middleware;
}

void
_bubus_event_bus_tell_event (BubusEventBus    *self,
                             BubusEvent       *event,
                             BubusEventStatus  status)
{
  g_autoptr (GPtrArray) middleware = bubus_event_bus_ref_middleware (self);

  for (guint i = 0; middleware != NULL && i < middleware->len; i++)
    {
      BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (middleware->pdata[i]);

      if (iface->event_changed != NULL)
        iface->event_changed (middleware->pdata[i], self, event, status);
    }
}

static void
bubus_event_bus_tell_handler_of_error (BubusEventResult *result)
{
  const BubusHandlerList *handlers = result->visit->handlers;

  if (handlers != NULL)
    _bubus_handler_observe_error (handlers->handlers[result - result->visit->results], result);
}

void
_bubus_event_bus_tell_result (BubusEventBus    *self,
                              BubusEventResult *result)
{
  g_autoptr (GPtrArray) middleware = bubus_event_bus_ref_middleware (self);

  for (guint i = 0; middleware != NULL && i < middleware->len; i++)
    {
      BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (middleware->pdata[i]);

      if (iface->result_changed != NULL)
        iface->result_changed (middleware->pdata[i], self, result->visit->event, result, result->status);
    }
  if (G_UNLIKELY (result->status == BUBUS_RESULT_STATUS_ERROR))
    bubus_event_bus_tell_handler_of_error (result);
}

/* Whether a middleware may be called from here: the caller's thread owns the main context, or nobody does. Then the
 * context is the caller's until it is released. */
gboolean
_bubus_event_bus_acquire_for_middleware (BubusEventBus *self)
{
  return G_UNLIKELY (g_atomic_pointer_get (&self->middleware) != NULL) && g_main_context_acquire (self->context);
}

static GPtrArray *
bubus_event_bus_copy_middleware_locked (BubusEventBus *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; self->middleware != NULL && i < self->middleware->len; i++)
    g_ptr_array_add (copy, g_object_ref (self->middleware->pdata[i]));
  return copy;
}

/* Gives the middleware of before to the caller. */
static GPtrArray *
bubus_event_bus_set_middleware_locked (BubusEventBus *self,
                                       GPtrArray     *middleware)
{
  GPtrArray *before = self->middleware;

  if (middleware != NULL && middleware->len == 0)
    g_clear_pointer (&middleware, g_ptr_array_unref);
  g_atomic_pointer_set (&self->middleware, middleware);
  return before;
}

/**
 * bubus_event_bus_add_middleware:
 * @self: a bus
 * @middleware: a middleware
 *
 * Adds a middleware, which is told after those that were added before.
 *
 * Since: 1.0
 */
void
bubus_event_bus_add_middleware (BubusEventBus   *self,
                                BubusMiddleware *middleware)
{
  g_autoptr (GPtrArray) before = NULL;
  GPtrArray *copy;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (BUBUS_IS_MIDDLEWARE (middleware));

  g_mutex_lock (&self->lock);
  copy = bubus_event_bus_copy_middleware_locked (self);
  g_ptr_array_add (copy, g_object_ref (middleware));
  before = bubus_event_bus_set_middleware_locked (self, copy);
  g_mutex_unlock (&self->lock);
}

/**
 * bubus_event_bus_remove_middleware:
 * @self: a bus
 * @middleware: a middleware
 *
 * Removes a middleware. A change that is being told may still reach it.
 *
 * Returns: whether @self had the middleware
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_remove_middleware (BubusEventBus   *self,
                                   BubusMiddleware *middleware)
{
  g_autoptr (GPtrArray) before = NULL;
  GPtrArray *copy;
  gboolean removed;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_MIDDLEWARE (middleware), FALSE);

  g_mutex_lock (&self->lock);
  copy = bubus_event_bus_copy_middleware_locked (self);
  removed = g_ptr_array_remove (copy, middleware);
  before = bubus_event_bus_set_middleware_locked (self, copy);
  g_mutex_unlock (&self->lock);
  return removed;
}
