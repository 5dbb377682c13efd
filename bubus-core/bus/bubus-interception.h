/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_INTERCEPTION (bubus_interception_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusInterception, bubus_interception, BUBUS, INTERCEPTION, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusEvent    *bubus_interception_get_event (BubusInterception *self);
BUBUS_AVAILABLE_IN_ALL
BubusEventBus *bubus_interception_get_bus   (BubusInterception *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_interception_defer     (BubusInterception *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_interception_resume    (BubusInterception *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_interception_replace   (BubusInterception *self,
                                             BubusEvent        *event);
BUBUS_AVAILABLE_IN_ALL
void           bubus_interception_drop      (BubusInterception *self,
                                             const GError      *reason);

BUBUS_AVAILABLE_IN_ALL
BubusEvent    *bubus_event_dup_replacement  (BubusEvent        *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GError        *bubus_event_dup_drop_reason  (BubusEvent        *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
