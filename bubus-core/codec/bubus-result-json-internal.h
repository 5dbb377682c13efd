/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event-internal.h"
#include "event/bubus-json-internal.h"

G_BEGIN_DECLS

/* The members of a result, in the order in which they are written (B-1.31). */
typedef enum
{
  BUBUS_RESULT_KEY_ID,
  BUBUS_RESULT_KEY_STATUS,
  BUBUS_RESULT_KEY_EVENT_ID,
  BUBUS_RESULT_KEY_HANDLER_ID,
  BUBUS_RESULT_KEY_HANDLER_NAME,
  BUBUS_RESULT_KEY_HANDLER_FILE_PATH,
  BUBUS_RESULT_KEY_HANDLER_TIMEOUT,
  BUBUS_RESULT_KEY_HANDLER_SLOW_TIMEOUT,
  BUBUS_RESULT_KEY_HANDLER_REGISTERED_AT,
  BUBUS_RESULT_KEY_HANDLER_EVENT_PATTERN,
  BUBUS_RESULT_KEY_EVENTBUS_ID,
  BUBUS_RESULT_KEY_EVENTBUS_NAME,
  BUBUS_RESULT_KEY_STARTED_AT,
  BUBUS_RESULT_KEY_COMPLETED_AT,
  BUBUS_RESULT_KEY_RESULT,
  BUBUS_RESULT_KEY_ERROR,
  BUBUS_RESULT_KEY_EVENT_CHILDREN,
} BubusResultKey;

#define BUBUS_N_RESULT_KEYS (BUBUS_RESULT_KEY_EVENT_CHILDREN + 1)

/* What a result that was read remembers beyond its record. The id comes first, and it is freed with g_free(). */
typedef struct
{
  BubusUuid id;
  gsize     timeouts_length;
  char      text[];  /* the handler's timeouts as members, if one is set; then members that are not known */
} BubusRestoredResult;

extern const char *const _bubus_event_status_names[BUBUS_EVENT_STATUS_COMPLETED + 1];
extern const char *const _bubus_result_status_names[BUBUS_RESULT_STATUS_ERROR + 1];
extern const char *const _bubus_result_key_names[BUBUS_N_RESULT_KEYS];

void      _bubus_event_append_json_value (GString              *out,
                                          const BubusJson      *value);
void      _bubus_event_append_member     (GString              *out,
                                          const BubusMember    *member);
void      _bubus_event_append_uuid       (GString              *out,
                                          const BubusUuid      *id);
void      _bubus_event_append_time       (GString              *out,
                                          gint64                time_ns);
void      _bubus_event_append_results    (BubusEvent           *event,
                                          GString              *out);
void      _bubus_event_result_append     (const BubusEventResult *self,
                                          BubusEventPrivate    *priv,
                                          GString              *out);
gboolean  _bubus_event_read_results      (BubusEvent           *event,
                                          const char           *text,
                                          const BubusJsonSpan  *span,
                                          GError              **error);

G_END_DECLS
