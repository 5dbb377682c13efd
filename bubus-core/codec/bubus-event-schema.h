/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"
#include "event/bubus-json.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
BubusJson *bubus_event_class_dup_schema (BubusEventClass *klass) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
