/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

/**
 * BubusEventBusState:
 * @BUBUS_EVENT_BUS_STATE_RUNNING: the bus takes events
 * @BUBUS_EVENT_BUS_STATE_STOPPING: the bus takes no events from outside any more, and finishes or fails those that it has
 * @BUBUS_EVENT_BUS_STATE_STOPPED: the bus is done, for good
 *
 * How far a bus is in its life. A state never goes back.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_EVENT_BUS_STATE_RUNNING,
  BUBUS_EVENT_BUS_STATE_STOPPING,
  BUBUS_EVENT_BUS_STATE_STOPPED,
} BubusEventBusState;

#define BUBUS_TYPE_EVENT_BUS_STATE (bubus_event_bus_state_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_event_bus_state_get_type (void);

G_END_DECLS
