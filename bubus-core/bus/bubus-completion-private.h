/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"

G_BEGIN_DECLS

void _bubus_completion_release (BubusEvent    *event,
                                GMainContext  *context);
void _bubus_completion_release_visit (BubusEventBus *bus,
                                      BubusVisit    *visit);
void _bubus_completion_receive (BubusEventBus *bus,
                                BubusEvent    *event);

G_END_DECLS
