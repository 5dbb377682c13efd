/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"

G_BEGIN_DECLS

gint64    _bubus_scheduler_take_turn   (BubusEventBus   *bus,
                                        gint64           spent,
                                        guint            n_turns);
void      _bubus_scheduler_wake_locked (BubusEventBus   *bus);
void      _bubus_scheduler_defer       (BubusInvocation *invocation);
void      _bubus_scheduler_undefer     (BubusInvocation *invocation);
void      _bubus_scheduler_answer      (BubusInvocation *invocation);
void      _bubus_scheduler_start_waiting (BubusEvent    *event,
                                        GMainContext    *context);
void      _bubus_scheduler_jump        (BubusEvent      *event,
                                        GMainContext    *context);
void      _bubus_scheduler_send_jump   (BubusEvent      *event,
                                        BubusEventBus   *bus,
                                        gboolean         is_wait);
void      _bubus_scheduler_resume_event (BubusEvent      *event,
                                        GMainContext    *context);
void      _bubus_scheduler_let_pass    (BubusEvent      *event);
void      _bubus_scheduler_give_up     (BubusInvocation *invocation,
                                        const GError    *error);
void      _bubus_scheduler_expire      (BubusInvocation *invocation);
void      _bubus_scheduler_abandon_deferred (BubusEventBus   *bus,
                                        BubusEvent      *event,
                                        const GError    *reason);
void      _bubus_scheduler_abandon_visit (BubusVisit           *visit,
                                        const BubusEventResult *spared,
                                        const GError    *reason);
void      _bubus_scheduler_stop        (BubusEventBus   *bus);

G_END_DECLS
