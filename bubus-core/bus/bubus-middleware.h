/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-handler.h"
#include "bus/bubus-interception.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_MIDDLEWARE (bubus_middleware_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_INTERFACE (BubusMiddleware, bubus_middleware, BUBUS, MIDDLEWARE, GObject)

/**
 * BubusMiddlewareInterface:
 * @g_iface: the parent interface
 * @event_changed: an event has come to a status on a bus
 * @result_changed: a handler's result has come to a status
 * @handler_changed: a handler has been registered or taken off
 * @intercept: an event is about to be queued; see [class@Interception]. Returns whether the event is accepted; %FALSE with
 *   an error makes the dispatch fail with that, and leaves no trace of it
 * @intercepts: whether @intercept is of use, asked when the middleware is added to a bus; when it is %NULL, it is. Events
 *   go their short way on a bus where nobody intercepts
 * @event_awaited: a handler of the bus waits for an event, which is about to be handled in place unless it has had its
 *   turn already
 * @event_completing: everything that an event waits for is done; [method@EventBus.hold_event] puts off that it is told to
 *   be complete. Asked again whenever that is so, also when the last hold has been released
 * @defers_completion: whether @event_completing is of use, asked when the middleware is added to a bus; when it is %NULL,
 *   it is
 *
 * What a middleware is told and asked. Every function is optional, runs in the bus's main context, and sees the state
 * after the change.
 *
 * Since: 1.0
 */
struct _BubusMiddlewareInterface
{
  GTypeInterface g_iface;

  void (*event_changed)  (BubusMiddleware   *self,
                          BubusEventBus     *bus,
                          BubusEvent        *event,
                          BubusEventStatus   status);
  void (*result_changed) (BubusMiddleware   *self,
                          BubusEventBus     *bus,
                          BubusEvent        *event,
                          BubusEventResult  *result,
                          BubusResultStatus  status);
  void (*handler_changed) (BubusMiddleware   *self,
                           BubusEventBus     *bus,
                           BubusHandler      *handler,
                           gboolean           registered);
  gboolean (*intercept)   (BubusMiddleware    *self,
                           BubusEventBus      *bus,
                           BubusEvent         *event,
                           BubusInterception  *interception,
                           GError            **error);
  gboolean (*intercepts)  (BubusMiddleware    *self);
  void (*event_awaited)   (BubusMiddleware   *self,
                           BubusEventBus     *bus,
                           BubusEvent        *event);
  void (*event_completing) (BubusMiddleware    *self,
                            BubusEventBus      *bus,
                            BubusEvent         *event);
  gboolean (*defers_completion) (BubusMiddleware  *self);

  /*< private >*/
  gpointer _reserved[8];
};

G_END_DECLS
