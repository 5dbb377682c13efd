/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "event/bubus-event-settings.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
double bubus_event_bus_get_event_timeout (BubusEventBus *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_bus_set_event_timeout (BubusEventBus *self,
                                        double         seconds);
BUBUS_AVAILABLE_IN_ALL
double bubus_event_bus_get_event_deadline (BubusEventBus *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_bus_set_event_deadline (BubusEventBus *self,
                                         double         seconds);
BUBUS_AVAILABLE_IN_ALL
double bubus_event_bus_get_event_handler_slow_timeout (BubusEventBus *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_bus_set_event_handler_slow_timeout (BubusEventBus *self,
                                                     double         seconds);
BUBUS_AVAILABLE_IN_ALL
double bubus_event_bus_get_event_slow_timeout (BubusEventBus *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_bus_set_event_slow_timeout (BubusEventBus *self,
                                             double         seconds);
BUBUS_AVAILABLE_IN_ALL
BubusEventConcurrency bubus_event_bus_get_event_concurrency (BubusEventBus *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_bus_set_event_concurrency (BubusEventBus         *self,
                                            BubusEventConcurrency  concurrency);
BUBUS_AVAILABLE_IN_ALL
BubusHandlerConcurrency bubus_event_bus_get_event_handler_concurrency (BubusEventBus *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_bus_set_event_handler_concurrency (BubusEventBus           *self,
                                                    BubusHandlerConcurrency  handler_concurrency);
BUBUS_AVAILABLE_IN_ALL
BubusHandlerCompletion bubus_event_bus_get_event_handler_completion (BubusEventBus *self);
BUBUS_AVAILABLE_IN_ALL
void bubus_event_bus_set_event_handler_completion (BubusEventBus          *self,
                                                   BubusHandlerCompletion  handler_completion);

G_END_DECLS
