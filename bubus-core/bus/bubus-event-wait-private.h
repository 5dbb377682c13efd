/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-event-wait.h"
#include "bus/bubus-invocation.h"

G_BEGIN_DECLS

void _bubus_event_wait (gpointer             source_object,
                        BubusInvocation     *invocation,
                        BubusEvent          *event,
                        double               seconds,
                        gpointer             source_tag,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data);

G_END_DECLS
