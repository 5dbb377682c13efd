/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"
#include "bus/bubus-interception.h"

G_BEGIN_DECLS

typedef enum
{
  BUBUS_INTERCEPTION_CALLING,   /* middleware is being called */
  BUBUS_INTERCEPTION_DELAYED,   /* waits for somebody to resume it */
  BUBUS_INTERCEPTION_RESUMING,  /* goes on with the next iteration of the bus's main context */
  BUBUS_INTERCEPTION_DONE,      /* the event is on its way */
} BubusInterceptionState;

struct _BubusInterception
{
  GObject                 parent_instance;

  BubusEventBus          *bus;         /* owned */
  BubusEvent             *event;       /* owned: what was dispatched */
  GPtrArray              *middleware;  /* owned, and fixed */
  guint                   index;       /* of the one to call next */
  BubusDispatchFlags      flags;
  BubusInterception      *outer;       /* whose middleware dispatched this event, while it is called */

  /* Guarded by the bus's lock. */
  BubusInterceptionState  state;
  BubusVisit             *visit;        /* NULL until the bus has taken the event */
  BubusEvent             *replacement;  /* owned, nullable */
  GError                 *reason;       /* why it is dropped; or NULL */
  gboolean                deferred;
  gboolean                resumed;
};

gboolean _bubus_event_bus_intercept    (BubusEventBus       *bus,
                                        BubusEvent          *event,
                                        BubusEventResult    *emitter,
                                        BubusDispatchFlags   flags,
                                        GError             **error);
void     _bubus_event_bus_free_delayed (BubusEventBus       *bus);
void     _bubus_interception_clear     (BubusInterception   *self);
void     _bubus_interception_schedule  (BubusInterception   *self);
gboolean _bubus_event_check_dropped    (BubusEvent          *event,
                                        GError             **error);

G_END_DECLS
