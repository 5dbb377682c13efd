/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench-measure.h"

/* How the cost of an event grows with the number of handlers for other types, of buses, of idle buses, and of events that
 * wait. Each point is a ratio to an event with one handler, measured in turn with it. */

#define EVENTS_PER_BUS 100
#define MIN_EVENTS     20000  /* that a point is measured with */

static double
measure_handlers (guint size)
{
  return bench_with_other_types (bench_scaled (MIN_EVENTS), size);
}

/* Few buses are measured several times, so that there are enough events. */
static double
measure_buses (guint size)
{
  guint n_times = 1 + bench_scaled (MIN_EVENTS) / (size * EVENTS_PER_BUS);
  double sum = 0;

  for (guint i = 0; i < n_times; i++)
    sum += bench_with_buses (size);
  return sum / n_times;
}

static double
measure_idle_buses (guint size)
{
  return bench_beside_idle_buses (bench_scaled (MIN_EVENTS), size);
}

static double
measure_pending (guint size)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n = MAX (size, bench_scaled (MIN_EVENTS));
  guint n_calls = 0;
  gint64 start;
  double ns;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  start = bench_now ();
  bench_dispatch_in_batches (bus, n, size);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  return ns;
}

static const struct
{
  const char *name;
  const char *of;
  BenchFunc   func;
  double      max_size;
} series[] = {
  { "handlers", "handlers for other types", measure_handlers, 100000 },
  { "buses", "buses", measure_buses, 10000 },
  { "idle-buses", "idle buses beside one", measure_idle_buses, 10000 },
  { "pending", "pending events", measure_pending, 1000000 },
};

static double
measure_point (BenchFunc func,
               guint     size,
               guint     n_rounds)
{
  g_autofree double *ratios = g_new (double, n_rounds);

  for (guint i = 0; i < n_rounds; i++)
    {
      double baseline = bench_event_one_handler (bench_scaled (MIN_EVENTS));

      ratios[i] = func (size) / baseline;
    }
  return bench_median (ratios, n_rounds);
}

static void
measure_one (guint i,
             guint n_rounds)
{
  guint max_size = bench_scaled (series[i].max_size);

  g_print ("%s\n  {\"name\": \"%s\", \"of\": \"%s\", \"points\": [", i > 0 ? "," : "", series[i].name, series[i].of);
  for (guint size = 1; size <= max_size; size *= 10)
    {
      char text[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (text, sizeof text, "%.3f", measure_point (series[i].func, size, n_rounds));
      g_print ("%s[%u, %s]", size > 1 ? ", " : "", size, text);
    }
  g_print ("]}");
}

void
bench_measure_series (guint n_rounds)
{
  bench_event_one_handler (bench_scaled (MIN_EVENTS));
  g_print ("{\"baseline\": \"event-one-handler\", \"series\": [");
  for (guint i = 0; i < G_N_ELEMENTS (series); i++)
    measure_one (i, n_rounds);
  g_print ("\n]}\n");
}
