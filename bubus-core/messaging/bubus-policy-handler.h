/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"
#include "flow/bubus-policy.h"

G_BEGIN_DECLS

/**
 * BubusPolicyHandlerFunc:
 * @event: the event to handle
 * @invocation: the call of the handler: what to dispatch children with
 * @attempt: this attempt: where to put the answer, and what is cancelled when it is not wanted any more
 * @user_data: (closure): what was given at registration
 * @error: where to put why the attempt failed at once
 *
 * Makes one attempt to handle an event.
 *
 * It answers with one of the `return_` functions of @attempt, before it returns or later; in the latter case it takes a
 * reference to @attempt. Returning %FALSE means that the attempt has failed, also when @error was not set.
 *
 * Returns: whether the attempt has been started
 *
 * Since: 1.0
 */
typedef gboolean (*BubusPolicyHandlerFunc) (BubusEvent       *event,
                                            BubusInvocation  *invocation,
                                            BubusAttempt     *attempt,
                                            gpointer          user_data,
                                            GError          **error);

BUBUS_AVAILABLE_IN_ALL
BubusHandler *bubus_event_bus_on_with_policy (BubusEventBus           *self,
                                              const char              *pattern,
                                              const char              *name,
                                              BubusPolicy             *policy,
                                              BubusPolicyHandlerFunc   func,
                                              gpointer                 user_data,
                                              GDestroyNotify           notify);

G_END_DECLS
