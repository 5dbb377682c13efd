/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-invocation-private.h"
#include "bus/bubus-ambient.h"
#include "event/bubus-event-internal.h"

G_BEGIN_DECLS

typedef struct _BubusAmbientFrame BubusAmbientFrame;
struct _BubusAmbientFrame
{
  BubusAmbientFrame *below;
  BubusInvocation   *invocation;  /* in whose handler it was pushed; NULL: outside of handlers */
  GObject           *object;
};

/* What was pushed last in this thread. */
extern _Thread_local BubusAmbientFrame *_bubus_ambient_top;

void _bubus_ambient_drop_above (BubusInvocation  *invocation);
void _bubus_event_set_ambient  (BubusEvent       *event,
                                BubusEventResult *emitter);
void _bubus_event_drop_ambient (BubusEvent       *event);

/* Before an event is dispatched for the first time; @emitter is the result of the handler that dispatches it, or NULL. */
static inline void
_bubus_event_capture_ambient (BubusEvent       *event,
                              BubusEventResult *emitter)
{
  if (G_UNLIKELY (_bubus_ambient_top != NULL || emitter != NULL))
    _bubus_event_set_ambient (event, emitter);
}

/* A handler has returned: what it has pushed and not popped does not leak to others. */
static inline void
_bubus_ambient_leave (BubusInvocation *invocation)
{
  if (G_UNLIKELY (_bubus_ambient_top != NULL))
    _bubus_ambient_drop_above (invocation);
}

G_END_DECLS
