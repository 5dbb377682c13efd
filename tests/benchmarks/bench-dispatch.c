/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

/* The five scenarios that the other runtimes are measured with, and their baselines. */

double
bench_bare_object (guint n)
{
  gint64 start = bench_now ();

  for (guint i = 0; i < n; i++)
    g_object_unref (bench_object_new (BENCH_TYPE_OBJECT));
  return bench_since (start, n);
}

static void
occurred_cb (GObject  *object,
             GObject  *argument,
             gpointer  user_data)
{
  ++*(guint *) user_data;
}

double
bench_signal (guint n)
{
  BenchObject *object = (BenchObject *) bench_object_new (BENCH_TYPE_OBJECT);
  guint n_calls = 0;
  gint64 start;
  double ns;

  g_signal_connect (object, "occurred", G_CALLBACK (occurred_cb), &n_calls);
  start = bench_now ();
  for (guint i = 0; i < n; i++)
    bench_object_emit (object);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  g_assert_finalize_object (object);
  return ns;
}

double
bench_event_one_handler (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  gint64 start;
  double ns;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  start = bench_now ();
  bench_dispatch_and_run (bus, n);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  return ns;
}

/* One event for @n handlers. The first one also selects them, so that the second is measured. */
double
bench_handler_fanout (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  gint64 start;
  double ns;

  for (guint i = 0; i < n; i++)
    bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);
  bench_dispatch_and_run (bus, 1);
  bubus_event_bus_set_max_history_size (bus, 0);
  start = bench_now ();
  bench_dispatch_and_run (bus, 1);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, 2 * n);
  bench_bus_free (bus);
  return ns;
}

double
bench_on_dispatch_off_loop (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  gint64 start = bench_now ();
  double ns;

  for (guint i = 0; i < n; i++)
    {
      BubusHandler *handler = bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &n_calls, NULL);

      bench_dispatch_and_run (bus, 1);
      bubus_event_bus_off (bus, handler);
    }
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  return ns;
}

typedef struct
{
  guint  n;
  guint  n_calls;
  double ns;
} OneOffs;

static gboolean
run_one_offs (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  OneOffs *self = data;
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  gint64 start = bench_now ();

  for (guint i = 0; i < self->n; i++)
    {
      BubusHandler *handler = bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "count", bench_count, &self->n_calls, NULL);
      g_autoptr (BubusEvent) one = (BubusEvent *) bench_object_new (BENCH_TYPE_EVENT);

      if (!bubus_event_bus_dispatch_with_flags (bus, one, BUBUS_DISPATCH_DETACHED, error)
          || !bubus_invocation_run (invocation, one, error))
        return FALSE;
      bubus_event_bus_off (bus, handler);
    }
  self->ns = bench_since (start, self->n);
  return TRUE;
}

/* The same where an event can be awaited, which is in a handler: there is no turn of the loop. */
double
bench_on_dispatch_off (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  OneOffs one_offs = { .n = n };
  BubusHandler *handler;

  handler = bubus_event_bus_on (bus, BENCH_TYPE_CHILD_EVENT, "one-offs", run_one_offs, &one_offs, NULL);
  bench_dispatch_new (bus, BENCH_TYPE_CHILD_EVENT, 1);
  bench_bus_run (bus);

  g_assert_cmpuint (one_offs.n_calls, ==, n);
  bubus_event_bus_off (bus, handler);
  bench_bus_free (bus);
  return one_offs.ns;
}

/* ---- children ---- */

static gboolean
run_child (BubusInvocation  *invocation,
           BubusEventBus    *bus,
           double            timeout,
           int               number,
           GError          **error)
{
  g_autoptr (BubusEvent) child = g_object_new (BENCH_TYPE_CHILD_EVENT, "label", "a label", "number", number, NULL);

  if (timeout > 0)
    bubus_event_set_event_timeout (child, timeout);
  return bubus_invocation_dispatch (invocation, bus, child, error) && bubus_invocation_run (invocation, child, error);
}

static gboolean
await_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  return run_child (invocation, NULL, 0, 7, error);
}

/* Events whose handler dispatches a child and waits for it; what an event without a child takes is taken off. */
double
bench_child_await (guint n)
{
  BubusEventBus *bus = bench_bus_new ("Bench");
  guint n_calls = 0;
  gint64 start;
  double ns;

  bubus_event_bus_on (bus, BENCH_TYPE_EVENT, "await", await_child, NULL, NULL);
  bubus_event_bus_on (bus, BENCH_TYPE_CHILD_EVENT, "count", bench_count, &n_calls, NULL);
  start = bench_now ();
  bench_dispatch_and_run (bus, n);
  ns = bench_since (start, n);

  g_assert_cmpuint (n_calls, ==, n);
  bench_bus_free (bus);
  return ns;
}

/* ---- the worst case ---- */

#define WORST_TIMEOUT 0.001  /* seconds, of the test clock */
#define WORST_SILENT  100    /* every so manieth child is never answered, and runs into its timeout */

typedef struct
{
  BubusEventBus *children_bus;
  guint          n_parents;
  guint          n_children;
  guint          n_forwarded;
  guint          n_overtaken;  /* children that came before a forwarded event that waited */
} WorstCase;

static gboolean
worst_parent (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  WorstCase *self = data;
  g_autoptr (GError) child_error = NULL;

  /* A child that answers later is not waited for here. */
  if (!run_child (invocation, self->children_bus, WORST_TIMEOUT, (int) self->n_parents++, &child_error))
    g_assert_error (child_error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  return TRUE;
}

static gboolean
worst_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  WorstCase *self = data;

  self->n_children++;
  self->n_overtaken += bubus_event_bus_get_n_pending (self->children_bus) > 1;
  if (((BenchEvent *) event)->number % WORST_SILENT == WORST_SILENT - 1)
    bubus_invocation_defer (invocation);
  return TRUE;
}

static void
worst_run (BubusClock    *clock,
           BubusEventBus *first,
           BubusEventBus *second,
           BubusEventBus *third)
{
  while (!bubus_event_bus_is_idle (first) || !bubus_event_bus_is_idle (second) || !bubus_event_bus_is_idle (third))
    if (!g_main_context_iteration (NULL, FALSE))
      bubus_clock_advance (clock, (gint64) (WORST_TIMEOUT * 1e9));
}

static void
worst_dispatch (BubusEventBus *first,
                BubusEventBus *second,
                guint          n)
{
  for (guint i = 0; i < n; i++)
    bench_dispatch_new (i % 2 == 0 ? first : second, BENCH_TYPE_EVENT, 1);
}

/* Events on two buses, both forwarded to a third. Their handler waits for a child on the third, which overtakes the
 * forwarded events that wait there; one child in a hundred is never answered. The figure is for one event with all that
 * it causes. */
double
bench_worst_case (guint n)
{
  BubusClock *clock = bubus_clock_new_test (0);
  BubusEventBus *first, *second, *third;
  WorstCase worst = { NULL };
  gint64 start;
  double ns;

  bubus_clock_push_thread_default (clock);
  first = bench_bus_new ("First");
  second = bench_bus_new ("Second");
  third = bench_bus_new ("Third");
  bubus_clock_pop_thread_default (clock);

  worst.children_bus = third;
  bubus_event_bus_forward (first, "BenchEvent", "forward", third);
  bubus_event_bus_forward (second, "BenchEvent", "forward", third);
  bubus_event_bus_on (first, BENCH_TYPE_EVENT, "parent", worst_parent, &worst, NULL);
  bubus_event_bus_on (second, BENCH_TYPE_EVENT, "parent", worst_parent, &worst, NULL);
  bubus_event_bus_on (third, BENCH_TYPE_EVENT, "count", bench_count, &worst.n_forwarded, NULL);
  bubus_event_bus_on (third, BENCH_TYPE_CHILD_EVENT, "child", worst_child, &worst, NULL);

  start = bench_now ();
  for (guint done = 0; done < n; done += BENCH_BATCH)
    {
      worst_dispatch (first, second, MIN (BENCH_BATCH, n - done));
      worst_run (clock, first, second, third);
    }
  ns = bench_since (start, n);

  g_assert_cmpuint (worst.n_parents, ==, n);
  g_assert_cmpuint (worst.n_children, ==, n);
  g_assert_cmpuint (worst.n_forwarded, ==, n);
  g_assert_cmpuint (worst.n_overtaken, >=, n > 2 ? 1 : 0);
  bench_bus_free (first);
  bench_bus_free (second);
  bench_bus_free (third);
  g_assert_finalize_object (clock);
  return ns;
}
