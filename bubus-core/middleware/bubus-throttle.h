/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_THROTTLE (bubus_throttle_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusThrottle, bubus_throttle, BUBUS, THROTTLE, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusThrottle *bubus_throttle_new (double interval) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
