/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-queue-internal.h"
#include "event/bubus-visit-internal.h"

G_BEGIN_DECLS

/* The completed events that a bus remembers, oldest first. It holds a reference to each. Guarded by the bus's lock;
 * what is evicted is handed to the caller, who gives the references back without the lock. */
typedef struct
{
  BubusQueue visits;
  int        max_size;  /* negative: unlimited */
  guint64    newest;    /* the highest sequence of those that have been in it */
} BubusHistory;

void        _bubus_history_init  (BubusHistory *self,
                                  int           max_size);
void        _bubus_history_add   (BubusHistory *self,
                                  BubusVisit   *visit);
BubusVisit *_bubus_history_pop   (BubusHistory *self);
BubusVisit *_bubus_history_evict (BubusHistory *self);

G_END_DECLS
