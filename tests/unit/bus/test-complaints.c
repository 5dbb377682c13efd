/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus-find.h"
#include "history/bubus-memory.h"

/* What users of the original and of its successor ran into: each situation, without what was wrong with it. */

/* ---- two threads, each with a bus ---- */

#define N_ROUNDS 50

typedef struct
{
  const char *name;
  guint       n_children;
} Side;

typedef struct
{
  Side    *side;
  GThread *thread;
} Owner;

static gboolean
count_in_own_thread (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  Owner *owner = data;

  g_assert_true (g_thread_self () == owner->thread);
  g_assert_cmpstr (ping_get_label (event), ==, owner->side->name);
  owner->side->n_children++;
  return TRUE;
}

static gboolean
await_in_own_thread (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  Owner *owner = data;
  g_autoptr (BubusEvent) child = ping_new (owner->side->name);

  g_assert_true (g_thread_self () == owner->thread);
  return bubus_invocation_dispatch (invocation, NULL, child, error) && bubus_invocation_run (invocation, child, error);
}

static gpointer
run_side (gpointer data)
{
  Side *side = data;
  Owner owner = { side, g_thread_self () };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func (g_object_unref);
  BubusEventBus *bus;

  g_main_context_push_thread_default (context);
  bus = unlimited_bus_new (side->name);
  bubus_event_bus_on (bus, TYPE_SUM, "await", await_in_own_thread, &owner, NULL);
  bubus_event_bus_on (bus, TYPE_PING, "count", count_in_own_thread, &owner, NULL);
  for (guint i = 0; i < N_ROUNDS; i++)
    g_ptr_array_add (events, dispatch_sum (bus));
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (context, TRUE);
  for (guint i = 0; i < N_ROUNDS; i++)
    g_assert_no_error (get_only_error (events->pdata[i]));
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_finalize_object (bus);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_two_threads (Fixture       *fixture,
                  gconstpointer  data)
{
  Side left = { "left", 0 };
  Side right = { "right", 0 };
  GThread *thread = g_thread_new ("left", run_side, &left);

  run_side (&right);
  g_thread_join (thread);
  g_assert_cmpuint (left.n_children, ==, N_ROUNDS);
  g_assert_cmpuint (right.n_children, ==, N_ROUNDS);
}

/* Handlers await while the bus of another main context has events that nobody handles now; and then one of them. */
static void
far_done_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GError) error = NULL;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  g_assert_no_error (error);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
await_on_far (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("awaited");

  g_assert_true (bubus_invocation_dispatch (invocation, data, child, error));
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, child, NULL, far_done_cb, NULL);
  return TRUE;
}

static void
test_sleeping_context (Fixture       *fixture,
                       gconstpointer  data)
{
  Side side = { "near", 0 };
  Owner owner = { &side, g_thread_self () };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) waits = NULL;
  BubusEventBus *far;

  g_main_context_push_thread_default (context);
  far = unlimited_bus_new ("Far");
  g_main_context_pop_thread_default (context);
  bubus_event_bus_on (far, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  for (guint i = 0; i < 3; i++)
    g_object_unref (dispatch_ping (far, "far"));
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "await", await_in_own_thread, &owner, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "count", count_in_own_thread, &owner, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_complete (event);
  g_assert_no_error (get_only_error (event));
  g_assert_cmpstr (fixture->trace->str, ==, "");
  bubus_event_bus_on (fixture->bus, TYPE_LOUD_PING, "far", await_on_far, far, NULL);
  waits = dispatch_loud_ping (fixture->bus, "near");
  run_pending ();
  g_assert_cmpuint (bubus_event_bus_get_n_pending (far), ==, 4);
  g_assert_cmpstr (fixture->trace->str, ==, "");

  g_main_context_push_thread_default (context);
  while (!bubus_event_bus_is_idle (far))
    g_main_context_iteration (context, TRUE);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_finalize_object (far);
  g_main_context_pop_thread_default (context);
  g_assert_cmpstr (fixture->trace->str, ==, "far far far awaited");
  run_until_complete (waits);
}

/* ---- capacity ---- */

static void
test_counts_once (Fixture       *fixture,
                  gconstpointer  data)
{
  static const struct { int history; guint pending; } cases[] = { { 50, 100 }, { 10, 100 }, { 0, 7 }, { -1, 51 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (BubusEvent) refused = ping_new ("refused");
      g_autoptr (GError) error = NULL;
      g_autofree char *expected = NULL;

      bubus_event_bus_set_max_history_size (fixture->bus, cases[i].history);
      bubus_event_bus_set_max_pending (fixture->bus, cases[i].pending);
      for (guint j = 0; j < cases[i].pending; j++)
        g_object_unref (dispatch_ping (fixture->bus, "accepted"));
      g_assert_false (bubus_event_bus_dispatch (fixture->bus, refused, &error));
      g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL);
      expected = g_strdup_printf ("EventBus at capacity: “Main” has %u unfinished events, which is its limit",
                                  cases[i].pending);
      g_assert_cmpstr (error->message, ==, expected);
      run_until_idle (fixture->bus);
    }
}

/* A child that is refused is nobody's child, and its parent does not wait for it. */
static gboolean
dispatch_until_full (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  BubusEvent **refused = data;
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  g_autoptr (GError) full = NULL;

  g_object_unref (dispatch_ping (bus, "accepted"));
  *refused = ping_new ("refused");
  g_assert_false (bubus_event_bus_dispatch (bus, *refused, &full));
  g_assert_error (full, BUBUS_ERROR, BUBUS_ERROR_FULL);
  return TRUE;
}

static void
test_refused_child (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusEvent) refused = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GListModel) children = NULL;

  bubus_event_bus_set_max_pending (fixture->bus, 1);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "full", dispatch_until_full, &refused, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_complete (event);
  children = bubus_event_list_children (event);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 1);
  g_assert_null (bubus_event_get_event_parent_id (refused));
  g_assert_false (bubus_event_is_sealed (refused));

  run_until_idle (fixture->bus);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, refused, NULL));
  run_until_complete (refused);
}

/* A bus of the defaults takes events for as long as it lives. */
static void
test_goes_on_for_ever (Fixture       *fixture,
                       gconstpointer  data)
{
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "event");

      run_until_complete (event);
    }
}

/* ---- many events ---- */

#define N_MANY 20000

static gboolean
await_and_leave (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  g_autoptr (BubusEvent) awaited = dispatch_loud_ping (bus, "awaited");

  ++*(guint *) data;
  g_object_unref (dispatch_loud_ping (bus, "left"));
  return bubus_invocation_run (invocation, awaited, error);
}

static gboolean
count (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  ++*(guint *) data;
  return TRUE;
}

static void
test_many_events (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  guint n_parents = 0, n_children = 0;
  guint64 before = bubus_get_memory_used ();

  bubus_event_bus_forward (fixture->bus, "LoudPing", NULL, other);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_and_leave, &n_parents, NULL);
  bubus_event_bus_on (other, TYPE_LOUD_PING, "child", count, &n_children, NULL);
  while (n_parents < N_MANY / 2)
    {
      g_autoptr (GPtrArray) history = NULL;

      for (guint i = 0; i < 50; i++)
        g_object_unref (dispatch_sum (fixture->bus));
      run_until_idle (fixture->bus);
      run_until_idle (other);
      history = bubus_event_bus_list_history (fixture->bus);
      g_assert_cmpuint (history->len, <=, 50);
      g_assert_cmpuint (bubus_get_memory_used () - before, <, 200000);
    }
  g_assert_cmpuint (n_children, ==, 2 * n_parents);
}

/* What an awaited event waits for may be more than a thousand steps. */
#define N_STEPS 1500

static gboolean
leave_many (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  for (guint i = 0; i < N_STEPS; i++)
    g_object_unref (dispatch_loud_ping (bubus_invocation_get_bus (invocation), "step"));
  return TRUE;
}

static gboolean
await_many (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");

  if (!bubus_invocation_run (invocation, child, error))
    return FALSE;
  g_assert_cmpint (bubus_event_get_event_status (child), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpuint (*(guint *) data, ==, N_STEPS);
  return TRUE;
}

static void
test_many_steps (Fixture       *fixture,
                 gconstpointer  data)
{
  guint n_steps = 0;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_max_pending (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "await", await_many, &n_steps, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "leave", leave_many, NULL, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "LoudPing", "step", count, &n_steps, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_complete (event);
  g_assert_no_error (get_only_error (event));
}

/* ---- buses that have nothing to do with each other, and buses that have ---- */

static void
test_buses_do_not_wait (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) slow = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "slow", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (other, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  slow = dispatch_ping (fixture->bus, "slow");
  run_pending ();
  event = dispatch_ping (other, "event");
  run_until_complete (event);
  g_assert_cmpint (bubus_event_get_event_status (slow), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_cmpstr (fixture->trace->str, ==, "event");
  bubus_invocation_return_nothing (kept);
  g_object_unref (kept);
}

typedef struct
{
  BubusEventBus   *bus;   /* where to dispatch */
  BubusInvocation *kept;
  GError          *error;
} Crossing;

static void
crossed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &((Crossing *) data)->error);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

/* Both buses are busy before either handler awaits an event on the other bus. */
static gboolean
await_on_other_bus (Crossing *crossing)
{
  g_autoptr (BubusEvent) child = g_object_new (TYPE_LOUD_PING, "label", "crossed", NULL);

  g_assert_true (bubus_invocation_dispatch (crossing->kept, crossing->bus, child, NULL));
  bubus_invocation_run_async (crossing->kept, child, NULL, crossed_cb, crossing);
  return G_SOURCE_REMOVE;
}

static void
test_crossing (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  BubusEventBus *buses[] = { fixture->bus, other };
  Crossing crossings[] = { { other }, { fixture->bus } };
  g_autoptr (BubusEvent) first = NULL;
  g_autoptr (BubusEvent) second = NULL;

  for (guint i = 0; i < 2; i++)
    {
      bubus_event_bus_on_pattern (buses[i], "Sum", "cross", defer_and_keep, &crossings[i].kept, NULL);
      bubus_event_bus_on (buses[i], TYPE_LOUD_PING, "trace", trace_label, fixture->trace, NULL);
    }
  first = dispatch_sum (fixture->bus);
  second = dispatch_sum (other);
  run_pending ();
  for (guint i = 0; i < 2; i++)
    await_on_other_bus (&crossings[i]);
  run_until_complete (first);
  run_until_complete (second);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_no_error (crossings[i].error);
      g_object_unref (crossings[i].kept);
    }
  g_assert_cmpstr (fixture->trace->str, ==, "crossed crossed");
}

/* Buses come and go in all threads while others look at all of them. */
static gpointer
make_buses (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < 200; i++)
    {
      BubusEventBus *bus = bubus_event_bus_new ("Short");

      bubus_event_bus_set_event_concurrency (bus, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
      g_object_unref (dispatch_ping (bus, "event"));
      bubus_get_memory_used ();
      while (!bubus_event_bus_is_idle (bus))
        g_main_context_iteration (context, TRUE);
      while (g_main_context_iteration (context, FALSE))
        ;
      g_assert_finalize_object (bus);
    }
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_many_buses (Fixture       *fixture,
                 gconstpointer  data)
{
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("buses", make_buses, NULL);
  make_buses (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_names (Fixture       *fixture,
            gconstpointer  data)
{
  static const char *names[] = {
    "a-b", "6b1f-4d2e", "with space", "Главный", "総線", "#", "a#b", "", "1", "_", "a.b", "\"quoted\"", "🚌",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (BubusEventBus) bus = bubus_event_bus_new (names[i]);
      g_autoptr (BubusEventBus) twin = bubus_event_bus_new (names[i]);
      g_autoptr (BubusEvent) event = NULL;
      g_auto (GStrv) path = NULL;

      g_assert_cmpstr (bubus_event_bus_get_name (bus), ==, names[i]);
      g_assert_cmpstr (bubus_event_bus_get_name (twin), ==, names[i]);
      g_assert_cmpstr (bubus_event_bus_get_id (twin), !=, bubus_event_bus_get_id (bus));
      g_assert_true (g_str_has_prefix (bubus_event_bus_get_label (bus), names[i]));
      bubus_event_bus_forward (bus, "*", NULL, twin);
      event = dispatch_ping (bus, "event");
      run_until_complete (event);
      run_until_idle (twin);
      path = bubus_event_dup_event_path (event);
      g_assert_cmpuint (g_strv_length (path), ==, 2);
      g_assert_cmpstr (path[0], ==, bubus_event_bus_get_label (bus));
    }
}

/* ---- waiting changes nothing about what is waited for ---- */

static gboolean
await_background (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("background");

  if (!bubus_event_bus_dispatch_with_flags (bubus_invocation_get_bus (invocation), child, BUBUS_DISPATCH_BACKGROUND,
                                            error)
      || !bubus_invocation_run (invocation, child, error))
    return FALSE;
  g_assert_cmpint (bubus_event_get_event_status (child), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_false (bubus_event_get_event_blocks_parent_completion (child));
  return TRUE;
}

static void
test_awaited_background (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_background, NULL, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_complete (event);
  g_assert_no_error (get_only_error (event));
}

/* A deferred handler expects an event that comes while the bus is busy with that handler. */
static void
expected_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  BubusInvocation *invocation = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) found = bubus_event_bus_expect_finish (BUBUS_EVENT_BUS (source), result, &error);

  g_assert_no_error (error);
  bubus_invocation_return_string (invocation, ping_get_label (found));
  g_object_unref (invocation);
}

static gboolean
expect_loud (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (TYPE_LOUD_PING);

  bubus_invocation_defer (invocation);
  bubus_event_bus_expect_async (bubus_invocation_get_bus (invocation), query, -1, NULL, expected_cb,
                                g_object_ref (invocation));
  return TRUE;
}

static void
test_expect_in_handler (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) expected = NULL;
  g_autoptr (GPtrArray) results = NULL;
  g_autoptr (GPtrArray) of_expected = NULL;

  bubus_event_bus_on_pattern (fixture->bus, "Ping", "expect", expect_loud, NULL, NULL);
  event = dispatch_ping (fixture->bus, "event");
  run_pending ();
  expected = dispatch_loud_ping (fixture->bus, "expected");
  run_until_complete (event);
  results = bubus_event_list_results (event);
  g_assert_cmpstr (g_value_get_string (bubus_event_result_get_value (results->pdata[0])), ==, "expected");
  run_until_idle (fixture->bus);
  of_expected = bubus_event_list_results (expected);
  g_assert_cmpuint (of_expected->len, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/complaints/two-threads", test_two_threads, "R-6, R-21, B-13.1, B-17.11: each handles its own");
  test ("/complaints/sleeping-context", test_sleeping_context, "R-2, B-13.1: nobody handles another context's events");
  test ("/complaints/counts-once", test_counts_once, "R-13, B-13.2: as many as the limit says, then an error");
  test ("/complaints/refused-child", test_refused_child, "R-12, B-13.2, B-13.14, B-17.3: no trace in the parent");
  test ("/complaints/goes-on", test_goes_on_for_ever, "R-13, B-13.20: completed events do not fill a bus");
  test ("/complaints/many-events", test_many_events, "R-13, B-13.11, B-13.19, 14.36: in bounded memory");
  test ("/complaints/many-steps", test_many_steps, "R-2, B-13.13: no limit of steps, and never incomplete");
  test ("/complaints/buses", test_buses_do_not_wait, "R-6, B-13.3, 14.56: one bus does not wait for another");
  test ("/complaints/crossing", test_crossing, "R-2, R-6, B-13.3: each awaits something on the other's bus");
  test ("/complaints/many-buses", test_many_buses, "B-13.17, 14.89: buses come and go in all threads");
  test ("/complaints/names", test_names, "R-17, B-13.8, 14.35: any name, also twice");
  test ("/complaints/awaited-background", test_awaited_background, "R-5, B-13.19: it does not block then");
  test ("/complaints/expect-in-handler", test_expect_in_handler, "R-3, R-15, B-13.16: no deadlock and no result");

  return g_test_run ();
}
