/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

/**
 * BubusEventPredicate:
 * @event: an event
 * @user_data: (closure): what was given with the function
 * @error: where to put why it cannot be said
 *
 * Says something about an event.
 *
 * Returns: whether it is so; with an error, the event does not match
 *
 * Since: 1.0
 */
typedef gboolean (*BubusEventPredicate) (BubusEvent  *event,
                                         gpointer     user_data,
                                         GError     **error);

#define BUBUS_TYPE_EVENT_QUERY (bubus_event_query_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusEventQuery, bubus_event_query, BUBUS, EVENT_QUERY, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusEventQuery *bubus_event_query_new             (GType                event_type) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusEventQuery *bubus_event_query_new_for_pattern (const char          *pattern) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GType            bubus_event_query_get_event_type  (BubusEventQuery     *self);
BUBUS_AVAILABLE_IN_ALL
const char      *bubus_event_query_get_pattern     (BubusEventQuery     *self);
BUBUS_AVAILABLE_IN_ALL
BubusEvent      *bubus_event_query_get_child_of    (BubusEventQuery     *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_event_query_set_child_of    (BubusEventQuery     *self,
                                                    BubusEvent          *ancestor);
BUBUS_AVAILABLE_IN_ALL
double           bubus_event_query_get_past        (BubusEventQuery     *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_event_query_set_past        (BubusEventQuery     *self,
                                                    double               seconds);
BUBUS_AVAILABLE_IN_ALL
double           bubus_event_query_get_future      (BubusEventQuery     *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_event_query_set_future      (BubusEventQuery     *self,
                                                    double               seconds);
BUBUS_AVAILABLE_IN_ALL
int              bubus_event_query_get_limit       (BubusEventQuery     *self);
BUBUS_AVAILABLE_IN_ALL
void             bubus_event_query_set_limit       (BubusEventQuery     *self,
                                                    int                  n_events);
BUBUS_AVAILABLE_IN_ALL
void             bubus_event_query_set_field       (BubusEventQuery     *self,
                                                    const char          *name,
                                                    const GValue        *value);
BUBUS_AVAILABLE_IN_ALL
void             bubus_event_query_set_include     (BubusEventQuery     *self,
                                                    BubusEventPredicate  include,
                                                    gpointer             user_data,
                                                    GDestroyNotify       notify);
BUBUS_AVAILABLE_IN_ALL
void             bubus_event_query_set_exclude     (BubusEventQuery     *self,
                                                    BubusEventPredicate  exclude,
                                                    gpointer             user_data,
                                                    GDestroyNotify       notify);
BUBUS_AVAILABLE_IN_ALL
gboolean         bubus_event_query_matches         (BubusEventQuery     *self,
                                                    BubusEvent          *event);

G_END_DECLS
