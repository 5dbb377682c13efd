/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gmodule.h>

#include "bus/bubus-invocation.h"

G_BEGIN_DECLS

/* For a process whose events are handled in another one: a handler waits for @event in place, and what can be done here
 * has been done. Blocks until a handler that was to answer later has, or until it is known that it cannot.
 *
 * Returns: whether there is no other error than that the event may not be complete */
typedef gboolean (*BubusBlockFunc) (BubusInvocation  *invocation,
                                    BubusEvent       *event,
                                    gpointer          user_data,
                                    GError          **error);

/* Once in the life of the process, before there is a handler. */
G_MODULE_EXPORT void _bubus_invocation_set_blocker (BubusBlockFunc func,
                                                    gpointer       user_data);

G_END_DECLS
