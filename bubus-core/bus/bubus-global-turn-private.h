/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event.h"

G_BEGIN_DECLS

gboolean _bubus_global_turn_request (GSource *source);
void     _bubus_global_turn_leave   (GSource *source);
void     _bubus_global_turn_take    (GSource    *source,
                                     BubusEvent *event);
void     _bubus_global_turn_release (BubusEvent *event);
void     _bubus_global_turn_add_busy (GPtrArray *events);
gboolean _bubus_global_turn_is_free (void);

G_END_DECLS
