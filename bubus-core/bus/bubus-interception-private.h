/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"
#include "bus/bubus-interception.h"

G_BEGIN_DECLS

gboolean _bubus_event_bus_intercept    (BubusEventBus       *bus,
                                        BubusEvent          *event,
                                        BubusEventResult    *emitter,
                                        BubusDispatchFlags   flags,
                                        GError             **error);
void     _bubus_event_bus_free_delayed (BubusEventBus       *bus);
gboolean _bubus_event_check_dropped    (BubusEvent          *event,
                                        GError             **error);

G_END_DECLS
