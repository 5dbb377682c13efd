/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock-internal.h"
#include "base/bubus-queue-internal.h"
#include "bubus-dispatch-table-private.h"
#include "bus/bubus-event-bus-settings.h"
#include "event/bubus-event-internal.h"
#include "history/bubus-footprint-internal.h"
#include "history/bubus-history-feed-internal.h"
#include "history/bubus-history-internal.h"

G_BEGIN_DECLS

#define BUBUS_DEFAULT_MAX_PENDING 100  /* while the history is limited */

/* How the bus dispatches to itself, beside the public BubusDispatchFlags. */
enum
{
  BUBUS_DISPATCH_WAITS       = 1 << 27,  /* for room, when there is none */
  BUBUS_DISPATCH_INTERCEPTED = 1 << 28,  /* the middleware has seen the event */
  BUBUS_DISPATCH_DELAYED     = 1 << 29,  /* and keeps it back */
  BUBUS_DISPATCH_REPLACEMENT = 1 << 30,  /* has the room of the event that it replaces */
};

typedef struct _BubusTurns BubusTurns;
typedef struct _BubusTurnSource BubusTurnSource;

/* What a visit needs only while its handlers run. */
typedef struct
{
  BubusHandlerList *handlers;   /* those that were selected */
  guint             n_called;   /* how many of them have been called */
  guint             n_running;  /* how many of those will answer later */
  gboolean          is_calling; /* one of them is being called now */
} BubusVisitWork;

struct _BubusEventBus
{
  GObject             parent_instance;

  BubusBusInfo       *info;
  GMainContext       *context;          /* handlers run here and nowhere else */
  BubusClock         *clock;
  BubusTurns         *turns;            /* of the buses of the main context; its lock guards the next three */
  BubusTurnSource    *source;           /* nullable: gives the bus its turns; NULL when it is going */
  BubusLink           turn;             /* in the source's line */
  int                 awake;            /* in the line, or has its turn; atomic, becomes FALSE with both locks */

  GMutex              lock;             /* guards all that follows, and the visits to this bus */
  BubusDispatchTable  table;
  BubusQueue          queue;            /* visits whose turn has not come */
  BubusQueue          urgent;           /* visits that do not wait for a turn: their event is awaited in a handler */
  BubusQueue          delayed;          /* visits that a middleware keeps back */
  BubusQueue          running;          /* visits whose event is being handled, or not yet complete */
  GQueue              paused;           /* of those, visits that go on in the next turn; changed by the owner's thread */
  BubusHistory        history;
  BubusFootprint      footprint;
  BubusHistoryFeed   *feed;             /* nullable: what tells the views, if there are any */
  BubusQueue          deferred;         /* invocations that will answer later; owns a reference to each */
  BubusQueue          answered;         /* invocations that have; owns a reference to each */
  GQueue              completions;      /* events whose last handler ran in another main context; owns a reference */
  GQueue              room_waiters;     /* tasks that wait for room in the queue */
  GQueue              idle_waiters;     /* tasks that wait until the bus is idle */
  BubusQueue          seekers;          /* those who look for events; owns a reference to each */
  guint               n_seekers;        /* atomic: how many */
  GPtrArray          *middleware;       /* copied when it changes, so that it can be walked without the lock */
  BubusQueue          holds;            /* what keeps events from being complete */
  gboolean            asks;             /* a middleware wants to be asked before events are complete; atomic */
  gboolean            intercepts;       /* a middleware wants to see events before they are queued; atomic */
  gboolean            tells_results;    /* a middleware wants to be told of results; atomic */
  int                 n_telling;        /* calls of middleware that have not returned; atomic */
  guint               n_from_handlers;  /* unfinished visits whose event a handler has dispatched */
  int                 n_abandoned;      /* handlers that were given up, and still run in their threads; atomic */
  guint               n_busy;           /* visits that are being handled: while there are, no other's turn comes */
  BubusVisitWork     *spare_work;       /* nullable: one to use again */
  BubusInterception  *spare_interception;  /* the same; owned */
  guint64             next_sequence;
  guint               max_pending;      /* 0: unlimited */
  guint               max_depth;        /* 0: unlimited */
  guint               max_recursion;    /* 0: unlimited */
  BubusEventSettings  settings;         /* for events that do not say otherwise */
  guint               time_budget;      /* microseconds */
  int                 priority;         /* the source's; atomic */
  gboolean            max_pending_set;  /* by hand, not derived from the history's limit */
  GQueue              stop_tasks;       /* tasks that wait until the bus is stopped */
  BubusEventBusState  state;
  gboolean            stopped;          /* no handler is called any more: events are failed */
  gboolean            cut_short;        /* there were unfinished events when that was set */
  gboolean            in_line;          /* for the turn of global-serial events */
  gboolean            has_real_clock;
  gboolean            held;             /* the bus keeps itself alive while it is not idle; atomic */

  gint64              last_answer;      /* when a handler answered last, in this turn; 0: none; the owner's thread only */
  gint64              registered_last;  /* when the last handler was, by the clock; */
  guint               n_registered_then; /* and how many before it, at that time; guarded by the lock */
  BubusQueue          spare_handlers;   /* handlers to use again, owned; guarded by the lock */
  BubusQueue          spare;            /* invocations to use again, owned; the owner's thread only */
  GHashTable         *watches;          /* of BubusVisitWatch by visit; made when needed; the owner's thread only */
};

gboolean _bubus_event_bus_dispatch         (BubusEventBus    *self,
                                            BubusEvent       *event,
                                            BubusEventResult *emitter,
                                            BubusDispatchFlags flags,
                                            GError          **error);
void     _bubus_event_bus_handlers_changed (BubusEventBus    *self);
void     _bubus_event_bus_free_spare_handlers (BubusEventBus *self);
void     _bubus_event_bus_ask_completion   (BubusEventBus        *self,
                                            BubusEvent           *event);
void     _bubus_event_bus_settle           (BubusEventBus    *self);
void     _bubus_event_bus_retire           (BubusVisit       *visit);

void     _bubus_event_bus_init_settings    (BubusEventBus    *self);
void     _bubus_event_bus_make_setting_properties (GParamSpec  **properties,
                                                   GParamFlags   flags);
void     _bubus_event_bus_get_setting      (BubusEventBus    *self,
                                            guint             index,
                                            GValue           *value);
void     _bubus_event_bus_set_setting      (BubusEventBus    *self,
                                            guint             index,
                                            const GValue     *value);

void     _bubus_event_bus_dispatch_task    (BubusEventBus    *self,
                                            GTask            *task);
gboolean _bubus_event_bus_next_has_room_locked  (BubusEventBus *self);
void     _bubus_event_bus_off_once              (BubusEventBus    *self,
                                                 BubusHandlerList *handlers);
GPtrArray *_bubus_event_bus_ref_middleware      (BubusEventBus *self);
gboolean _bubus_event_is_awaited                (BubusEvent    *event);
void     _bubus_event_bus_queue_visit_locked    (BubusEventBus *self,
                                                 BubusVisit    *visit);
void     _bubus_event_bus_release_holds         (BubusEventBus *self);
void     _bubus_event_bus_tell_idle             (GQueue        *tasks);
gboolean _bubus_event_bus_drains_for_locked     (BubusEventBus    *self,
                                                 BubusEvent       *event,
                                                 BubusEventResult *emitter);
void     _bubus_event_bus_refuse_room_locked    (BubusEventBus *self,
                                                 GQueue        *refused);
void     _bubus_event_bus_end_stop              (BubusEventBus *self);
void     _bubus_event_bus_let_go_locked         (BubusEventBus *self,
                                                 BubusVisit    *visit,
                                                 BubusVisit   **evicted);
void     _bubus_event_bus_forget_evicted        (BubusVisit    *evicted);
void     _bubus_event_bus_drop_history          (BubusEventBus *self);
int      _bubus_visit_compare_sequence          (gconstpointer  left,
                                                gconstpointer  right);

/* Whether the visit is to a bus of the main context in which this is asked, and is not handled yet. Other buses may go
 * at any time, because another thread may complete the event, and must not be looked at. */
static inline gboolean
_bubus_visit_is_in (const BubusVisit *visit,
                    GMainContext     *context)
{
  return visit->state < BUBUS_VISIT_HANDLED && _bubus_visit_get_bus (visit) != NULL
         && visit->bus_info->context == context;
}

/* NULL when they do not run. */
static inline BubusHandlerList *
_bubus_visit_get_handlers (const BubusVisit *visit)
{
  return visit->state == BUBUS_VISIT_RUNNING ? ((const BubusVisitWork *) visit->work)->handlers : NULL;
}

static inline gint64
_bubus_event_bus_get_time (BubusEventBus *self)
{
  return G_LIKELY (self->has_real_clock) ? _bubus_clock_now_real () : bubus_clock_get_time (self->clock);
}

static inline gboolean
_bubus_event_bus_has_middleware (BubusEventBus *self)
{
  return G_UNLIKELY (g_atomic_pointer_get (&self->middleware) != NULL);
}

/* ---- telling middleware ---- */

/* Whether a middleware may be called from here: the caller's thread owns the main context, or nobody does. Then the
 * context is the caller's until it is released. */
static inline gboolean
_bubus_event_bus_acquire_for_middleware (BubusEventBus *self)
{
  return _bubus_event_bus_has_middleware (self) && g_main_context_acquire (self->context);
}

void _bubus_event_bus_do_tell_event   (BubusEventBus    *self,
                                       BubusEvent       *event,
                                       BubusEventStatus  status);
void _bubus_event_bus_do_tell_result  (BubusEventBus    *self,
                                       BubusEventResult *result);
void _bubus_event_bus_do_tell_handler (BubusEventBus    *self,
                                       BubusHandler     *handler,
                                       gboolean          registered);
void _bubus_event_bus_do_tell_wait    (BubusEventBus    *self,
                                       BubusEvent       *event);

static inline void
_bubus_event_bus_tell_event (BubusEventBus    *self,
                             BubusEvent       *event,
                             BubusEventStatus  status)
{
  if (_bubus_event_bus_has_middleware (self))
    _bubus_event_bus_do_tell_event (self, event, status);
}

/* A result that is an error is told to its handler, too. */
static inline void
_bubus_event_bus_tell_result (BubusEventBus    *self,
                              BubusEventResult *result)
{
  if (G_UNLIKELY (g_atomic_int_get (&self->tells_results) || result->status == BUBUS_RESULT_STATUS_ERROR))
    _bubus_event_bus_do_tell_result (self, result);
}

static inline void
_bubus_event_bus_tell_handler (BubusEventBus *self,
                               BubusHandler  *handler,
                               gboolean       registered)
{
  if (_bubus_event_bus_has_middleware (self))
    _bubus_event_bus_do_tell_handler (self, handler, registered);
}

/* A handler of @self waits for @event. */
static inline void
_bubus_event_bus_tell_wait (BubusEventBus *self,
                            BubusEvent    *event)
{
  if (_bubus_event_bus_has_middleware (self))
    _bubus_event_bus_do_tell_wait (self, event);
}

/* Of what is sent to the bus, and is to be done as its own work; and of what is to be done before that. */
static inline int
_bubus_event_bus_get_message_priority (BubusEventBus *self)
{
  return g_atomic_int_get (&self->priority);
}

static inline int
_bubus_event_bus_get_urgent_priority (BubusEventBus *self)
{
  int priority = g_atomic_int_get (&self->priority);

  return priority > G_PRIORITY_HIGH ? G_PRIORITY_HIGH : MAX (priority, G_MININT + 1) - 1;
}

/* Per iteration of the main context, in nanoseconds. */
static inline gint64
_bubus_event_bus_get_budget (BubusEventBus *self)
{
  return (gint64) self->time_budget * 1000;
}

static inline guint
_bubus_event_bus_count_pending_locked (BubusEventBus *self)
{
  return self->queue.length + self->urgent.length + self->delayed.length + self->running.length;
}

static inline void
_bubus_event_bus_begin_telling (BubusEventBus *self)
{
  g_atomic_int_inc (&self->n_telling);
}

static inline void
_bubus_event_bus_end_telling (BubusEventBus *self)
{
  g_atomic_int_add (&self->n_telling, -1);
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

/* A visit takes more memory than it did. What is more than can be told is not counted. */
static inline void
_bubus_event_bus_charge_locked (BubusEventBus *self,
                                BubusVisit    *visit,
                                gsize          memory)
{
  memory = MIN (memory, G_MAXUINT32 - visit->memory);
  visit->memory += memory;
  _bubus_footprint_add_locked (&self->footprint, memory);
}

/* The state of a visit has changed. */
static inline void
_bubus_event_bus_touch_locked (BubusEventBus *self,
                               BubusVisit    *visit)
{
  if (G_UNLIKELY (self->feed != NULL))
    _bubus_history_feed_touch_locked (self->feed, visit);
}

/* Whether the bus takes an event of which @emitter, or the event's parent, says where it comes from. */
static inline gboolean
_bubus_event_bus_is_open_locked (BubusEventBus    *self,
                                 BubusEvent       *event,
                                 BubusEventResult *emitter)
{
  return G_LIKELY (self->state == BUBUS_EVENT_BUS_STATE_RUNNING)
         || _bubus_event_bus_drains_for_locked (self, event, emitter);
}

static inline gboolean
_bubus_event_bus_is_idle_locked (BubusEventBus *self)
{
  return _bubus_event_bus_count_pending_locked (self) == 0 && g_queue_is_empty (&self->room_waiters)
         && self->answered.length == 0 && g_queue_is_empty (&self->completions);
}

G_END_DECLS
