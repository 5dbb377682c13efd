/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event-row.h"

G_BEGIN_DECLS

#define EVENT_TYPE_WATCH (event_watch_get_type ())

/* A middleware that makes the rows of events, and updates those that are still there. */
G_DECLARE_FINAL_TYPE (EventWatch, event_watch, EVENT, WATCH, GObject)

EventWatch *event_watch_new     (void);
gpointer    event_watch_map_cb  (gpointer item,
                                 gpointer user_data);

G_END_DECLS
