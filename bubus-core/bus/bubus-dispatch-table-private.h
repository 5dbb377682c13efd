/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bus/bubus-handler.h"
#include "event/bubus-event.h"

G_BEGIN_DECLS

typedef gboolean (*BubusHandlerTest) (BubusHandler  *handler,
                                      gconstpointer  wanted);

typedef struct _BubusHandlerList BubusHandlerList;

/* The handlers of one event type, in the order in which they run. An event whose turn has come keeps the handlers that
 * were selected for it (B-3.9): a list that anybody but the table has is never changed. */
struct _BubusHandlerList
{
  gatomicrefcount  ref_count;
  guint64          generation;
  GHashTable      *cache;        /* the table of lists that holds this one; guarded by the bus's lock */
  gconstpointer    key;          /* its key there */
  guint            n_allocated;
  guint            n_handlers;
  gboolean         has_once;     /* a handler that is taken off when it is selected */
  BubusHandler    *handlers[];
};

BubusHandlerList *_bubus_handler_list_ref   (BubusHandlerList *self);
void              _bubus_handler_list_unref (BubusHandlerList *self);
BubusHandlerList *_bubus_handler_list_new   (BubusHandler    **handlers,
                                             guint             n_handlers);

/* All handlers of a bus, by what they were registered for; and for each event type that has occurred, the list of
 * those that match, resolved once and kept until a registration changes. Guarded by the bus's lock. */
typedef struct
{
  GHashTable *by_type;   /* GType -> BubusQueue of handlers, kept when empty: there are not many event classes */
  GHashTable *by_name;   /* event type -> BubusQueue of handlers */
  GHashTable *globs;     /* glob -> BubusQueue of handlers, "*" among them */
  GHashTable *lists;     /* GType of a class -> BubusHandlerList, for events that have their class's name */
  GHashTable *named;     /* event type -> BubusHandlerList, for events that have a name of their own */
  GArray     *matches;   /* what is being resolved */
  guint64     generation;
  guint64     next_sequence;
  guint       n_handlers;
} BubusDispatchTable;

void              _bubus_dispatch_table_init       (BubusDispatchTable *self);
void              _bubus_dispatch_table_clear      (BubusDispatchTable *self);
void              _bubus_dispatch_table_add        (BubusDispatchTable *self,
                                                    BubusHandler       *handler);
gboolean          _bubus_dispatch_table_remove     (BubusDispatchTable *self,
                                                    BubusHandler       *handler);
void              _bubus_dispatch_table_invalidate (BubusDispatchTable *self);
BubusHandlerList *_bubus_dispatch_table_lookup     (BubusDispatchTable *self,
                                                    BubusEvent         *event);
GPtrArray        *_bubus_dispatch_table_list       (BubusDispatchTable *self,
                                                    BubusHandlerTest    test,
                                                    gconstpointer       wanted);

G_END_DECLS
