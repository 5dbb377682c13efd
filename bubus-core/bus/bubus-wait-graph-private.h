/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-event-bus.h"
#include "event/bubus-visit-internal.h"

G_BEGIN_DECLS

/* A handler of @waiter waits for @awaited. Both are owned while it does. */
typedef struct
{
  BubusEvent *waiter;   /* NULL: nobody waits */
  BubusEvent *awaited;
} BubusWait;

gboolean   _bubus_wait_begin   (BubusWait   *self,
                                BubusEvent  *waiter,
                                BubusEvent  *awaited,
                                GError     **error);
void       _bubus_wait_end     (BubusWait   *self);
GPtrArray *_bubus_wait_list    (BubusEvent  *event);
GPtrArray *_bubus_wait_list_before (BubusEventBus    *bus,
                                    const BubusVisit *visit);
gboolean   _bubus_wait_graph_is_empty (void);
gboolean   _bubus_wait_reaches (BubusEvent  *from,
                                BubusEvent  *to);

G_END_DECLS
