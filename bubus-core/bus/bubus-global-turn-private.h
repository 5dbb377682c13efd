/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

gboolean _bubus_global_turn_request  (BubusEventBus *bus);
void     _bubus_global_turn_leave    (BubusEventBus *bus);
void     _bubus_global_turn_take     (BubusEventBus *bus,
                                      BubusEvent    *event);
void     _bubus_global_turn_release  (BubusEvent    *event);
void     _bubus_global_turn_add_busy (GPtrArray     *events);
gboolean _bubus_global_turn_is_free  (void);

G_END_DECLS
