/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <time.h>

#include "bench.h"

double bench_factor = 1;

gint64
bench_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

double
bench_since (gint64 start,
             guint  n)
{
  return (double) (bench_now () - start) / n;
}

/* A size that is part of a scenario, such as how many handlers wait in vain. */
guint
bench_scaled (double n)
{
  return MAX (1, (guint) (n * bench_factor));
}

BubusEventBus *
bench_bus_new (const char *name)
{
  BubusEventBus *bus = bubus_event_bus_new (name);

  bubus_event_bus_set_max_pending (bus, 0);
  return bus;
}

void
bench_bus_run (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
}

/* A bus that is gone has let go of its handlers and of its events; one of each is looked at. */
void
bench_bus_free (BubusEventBus *bus)
{
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (bus);
  gpointer handler = handlers->len > 0 ? handlers->pdata[0] : NULL;
  GObject *event = bench_object_new (BENCH_TYPE_CHILD_EVENT);
  gpointer event_left = event;
  gpointer handler_left = handler;

  g_object_add_weak_pointer (event, &event_left);
  if (handler != NULL)
    g_object_add_weak_pointer (handler, &handler_left);
  g_clear_pointer (&handlers, g_ptr_array_unref);

  bench_dispatch (bus, (BubusEvent *) event);
  g_object_unref (event);
  bench_bus_run (bus);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (bus);
  g_assert_null (event_left);
  g_assert_null (handler_left);
}

void
bench_dispatch (BubusEventBus *bus,
                BubusEvent    *event)
{
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (bus, event, &error);
  g_assert_no_error (error);
}

void
bench_dispatch_new (BubusEventBus *bus,
                    GType          type,
                    guint          n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BubusEvent) event = (BubusEvent *) bench_object_new (type);

      bench_dispatch (bus, event);
    }
}

void
bench_dispatch_in_batches (BubusEventBus *bus,
                           guint          n,
                           guint          batch)
{
  for (guint done = 0; done < n; done += batch)
    {
      bench_dispatch_new (bus, BENCH_TYPE_EVENT, MIN (batch, n - done));
      bench_bus_run (bus);
    }
}

void
bench_dispatch_and_run (BubusEventBus *bus,
                        guint          n)
{
  bench_dispatch_in_batches (bus, n, BENCH_BATCH);
}

/* The synchronous handler with a result. */
gboolean
bench_count (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  guint *n_calls = data;

  bubus_invocation_return_int (invocation, (int) ++*n_calls);
  return TRUE;
}
