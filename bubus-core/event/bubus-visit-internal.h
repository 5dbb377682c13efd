/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdatomic.h>

#include "base/bubus-queue-internal.h"
#include "event/bubus-event-result.h"
#include "event/bubus-handler-info-internal.h"

G_BEGIN_DECLS

typedef struct _BubusVisit BubusVisit;

/* A child as its parent remembers it: the id for ever, the object as long as somebody keeps it. It lies in a ring, in order
 * of dispatch, to whose last member the result points. Guarded by the parent's lock. */
typedef struct _BubusChild BubusChild;
struct _BubusChild
{
  BubusChild       *next;
  BubusEvent       *parent;        /* NULL: read from JSON */
  BubusEventResult *emitter;       /* of the handler that has dispatched it, if one has */
  BubusEvent       *event;         /* weak: the child takes itself out when it goes */
  BubusUuid         id;
  _Atomic gint64    completed_at;  /* when it was complete, if the parent waited for that; else 0 */
};

/* What one handler did with one event. Records lie in the visit, or in a block of it, and live as long as the event; a
 * reference to a record is a reference to its event. */
struct _BubusEventResult
{
  BubusHandlerInfo  *handler;
  GValue             value;         /* unset: nothing was returned; G_TYPE_ERROR: why it failed */
  gint64             started_at;    /* 0: has not started */
  gint64             completed_at;  /* 0: has not finished */
  BubusChild        *children;      /* nullable: the last one */
  guint              index;         /* among the visit's results */
  _Atomic guint8     status;        /* BubusResultStatus; other threads may look, see _bubus_event_result_set_status() */
  _Atomic guint8     given_up;      /* its handler was not waited for, and may still run */
  guint8             is_only;       /* the visit has no other, and it lies there */
};

/* The results of a visit that has several. */
typedef struct
{
  BubusVisit       *visit;
  BubusEventResult  results[];
} BubusResultBlock;

typedef enum
{
  BUBUS_VISIT_UNUSED,   /* not on a bus */
  BUBUS_VISIT_DELAYED,  /* a middleware keeps it back */
  BUBUS_VISIT_QUEUED,   /* in the bus's queue */
  BUBUS_VISIT_URGENT,   /* in the bus's urgent queue: its event is awaited in a handler */
  BUBUS_VISIT_RUNNING,  /* handlers are being called */
  BUBUS_VISIT_HANDLED,  /* every handler is final; the event may still wait for other buses and for children */
  BUBUS_VISIT_DONE,     /* the event is complete, and in the bus's history or evicted from it */
} BubusVisitState;

/* Why handlers that have not started are not called any more. */
typedef enum
{
  BUBUS_VISIT_GOES_ON,
  BUBUS_VISIT_WON,      /* another handler has won */
  BUBUS_VISIT_EXPIRED,  /* the event's deadline has passed */
} BubusVisitOver;

/* Instead of the index of a winner: whose value comes first wins, and none has come. */
#define BUBUS_VISIT_NO_WINNER G_MAXUINT

/* One bus's dealings with one event. The first visit lies in the event itself, later ones (forwarding) are
 * allocated. There may be very many, so nothing lies here that can be found otherwise. Guarded by the bus's lock, except
 * for what is written once before the visit is linked. */
struct _BubusVisit
{
  BubusLink         link;     /* in the bus's queue, running list or history */
  BubusBusInfo     *bus_info;
  BubusVisit       *_Atomic next; /* the bus that the event visited next */
  gpointer          work;     /* the bus's: what it needs while the handlers run; or what keeps the visit back */
  guint64           sequence; /* order of dispatch on the bus */
  guint             n_results;
  guint             winner;   /* the handler that has won, from 1; 0: there is no race; written with the event's lock */
  guint32           memory;   /* what the bus counts for it, in bytes */
  _Atomic guint8    state;    /* BubusVisitState; other threads may look, see _bubus_visit_set_state() */
  guint8            is_later   : 1; /* a BubusLaterVisit */
  guint8            afterwards : 1; /* came when the event was complete, or about to be: that does not wait for it */

  guint8            : 0; /* With the bus's lock: */
  guint8            mode           : 2; /* BubusEventConcurrency */
  guint8            touched        : 1; /* its state may differ from what the bus's views show */
  guint8            remembered     : 1; /* in the bus's history */
  guint8            in_order       : 1; /* all that are before it there were dispatched before it */

  guint8            : 0; /* The bus's main context only, once the visit is queued: */
  guint8            from_handler   : 1; /* dispatched, or forwarded, by a handler */
  guint8            announce_later : 1; /* dispatched from where the bus's middleware must not be called */
  guint8            all_at_once    : 1; /* the handlers run in parallel */
  guint8            first_wins     : 1; /* the first value that a handler returns is enough */
  guint8            has_deadline   : 1;
  guint8            over           : 2; /* BubusVisitOver */
  guint8            offered        : 1; /* has been shown to who looks for events */

  /* Made when the event's turn comes. */
  union
    {
      BubusEventResult  only;     /* when there is one */
      BubusResultBlock *several;
    };
};

/* Only the first visit is found in its event. */
typedef struct
{
  BubusVisit  visit;
  BubusEvent *event;
} BubusLaterVisit;

static inline BubusVisit *
_bubus_result_get_visit (const BubusEventResult *self)
{
  const guint8 *first = (const guint8 *) (self - self->index);

  if (G_LIKELY (self->is_only))
    return (BubusVisit *) (gpointer) (first - G_STRUCT_OFFSET (BubusVisit, only));
  return ((const BubusResultBlock *) (gconstpointer) (first - G_STRUCT_OFFSET (BubusResultBlock, results)))->visit;
}

/* Queued, or being handled. */
static inline gboolean
_bubus_visit_is_pending (const BubusVisit *self)
{
  BubusVisitState state = self->state;

  return state >= BUBUS_VISIT_QUEUED && state <= BUBUS_VISIT_RUNNING;
}

static inline BubusEventResult *
_bubus_visit_get_result (const BubusVisit *self,
                         guint             index)
{
  return self->n_results == 1 ? (BubusEventResult *) &self->only : &self->several->results[index];
}

/* Valid until the visit is done; NULL: it was read from JSON. */
static inline BubusEventBus *
_bubus_visit_get_bus (const BubusVisit *self)
{
  return self->bus_info != NULL ? self->bus_info->owner : NULL;
}

/* With a reference; NULL also when the bus is gone. */
static inline BubusEventBus *
_bubus_visit_ref_bus (const BubusVisit *self)
{
  return _bubus_visit_get_bus (self) != NULL ? g_weak_ref_get (&self->bus_info->bus) : NULL;
}

static inline BubusEventBus *
_bubus_result_get_bus (const BubusEventResult *self)
{
  return _bubus_visit_get_bus (_bubus_result_get_visit (self));
}

/* With the event's lock, or while nobody else knows the result. */
static inline void
_bubus_event_result_set_status (BubusEventResult  *self,
                                BubusResultStatus  status)
{
  atomic_store_explicit (&self->status, status, memory_order_release);
}

/* With the bus's lock. Other threads may look without it, and must be content with what was a moment ago. */
static inline void
_bubus_visit_set_state (BubusVisit      *self,
                        BubusVisitState  state)
{
  atomic_store_explicit (&self->state, state, memory_order_release);
}

BubusChild *
     _bubus_children_append        (BubusChild      **children,
                                    const BubusUuid  *id);
void _bubus_children_free          (BubusChild       *children);

static inline BubusChild *
_bubus_children_get_first (BubusChild *children)
{
  return children != NULL ? children->next : NULL;
}

/* NULL after the last. */
static inline BubusChild *
_bubus_children_get_next (BubusChild *children,
                          BubusChild *child)
{
  return child != children ? child->next : NULL;
}

void _bubus_visit_allocate_results (BubusVisit       *self,
                                    guint             n_results);
void _bubus_visit_clear            (BubusVisit       *self);
gsize
     _bubus_visit_get_results_memory (const BubusVisit *self);
BubusEventResult *
     _bubus_visit_init_result      (BubusVisit       *visit,
                                    guint             index,
                                    BubusHandlerInfo *handler);
void _bubus_event_result_get_id    (BubusEventResult *self,
                                    BubusUuid        *id);

/* For a value of a result, which holds something or is unset: there is nothing else to check. */
static inline gboolean
_bubus_value_is_set (const GValue *value)
{
  return G_VALUE_TYPE (value) != G_TYPE_INVALID;
}

/* Holds a plain number or a truth value, which is never nothing, and means the same to all languages. There is
 * nothing to free. */
static inline gboolean
_bubus_value_is_number (const GValue *value)
{
  return G_VALUE_TYPE (value) >= G_TYPE_CHAR && G_VALUE_TYPE (value) <= G_TYPE_DOUBLE;
}

static inline gboolean
_bubus_event_result_is_final (const BubusEventResult *self)
{
  return self->status >= BUBUS_RESULT_STATUS_COMPLETED;
}

G_END_DECLS
