/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The members that every event has, in the order in which they are written (B-1.26); then the results, which are
 * written last; then what only the original wrote (B-1.23). */
typedef enum
{
  BUBUS_EVENT_KEY_TYPE,
  BUBUS_EVENT_KEY_VERSION,
  BUBUS_EVENT_KEY_TIMEOUT,
  BUBUS_EVENT_KEY_SLOW_TIMEOUT,
  BUBUS_EVENT_KEY_CONCURRENCY,
  BUBUS_EVENT_KEY_HANDLER_TIMEOUT,
  BUBUS_EVENT_KEY_HANDLER_SLOW_TIMEOUT,
  BUBUS_EVENT_KEY_HANDLER_CONCURRENCY,
  BUBUS_EVENT_KEY_HANDLER_COMPLETION,
  BUBUS_EVENT_KEY_BLOCKS_PARENT_COMPLETION,
  BUBUS_EVENT_KEY_RESULT_TYPE,
  BUBUS_EVENT_KEY_ID,
  BUBUS_EVENT_KEY_PATH,
  BUBUS_EVENT_KEY_PARENT_ID,
  BUBUS_EVENT_KEY_EMITTED_BY_HANDLER_ID,
  BUBUS_EVENT_KEY_PENDING_BUS_COUNT,
  BUBUS_EVENT_KEY_CREATED_AT,
  BUBUS_EVENT_KEY_STATUS,
  BUBUS_EVENT_KEY_STARTED_AT,
  BUBUS_EVENT_KEY_COMPLETED_AT,
  BUBUS_EVENT_KEY_RESULTS,
  BUBUS_EVENT_KEY_SCHEMA,
  BUBUS_EVENT_KEY_PROCESSED_AT,
} BubusEventKey;

#define BUBUS_N_EVENT_KEYS (BUBUS_EVENT_KEY_PROCESSED_AT + 1)

extern const char *const _bubus_event_key_names[BUBUS_N_EVENT_KEYS];

/* What this library has no use for: kept among the event's members, written at its place. */
static inline gboolean
_bubus_event_key_is_foreign (int key)
{
  return key == BUBUS_EVENT_KEY_HANDLER_TIMEOUT || key == BUBUS_EVENT_KEY_PENDING_BUS_COUNT;
}

int _bubus_event_key_find (const char *name,
                           gsize       length,
                           int         hint);

G_END_DECLS
