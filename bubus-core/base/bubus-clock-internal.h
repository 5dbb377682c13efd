/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock-real-internal.h"
#include "base/bubus-clock.h"

G_BEGIN_DECLS

/* Text of a time: 30 characters and the final NUL. */
#define BUBUS_TIME_TEXT_SIZE 31

/* What is later than can be told is the latest time. @duration_ns is not negative. */
static inline gint64
_bubus_time_add (gint64 time_ns,
                 gint64 duration_ns)
{
  return time_ns > G_MAXINT64 - duration_ns ? G_MAXINT64 : time_ns + duration_ns;
}

gint64      _bubus_clock_now_thread_default (void);
guint       _bubus_clock_count_timeouts     (BubusClock     *self);
void        _bubus_time_format              (gint64          time_ns,
                                             char            buffer[BUBUS_TIME_TEXT_SIZE]);

G_END_DECLS
