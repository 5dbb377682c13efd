/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>

#include "bench.h"

/* What must not grow with the number of buses, of handlers, and of events that wait. */

#define EVENTS_PER_BUS 100
#define OTHER_TYPES    100000
#define N_THREADS      4
#define N_IDLE_BUSES   10000

/* Buses that are made, used a hundred times, and freed. All of them are alive at once. */
double
bench_with_buses (guint n_buses)
{
  g_autofree BubusEventBus **buses = g_new (BubusEventBus *, n_buses);
  guint n_calls = 0;
  gint64 start = bench_now ();
  double ns;

  for (guint i = 0; i < n_buses; i++)
    {
      buses[i] = bench_bus_new ("Bench");
      bubus_event_bus_on (buses[i], BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
      bench_dispatch_new (buses[i], BENCH_TYPE_EVENT, EVENTS_PER_BUS);
    }
  for (guint i = 0; i < n_buses; i++)
    {
      bench_bus_run (buses[i]);
      g_assert_finalize_object (buses[i]);
    }
  ns = bench_since (start, n_buses * EVENTS_PER_BUS);

  g_assert_cmpuint (n_calls, ==, n_buses * EVENTS_PER_BUS);
  return ns;
}

/* @n events in all. */
double
bench_many_buses (guint n)
{
  return bench_with_buses (MAX (1, n / EVENTS_PER_BUS));
}

/* An event on one bus, while the others of its main context have nothing to do. */
double
bench_beside_idle_buses (guint n,
                         guint n_idle)
{
  g_autofree BubusEventBus **buses = g_new (BubusEventBus *, n_idle);
  double ns;

  for (guint i = 0; i < n_idle; i++)
    buses[i] = bench_bus_new ("Idle");
  ns = bench_event_one_handler (n);
  for (guint i = 0; i < n_idle; i++)
    g_assert_finalize_object (buses[i]);
  return ns;
}

double
bench_many_idle_buses (guint n)
{
  return bench_beside_idle_buses (n, bench_scaled (N_IDLE_BUSES));
}

double
bench_with_other_types (guint n,
                        guint n_others)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  guint n_other_calls = 0;
  gint64 start;
  double ns;

  for (guint i = 0; i < n_others; i++)
    {
      g_autofree char *event_type = g_strdup_printf ("Other%uEvent", i);

      bubus_event_bus_on_pattern (bus, event_type, "other", bench_count, &n_other_calls, NULL);
    }
  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  start = bench_now ();
  bench_dispatch_and_run (bus, n);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  g_assert_cmpuint (n_other_calls, ==, 0);
  bench_bus_free (bus);
  return ns;
}

double
bench_other_types (guint n)
{
  return bench_with_other_types (n, bench_scaled (OTHER_TYPES));
}

/* All events wait before the first is handled. */
double
bench_pending (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  gint64 start;
  double ns;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  start = bench_now ();
  bench_dispatch_new (bus, BENCH_TYPE_EVENT, n);
  bench_bus_run (bus);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  return ns;
}

/* ---- another source on the same loop ---- */

#define INTERVAL_MS 1

typedef struct
{
  gint64  due;
  GArray *delays;  /* of double, nanoseconds */
} Ticker;

static gboolean
tick_cb (gpointer data)
{
  Ticker *self = data;
  gint64 now = bench_now ();
  double delay = (double) MAX (0, now - self->due);

  g_array_append_val (self->delays, delay);
  self->due = now + INTERVAL_MS * G_GINT64_CONSTANT (1000000);
  return G_SOURCE_CONTINUE;
}

static int
compare_delays (gconstpointer a,
                gconstpointer b)
{
  const double *left = a;
  const double *right = b;

  return (*left > *right) - (*left < *right);
}

/* How late a source is, 99 times in 100 at most, while @n events wait. */
double
bench_loop_latency (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  g_autoptr (GArray) delays = g_array_new (FALSE, FALSE, sizeof (double));
  Ticker ticker = { 0, delays };
  guint n_calls = 0;
  guint source_id;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  bench_dispatch_new (bus, BENCH_TYPE_EVENT, n);
  source_id = g_timeout_add (INTERVAL_MS, tick_cb, &ticker);
  ticker.due = bench_now () + INTERVAL_MS * G_GINT64_CONSTANT (1000000);
  bench_bus_run (bus);
  while (delays->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source_id);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  qsort (delays->data, delays->len, sizeof (double), compare_delays);
  return g_array_index (delays, double, (delays->len - 1) * 99 / 100);
}

double
bench_time_budget (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  double ns = bubus_event_bus_get_time_budget (bus) * 1000.0;

  g_assert_finalize_object (bus);
  return ns;
}

/* ---- threads ---- */

typedef struct
{
  BubusEventBus *bus;
  guint          n;
} Dispatcher;

static gpointer
dispatcher_run (gpointer data)
{
  Dispatcher *self = data;

  bench_dispatch_new (self->bus, BENCH_TYPE_EVENT, self->n);
  return NULL;
}

/* Four threads make and dispatch events, and this one runs them. */
double
bench_threads (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  Dispatcher dispatcher = { bus, MAX (1, n / N_THREADS) };
  GThread *threads[N_THREADS];
  guint n_events = dispatcher.n * N_THREADS;
  guint n_calls = 0;
  gint64 start;
  double ns;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  start = bench_now ();
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("dispatcher", dispatcher_run, &dispatcher);
  while (n_calls < n_events)
    g_main_context_iteration (NULL, TRUE);
  ns = bench_since (start, n_events);

  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  bench_bus_free (bus);
  return ns;
}
