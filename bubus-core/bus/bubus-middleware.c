/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-middleware.h"

/**
 * BubusMiddleware:
 *
 * Something that is told of every change on a bus: a logger, a journal, a metric; or that sees events before they are
 * queued: a filter, a limiter, a translator.
 *
 * It is added with [method@EventBus.add_middleware]. For one event on one bus the order is: the event is pending (at
 * dispatch), each result is pending, then for each handler its result is started, the event is started (with the first
 * handler), the result is completed or an error; and last the event is completed. An event that visits several buses
 * completes on the first of them only. Before that, who wants to can put off that it is told to be complete.
 *
 * What a middleware is told has happened already. It must not take long: the bus waits for it. What it dispatches is a
 * root of its own. It may add and remove middleware and handlers; a bus that it stops is stopped when it has returned. To
 * put off that an event is complete, see [method@EventBus.hold_event].
 *
 * A middleware is called in the bus's main context only. An event that is dispatched in another thread, while somebody runs
 * that context, is taken at once; the middleware is asked when the context runs, and refusing the event then is the same as
 * dropping it. Handlers that come and go in other threads are told likewise.
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (BubusMiddleware, bubus_middleware, G_TYPE_OBJECT)

static void
bubus_middleware_default_init (BubusMiddlewareInterface *iface)
{
}
