/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdatomic.h>

#include "bubus-dispatch-table-private.h"
#include "bus/bubus-invocation.h"
#include "event/bubus-visit-internal.h"

G_BEGIN_DECLS

typedef enum
{
  BUBUS_INVOCATION_IDLE,      /* not in use */
  BUBUS_INVOCATION_CALLING,   /* the handler has not returned */
  BUBUS_INVOCATION_DEFERRED,  /* the handler has returned, and will answer later */
  BUBUS_INVOCATION_ANSWERED,  /* the result is settled */
} BubusInvocationState;

typedef enum
{
  BUBUS_INVOCATION_HERE,       /* the handler runs in the bus's main context */
  BUBUS_INVOCATION_THREADLESS, /* it is to run in a thread of its own, which has not come for it */
  BUBUS_INVOCATION_ELSEWHERE,  /* it runs there */
  BUBUS_INVOCATION_GIVEN_UP,   /* it still does, but nobody waits for it */
  BUBUS_INVOCATION_RETURNED,   /* it did, or never will, because it was given up before a thread came for it */
} BubusInvocationThread;

struct _BubusInvocation
{
  GObject               parent_instance;

  BubusLink             link;         /* in the bus's list of deferred or of answered ones; guarded by the bus's lock */
  BubusEvent           *event;
  gboolean              owns;         /* the event and the bus: when deferred, or kept by its user */
  BubusEventResult     *result;       /* lives as long as the event */
  BubusInvocation      *caller;       /* the one in whose handler this one runs in place, while it runs */
  GCancellable         *cancellable;  /* made when asked for */
  BubusHandler         *handler;      /* with a reference, while deferred */
  int                   timeout_id;   /* on the bus's clock, while deferred; 0: none; atomic */
  gint64                after_slow;   /* how long it may take after it has been called slow; 0: without limit */
  gboolean              warns;        /* the timeout is for calling it slow */
  _Atomic int           state;        /* BubusInvocationState; changed under the event's lock when it is in use: an
                                       * answer may come from any thread */
  gboolean              deferred;     /* the handler has said that it will answer later */
  gboolean              hinted;       /* it has been said that it may wait for what comes after it */
  int                   thread;       /* BubusInvocationThread; atomic */
};

static inline BubusInvocationState
_bubus_invocation_get_state (BubusInvocation *self)
{
  return atomic_load_explicit (&self->state, memory_order_acquire);
}

/* Who sees the new state without the lock also sees what was written before, such as the result. */
static inline void
_bubus_invocation_set_state (BubusInvocation      *self,
                             BubusInvocationState  state)
{
  atomic_store_explicit (&self->state, state, memory_order_release);
}

static inline gboolean
_bubus_invocation_is_threaded (BubusInvocation *self)
{
  return g_atomic_int_get (&self->thread) != BUBUS_INVOCATION_HERE;
}

static inline gboolean
_bubus_invocation_is_in_use (BubusInvocation *self)
{
  return self->event != NULL;
}

/* Whether this is the handler's own thread, and not the bus's. */
static inline gboolean
_bubus_invocation_is_elsewhere (BubusInvocation *self,
                                GMainContext    *context)
{
  return G_UNLIKELY (_bubus_invocation_is_threaded (self)) && !g_main_context_is_owner (context);
}

/* The invocation whose handler runs in this thread, innermost; or NULL. */
extern _Thread_local BubusInvocation *_bubus_current_invocation; /* of this thread; nullable */

static inline BubusInvocation *
_bubus_invocation_get_current (void)
{
  return _bubus_current_invocation;
}

/* Gives the one before. */
static inline BubusInvocation *
_bubus_invocation_set_current (BubusInvocation *self)
{
  BubusInvocation **current = &_bubus_current_invocation;
  BubusInvocation *before = *current;

  *current = self;
  return before;
}


gboolean         _bubus_invocation_call        (BubusInvocation   *self,
                                                BubusEventResult  *result,
                                                BubusHandler      *handler);
void             _bubus_invocation_call_threaded (BubusInvocation *self,
                                                BubusEventResult  *result,
                                                BubusHandler      *handler);
void             _bubus_invocation_set_max_threads (int            max_threads);
gboolean         _bubus_invocation_block       (BubusInvocation   *self,
                                                BubusEvent        *event,
                                                GError           **error);
void             _bubus_invocation_begin_deferred (BubusInvocation *self,
                                                BubusHandler      *handler);
void             _bubus_invocation_finish_threaded (BubusInvocation *self,
                                                BubusHandler      *handler,
                                                gboolean           succeeded,
                                                GError            *error);
void             _bubus_invocation_answer      (BubusInvocation   *self,
                                                GValue            *value,
                                                BubusResultStatus  status);
void             _bubus_invocation_answer_value (BubusInvocation  *self,
                                                GValue            *value);
void             _bubus_invocation_answer_error (BubusInvocation  *self,
                                                const GError      *error);
void             _bubus_invocation_recycle     (BubusInvocation   *self);
void             _bubus_invocation_keep        (BubusInvocation   *self);
void             _bubus_invocation_abandon     (BubusInvocation   *self,
                                                const GError      *error);
void             _bubus_result_fail            (BubusEventResult  *result,
                                                const GError      *error);
gboolean         _bubus_invocation_start_wait  (BubusInvocation   *self,
                                                BubusEvent        *event,
                                                GError           **error);

G_END_DECLS
