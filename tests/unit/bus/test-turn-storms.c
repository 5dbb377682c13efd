/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

/* Buses of two main contexts, each with a thread, while other threads dispatch to them, move them from source to
 * source, and let go those that have just been made. */

#define N_CONTEXTS  2
#define N_BUSES     6
#define N_PRODUCERS 3
#define N_EVENTS    2000  /* of each producer */

typedef struct
{
  GMainContext  *contexts[N_CONTEXTS];
  BubusEventBus *buses[N_BUSES];
  GAsyncQueue   *short_lived;  /* of buses, with a reference each */
  int            n_handled;    /* atomic, like the rest */
  int            n_made;
  int            n_gone;
  int            quit;
} Storm;

typedef struct
{
  Storm *storm;
  guint  number;
} Producer;

static gboolean
count_event (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  Storm *storm = data;

  g_assert_true (g_main_context_is_owner (bubus_event_bus_get_main_context (bubus_invocation_get_bus (invocation))));
  g_atomic_int_inc (&storm->n_handled);
  return TRUE;
}

static void
count_gone (gpointer  data,
            GObject  *gone)
{
  g_atomic_int_inc (&((Storm *) data)->n_gone);
}

/* A bus that another thread lets go, perhaps when it is idle, and perhaps before. */
static gboolean
make_bus (BubusEvent       *event,
          BubusInvocation  *invocation,
          gpointer          data,
          GError          **error)
{
  Storm *storm = data;
  BubusEventBus *bus = unlimited_bus_new ("Short");

  g_object_weak_ref (G_OBJECT (bus), count_gone, storm);
  bubus_event_bus_on (bus, TYPE_PING, "count", count_event, storm, NULL);
  g_atomic_int_inc (&storm->n_made);
  g_object_unref (dispatch_ping (bus, "short"));
  g_async_queue_push (storm->short_lived, bus);
  return TRUE;
}

static gpointer
run_context (gpointer data)
{
  gpointer *pair = data;
  Storm *storm = pair[0];

  g_main_context_push_thread_default (pair[1]);
  while (!g_atomic_int_get (&storm->quit))
    g_main_context_iteration (pair[1], TRUE);
  while (g_main_context_iteration (pair[1], FALSE))
    ;
  g_main_context_pop_thread_default (pair[1]);
  return NULL;
}

static void
wait_until_idle (BubusEventBus *bus,
                 GMainContext  *context)
{
  g_autoptr (GString) text = g_string_new (NULL);

  bubus_event_bus_wait_until_idle_async (bus, NULL, trace_idle_cb, text);
  while (text->len == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpstr (text->str, ==, "idle");
}

/* Now and then it waits, so that main contexts fall asleep. */
static gpointer
produce (gpointer data)
{
  const int priorities[] = { G_PRIORITY_HIGH, G_PRIORITY_DEFAULT, G_PRIORITY_DEFAULT, G_PRIORITY_LOW };
  Producer *producer = data;
  Storm *storm = producer->storm;
  g_autoptr (GRand) rand = g_rand_new_with_seed (producer->number);
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < N_EVENTS; i++)
    {
      BubusEventBus *bus = storm->buses[g_rand_int_range (rand, 0, N_BUSES)];
      g_autoptr (BubusEventBus) gone = NULL;

      g_object_unref (g_rand_int_range (rand, 0, 4) == 0 ? dispatch_sum (bus) : dispatch_ping (bus, "event"));
      if (g_rand_int_range (rand, 0, 3) == 0)
        bubus_event_bus_set_priority (bus, priorities[g_rand_int_range (rand, 0, G_N_ELEMENTS (priorities))]);
      gone = g_async_queue_try_pop (storm->short_lived);
      if (gone != NULL && g_rand_int_range (rand, 0, 2) == 0)
        bubus_event_bus_set_priority (gone, G_PRIORITY_HIGH);
      if (i % 4 == 0)
        wait_until_idle (bus, context);
    }
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
storm_init (Storm *storm)
{
  storm->short_lived = g_async_queue_new_full (g_object_unref);
  for (guint i = 0; i < N_CONTEXTS; i++)
    storm->contexts[i] = g_main_context_new ();
  for (guint i = 0; i < N_BUSES; i++)
    {
      g_main_context_push_thread_default (storm->contexts[i % N_CONTEXTS]);
      storm->buses[i] = unlimited_bus_new ("Long");
      g_main_context_pop_thread_default (storm->contexts[i % N_CONTEXTS]);
      bubus_event_bus_set_max_pending (storm->buses[i], 0);
      bubus_event_bus_set_time_budget (storm->buses[i], i < N_BUSES / 2 ? 0 : 4000);
      bubus_event_bus_on (storm->buses[i], TYPE_PING, "count", count_event, storm, NULL);
      bubus_event_bus_on (storm->buses[i], TYPE_SUM, "make", make_bus, storm, NULL);
    }
}

static void
storm_clear (Storm   *storm,
             GThread *threads[N_CONTEXTS])
{
  g_async_queue_unref (storm->short_lived);
  g_atomic_int_set (&storm->quit, TRUE);
  for (guint i = 0; i < N_CONTEXTS; i++)
    {
      g_main_context_wakeup (storm->contexts[i]);
      g_thread_join (threads[i]);
    }
  for (guint i = 0; i < N_BUSES; i++)
    g_assert_finalize_object (storm->buses[i]);
  for (guint i = 0; i < N_CONTEXTS; i++)
    g_main_context_unref (storm->contexts[i]);
}

static void
test_storm (Fixture       *fixture,
            gconstpointer  data)
{
  Storm storm = { { NULL } };
  GThread *threads[N_CONTEXTS], *producers[N_PRODUCERS];
  Producer numbered[N_PRODUCERS];
  gpointer pairs[N_CONTEXTS][2];

  storm_init (&storm);
  for (guint i = 0; i < N_CONTEXTS; i++)
    {
      pairs[i][0] = &storm;
      pairs[i][1] = storm.contexts[i];
      threads[i] = g_thread_new ("context", run_context, pairs[i]);
    }
  for (guint i = 0; i < N_PRODUCERS; i++)
    {
      numbered[i] = (Producer) { &storm, i };
      producers[i] = g_thread_new ("produce", produce, &numbered[i]);
    }
  for (guint i = 0; i < N_PRODUCERS; i++)
    g_thread_join (producers[i]);
  for (guint i = 0; i < N_BUSES; i++)
    wait_until_idle (storm.buses[i], NULL);
  storm_clear (&storm, threads);
  g_assert_cmpint (storm.n_handled, ==, N_PRODUCERS * N_EVENTS);
  g_assert_cmpint (storm.n_made, >, 0);
  g_assert_cmpint (storm.n_gone, ==, storm.n_made);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/turns/storm", test_storm, "B-17.10, B-17.16, R-21: no turn is lost while buses move between sources, and go");
  return g_test_run ();
}
