/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

/**
 * BubusAuthorizeFunc:
 * @event: the event
 * @bus: the bus on which it was dispatched
 * @user_data: (closure): what was given with the function
 * @error: where to put why it is not allowed
 *
 * Decides whether an event may be dispatched. Returning %FALSE without setting @error refuses it too.
 *
 * Returns: whether the event is allowed
 *
 * Since: 1.0
 */
typedef gboolean (*BubusAuthorizeFunc) (BubusEvent     *event,
                                        BubusEventBus  *bus,
                                        gpointer        user_data,
                                        GError        **error);

#define BUBUS_TYPE_AUTHORIZER (bubus_authorizer_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusAuthorizer, bubus_authorizer, BUBUS, AUTHORIZER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusAuthorizer *bubus_authorizer_new           (BubusAuthorizeFunc  func,
                                                 gpointer            user_data,
                                                 GDestroyNotify      notify) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint64          bubus_authorizer_get_n_refused (BubusAuthorizer    *self);

G_END_DECLS
