/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"
#include "event/bubus-json.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_GENERIC_EVENT (bubus_generic_event_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusGenericEvent, bubus_generic_event, BUBUS, GENERIC_EVENT, BubusEvent)

BUBUS_AVAILABLE_IN_ALL
BubusEvent *bubus_generic_event_new              (const char         *event_type,
                                                  GVariant           *payload) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEvent *bubus_generic_event_new_from_json    (const char         *event_type,
                                                  BubusJson          *payload,
                                                  GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusJson  *bubus_generic_event_dup_payload_json (BubusGenericEvent  *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GVariant   *bubus_generic_event_dup_payload      (BubusGenericEvent  *self,
                                                  GError            **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusJson  *bubus_generic_event_dup_member       (BubusGenericEvent  *self,
                                                  const char         *name) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
