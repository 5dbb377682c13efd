/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_HOLD (bubus_hold_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusHold, bubus_hold, BUBUS, HOLD, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusHold *bubus_event_bus_hold_event (BubusEventBus *self,
                                       BubusEvent    *event) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void       bubus_hold_release         (BubusHold     *self);

G_END_DECLS
