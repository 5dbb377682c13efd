/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "event/bubus-event-query.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
void        bubus_event_bus_expect_async  (BubusEventBus        *self,
                                           BubusEventQuery      *query,
                                           double                seconds,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
BubusEvent *bubus_event_bus_expect_finish (BubusEventBus        *self,
                                           GAsyncResult         *result,
                                           GError              **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void        bubus_event_bus_find_async    (BubusEventBus        *self,
                                           BubusEventQuery      *query,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
BubusEvent *bubus_event_bus_find_finish   (BubusEventBus        *self,
                                           GAsyncResult         *result,
                                           GError              **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GPtrArray  *bubus_event_bus_filter        (BubusEventBus        *self,
                                           BubusEventQuery      *query) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void        bubus_event_bus_filter_async  (BubusEventBus        *self,
                                           BubusEventQuery      *query,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
GPtrArray  *bubus_event_bus_filter_finish (BubusEventBus        *self,
                                           GAsyncResult         *result,
                                           GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
