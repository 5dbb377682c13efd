/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <malloc.h>

#include "bench.h"

/* What events take while they wait and when they are done. Runs in a process of its own: GLib keeps what was freed. */

static double
bytes_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (double) info.uordblks + (double) info.hblkhd;
}

static double
bytes_since (double before,
             guint  n)
{
  return (bytes_in_use () - before) / n;
}

double
bench_bare_bytes (guint n)
{
  g_autofree GObject **objects = g_new (GObject *, n);
  double before = bytes_in_use ();
  double bytes;

  for (guint i = 0; i < n; i++)
    objects[i] = bench_object_new (BENCH_TYPE_OBJECT);
  bytes = bytes_since (before, n);

  for (guint i = 0; i < n; i++)
    g_object_unref (objects[i]);
  return bytes;
}

double
bench_pending_bytes (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  double before = bytes_in_use ();
  double bytes;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  bench_dispatch_new (bus, BENCH_TYPE_EVENT, n);
  bytes = bytes_since (before, n);

  bench_bus_free (bus);
  g_assert_cmpuint (n_calls, ==, n);
  return bytes;
}

double
bench_history_bytes (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  double before = bytes_in_use ();
  double bytes;

  bubus_event_bus_set_max_history_size (bus, -1);
  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  bench_dispatch_and_run (bus, n);
  bytes = bytes_since (before, n);

  bench_bus_free (bus);
  g_assert_cmpuint (n_calls, ==, n);
  return bytes;
}
