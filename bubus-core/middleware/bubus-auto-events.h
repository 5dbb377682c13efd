/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

/**
 * BubusAutoEventFlags:
 * @BUBUS_AUTO_EVENTS_NONE: nothing
 * @BUBUS_AUTO_EVENTS_ERRORS: a handler has failed: its event's type with `ErrorEvent` behind it
 * @BUBUS_AUTO_EVENTS_RESULTS: a handler has returned a value: its event's type with `ResultEvent` behind it
 * @BUBUS_AUTO_EVENTS_HANDLERS: a handler has been registered, or taken off: `BusHandlerRegisteredEvent` and
 *   `BusHandlerUnregisteredEvent`
 *
 * What becomes an event.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  BUBUS_AUTO_EVENTS_NONE     = 0,
  BUBUS_AUTO_EVENTS_ERRORS   = 1 << 0,
  BUBUS_AUTO_EVENTS_RESULTS  = 1 << 1,
  BUBUS_AUTO_EVENTS_HANDLERS = 1 << 2,
} BubusAutoEventFlags;

#define BUBUS_TYPE_AUTO_EVENT_FLAGS (bubus_auto_event_flags_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_auto_event_flags_get_type (void);

#define BUBUS_TYPE_AUTO_EVENTS (bubus_auto_events_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusAutoEvents, bubus_auto_events, BUBUS, AUTO_EVENTS, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusAutoEvents *bubus_auto_events_new       (BubusAutoEventFlags  flags) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint64          bubus_auto_events_get_n_lost (BubusAutoEvents     *self);

G_END_DECLS
