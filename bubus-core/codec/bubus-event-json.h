/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

/**
 * BUBUS_EVENT_JSON_MAX_SIZE:
 *
 * The longest text, in bytes, that [ctor@Event.new_from_json] reads: 16 MiB.
 *
 * Since: 1.0
 */
#define BUBUS_EVENT_JSON_MAX_SIZE 16777216

/**
 * BubusJsonFlags:
 * @BUBUS_JSON_NONE: the event is what it was when it was written
 * @BUBUS_JSON_RESET: what happened to the event is not taken over: its status, when it started and completed, the
 *   buses it visited, its results and which handler dispatched it. Its id, its parent's id, its creation time, its
 *   options and its payload are.
 *
 * How an event is read from JSON.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  BUBUS_JSON_NONE  = 0,
  BUBUS_JSON_RESET = 1 << 0,
} BubusJsonFlags;

#define BUBUS_TYPE_JSON_FLAGS (bubus_json_flags_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType       bubus_json_flags_get_type (void);

BUBUS_AVAILABLE_IN_ALL
BubusEvent *bubus_event_new_from_json (const char      *text,
                                       gssize           length,
                                       BubusJsonFlags   flags,
                                       GError         **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
char       *bubus_event_to_json       (BubusEvent      *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void        bubus_event_append_json   (BubusEvent      *self,
                                       GString         *out);
BUBUS_AVAILABLE_IN_ALL
char       *bubus_event_result_to_json
                                      (BubusEventResult *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
char       *bubus_event_result_dup_error_type
                                      (BubusEventResult *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
