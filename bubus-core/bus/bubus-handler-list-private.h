/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-handler.h"

G_BEGIN_DECLS

typedef struct _BubusHandlerList BubusHandlerList;

/* The handlers of one event type, in the order in which they run. An event whose turn has come keeps the handlers that
 * were selected for it (B-3.9): a list that anybody but the dispatch table has is never changed. In the table, all its
 * handlers are registered, and so kept by the table. */
struct _BubusHandlerList
{
  int              ref_count;    /* atomic */
  guint64          generation;
  GType            event_class;  /* whose list it is in the table; */
  const char      *event_type;   /* or, when not NULL, for events of which name; like the next, guarded by the bus's lock */
  guint            n_allocated;
  guint            n_handlers;
  gboolean         owns_handlers; /* which it does when it is not in the table */
  gboolean         has_once;     /* a handler that is taken off when it is selected */
  BubusHandler    *handlers[];
};

BubusHandlerList *_bubus_handler_list_allocate (guint              n_allocated);
BubusHandlerList *_bubus_handler_list_new      (BubusHandler     **handlers,
                                                guint              n_handlers);
void              _bubus_handler_list_free     (BubusHandlerList  *self);
void              _bubus_handler_list_enlist   (BubusHandlerList  *self,
                                                BubusHandler      *handler);
guint             _bubus_handler_list_find     (BubusHandlerList  *self,
                                                BubusHandler      *handler);
void              _bubus_handler_list_take_out (BubusHandlerList  *self,
                                                guint              index);
void              _bubus_handler_list_clear    (BubusHandlerList  *self);
void              _bubus_handler_list_retire   (BubusHandlerList  *self);

static inline BubusHandlerList *
_bubus_handler_list_ref (BubusHandlerList *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static inline void
_bubus_handler_list_unref (BubusHandlerList *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    _bubus_handler_list_free (self);
}

/* Only the table gives lists to others, so one that is the table's alone stays so while the lock is held. */
static inline gboolean
_bubus_handler_list_is_unused (BubusHandlerList *self)
{
  return g_atomic_int_get (&self->ref_count) == 1;
}

G_END_DECLS
