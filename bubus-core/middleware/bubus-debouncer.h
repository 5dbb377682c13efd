/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_DEBOUNCER (bubus_debouncer_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusDebouncer, bubus_debouncer, BUBUS, DEBOUNCER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusDebouncer *bubus_debouncer_new (double delay) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
