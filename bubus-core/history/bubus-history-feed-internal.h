/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "event/bubus-visit-internal.h"

G_BEGIN_DECLS

typedef enum
{
  BUBUS_HISTORY_GONE      = 0,
  BUBUS_HISTORY_PENDING   = 1 << 0,  /* its turn has not come */
  BUBUS_HISTORY_STARTED   = 1 << 1,  /* its turn has come, and it is not complete */
  BUBUS_HISTORY_COMPLETED = 1 << 2,  /* remembered */
  BUBUS_HISTORY_ALL       = BUBUS_HISTORY_PENDING | BUBUS_HISTORY_STARTED | BUBUS_HISTORY_COMPLETED,
} BubusHistoryStage;

/* Carries what changes in a bus's queues and history, in whichever thread, to list models that change in one main
 * context only. It is a source of that context; there is one from the first view on. */
typedef struct _BubusHistoryFeed BubusHistoryFeed;

BubusHistoryFeed *_bubus_history_feed_new             (gpointer           bus,
                                                       GMutex            *lock);
void              _bubus_history_feed_attach          (BubusHistoryFeed  *self,
                                                       GMainContext      *context);
void              _bubus_history_feed_close           (BubusHistoryFeed  *self);
void              _bubus_history_feed_discard         (BubusHistoryFeed  *self);
void              _bubus_history_feed_touch_locked    (BubusHistoryFeed  *self,
                                                       BubusVisit        *visit);
void              _bubus_history_feed_evict_locked    (BubusHistoryFeed  *self,
                                                       BubusVisit        *visit);
GListModel       *_bubus_history_feed_find_view_locked (BubusHistoryFeed *self,
                                                       BubusHistoryStage  stages);
void              _bubus_history_feed_take_view_locked (BubusHistoryFeed *self,
                                                       GListModel        *view);

GListModel       *_bubus_history_view_new             (BubusHistoryStage  stages);
GArray           *_bubus_history_view_describe_locked (GPtrArray         *visits);
void              _bubus_history_view_fill            (GListModel        *view,
                                                       GArray            *changes);

G_END_DECLS
