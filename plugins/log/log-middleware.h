/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

#define LOG_TYPE_MIDDLEWARE (log_middleware_get_type ())

G_DECLARE_FINAL_TYPE (LogMiddleware, log_middleware, LOG, MIDDLEWARE, GObject)

BubusMiddleware *log_middleware_new (GVariant  *settings,
                                     GError   **error);

G_END_DECLS
