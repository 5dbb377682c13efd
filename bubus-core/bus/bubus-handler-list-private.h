/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-handler.h"

G_BEGIN_DECLS

typedef struct _BubusHandlerList BubusHandlerList;

/* The handlers of one event type, in the order in which they run. An event whose turn has come keeps the handlers that
 * were selected for it (B-3.9): a list that anybody but the dispatch table has is never changed. */
struct _BubusHandlerList
{
  gatomicrefcount  ref_count;
  guint64          generation;
  GType            event_class;  /* whose list it is in the table; */
  const char      *event_type;   /* or, when not NULL, for events of which name; like the next, guarded by the bus's lock */
  guint            n_allocated;
  guint            n_handlers;
  gboolean         has_once;     /* a handler that is taken off when it is selected */
  BubusHandler    *handlers[];
};

BubusHandlerList *_bubus_handler_list_allocate  (guint              n_allocated);
BubusHandlerList *_bubus_handler_list_new       (BubusHandler     **handlers,
                                                 guint              n_handlers);
BubusHandlerList *_bubus_handler_list_ref       (BubusHandlerList  *self);
void              _bubus_handler_list_unref     (BubusHandlerList  *self);
gboolean          _bubus_handler_list_is_unused (BubusHandlerList  *self);
void              _bubus_handler_list_enlist    (BubusHandlerList  *self,
                                                 BubusHandler      *handler);
guint             _bubus_handler_list_find      (BubusHandlerList  *self,
                                                 BubusHandler      *handler);
void              _bubus_handler_list_take_out  (BubusHandlerList  *self,
                                                 guint              index);
void              _bubus_handler_list_clear     (BubusHandlerList  *self);
void              _bubus_handler_list_retire    (BubusHandlerList  *self);

G_END_DECLS
