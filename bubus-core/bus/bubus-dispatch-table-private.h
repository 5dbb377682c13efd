/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-queue-internal.h"
#include "bubus-handler-list-private.h"
#include "bus/bubus-handler.h"
#include "event/bubus-event.h"

G_BEGIN_DECLS

typedef gboolean (*BubusHandlerTest) (BubusHandler  *handler,
                                      gconstpointer  wanted);

/* What a bus knows of an event class. */
typedef struct
{
  GType             event_class;
  BubusQueue        handlers;  /* those that were registered for it */
  BubusHandlerList *list;      /* nullable: those that match its events, unless these have names of their own */
} BubusClassHandlers;

#define BUBUS_N_RECENT_CLASSES 8

/* All handlers of a bus, by what they were registered for; and for each event type that has occurred, the list of
 * those that match, resolved once and kept until a registration changes. Guarded by the bus's lock. */
typedef struct
{
  GHashTable *by_class;  /* GType -> BubusClassHandlers, kept when empty: there are not many event classes */
  GHashTable *by_name;   /* event type -> BubusQueue of handlers */
  GHashTable *globs;     /* glob -> BubusQueue of handlers, "*" among them */
  GHashTable *named;     /* event type -> BubusHandlerList, for events that have a name of their own */
  BubusClassHandlers *recent[BUBUS_N_RECENT_CLASSES]; /* nullable: those that were asked for last, by their type */
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
