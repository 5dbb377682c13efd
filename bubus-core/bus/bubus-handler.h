/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

/**
 * BubusHandlerFunc:
 * @event: the event to handle
 * @invocation: this call: where to put what the handler returns, and how to dispatch, wait and answer later
 * @user_data: (closure): what was given at registration
 * @error: where to put why the handler failed
 *
 * Handles an event.
 *
 * A handler that has nothing to return just returns %TRUE. One that has calls a function such as
 * [method@Invocation.return_value] before. One that is not finished yet calls [method@Invocation.defer], returns
 * %TRUE, and calls a function of that family later.
 *
 * Returning %FALSE means that the handler has failed, also when @error was not set.
 *
 * Returns: whether the handler has succeeded so far
 *
 * Since: 1.0
 */
typedef gboolean (*BubusHandlerFunc) (BubusEvent       *event,
                                      BubusInvocation  *invocation,
                                      gpointer          user_data,
                                      GError          **error);

/**
 * BubusHandlerErrorFunc:
 * @event: the event that was handled
 * @result: the result of the handler
 * @error: why the handler failed
 * @user_data: (closure): what was given with the function
 *
 * Sees that a handler has failed. See [method@Handler.set_error_func].
 *
 * Since: 1.0
 */
typedef void (*BubusHandlerErrorFunc) (BubusEvent       *event,
                                       BubusEventResult *result,
                                       const GError     *error,
                                       gpointer          user_data);

#define BUBUS_TYPE_HANDLER (bubus_handler_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusHandler, bubus_handler, BUBUS, HANDLER, GObject)

BUBUS_AVAILABLE_IN_ALL
const char *bubus_handler_get_id            (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
const char *bubus_handler_get_name          (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
const char *bubus_handler_get_pattern       (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
gint64      bubus_handler_get_registered_at (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
int         bubus_handler_get_priority      (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_set_priority      (BubusHandler *self,
                                             int           priority);
BUBUS_AVAILABLE_IN_ALL
double      bubus_handler_get_timeout       (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_set_timeout       (BubusHandler *self,
                                             double        seconds);
BUBUS_AVAILABLE_IN_ALL
double      bubus_handler_get_slow_timeout  (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_set_slow_timeout  (BubusHandler *self,
                                             double        seconds);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_handler_get_threaded      (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_set_threaded      (BubusHandler *self,
                                             gboolean      threaded);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_handler_get_keeps_invocation (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_set_keeps_invocation (BubusHandler *self,
                                                gboolean      keeps);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_handler_get_once          (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_set_once          (BubusHandler *self,
                                             gboolean      once);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_handler_get_tied          (BubusHandler *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_tie               (BubusHandler *self,
                                             GObject      *object);
BUBUS_AVAILABLE_IN_ALL
void        bubus_handler_set_error_func    (BubusHandler          *self,
                                             BubusHandlerErrorFunc  func,
                                             gpointer               user_data,
                                             GDestroyNotify         notify);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_handler_is_registered     (BubusHandler *self);

G_END_DECLS
