/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

/* The patterns of the original's tests in which several things come together. */

static void
count_wait_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;

  bubus_event_wait_finish (BUBUS_EVENT (source), result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bubus_event_get_event_status (BUBUS_EVENT (source)), ==, BUBUS_EVENT_STATUS_COMPLETED);
  ++*(guint *) data;
}

/* ---- many events ---- */

#define N_DELAYED 20

typedef struct
{
  BubusClock *clock;
  GArray     *started;  /* of guint */
  GArray     *ended;    /* of guint */
} Delays;

typedef struct
{
  Delays          *delays;
  BubusInvocation *invocation;
  guint            number;
} Delay;

static void
delay_over_cb (gpointer data)
{
  Delay *delay = data;

  g_array_append_val (delay->delays->ended, delay->number);
  bubus_invocation_return_nothing (delay->invocation);
  g_object_unref (delay->invocation);
  g_free (delay);
}

/* Every third answers at once, the others after 1 to 7 seconds. */
static gboolean
answer_after_delay (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          data,
                    GError          **error)
{
  Delays *delays = data;
  guint number = atoi (ping_get_label (event));
  Delay *delay;

  g_array_append_val (delays->started, number);
  if (number % 3 == 0)
    {
      g_array_append_val (delays->ended, number);
      return TRUE;
    }

  delay = g_new (Delay, 1);
  *delay = (Delay) { delays, g_object_ref (invocation), number };
  bubus_invocation_defer (invocation);
  bubus_clock_add_timeout (delays->clock, (1 + number * 5 % 7) * SECOND, NULL, delay_over_cb, delay, NULL);
  return TRUE;
}

static void
assert_counts_up (GArray *numbers)
{
  g_assert_cmpuint (numbers->len, ==, N_DELAYED);
  for (guint i = 0; i < N_DELAYED; i++)
    g_assert_cmpuint (g_array_index (numbers, guint, i), ==, i);
}

static void
test_varying_delays (Timed         *timed,
                     gconstpointer  data)
{
  Delays delays = { .clock = timed->clock };

  delays.started = g_array_new (FALSE, FALSE, sizeof (guint));
  delays.ended = g_array_new (FALSE, FALSE, sizeof (guint));
  bubus_event_bus_on (timed->base.bus, TYPE_PING, "delay", answer_after_delay, &delays, NULL);
  for (guint i = 0; i < N_DELAYED; i++)
    {
      g_autofree char *label = g_strdup_printf ("%u", i);

      g_object_unref (dispatch_ping (timed->base.bus, label));
    }
  for (run_pending (); !bubus_event_bus_is_idle (timed->base.bus); run_pending ())
    bubus_clock_advance (timed->clock, SECOND);
  assert_counts_up (delays.started);
  assert_counts_up (delays.ended);
  g_array_unref (delays.started);
  g_array_unref (delays.ended);
}

#define N_BATCHES  5
#define BATCH_SIZE 20

static void
test_batches (Fixture       *fixture,
              gconstpointer  data)
{
  guint n_told = 0;
  g_autoptr (GPtrArray) history = NULL;

  bubus_event_bus_set_max_history_size (fixture->bus, N_BATCHES * BATCH_SIZE);
  for (guint batch = 0; batch < N_BATCHES; batch++)
    {
      for (guint i = 0; i < BATCH_SIZE; i++)
        {
          g_autofree char *label = g_strdup_printf ("%u", batch * BATCH_SIZE + i);
          g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, label);

          bubus_event_wait_async (event, NULL, count_wait_cb, &n_told);
        }
      while (n_told < (batch + 1) * BATCH_SIZE)
        g_main_context_iteration (NULL, TRUE);
    }

  history = bubus_event_bus_list_history (fixture->bus);
  g_assert_cmpuint (history->len, ==, N_BATCHES * BATCH_SIZE);
  for (guint i = 0; i < history->len; i++)
    g_assert_cmpint (atoi (ping_get_label (history->pdata[i])), ==, i);
}

/* ---- what an awaited child passes ---- */

/* “E1” dispatches A, B and C and awaits B only. */
static gboolean
await_second_of_three (BubusEvent       *event,
                       BubusInvocation  *invocation,
                       gpointer          data,
                       GError          **error)
{
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  g_autoptr (BubusEvent) second = NULL;

  if (strcmp (ping_get_label (event), "E1") != 0)
    return trace_label (event, invocation, data, error);

  trace (data, "E1+");
  g_object_unref (dispatch_loud_ping (bus, "A"));
  second = dispatch_loud_ping (bus, "B");
  g_object_unref (dispatch_loud_ping (bus, "C"));
  if (!bubus_invocation_run (invocation, second, error))
    return FALSE;
  trace (data, "E1-");
  return TRUE;
}

static void
test_one_of_three (Fixture       *fixture,
                   gconstpointer  data)
{
  const char *labels[] = { "E1", "E2", "E3" };

  bubus_event_bus_on (fixture->bus, TYPE_PING, "handler", await_second_of_three, fixture->trace, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    g_object_unref (dispatch_ping (fixture->bus, labels[i]));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "E1+ B E1- E2 E3 A C");
}

/* The child is forwarded; what is queued on either bus keeps its place. */
static gboolean
await_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;

  trace (data, "P+");
  child = dispatch_loud_ping (bubus_invocation_get_bus (invocation), "child");
  if (!bubus_invocation_run (invocation, child, error))
    return FALSE;
  trace (data, "P-");
  return TRUE;
}

static gboolean
trace_with_bus (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  trace (data, "%s@%s", ping_get_label (event), bubus_event_bus_get_name (bubus_invocation_get_bus (invocation)));
  return TRUE;
}

static void
test_queued_on_both_buses (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_child, fixture->trace, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "*Ping", "trace", trace_with_bus, fixture->trace, NULL);
  bubus_event_bus_on_pattern (other, "*Ping", "trace", trace_with_bus, fixture->trace, NULL);
  bubus_event_bus_forward (fixture->bus, "LoudPing", NULL, other);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (other, "b"));
  g_object_unref (dispatch_ping (other, "c"));
  run_until_complete (parent);
  run_until_idle (fixture->bus);
  run_until_idle (other);
  g_assert_true (g_str_has_prefix (fixture->trace->str, "P+ child@Main child@Other P-"));
  g_assert_nonnull (strstr (fixture->trace->str, "b@Other c@Other"));
  g_assert_nonnull (strstr (fixture->trace->str, "a@Main"));
}

/* ---- who awaits again, or too late, or together with others ---- */

/* Awaits its child, and the child once more: the second wait handles nothing. */
static gboolean
await_twice (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_loud_ping (bubus_invocation_get_bus (invocation), "child");

  if (!bubus_invocation_run (invocation, child, error))
    return FALSE;
  trace (data, "again");
  return bubus_invocation_run (invocation, child, error);
}

static void
test_completed (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "twice", await_twice, fixture->trace, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  event = dispatch_sum (fixture->bus);
  g_object_unref (dispatch_ping (fixture->bus, "other"));
  run_until_idle (fixture->bus);
  g_assert_no_error (get_only_error (event));
  g_assert_cmpstr (fixture->trace->str, ==, "child again other");
}

typedef struct
{
  BubusInvocation *child;
  GString         *trace;
  guint            n_left;
} Waiters;

static void
waiter_done_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  Waiters *waiters = data;

  g_assert_true (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, NULL));
  trace (waiters->trace, "told");
  if (--waiters->n_left == 0)
    bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
await_three_times (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  Waiters *waiters = data;
  g_autoptr (BubusEvent) child = dispatch_loud_ping (bubus_invocation_get_bus (invocation), "child");

  bubus_invocation_defer (invocation);
  for (waiters->n_left = 0; waiters->n_left < 3; waiters->n_left++)
    bubus_invocation_run_async (invocation, child, NULL, waiter_done_cb, waiters);
  return TRUE;
}

static gboolean
defer_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  Waiters *waiters = data;

  trace (waiters->trace, "%s+", ping_get_label (event));
  return defer_and_keep (event, invocation, &waiters->child, error);
}

static void
test_several_waits (Fixture       *fixture,
                    gconstpointer  data)
{
  Waiters waiters = { NULL, fixture->trace };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_three_times, &waiters, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "LoudPing", "child", defer_child, &waiters, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "trace", trace_label, fixture->trace, NULL);
  g_object_unref (dispatch_sum (fixture->bus));
  g_object_unref (dispatch_ping (fixture->bus, "other"));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "child+");
  bubus_invocation_return_nothing (waiters.child);
  g_clear_object (&waiters.child);
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "child+ told told told other");
}

/* What is being handled already, in parallel, is waited for and not started again. */
typedef struct
{
  Waiters     waiters;
  BubusEvent *running;
} Claim;

static gboolean
await_running (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  Claim *claim = data;

  bubus_invocation_defer (invocation);
  claim->waiters.n_left = 1;
  bubus_invocation_run_async (invocation, claim->running, NULL, waiter_done_cb, &claim->waiters);
  return TRUE;
}

static void
test_running_already (Fixture       *fixture,
                      gconstpointer  data)
{
  Claim claim = { { NULL, fixture->trace, 0 }, ping_new ("running") };

  bubus_event_set_event_concurrency (claim.running, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "child", defer_child, &claim.waiters, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_running, &claim, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, claim.running, NULL));
  g_object_unref (dispatch_sum (fixture->bus));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "running+");
  bubus_invocation_return_nothing (claim.waiters.child);
  g_clear_object (&claim.waiters.child);
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "running+ told");
  g_object_unref (claim.running);
}

/* A handler that answers later passes the event on by itself; the result says when the event is complete. */
static void
test_late_forwarder (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  BubusInvocation *forwarder = NULL;
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (GListModel) children = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "later", defer_and_keep, &forwarder, NULL);
  bubus_event_bus_on (target, TYPE_PING, "keep", defer_and_keep, &kept, NULL);
  event = dispatch_ping (fixture->bus, "event");
  run_pending ();
  g_assert_true (bubus_invocation_dispatch (forwarder, target, event, NULL));
  bubus_invocation_return_nothing (forwarder);
  run_pending ();
  g_assert_nonnull (kept);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_null (bubus_event_get_event_parent_id (event));
  children = bubus_event_list_children (event);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 0);

  bubus_invocation_return_nothing (kept);
  run_until_complete (event);
  g_object_unref (kept);
  g_object_unref (forwarder);
}

/* ---- together ---- */

/* Children that are awaited and others, on both buses. */
typedef struct
{
  BubusEventBus *other;
  guint          n_parents;
  guint          n_children;
} Mixture;

static gboolean
count_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) parent = bubus_event_ref_parent (event);

  g_assert_nonnull (parent);
  ((Mixture *) data)->n_children++;
  return TRUE;
}

static gboolean
mix (BubusEvent       *event,
     BubusInvocation  *invocation,
     gpointer          data,
     GError          **error)
{
  Mixture *mixture = data;
  BubusEventBus *buses[] = { bubus_invocation_get_bus (invocation), mixture->other };

  mixture->n_parents++;
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (BubusEvent) child = dispatch_loud_ping (buses[i % 2], "child");
      gboolean await = i >= 3;

      if (await && !bubus_invocation_run (invocation, child, error))
        return FALSE;
      g_assert_cmpint (bubus_event_get_event_status (child), ==,
                       await ? BUBUS_EVENT_STATUS_COMPLETED : BUBUS_EVENT_STATUS_PENDING);
    }
  return TRUE;
}

static void
test_mixture (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  Mixture mixture = { other };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "mix", mix, &mixture, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_LOUD_PING, "count", count_child, &mixture, NULL);
  bubus_event_bus_on (other, TYPE_LOUD_PING, "count", count_child, &mixture, NULL);
  for (guint round = 1; round <= 5; round++)
    {
      g_autoptr (BubusEvent) event = dispatch_sum (fixture->bus);

      run_until_complete (event);
      g_assert_no_error (get_only_error (event));
      g_assert_cmpuint (mixture.n_parents, ==, round);
      g_assert_cmpuint (mixture.n_children, ==, 6 * round);
    }
  run_until_idle (other);
}

/* Handlers come and go while events are awaited. */
static gboolean
churn (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  guint *n_calls = data;

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (BubusEvent) child = NULL;
      Mixture mixture = { NULL };
      BubusHandler *handler = bubus_event_bus_on (bus, TYPE_LOUD_PING, "churn", count_child, &mixture, NULL);

      child = dispatch_loud_ping (bus, "child");
      if (!bubus_invocation_run (invocation, child, error))
        return FALSE;
      bubus_event_bus_off (bus, handler);
      *n_calls += mixture.n_children;
    }
  return TRUE;
}

static void
test_churn (Fixture       *fixture,
            gconstpointer  data)
{
  guint n_calls = 0;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "churn", churn, &n_calls, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_complete (event);
  g_assert_no_error (get_only_error (event));
  g_assert_cmpuint (n_calls, ==, 200);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  timed_test ("/patterns/varying-delays", test_varying_delays, "B-2.6, B-17.5, 14.7: in order, however long they take");
  test ("/patterns/batches", test_batches, "B-17.1, 14.9, 14.12: who waits for many is told of each; all are kept");
  test ("/patterns/one-of-three", test_one_of_three, "R-2, B-4.4, 14.43: only what is awaited passes");
  test ("/patterns/queued-on-both", test_queued_on_both_buses, "R-2, B-4.8, 14.44: on each bus only what is awaited");
  test ("/patterns/completed", test_completed, "B-4.7, 14.45: to await what is complete handles nothing");
  test ("/patterns/several-waits", test_several_waits, "B-4.7, 14.46: one run, and each who waits is told");
  test ("/patterns/running-already", test_running_already, "B-4.7, B-17.7, 14.58: what is handled is waited for");
  test ("/patterns/late-forwarder", test_late_forwarder, "R-11, B-2.21, 14.51: passed on by who answers later");
  test ("/patterns/mixture", test_mixture, "R-2, R-4, 14.27, 14.28: awaited and other children on two buses");
  test ("/patterns/churn", test_churn, "B-17.7, 14.65: handlers that come and go run once");

  return g_test_run ();
}
