/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-middleware.h"

/**
 * BubusMiddleware:
 *
 * Something that is told of every change on a bus: a logger, a journal, a metric.
 *
 * It is added with [method@EventBus.add_middleware]. For one event on one bus the order is: the event is pending (at
 * dispatch), each result is pending, then for each handler its result is started, the event is started (with the first
 * handler), the result is completed or an error; and last the event is completed. An event that visits several buses
 * completes on the first of them only.
 *
 * What a middleware is told has happened already. It must not take long: the bus waits for it.
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (BubusMiddleware, bubus_middleware, G_TYPE_OBJECT)

static void
bubus_middleware_default_init (BubusMiddlewareInterface *iface)
{
}
