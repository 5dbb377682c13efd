/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
void     bubus_ambient_push        (GObject    *object);
BUBUS_AVAILABLE_IN_ALL
void     bubus_ambient_pop         (GObject    *object);
BUBUS_AVAILABLE_IN_ALL
GObject *bubus_ambient_get_current (void);
BUBUS_AVAILABLE_IN_ALL
GObject *bubus_event_ref_ambient   (BubusEvent *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
