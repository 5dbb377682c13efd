/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

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

struct _BubusInvocation
{
  GObject               parent_instance;

  BubusLink             link;         /* in the bus's list of deferred or of answered ones; guarded by the bus's lock */
  BubusEvent           *event;
  gboolean              owns;         /* the event and the bus: when deferred, or kept by its user */
  BubusEventResult     *result;       /* lives as long as the event */
  BubusInvocation      *caller;       /* the one in whose handler this one runs in place, while it runs */
  GCancellable         *cancellable;  /* made when asked for */
  guint                 timeout_id;   /* on the bus's clock, while deferred; 0: none */
  BubusInvocationState  state;        /* guarded by the event's lock: an answer may come from any thread */
  gboolean              deferred;     /* the handler has said that it will answer later */
};

static inline gboolean
_bubus_invocation_is_in_use (BubusInvocation *self)
{
  return self->event != NULL;
}

/* The invocation whose handler runs in this thread, innermost; or NULL. */
BubusInvocation *_bubus_invocation_get_current (void);
BubusInvocation *_bubus_invocation_set_current (BubusInvocation   *self);

gboolean         _bubus_invocation_call        (BubusInvocation   *self,
                                                BubusEventResult  *result,
                                                BubusHandler      *handler);
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
