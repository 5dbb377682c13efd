/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-invocation-private.h"

G_BEGIN_DECLS

void             _bubus_wait_owner_note   (BubusInvocation *invocation);
BubusInvocation *_bubus_wait_owner_ref    (BubusEvent      *event,
                                           GCancellable    *cancellable);
BubusInvocation *_bubus_wait_owner_ref_on (BubusEventBus   *bus,
                                           GCancellable    *cancellable);

G_END_DECLS
