/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

/* A Unix socket that gives everybody who connects the text, and closes the connection. */
typedef struct _MetricsSocket MetricsSocket;

MetricsSocket *metrics_socket_new  (const char     *path,
                                    GMainContext   *main_context,
                                    BubusMetrics   *metrics,
                                    GError        **error);
void           metrics_socket_free (MetricsSocket  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MetricsSocket, metrics_socket_free)

G_END_DECLS
