/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"

G_BEGIN_DECLS

void _bubus_visit_take_locked          (BubusEventBus    *bus,
                                        BubusVisit       *visit);
void _bubus_visit_start                (BubusEventBus    *bus,
                                        BubusVisit       *visit,
                                        gint64            until);
void _bubus_visit_continue             (BubusEventBus    *bus,
                                        BubusVisit       *visit,
                                        gint64            until);
gboolean _bubus_visit_is_paused        (BubusEventBus    *bus,
                                        BubusVisit       *visit);
void _bubus_visit_resume               (BubusEventBus    *bus,
                                        BubusVisit       *visit,
                                        gint64            until);
void _bubus_visit_expire               (BubusEventBus    *bus,
                                        BubusVisit       *visit);
void _bubus_visit_fail_result          (BubusEventBus    *bus,
                                        BubusEventResult *result,
                                        int               code,
                                        const char       *message);
void _bubus_visit_give_back_invocation (BubusEventBus    *bus,
                                        BubusInvocation  *invocation,
                                        BubusHandler     *handler);

G_END_DECLS
