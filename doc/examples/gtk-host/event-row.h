/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

#define EVENT_TYPE_ROW (event_row_get_type ())

/* An event as a list shows it: what changes is announced by notify. */
G_DECLARE_FINAL_TYPE (EventRow, event_row, EVENT, ROW, GObject)

EventRow   *event_row_new       (BubusEvent *event);
BubusEvent *event_row_get_event (EventRow   *self);
void        event_row_update    (EventRow   *self);

G_END_DECLS
