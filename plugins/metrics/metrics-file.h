/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

/* A file that is replaced at an interval of the clock that the thread has by default. */
typedef struct _MetricsFile MetricsFile;

MetricsFile *metrics_file_new  (const char    *path,
                                double         interval,
                                GMainContext  *main_context,
                                BubusMetrics  *metrics,
                                GError       **error);
void         metrics_file_free (MetricsFile   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MetricsFile, metrics_file_free)

G_END_DECLS
