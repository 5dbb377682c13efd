/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock-internal.h"
#include "base/bubus-queue-internal.h"
#include "bubus-dispatch-table-private.h"
#include "bus/bubus-event-bus.h"
#include "event/bubus-event-internal.h"
#include "history/bubus-history-internal.h"

G_BEGIN_DECLS

struct _BubusEventBus
{
  GObject             parent_instance;

  BubusBusInfo       *info;
  GMainContext       *context;          /* handlers run here and nowhere else */
  BubusClock         *clock;
  GSource            *source;           /* the scheduler's */

  GMutex              lock;             /* guards all that follows, and the visits to this bus */
  BubusDispatchTable  table;
  BubusQueue          queue;            /* visits whose turn has not come */
  BubusQueue          urgent;           /* visits that do not wait for a turn: their event is awaited in a handler */
  BubusQueue          running;          /* visits whose event is being handled, or not yet complete */
  BubusHistory        history;
  BubusQueue          deferred;         /* invocations that will answer later; owns a reference to each */
  BubusQueue          answered;         /* invocations that have; owns a reference to each */
  GQueue              completions;      /* events whose last handler ran in another main context; owns a reference */
  GQueue              room_waiters;     /* tasks that wait for room in the queue */
  GQueue              idle_waiters;     /* tasks that wait until the bus is idle */
  BubusQueue          seekers;          /* those who look for events; owns a reference to each */
  guint               n_seekers;        /* atomic: how many */
  GPtrArray          *middleware;       /* copied when it changes, so that it can be walked without the lock */
  guint               n_from_handlers;  /* unfinished visits whose event a handler has dispatched */
  guint               n_busy;           /* visits that are being handled: while there are, no other's turn comes */
  guint64             next_sequence;
  guint               max_pending;      /* 0: unlimited */
  guint               max_depth;        /* 0: unlimited */
  guint               max_recursion;    /* 0: unlimited */
  double              event_timeout;    /* seconds; 0: none */
  guint               time_budget;      /* microseconds */
  gboolean            max_pending_set;  /* by hand, not derived from the history's limit */
  gboolean            stopped;
  gboolean            awake;            /* the source's ready time is set */
  gboolean            held;             /* the bus keeps itself alive while it is not idle */

  BubusQueue          spare;            /* invocations to use again, owned; the owner's thread only */
};

gboolean _bubus_event_bus_dispatch         (BubusEventBus    *self,
                                            BubusEvent       *event,
                                            BubusEventResult *emitter,
                                            BubusDispatchFlags flags,
                                            GError          **error);
void     _bubus_event_bus_handlers_changed (BubusEventBus    *self);
gint64   _bubus_event_bus_get_time         (BubusEventBus    *self);
void     _bubus_event_bus_tell_event       (BubusEventBus    *self,
                                            BubusEvent       *event,
                                            BubusEventStatus  status);
void     _bubus_event_bus_tell_result      (BubusEventBus    *self,
                                            BubusEventResult *result);
void     _bubus_event_bus_settle           (BubusEventBus    *self);
void     _bubus_event_bus_retire           (BubusVisit       *visit);

void     _bubus_event_bus_dispatch_task    (BubusEventBus    *self,
                                            GTask            *task);
gboolean _bubus_event_bus_next_has_room_locked  (BubusEventBus *self);
void     _bubus_event_bus_remove_all_handlers   (BubusEventBus *self);
gboolean _bubus_event_bus_acquire_for_middleware (BubusEventBus *self);

static inline guint
_bubus_event_bus_count_pending_locked (BubusEventBus *self)
{
  return self->queue.length + self->urgent.length + self->running.length;
}

/* A handler cannot wait for room, so what handlers dispatch has room of its own: a producer that fills the bus does not
 * starve the work that is being done. */
static inline gboolean
_bubus_event_bus_has_room_locked (BubusEventBus *self,
                                  gboolean       from_handler)
{
  guint n_pending = self->n_from_handlers;

  if (!from_handler)
    n_pending = _bubus_event_bus_count_pending_locked (self) - self->n_from_handlers;
  return self->max_pending == 0 || n_pending < self->max_pending;
}

static inline gboolean
_bubus_event_bus_is_idle_locked (BubusEventBus *self)
{
  return _bubus_event_bus_count_pending_locked (self) == 0 && g_queue_is_empty (&self->room_waiters)
         && self->answered.length == 0 && g_queue_is_empty (&self->completions);
}

G_END_DECLS
