/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_RATE_LIMITER (bubus_rate_limiter_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusRateLimiter, bubus_rate_limiter, BUBUS, RATE_LIMITER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusRateLimiter *bubus_rate_limiter_new (double rate,
                                          guint  burst) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
