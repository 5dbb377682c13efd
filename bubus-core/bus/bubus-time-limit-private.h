/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A hundred years, in seconds: what lies beyond cannot be counted in nanoseconds. */
#define BUBUS_TIME_LIMIT_MAX 3155760000.0

static inline gint64
_bubus_time_limit_to_ns (double seconds)
{
  return (gint64) (CLAMP (seconds, 0, BUBUS_TIME_LIMIT_MAX) * 1e9);
}

G_END_DECLS
