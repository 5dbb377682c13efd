/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-queue-internal.h"
#include "bus/bubus-handler.h"
#include "event/bubus-handler-info-internal.h"

G_BEGIN_DECLS

struct _BubusHandler
{
  GObject           parent_instance;

  BubusLink         link;       /* in its bucket of the dispatch table; guarded by the bus's lock */
  BubusQueue       *bucket;     /* NULL when not registered; guarded by the bus's lock */
  BubusHandlerInfo *info;
  BubusEventBus    *bus;        /* not owned: valid while registered */
  GType             event_type; /* G_TYPE_INVALID: @info's pattern is a name or a glob */
  guint64           sequence;   /* order of registration */
  guint             n_lists;    /* in how many lists of the dispatch table it stands; guarded by the bus's lock */
  gpointer          list;       /* one of them, or NULL */
  int               priority;
  double            timeout;    /* seconds; negative: unset */

  BubusHandlerFunc  func;
  gpointer          user_data;
  GDestroyNotify    notify;
  GWeakRef          target;     /* the bus to forward to, when it forwards */
  gboolean          forwards;
};

BubusHandler  *_bubus_handler_new        (BubusHandlerInfo *info,
                                          GType             event_type,
                                          BubusHandlerFunc  func,
                                          gpointer          user_data,
                                          GDestroyNotify    notify);
void           _bubus_handler_set_target (BubusHandler     *self,
                                          BubusEventBus    *target);

G_END_DECLS
