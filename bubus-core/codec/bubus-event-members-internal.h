/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-event-keys-internal.h"
#include "bubus-json-place-internal.h"
#include "event/bubus-event-internal.h"
#include "event/bubus-json-internal.h"

G_BEGIN_DECLS

/* One member that is not about the event itself. */
typedef struct
{
  const char    *name;
  gsize          length;
  char          *owned;  /* nullable: the name, when it had escapes */
  const char    *at;     /* where the name stands in the text */
  BubusJsonSpan  value;
  gboolean       taken;  /* a property has it */
} BubusEntry;

typedef struct
{
  const char     *text;
  gboolean        reset;                      /* what became of the event is not taken over */
  BubusJsonSpan   known[BUBUS_N_EVENT_KEYS];  /* without a start: missing */
  GArray         *entries;                    /* of BubusEntry, in order */
  BubusEvent     *event;
  gint64          completed_at;               /* as it was read; 0: not at all */
} BubusEventReader;

static inline gboolean
_bubus_event_reader_has (BubusEventReader *self,
                         BubusEventKey     key)
{
  return self->known[key].start != NULL && self->known[key].kind != BUBUS_JSON_KIND_NULL;
}

static inline BubusJsonPlace
_bubus_event_reader_at (BubusEventReader *self,
                        BubusEventKey     key)
{
  return (BubusJsonPlace) { self->text, _bubus_event_key_names[key], BUBUS_ERROR_INVALID_JSON };
}

G_END_DECLS
