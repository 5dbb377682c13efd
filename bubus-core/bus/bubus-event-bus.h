/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus-state.h"
#include "bus/bubus-invocation.h"
#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_EVENT_BUS (bubus_event_bus_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusEventBus, bubus_event_bus, BUBUS, EVENT_BUS, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusEventBus *bubus_event_bus_new                    (const char           *name) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_event_bus_get_id                 (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_event_bus_get_name               (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_event_bus_get_label              (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
GMainContext  *bubus_event_bus_get_main_context       (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
int            bubus_event_bus_get_max_history_size   (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_set_max_history_size   (BubusEventBus        *self,
                                                       int                   size);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_get_max_pending        (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_set_max_pending        (BubusEventBus        *self,
                                                       guint                 n_events);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_get_max_depth          (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_set_max_depth          (BubusEventBus        *self,
                                                       guint                 depth);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_get_max_handler_recursion (BubusEventBus     *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_set_max_handler_recursion (BubusEventBus     *self,
                                                       guint                 n_nested);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_get_time_budget        (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_set_time_budget        (BubusEventBus        *self,
                                                       guint                 microseconds);
BUBUS_AVAILABLE_IN_ALL
int            bubus_event_bus_get_priority           (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_set_priority           (BubusEventBus        *self,
                                                       int                   priority);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_get_n_pending          (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_get_n_abandoned        (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_is_idle                (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
GPtrArray     *bubus_event_bus_list_history           (BubusEventBus        *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEvent    *bubus_event_bus_get_event              (BubusEventBus        *self,
                                                       const char           *event_id) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint64        bubus_event_bus_get_memory_used        (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
GListModel    *bubus_event_bus_get_history            (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
GListModel    *bubus_event_bus_get_pending_events     (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
GListModel    *bubus_event_bus_get_started_events     (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
GListModel    *bubus_event_bus_get_completed_events   (BubusEventBus        *self);

BUBUS_AVAILABLE_IN_ALL
BubusHandler  *bubus_event_bus_on                     (BubusEventBus        *self,
                                                       GType                 event_type,
                                                       const char           *name,
                                                       BubusHandlerFunc      func,
                                                       gpointer              user_data,
                                                       GDestroyNotify        notify);
BUBUS_AVAILABLE_IN_ALL
BubusHandler  *bubus_event_bus_on_pattern             (BubusEventBus        *self,
                                                       const char           *pattern,
                                                       const char           *name,
                                                       BubusHandlerFunc      func,
                                                       gpointer              user_data,
                                                       GDestroyNotify        notify);
BUBUS_AVAILABLE_IN_ALL
BubusHandler  *bubus_event_bus_forward                (BubusEventBus        *self,
                                                       const char           *pattern,
                                                       const char           *name,
                                                       BubusEventBus        *target);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_off                    (BubusEventBus        *self,
                                                       BubusHandler         *handler);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_off_by_id              (BubusEventBus        *self,
                                                       const char           *id);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_off_by_func            (BubusEventBus        *self,
                                                       BubusHandlerFunc      func,
                                                       gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_off_by_pattern         (BubusEventBus        *self,
                                                       const char           *pattern);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_off_by_type            (BubusEventBus        *self,
                                                       GType                 event_type);
BUBUS_AVAILABLE_IN_ALL
guint          bubus_event_bus_off_all                (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
GPtrArray     *bubus_event_bus_list_handlers          (BubusEventBus        *self) G_GNUC_WARN_UNUSED_RESULT;

BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_add_middleware         (BubusEventBus        *self,
                                                       BubusMiddleware      *middleware);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_remove_middleware      (BubusEventBus        *self,
                                                       BubusMiddleware      *middleware);

BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_dispatch               (BubusEventBus        *self,
                                                       BubusEvent           *event,
                                                       GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_dispatch_with_flags    (BubusEventBus        *self,
                                                       BubusEvent           *event,
                                                       BubusDispatchFlags    flags,
                                                       GError              **error);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_dispatch_async         (BubusEventBus        *self,
                                                       BubusEvent           *event,
                                                       GCancellable         *cancellable,
                                                       GAsyncReadyCallback   callback,
                                                       gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_dispatch_finish        (BubusEventBus        *self,
                                                       GAsyncResult         *result,
                                                       GError              **error);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_wait_until_idle_async  (BubusEventBus        *self,
                                                       GCancellable         *cancellable,
                                                       GAsyncReadyCallback   callback,
                                                       gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_wait_until_idle_finish (BubusEventBus        *self,
                                                       GAsyncResult         *result,
                                                       GError              **error);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_wait_until_idle_for_async (BubusEventBus     *self,
                                                       double                seconds,
                                                       GCancellable         *cancellable,
                                                       GAsyncReadyCallback   callback,
                                                       gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_wait_until_idle_for_finish (BubusEventBus    *self,
                                                       GAsyncResult         *result,
                                                       GError              **error);
BUBUS_AVAILABLE_IN_ALL
BubusEventBusState
               bubus_event_bus_get_state              (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_stop                   (BubusEventBus        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_stop_async             (BubusEventBus        *self,
                                                       double                seconds,
                                                       GCancellable         *cancellable,
                                                       GAsyncReadyCallback   callback,
                                                       gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_event_bus_stop_finish            (BubusEventBus        *self,
                                                       GAsyncResult         *result);
BUBUS_AVAILABLE_IN_ALL
void           bubus_event_bus_clear                  (BubusEventBus        *self);

G_END_DECLS
