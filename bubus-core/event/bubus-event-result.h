/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

/**
 * BubusResultStatus:
 * @BUBUS_RESULT_STATUS_PENDING: the handler has not started
 * @BUBUS_RESULT_STATUS_STARTED: the handler is running
 * @BUBUS_RESULT_STATUS_COMPLETED: the handler has returned, with or without a value
 * @BUBUS_RESULT_STATUS_ERROR: the handler has failed, or never got the chance to run
 *
 * How far a handler has come with an event. It only ever moves forward.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_RESULT_STATUS_PENDING,
  BUBUS_RESULT_STATUS_STARTED,
  BUBUS_RESULT_STATUS_COMPLETED,
  BUBUS_RESULT_STATUS_ERROR,
} BubusResultStatus;

#define BUBUS_TYPE_RESULT_STATUS (bubus_result_status_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_result_status_get_type (void);

#define BUBUS_TYPE_EVENT_RESULT (bubus_event_result_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType              bubus_event_result_get_type          (void);
BUBUS_AVAILABLE_IN_ALL
BubusEventResult  *bubus_event_result_ref               (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
void               bubus_event_result_unref             (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
BubusResultStatus  bubus_event_result_get_status        (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
const GValue      *bubus_event_result_get_value         (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
const GError      *bubus_event_result_get_error         (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
BubusEvent        *bubus_event_result_get_event         (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
char              *bubus_event_result_dup_id            (BubusEventResult *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
char              *bubus_event_result_dup_handler_id    (BubusEventResult *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
const char        *bubus_event_result_get_handler_name  (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
const char        *bubus_event_result_get_eventbus_name (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
const char        *bubus_event_result_get_eventbus_id   (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
gint64             bubus_event_result_get_started_at    (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
gint64             bubus_event_result_get_completed_at  (BubusEventResult *self);
BUBUS_AVAILABLE_IN_ALL
GListModel        *bubus_event_result_list_children     (BubusEventResult *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusEventResult, bubus_event_result_unref)

G_END_DECLS
