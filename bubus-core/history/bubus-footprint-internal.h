/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdatomic.h>

#include "base/bubus-queue-internal.h"
#include "event/bubus-handler-info-internal.h"

G_BEGIN_DECLS

/* How much a bus grows before the sum of all buses is looked at again, in bytes: what an event costs must not depend on
 * how many buses there are. */
#define BUBUS_FOOTPRINT_STEP ((gsize) 64 * 1024)

/* What the events of one bus take in memory. Changed under the bus's lock, and read without it. */
typedef struct
{
  BubusLink     link;     /* among those of the process */
  BubusBusInfo *info;     /* the bus's */
  _Atomic gsize bytes;
  _Atomic gsize next_check;
} BubusFootprint;

void  _bubus_footprint_init  (BubusFootprint *self,
                              BubusBusInfo   *info);
void  _bubus_footprint_clear (BubusFootprint *self);
void  _bubus_footprint_check (BubusFootprint *self);

static inline gsize
_bubus_footprint_get (BubusFootprint *self)
{
  return atomic_load_explicit (&self->bytes, memory_order_relaxed);
}

static inline void
_bubus_footprint_add_locked (BubusFootprint *self,
                             gsize           bytes)
{
  atomic_store_explicit (&self->bytes, _bubus_footprint_get (self) + bytes, memory_order_relaxed);
}

static inline void
_bubus_footprint_remove_locked (BubusFootprint *self,
                                gsize           bytes)
{
  gsize left = _bubus_footprint_get (self) - bytes;

  atomic_store_explicit (&self->bytes, left, memory_order_relaxed);
  if (G_UNLIKELY (left + 2 * BUBUS_FOOTPRINT_STEP < atomic_load_explicit (&self->next_check, memory_order_relaxed)))
    atomic_store_explicit (&self->next_check, left + BUBUS_FOOTPRINT_STEP, memory_order_relaxed);
}

/* Called without locks, after something has been added. */
static inline void
_bubus_footprint_grown (BubusFootprint *self)
{
  if (G_UNLIKELY (_bubus_footprint_get (self) > atomic_load_explicit (&self->next_check, memory_order_relaxed)))
    _bubus_footprint_check (self);
}

G_END_DECLS
