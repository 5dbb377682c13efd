/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "bubus-event-bus-private.h"
#include "bubus-invocation-private.h"
#include "bubus-task-queue-private.h"

/* What changes when events have gone: the oldest leave the history, those who wait for room get it, and those who wait
 * until the bus is idle are told. */
typedef struct
{
  BubusVisit *evicted;
  GTask      *room;
  GQueue      idle;
  gboolean    drained;
  gboolean    release;
} BubusSettlement;

static void
bubus_event_bus_evict_locked (BubusEventBus   *self,
                              BubusSettlement *settlement)
{
  BubusVisit *visit;

  while ((visit = _bubus_history_evict (&self->history)) != NULL)
    _bubus_event_bus_let_go_locked (self, visit, &settlement->evicted);
}

static void
bubus_event_bus_settle_locked (BubusEventBus   *self,
                               BubusSettlement *settlement)
{
  bubus_event_bus_evict_locked (self, settlement);
  if (_bubus_event_bus_next_has_room_locked (self))
    settlement->room = _bubus_task_queue_pop (&self->room_waiters);

  if (settlement->room == NULL && _bubus_event_bus_is_idle_locked (self))
    {
      _bubus_task_queue_steal (&self->idle_waiters, &settlement->idle);
      settlement->drained = self->state == BUBUS_EVENT_BUS_STATE_STOPPING && !self->stopped;
      settlement->release = self->held;
      g_atomic_int_set (&self->held, FALSE);
    }
}

/* Acts on a settlement, without the lock; TRUE when there may be more to settle. */
static gboolean
bubus_event_bus_act (BubusEventBus   *self,
                     BubusSettlement *settlement)
{
  gboolean again = settlement->room != NULL;

  _bubus_event_bus_forget_evicted (settlement->evicted);
  if (settlement->room != NULL)
    _bubus_event_bus_dispatch_task (self, settlement->room);
  g_clear_object (&settlement->room);
  _bubus_event_bus_tell_idle (&settlement->idle);
  if (G_UNLIKELY (settlement->drained))
    _bubus_event_bus_end_stop (self);
  if (settlement->release)
    g_object_unref (self);
  return again;
}

static void
bubus_event_bus_retire_locked (BubusEventBus *self,
                               BubusVisit    *visit,
                               gsize          memory)
{
  _bubus_queue_remove (&self->running, &visit->link);
  _bubus_visit_set_state (visit, BUBUS_VISIT_DONE);
  self->n_from_handlers -= visit->from_handler;
  _bubus_event_bus_charge_locked (self, visit, memory);
  _bubus_history_add (&self->history, visit);
  _bubus_event_bus_touch_locked (self, visit);
}

static void
bubus_event_bus_settle_after (BubusEventBus *self,
                              BubusVisit    *retired)
{
  gsize memory = retired != NULL ? _bubus_visit_get_results_memory (retired) : 0;
  BubusSettlement settlement;

  do
    {
      settlement = (BubusSettlement) { NULL, NULL, G_QUEUE_INIT, FALSE, FALSE };
      g_mutex_lock (&self->lock);
      if (retired != NULL)
        bubus_event_bus_retire_locked (self, g_steal_pointer (&retired), memory);
      bubus_event_bus_settle_locked (self, &settlement);
      g_mutex_unlock (&self->lock);
      _bubus_footprint_grown (&self->footprint);
    }
  while (bubus_event_bus_act (self, &settlement));
}

void
_bubus_event_bus_settle (BubusEventBus *self)
{
  /* Who is told is not part of the handler that happens to be running. */
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);

  bubus_event_bus_settle_after (self, NULL);
  _bubus_invocation_set_current (invocation);
}

/* The event is complete: the visit goes to the history. The caller has set the current invocation aside. */
void
_bubus_event_bus_retire (BubusVisit *visit)
{
  bubus_event_bus_settle_after (_bubus_visit_get_bus (visit), visit);
}
