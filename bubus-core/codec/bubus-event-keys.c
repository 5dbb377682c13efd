/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-keys-internal.h"

#include <string.h>

#include "bubus-json-place-internal.h"

const char *const _bubus_event_key_names[BUBUS_N_EVENT_KEYS] = {
  [BUBUS_EVENT_KEY_TYPE] = "event_type",
  [BUBUS_EVENT_KEY_VERSION] = "event_version",
  [BUBUS_EVENT_KEY_TIMEOUT] = "event_timeout",
  [BUBUS_EVENT_KEY_SLOW_TIMEOUT] = "event_slow_timeout",
  [BUBUS_EVENT_KEY_CONCURRENCY] = "event_concurrency",
  [BUBUS_EVENT_KEY_HANDLER_TIMEOUT] = "event_handler_timeout",
  [BUBUS_EVENT_KEY_HANDLER_SLOW_TIMEOUT] = "event_handler_slow_timeout",
  [BUBUS_EVENT_KEY_HANDLER_CONCURRENCY] = "event_handler_concurrency",
  [BUBUS_EVENT_KEY_HANDLER_COMPLETION] = "event_handler_completion",
  [BUBUS_EVENT_KEY_BLOCKS_PARENT_COMPLETION] = "event_blocks_parent_completion",
  [BUBUS_EVENT_KEY_RESULT_TYPE] = "event_result_type",
  [BUBUS_EVENT_KEY_ID] = "event_id",
  [BUBUS_EVENT_KEY_PATH] = "event_path",
  [BUBUS_EVENT_KEY_PARENT_ID] = "event_parent_id",
  [BUBUS_EVENT_KEY_EMITTED_BY_HANDLER_ID] = "event_emitted_by_handler_id",
  [BUBUS_EVENT_KEY_PENDING_BUS_COUNT] = "event_pending_bus_count",
  [BUBUS_EVENT_KEY_CREATED_AT] = "event_created_at",
  [BUBUS_EVENT_KEY_STATUS] = "event_status",
  [BUBUS_EVENT_KEY_STARTED_AT] = "event_started_at",
  [BUBUS_EVENT_KEY_COMPLETED_AT] = "event_completed_at",
  [BUBUS_EVENT_KEY_RESULTS] = "event_results",
  [BUBUS_EVENT_KEY_SCHEMA] = "event_schema",
  [BUBUS_EVENT_KEY_PROCESSED_AT] = "event_processed_at",
};

/* The key of that name, or -1. */
int
_bubus_event_key_find (const char *name,
                       gsize       length,
                       int         hint)
{
  if (length < strlen ("event_") || memcmp (name, "event_", strlen ("event_")) != 0)
    return -1;

  return _bubus_json_find_key (_bubus_event_key_names, BUBUS_N_EVENT_KEYS, name, length, hint);
}
