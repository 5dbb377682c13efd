/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-bus-private.h"
#include "event/bubus-event-query.h"

G_BEGIN_DECLS

typedef enum
{
  BUBUS_SEEK_EXPECT,  /* the next one; that there is none is an error */
  BUBUS_SEEK_FIND,    /* one, or none */
  BUBUS_SEEK_FILTER,  /* all there are */
} BubusSeekKind;

void       _bubus_seeker_start    (BubusEventBus   *bus,
                                   BubusSeekKind    kind,
                                   BubusEventQuery *query,
                                   double           past,
                                   double           future,
                                   GTask           *task);
GPtrArray *_bubus_seeker_list     (BubusEventBus   *bus,
                                   BubusEventQuery *query);

/* For when the bus has seekers. */
void       _bubus_seekers_offer   (BubusEventBus   *bus,
                                   BubusEvent      *event);
void       _bubus_seekers_look    (BubusEventBus   *bus,
                                   BubusVisit      *visit);
void       _bubus_seekers_dismiss (BubusEventBus   *bus);

static inline gboolean
_bubus_event_bus_has_seekers (BubusEventBus *self)
{
  return G_UNLIKELY (g_atomic_int_get (&self->n_seekers) != 0);
}

G_END_DECLS
