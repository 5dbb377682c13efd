/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "tree/bubus-tree.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
char *bubus_event_bus_format_tree (BubusEventBus  *self,
                                   BubusTreeFlags  flags) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void  bubus_event_bus_log_tree    (BubusEventBus  *self);

G_END_DECLS
