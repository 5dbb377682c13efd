/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_DEDUPLICATOR (bubus_deduplicator_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusDeduplicator, bubus_deduplicator, BUBUS, DEDUPLICATOR, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusDeduplicator *bubus_deduplicator_new (const char *key,
                                           double      window) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
