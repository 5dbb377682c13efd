/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"

G_BEGIN_DECLS

void     _bubus_visit_watch      (BubusEventBus *bus,
                                  BubusVisit    *visit);
void     _bubus_visit_unwatch    (BubusEventBus *bus,
                                  BubusVisit    *visit);
gboolean _bubus_visit_is_overdue (BubusEventBus *bus,
                                  BubusVisit    *visit);

G_END_DECLS
