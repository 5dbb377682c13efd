/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

/**
 * BubusClockFunc:
 * @user_data: (closure): what was given with the function
 *
 * Called once, when the time has come.
 *
 * Since: 1.0
 */
typedef void (*BubusClockFunc) (gpointer user_data);

#define BUBUS_TYPE_CLOCK (bubus_clock_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusClock, bubus_clock, BUBUS, CLOCK, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusClock *bubus_clock_new_real            (void) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusClock *bubus_clock_new_test            (gint64          start_ns) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_clock_is_test             (BubusClock     *self);
BUBUS_AVAILABLE_IN_ALL
gint64      bubus_clock_get_time            (BubusClock     *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_clock_advance             (BubusClock     *self,
                                             gint64          duration_ns);
BUBUS_AVAILABLE_IN_ALL
guint       bubus_clock_add_timeout         (BubusClock     *self,
                                             gint64          duration_ns,
                                             GMainContext   *context,
                                             BubusClockFunc  func,
                                             gpointer        user_data,
                                             GDestroyNotify  notify);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_clock_remove_timeout      (BubusClock     *self,
                                             guint           timeout_id);
BUBUS_AVAILABLE_IN_ALL
void        bubus_clock_push_thread_default (BubusClock     *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_clock_pop_thread_default  (BubusClock     *self);
BUBUS_AVAILABLE_IN_ALL
BubusClock *bubus_clock_ref_thread_default  (void) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
char       *bubus_time_to_iso8601           (gint64          time_ns) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_time_from_iso8601         (const char     *text,
                                             gint64         *time_ns,
                                             GError        **error);

G_END_DECLS
