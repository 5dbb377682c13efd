/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_METRICS (bubus_metrics_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusMetrics, bubus_metrics, BUBUS, METRICS, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusMetrics *bubus_metrics_new              (void) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint64       bubus_metrics_get_n_dispatched (BubusMetrics *self,
                                              const char   *event_type);
BUBUS_AVAILABLE_IN_ALL
guint64       bubus_metrics_get_n_completed  (BubusMetrics *self,
                                              const char   *event_type);
BUBUS_AVAILABLE_IN_ALL
guint64       bubus_metrics_get_n_failed     (BubusMetrics *self,
                                              const char   *event_type);
BUBUS_AVAILABLE_IN_ALL
char         *bubus_metrics_to_text          (BubusMetrics *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
