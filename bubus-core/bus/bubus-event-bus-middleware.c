/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "bubus-event-bus-private.h"
#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"

/* Nullable. */
GPtrArray *
_bubus_event_bus_ref_middleware (BubusEventBus *self)
{
  GPtrArray *middleware = NULL;

  g_mutex_lock (&self->lock);
  if (self->middleware != NULL)
    middleware = g_ptr_array_ref (self->middleware);
  g_mutex_unlock (&self->lock);
  return middleware;
}

/* ---- telling ---- */

typedef void (*BubusTellFunc) (BubusMiddleware *middleware,
                               BubusEventBus   *bus,
                               gpointer         subject,
                               int              state);

/* What is called here is not part of the handler that happens to be running, and a bus that is stopped here goes on
 * until it returns. */
static G_NO_INLINE void
bubus_event_bus_tell (BubusEventBus *self,
                      BubusTellFunc  tell,
                      gpointer       subject,
                      int            state)
{
  g_autoptr (GPtrArray) middleware = _bubus_event_bus_ref_middleware (self);
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);

  _bubus_event_bus_begin_telling (self);
  for (guint i = 0; middleware != NULL && i < middleware->len; i++)
    tell (middleware->pdata[i], self, subject, state);
  _bubus_event_bus_end_telling (self);
  _bubus_invocation_set_current (invocation);
}

static void
bubus_middleware_tell_event (BubusMiddleware *self,
                             BubusEventBus   *bus,
                             gpointer         event,
                             int              status)
{
  BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (self);

  if (iface->event_changed != NULL)
    iface->event_changed (self, bus, event, (BubusEventStatus) status);
}

void
_bubus_event_bus_do_tell_event (BubusEventBus    *self,
                                BubusEvent       *event,
                                BubusEventStatus  status)
{
  bubus_event_bus_tell (self, bubus_middleware_tell_event, event, (int) status);
}

static void
bubus_middleware_tell_wait (BubusMiddleware *self,
                            BubusEventBus   *bus,
                            gpointer         event,
                            int              state)
{
  BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (self);

  if (iface->event_awaited != NULL)
    iface->event_awaited (self, bus, event);
}

void
_bubus_event_bus_do_tell_wait (BubusEventBus *self,
                               BubusEvent    *event)
{
  bubus_event_bus_tell (self, bubus_middleware_tell_wait, event, 0);
}

static void
bubus_middleware_ask_completion (BubusMiddleware *self,
                                 BubusEventBus   *bus,
                                 gpointer         event,
                                 int              state)
{
  BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (self);

  if (iface->event_completing != NULL)
    iface->event_completing (self, bus, event);
}

void
_bubus_event_bus_ask_completion (BubusEventBus *self,
                                 BubusEvent    *event)
{
  bubus_event_bus_tell (self, bubus_middleware_ask_completion, event, 0);
}

static void
bubus_middleware_tell_result (BubusMiddleware *self,
                              BubusEventBus   *bus,
                              gpointer         data,
                              int              status)
{
  BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (self);
  BubusEventResult *result = data;

  if (iface->result_changed != NULL)
    iface->result_changed (self, bus, _bubus_result_get_event (result), result, (BubusResultStatus) status);
}

static void
bubus_event_bus_tell_handler_of_error (BubusEventResult *result)
{
  const BubusHandlerList *handlers = _bubus_visit_get_handlers (_bubus_result_get_visit (result));

  if (handlers != NULL)
    _bubus_handler_observe_error (handlers->handlers[result->index], result);
}

void
_bubus_event_bus_do_tell_result (BubusEventBus    *self,
                                 BubusEventResult *result)
{
  if (g_atomic_int_get (&self->tells_results))
    bubus_event_bus_tell (self, bubus_middleware_tell_result, result, (int) result->status);
  if (result->status == BUBUS_RESULT_STATUS_ERROR)
    bubus_event_bus_tell_handler_of_error (result);
}

static void
bubus_middleware_tell_handler (BubusMiddleware *self,
                               BubusEventBus   *bus,
                               gpointer         handler,
                               int              registered)
{
  BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (self);

  if (iface->handler_changed != NULL)
    iface->handler_changed (self, bus, handler, registered);
}

/* A change of handlers that is told later. */
typedef struct
{
  BubusEventBus *bus;
  BubusHandler  *handler;
  gboolean       registered;
} BubusHandlerChange;

static gboolean
bubus_handler_change_tell_cb (gpointer data)
{
  BubusHandlerChange *self = data;

  bubus_event_bus_tell (self->bus, bubus_middleware_tell_handler, self->handler, self->registered);
  return G_SOURCE_REMOVE;
}

static void
bubus_handler_change_free (gpointer data)
{
  BubusHandlerChange *self = data;

  g_object_unref (self->handler);
  g_object_unref (self->bus);
  g_free (self);
}

/* At once where the middleware may be called, and else in the bus's main context. A bus that goes tells nothing. */
void
_bubus_event_bus_do_tell_handler (BubusEventBus *self,
                                  BubusHandler  *handler,
                                  gboolean       registered)
{
  BubusHandlerChange *change;

  if (self->source == NULL)
    return;

  change = g_new (BubusHandlerChange, 1);
  *change = (BubusHandlerChange) { g_object_ref (self), g_object_ref (handler), registered };
  g_main_context_invoke_full (self->context, _bubus_event_bus_get_message_priority (self),
                              bubus_handler_change_tell_cb, change, bubus_handler_change_free);
}

/* ---- who is told ---- */

/* @middleware is nullable. */
static GPtrArray *
bubus_middleware_copy_list (GPtrArray *middleware)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; middleware != NULL && i < middleware->len; i++)
    g_ptr_array_add (copy, g_object_ref (middleware->pdata[i]));
  return copy;
}

static gboolean
bubus_middleware_intercepts (BubusMiddleware *self)
{
  BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (self);

  return iface->intercept != NULL && (iface->intercepts == NULL || iface->intercepts (self));
}

static gboolean
bubus_middleware_any_intercepts (GPtrArray *middleware)
{
  for (guint i = 0; middleware != NULL && i < middleware->len; i++)
    if (bubus_middleware_intercepts (middleware->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
bubus_middleware_defers_completion (BubusMiddleware *self)
{
  BubusMiddlewareInterface *iface = BUBUS_MIDDLEWARE_GET_IFACE (self);

  return iface->event_completing != NULL && (iface->defers_completion == NULL || iface->defers_completion (self));
}

static gboolean
bubus_middleware_any_defers_completion (GPtrArray *middleware)
{
  for (guint i = 0; middleware != NULL && i < middleware->len; i++)
    if (bubus_middleware_defers_completion (middleware->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
bubus_middleware_any_wants_results (GPtrArray *middleware)
{
  for (guint i = 0; middleware != NULL && i < middleware->len; i++)
    if (BUBUS_MIDDLEWARE_GET_IFACE (middleware->pdata[i])->result_changed != NULL)
      return TRUE;
  return FALSE;
}

/* What a middleware is for it says itself, without the lock. Both arrays are nullable; FALSE when another thread has
 * changed the middleware since @before. */
static gboolean
bubus_event_bus_change_middleware (BubusEventBus *self,
                                   GPtrArray     *before,
                                   GPtrArray     *after)
{
  gboolean intercepts = bubus_middleware_any_intercepts (after);
  gboolean tells_results = bubus_middleware_any_wants_results (after);
  gboolean asks = bubus_middleware_any_defers_completion (after);
  gboolean changed;

  g_mutex_lock (&self->lock);
  changed = self->middleware == before;
  if (changed)
    {
      g_atomic_pointer_set (&self->middleware, after != NULL ? g_ptr_array_ref (after) : NULL);
      g_atomic_int_set (&self->intercepts, intercepts);
      g_atomic_int_set (&self->tells_results, tells_results);
      g_atomic_int_set (&self->asks, asks);
    }
  g_mutex_unlock (&self->lock);

  if (changed && before != NULL)
    g_ptr_array_unref (before); /* the bus's reference */
  return changed;
}

static gboolean
bubus_event_bus_try_to_add (BubusEventBus   *self,
                            BubusMiddleware *middleware)
{
  g_autoptr (GPtrArray) before = _bubus_event_bus_ref_middleware (self);
  g_autoptr (GPtrArray) after = bubus_middleware_copy_list (before);

  g_ptr_array_add (after, g_object_ref (middleware));
  return bubus_event_bus_change_middleware (self, before, after);
}

/* TRUE also when it is not there. */
static gboolean
bubus_event_bus_try_to_remove (BubusEventBus   *self,
                               BubusMiddleware *middleware,
                               gboolean        *removed)
{
  g_autoptr (GPtrArray) before = _bubus_event_bus_ref_middleware (self);
  g_autoptr (GPtrArray) after = bubus_middleware_copy_list (before);

  *removed = g_ptr_array_remove (after, middleware);
  return !*removed || bubus_event_bus_change_middleware (self, before, after->len > 0 ? after : NULL);
}

/**
 * bubus_event_bus_add_middleware:
 * @self: a bus
 * @middleware: a middleware
 *
 * Adds a middleware, which is told, and asked, after those that were added before.
 *
 * Since: 1.0
 */
void
bubus_event_bus_add_middleware (BubusEventBus   *self,
                                BubusMiddleware *middleware)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (BUBUS_IS_MIDDLEWARE (middleware));

  while (!bubus_event_bus_try_to_add (self, middleware))
    continue;
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
  gboolean removed;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_MIDDLEWARE (middleware), FALSE);

  while (!bubus_event_bus_try_to_remove (self, middleware, &removed))
    continue;
  return removed;
}
