/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-invocation.h"

#include "bubus-event-bus-private.h"
#include "bubus-invocation-private.h"
#include "bubus-wait-owner-private.h"

/**
 * bubus_invocation_dispatch:
 * @self: an invocation
 * @bus: (nullable): a bus, or %NULL for the one whose handler was called
 * @event: an event
 * @error: (nullable): where to put why the event was refused
 *
 * Dispatches an event as a child of the one that is handled.
 *
 * While the handler is being called, [method@EventBus.dispatch] does the same. Afterwards, when the handler has been
 * deferred, only this function knows the parent.
 *
 * See [method@EventBus.dispatch] for the errors.
 *
 * Returns: whether the event was accepted
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_dispatch (BubusInvocation  *self,
                           BubusEventBus    *bus,
                           BubusEvent       *event,
                           GError          **error)
{
  return bubus_invocation_dispatch_with_flags (self, bus, event, BUBUS_DISPATCH_NONE, error);
}

/**
 * bubus_invocation_dispatch_with_flags:
 * @self: an invocation
 * @bus: (nullable): a bus, or %NULL for the one whose handler was called
 * @event: an event
 * @flags: what the event is to the one that is handled
 * @error: (nullable): where to put why the event was refused
 *
 * Does what [method@Invocation.dispatch] does, and says what the event is to the one that is handled.
 *
 * See [method@EventBus.dispatch] for the errors.
 *
 * Returns: whether the event was accepted
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_dispatch_with_flags (BubusInvocation     *self,
                                      BubusEventBus       *bus,
                                      BubusEvent          *event,
                                      BubusDispatchFlags   flags,
                                      GError             **error)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self), FALSE);
  g_return_val_if_fail (bus == NULL || BUBUS_IS_EVENT_BUS (bus), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);
  g_return_val_if_fail ((flags & ~(BUBUS_DISPATCH_BACKGROUND | BUBUS_DISPATCH_DETACHED)) == 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (bus == NULL)
    bus = _bubus_result_get_bus (self->result);
  if (!_bubus_event_bus_dispatch (bus, event, self->result, flags, error))
    return FALSE;

  _bubus_wait_owner_note (self);
  return TRUE;
}
