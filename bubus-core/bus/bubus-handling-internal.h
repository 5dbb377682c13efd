/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-invocation.h"

G_BEGIN_DECLS

gboolean _bubus_is_handling           (void);
gpointer _bubus_handling_set_aside    (void) G_GNUC_WARN_UNUSED_RESULT;
void     _bubus_handling_take_up      (gpointer          handling);
void     _bubus_invocation_leave_turn (BubusInvocation  *self);
gboolean _bubus_invocation_is_open    (BubusInvocation  *self,
                                       BubusEvent       *event,
                                       const char       *handler_id);
void     _bubus_invocation_give_up    (BubusInvocation  *self,
                                       const GError     *error);

G_END_DECLS
