/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"

G_BEGIN_DECLS

void   _bubus_turns_join     (BubusEventBus *bus);
void   _bubus_turns_leave    (BubusEventBus *bus);
void   _bubus_turns_unref    (BubusTurns    *self);
void   _bubus_turns_wake     (BubusEventBus *bus);
void   _bubus_turns_rest     (BubusEventBus *bus);
void   _bubus_turns_end      (BubusEventBus *bus);
void   _bubus_turns_move     (BubusEventBus *bus,
                              int            priority);
gint64 _bubus_turns_get_time (BubusEventBus *bus);

G_END_DECLS
