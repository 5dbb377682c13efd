/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_RECORDER (bubus_recorder_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusRecorder, bubus_recorder, BUBUS, RECORDER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusRecorder *bubus_recorder_new            (BubusEventBus        *bus) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEventBus *bubus_recorder_get_bus        (BubusRecorder        *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_recorder_clear          (BubusRecorder        *self);
BUBUS_AVAILABLE_IN_ALL
GPtrArray     *bubus_recorder_list_events    (BubusRecorder        *self,
                                              const char           *pattern) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint          bubus_recorder_count          (BubusRecorder        *self,
                                              const char           *pattern);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_recorder_check_count    (BubusRecorder        *self,
                                              const char           *pattern,
                                              guint                 expected,
                                              GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_recorder_check_sequence (BubusRecorder        *self,
                                              const char *const    *event_types,
                                              GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_recorder_check_no_errors (BubusRecorder       *self,
                                              GError              **error);
BUBUS_AVAILABLE_IN_ALL
void           bubus_recorder_wait_async     (BubusRecorder        *self,
                                              const char           *pattern,
                                              guint                 n_events,
                                              GCancellable         *cancellable,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_recorder_wait_finish    (BubusRecorder        *self,
                                              GAsyncResult         *result,
                                              GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_recorder_drain          (BubusRecorder        *self,
                                              double                seconds,
                                              GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_recorder_advance        (BubusRecorder        *self,
                                              double                seconds,
                                              GError              **error);

G_END_DECLS
