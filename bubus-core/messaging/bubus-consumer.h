/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-invocation.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_CONSUMER (bubus_consumer_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusConsumer, bubus_consumer, BUBUS, CONSUMER, GObject)

BUBUS_AVAILABLE_IN_ALL
const char *bubus_consumer_get_address   (BubusConsumer *self);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_consumer_is_registered (BubusConsumer *self);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_consumer_unregister    (BubusConsumer *self);

G_END_DECLS
