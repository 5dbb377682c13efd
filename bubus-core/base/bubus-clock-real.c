/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-clock-real-internal.h"

#include <stdatomic.h>
#include <time.h>

static gint64
bubus_clock_read (clockid_t id)
{
  struct timespec now;

  clock_gettime (id, &now);
  return (gint64) now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

/* What to add to the monotonic time: found out once. */
static inline gint64
bubus_clock_get_offset (void)
{
  static gint64 offset_ns;
  static gsize known = 0;

  if (g_once_init_enter (&known))
    {
      offset_ns = bubus_clock_read (CLOCK_REALTIME) - bubus_clock_read (CLOCK_MONOTONIC);
      g_once_init_leave (&known, 1);
    }
  return offset_ns;
}

/* Makes @now_ns strictly increasing, by 1 ns if need be: a call that begins after another has returned gives a greater
 * time, whatever the threads. */
gint64
_bubus_clock_pass (_Atomic gint64 *last_ns,
                   gint64          now_ns)
{
  gint64 last = atomic_load_explicit (last_ns, memory_order_relaxed);
  gint64 next;

  do
    next = MAX (now_ns, last + 1);
  while (!atomic_compare_exchange_weak_explicit (last_ns, &last, next, memory_order_relaxed, memory_order_relaxed));

  return next;
}

/* The time of all real clocks, strictly increasing in the whole process. */
gint64
_bubus_clock_now_real (void)
{
  static _Atomic gint64 last_ns = 0;

  return _bubus_clock_pass (&last_ns, bubus_clock_get_offset () + bubus_clock_read (CLOCK_MONOTONIC));
}
