/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_LOGGER (bubus_logger_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusLogger, bubus_logger, BUBUS, LOGGER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusLogger    *bubus_logger_new       (GLogLevelFlags  level) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GLogLevelFlags  bubus_logger_get_level (BubusLogger    *self);

G_END_DECLS
