/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-handler.h"
#include "event/bubus-event-internal.h"

G_BEGIN_DECLS

/* A handler that has returned in less, in nanoseconds, is not slow by anybody's measure. */
#define BUBUS_SLOW_CHECK G_GINT64_CONSTANT (1000000)

double _bubus_handler_get_limit  (BubusHandler     *handler,
                                  BubusEventResult *result,
                                  BubusEventTime    time);
void   _bubus_handler_check_slow (BubusHandler     *handler,
                                  BubusEventResult *result);
void   _bubus_handler_warn_slow  (BubusHandler     *handler,
                                  BubusEventResult *result,
                                  gint64            elapsed);

G_END_DECLS
