/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-queue-internal.h"
#include "bubus-handler-tie-private.h"
#include "bus/bubus-handler.h"
#include "event/bubus-handler-info-internal.h"

G_BEGIN_DECLS

typedef struct _BubusErrorObserver BubusErrorObserver;

struct _BubusHandler
{
  GObject           parent_instance;

  BubusLink         link;       /* in its bucket of the dispatch table, or spare; guarded by the bus's lock */
  BubusQueue       *bucket;     /* NULL when not registered; guarded by the bus's lock */
  BubusHandlerInfo *info;       /* NULL when spare */
  BubusEventBus    *bus;        /* not owned: valid while registered */
  GType             event_type; /* G_TYPE_INVALID: @info's pattern is a name or a glob */
  guint64           sequence;   /* order of registration */
  guint             n_lists;    /* in how many lists of the dispatch table it stands; guarded by the bus's lock */
  gpointer          list;       /* one of them, or NULL */
  int               priority;
  double            timeout;    /* seconds; negative: unset */
  double            slow_timeout; /* seconds; negative: unset */
  gint64            warned_at;  /* when it was called slow; 0: never; the owner's thread only, like the next */
  guint             n_unsaid;   /* how often it was slow since without being called so */
  gboolean          threaded;   /* runs in a thread of its own */

  BubusHandlerFunc  func;
  gpointer          user_data;
  GDestroyNotify    notify;
  GWeakRef          target;     /* the bus to forward to, when it forwards */
  gboolean          forwards;
  gboolean          once;       /* for one event only */
  gboolean          lets_go;    /* of the invocation when it returns, unless that is deferred */

  BubusHandlerTie    *tie;             /* set once, atomically; or NULL */
  BubusErrorObserver *error_observer;  /* nullable; atomic */
};

BubusHandler  *_bubus_handler_new                  (void);
void           _bubus_handler_set_up               (BubusHandler     *self,
                                                    BubusHandlerInfo *info,
                                                    GType             event_type,
                                                    BubusHandlerFunc  func,
                                                    gpointer          user_data,
                                                    GDestroyNotify    notify);
gboolean       _bubus_handler_is_forgotten         (BubusHandler     *self);
void           _bubus_handler_recycle              (BubusHandler     *self);
void           _bubus_handler_set_target           (BubusHandler     *self,
                                                    BubusEventBus    *target);
gboolean       _bubus_handler_call_tied            (BubusHandler     *self,
                                                    BubusEvent       *event,
                                                    BubusInvocation  *invocation,
                                                    GError          **error);
void           _bubus_handler_observe_error        (BubusHandler     *self,
                                                    BubusEventResult *result);
void           _bubus_handler_clear_error_observer (BubusHandler     *self);

static inline gboolean
_bubus_handler_is_tied (BubusHandler *self)
{
  return g_atomic_pointer_get (&self->tie) != NULL;
}

static inline gboolean
_bubus_handler_call (BubusHandler     *self,
                     BubusEvent       *event,
                     BubusInvocation  *invocation,
                     GError          **error)
{
  if (G_UNLIKELY (_bubus_handler_is_tied (self)))
    return _bubus_handler_call_tied (self, event, invocation, error);
  return self->func (event, invocation, self->user_data, error);
}

G_END_DECLS
