/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

/* A handler that awaits an event which another one has dispatched, or dispatches one itself. */
typedef struct
{
  GString       *trace;
  BubusEventBus *bus;    /* where to dispatch what is awaited */
  BubusEvent    *event;  /* what is awaited, if it has been dispatched already */
  const char    *label;  /* of what is to be dispatched */
  GError        *error;
} Wait;

static void
wait_done_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  Wait *wait = data;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &wait->error);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
wait_for_event (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  Wait *wait = data;
  g_autoptr (BubusEvent) awaited = wait->event != NULL ? g_object_ref (wait->event) : ping_new (wait->label);

  bubus_invocation_defer (invocation);
  if (wait->event == NULL)
    g_assert_true (bubus_invocation_dispatch (invocation, wait->bus, awaited, error));
  bubus_invocation_run_async (invocation, awaited, NULL, wait_done_cb, wait);
  return TRUE;
}

static gboolean
run_event (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  Wait *wait = data;

  bubus_invocation_run (invocation, wait->event, &wait->error);
  return TRUE;
}

/* ---- a bus in another thread ---- */

typedef struct
{
  GThread       *thread;
  GMainContext  *context;
  GMainLoop     *loop;
  BubusEventBus *bus;
} Far;

static gpointer
far_run (gpointer data)
{
  Far *far = data;

  g_main_context_push_thread_default (far->context);
  g_main_loop_run (far->loop);
  g_main_context_pop_thread_default (far->context);
  return NULL;
}

static void
far_init (Far *far)
{
  far->context = g_main_context_new ();
  far->loop = g_main_loop_new (far->context, FALSE);
  g_main_context_push_thread_default (far->context);
  far->bus = unlimited_bus_new ("Far");
  g_main_context_pop_thread_default (far->context);
  far->thread = NULL;
}

static void
far_start (Far *far)
{
  far->thread = g_thread_new ("far", far_run, far);
}

static gboolean
far_quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
far_clear (Far *far)
{
  g_main_context_invoke (far->context, far_quit_cb, far->loop);
  g_thread_join (far->thread);
  g_main_context_push_thread_default (far->context);
  while (g_main_context_iteration (far->context, FALSE))
    ;
  g_assert_finalize_object (far->bus);
  g_main_context_pop_thread_default (far->context);
  g_main_loop_unref (far->loop);
  g_main_context_unref (far->context);
}

/* For events of the other thread, whose completion wakes nobody here. */
static void
run_until_complete_there (BubusEvent *event)
{
  while (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED)
    {
      run_pending ();
      g_thread_yield ();
    }
}

/* ---- tests ---- */

/* Main handles Sum, which awaits “there” on Far, which awaits “back” on Main: it must not wait for Sum to be over. */
static void
test_there_and_back (Fixture       *fixture,
                     gconstpointer  data)
{
  Far far;
  Wait there = { fixture->trace, NULL, NULL, "there" };
  Wait back = { fixture->trace, fixture->bus, NULL, "back" };
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) queued = NULL;

  far_init (&far);
  there.bus = far.bus;
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "near", wait_for_event, &there, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_on (far.bus, TYPE_PING, "far", wait_for_event, &back, NULL);
  far_start (&far);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  queued = dispatch_ping (fixture->bus, "queued");
  run_until_complete (queued);
  run_until_complete (event);
  g_assert_no_error (there.error);
  g_assert_no_error (back.error);
  g_assert_cmpstr (fixture->trace->str, ==, "back queued");
  far_clear (&far);
}

/* The same when Sum has been complete before it came to Main: its handler waits all the same. */
static void
test_handled_again (Fixture       *fixture,
                    gconstpointer  data)
{
  Far far;
  Wait there = { fixture->trace, NULL, NULL, "there" };
  g_autoptr (BubusEventBus) earlier = bubus_event_bus_new ("Earlier");
  g_autoptr (BubusEvent) event = dispatch_sum (earlier);
  g_autoptr (BubusEvent) queued = NULL;

  run_until_complete (event);
  far_init (&far);
  there.bus = far.bus;
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "near", wait_for_event, &there, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_forward (far.bus, "Ping", NULL, fixture->bus);
  far_start (&far);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  queued = dispatch_ping (fixture->bus, "queued");
  run_until_complete (queued);
  g_assert_no_error (there.error);
  g_assert_cmpstr (fixture->trace->str, ==, "there queued");
  far_clear (&far);
}

/* The same when nobody awaits “back”: it blocks “there” all the same. */
static gboolean
dispatch_back (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  g_autoptr (BubusEvent) back = ping_new ("back");

  return bubus_event_bus_dispatch (data, back, error);
}

static void
test_blocked_by_child (Fixture       *fixture,
                       gconstpointer  data)
{
  Far far;
  Wait there = { fixture->trace, NULL, NULL, "there" };
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) queued = NULL;

  far_init (&far);
  there.bus = far.bus;
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "near", wait_for_event, &there, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_on (far.bus, TYPE_PING, "far", dispatch_back, fixture->bus, NULL);
  far_start (&far);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  queued = dispatch_ping (fixture->bus, "queued");
  run_until_complete (queued);
  run_until_complete (event);
  g_assert_no_error (there.error);
  g_assert_cmpstr (fixture->trace->str, ==, "back queued");
  far_clear (&far);
}

/* An event of Far that nobody on Main waits for is not let in before its turn. */
static void
test_foreign_event_takes_its_turn (Fixture       *fixture,
                                   gconstpointer  data)
{
  Far far;
  BubusInvocation *kept = NULL;
  Wait near = { fixture->trace, fixture->bus, NULL, "awaited" };
  g_autoptr (BubusEvent) busy = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) event = NULL;

  far_init (&far);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "busy", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_on (far.bus, TYPE_PING, "far", wait_for_event, &near, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, busy, NULL));
  run_pending ();
  event = dispatch_ping (far.bus, "far");
  far_start (&far);
  while (bubus_event_bus_get_n_pending (fixture->bus) < 2)
    g_thread_yield ();
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "");
  bubus_invocation_return_nothing (kept);
  run_until_complete_there (event);
  g_assert_cmpstr (fixture->trace->str, ==, "awaited");
  g_assert_no_error (near.error);
  g_object_unref (kept);
  far_clear (&far);
}

/* Sum has the turn among all buses, and waits for an event on a bus of another thread that needs it. */
static void
test_global_turn (Fixture       *fixture,
                  gconstpointer  data)
{
  Far far;
  Wait there = { fixture->trace, NULL, NULL, "there" };
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) queued = NULL;

  far_init (&far);
  there.bus = far.bus;
  bubus_event_bus_set_event_concurrency (fixture->bus, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  bubus_event_bus_set_event_concurrency (far.bus, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "near", wait_for_event, &there, NULL);
  bubus_event_bus_on (far.bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  queued = dispatch_ping (far.bus, "queued");
  run_pending ();
  far_start (&far);
  run_until_complete (event);
  run_until_complete_there (queued);
  g_assert_no_error (there.error);
  g_assert_cmpstr (fixture->trace->str, ==, "there queued");
  far_clear (&far);
}

/* What is awaited is forwarded to a bus of another thread, which is part of its completion. */
static void
test_forwarded (Fixture       *fixture,
                gconstpointer  data)
{
  Far far;
  Wait near = { fixture->trace, fixture->bus, NULL, "child" };
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

  far_init (&far);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "near", wait_for_event, &near, NULL);
  bubus_event_bus_forward (fixture->bus, "Ping", NULL, far.bus);
  bubus_event_bus_on (far.bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);
  far_start (&far);
  run_until_complete (event);
  g_assert_no_error (near.error);
  g_assert_cmpstr (fixture->trace->str, ==, "child");
  far_clear (&far);
}

/* The handler that waits loses while the other thread begins with what it waits for, and would never answer. */
static gboolean
never_answer (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  bubus_invocation_defer (invocation);
  return TRUE;
}

static gboolean
win (BubusEvent       *event,
     BubusInvocation  *invocation,
     gpointer          data,
     GError          **error)
{
  bubus_invocation_return_int (invocation, 1);
  return TRUE;
}

static void
test_given_up_in_threads (Fixture       *fixture,
                          gconstpointer  data)
{
  for (guint round = 0; round < 100; round++)
    {
      Far far;
      Wait there = { fixture->trace, NULL, NULL, "there" };
      g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

      far_init (&far);
      there.bus = far.bus;
      bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
      bubus_event_set_event_handler_completion (event, BUBUS_HANDLER_COMPLETION_FIRST);
      bubus_event_bus_on (fixture->bus, TYPE_SUM, "waits", wait_for_event, &there, NULL);
      bubus_event_bus_on (fixture->bus, TYPE_SUM, "wins", win, NULL, NULL);
      bubus_event_bus_on (far.bus, TYPE_PING, "far", never_answer, NULL, NULL);
      far_start (&far);
      g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
      run_until_complete (event);
      run_pending ();
      g_assert_error (get_error (event, 0), BUBUS_ERROR, BUBUS_ERROR_ABORTED);
      g_assert_no_error (get_error (event, 1));
      g_clear_error (&there.error);
      bubus_event_bus_off_all (fixture->bus);
      far_clear (&far);
    }
}

/* Main handles Sum, which awaits “event”, which Other handles and which has left a child on Main. The child would have
 * to wait for Sum; so it passes the queue, whether it was dispatched before the wait or after. */
static void
check_left_child (Fixture  *fixture,
                  gboolean  before)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) sum = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) event = ping_new ("event");
  g_autoptr (BubusEvent) child = ping_new ("child");
  g_autoptr (BubusEvent) queued = NULL;
  Wait wait = { fixture->trace, NULL, event };
  BubusInvocation *kept = NULL;
  BubusInvocation *left = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "sum", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_on (other, TYPE_PING, "leave", defer_and_keep, &left, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, sum, NULL));
  g_assert_true (bubus_event_bus_dispatch (other, event, NULL));
  queued = dispatch_ping (fixture->bus, "queued");
  run_pending ();
  if (before)
    g_assert_true (bubus_invocation_dispatch (left, fixture->bus, child, NULL));
  bubus_invocation_run_async (kept, event, NULL, wait_done_cb, &wait);
  if (!before)
    g_assert_true (bubus_invocation_dispatch (left, fixture->bus, child, NULL));
  run_pending ();
  bubus_invocation_return_nothing (left);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_no_error (wait.error);
  g_assert_cmpstr (fixture->trace->str, ==, "child queued");
  g_object_unref (left);
  g_object_unref (kept);
}

static void
test_left_child (Fixture       *fixture,
                 gconstpointer  data)
{
  check_left_child (fixture, TRUE);
}

static void
test_left_child_later (Fixture       *fixture,
                       gconstpointer  data)
{
  check_left_child (fixture, FALSE);
}

/* Neither is the other's parent, but each waits for the other. */
static void
test_circle (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) sum = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) ping = ping_new ("ping");
  Wait for_ping = { fixture->trace, NULL, ping };
  Wait for_sum = { fixture->trace, NULL, sum };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "sum", wait_for_event, &for_ping, NULL);
  bubus_event_bus_on (other, TYPE_PING, "ping", wait_for_event, &for_sum, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, sum, NULL));
  g_assert_true (bubus_event_bus_dispatch (other, ping, NULL));
  run_until_complete (sum);
  run_until_complete (ping);
  if (for_ping.error == NULL)
    g_propagate_error (&for_ping.error, g_steal_pointer (&for_sum.error));
  g_assert_no_error (for_sum.error);
  g_assert_error (for_ping.error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  g_assert_nonnull (strstr (for_ping.error->message, "Sum → Ping → Sum"));
  g_error_free (for_ping.error);
}

static void
test_circle_in_threads (Fixture       *fixture,
                        gconstpointer  data)
{
  for (guint round = 0; round < 100; round++)
    {
      Far far;
      g_autoptr (BubusEvent) sum = g_object_new (TYPE_SUM, NULL);
      g_autoptr (BubusEvent) ping = ping_new ("ping");
      Wait for_ping = { fixture->trace, NULL, ping };
      Wait for_sum = { fixture->trace, NULL, sum };
      BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "sum", wait_for_event, &for_ping, NULL);

      far_init (&far);
      bubus_event_bus_on (far.bus, TYPE_PING, "ping", wait_for_event, &for_sum, NULL);
      g_assert_true (bubus_event_bus_dispatch (fixture->bus, sum, NULL));
      g_assert_true (bubus_event_bus_dispatch (far.bus, ping, NULL));
      far_start (&far);
      run_until_complete (sum);
      run_until_complete_there (ping);
      g_assert_true (for_ping.error != NULL || for_sum.error != NULL
                     || bubus_event_get_event_completed_at (sum) != bubus_event_get_event_completed_at (ping));
      g_clear_error (&for_ping.error);
      g_clear_error (&for_sum.error);
      bubus_event_bus_off (fixture->bus, handler);
      far_clear (&far);
    }
}

/* ---- limits ---- */

/* What ends a wait may come from the main context before the thread that waits has got to the end of the call. */
typedef struct
{
  BubusEvent   *event;
  GCancellable *cancellable;
  int           n_told;  /* atomic */
} Short;

static void
short_told_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  Short *wait = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_event_wait_for_finish (BUBUS_EVENT (source), result, &error));
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT);
  g_atomic_int_inc (&wait->n_told);
}

static gpointer
short_wait (gpointer data)
{
  Short *wait = data;

  bubus_event_wait_for_async (wait->event, 0, NULL, short_told_cb, wait);
  bubus_event_wait_for_async (wait->event, -1, wait->cancellable, short_told_cb, wait);
  return NULL;
}

static void
test_short_waits_in_threads (Fixture       *fixture,
                             gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "keep", defer_and_keep, &kept, NULL);
  event = dispatch_ping (fixture->bus, "event");
  run_pending ();
  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Short wait = { event, cancellable, 0 };
      GThread *thread = g_thread_new ("short", short_wait, &wait);

      g_main_context_iteration (NULL, TRUE);
      g_cancellable_cancel (cancellable);
      while (g_atomic_int_get (&wait.n_told) < 2)
        g_main_context_iteration (NULL, TRUE);
      g_thread_join (thread);
    }
  bubus_invocation_return_nothing (kept);
  g_object_unref (kept);
}

/* In synchronous handlers the circle is on the stack. */
static void
test_circle_of_callers (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = bubus_event_bus_new ("Other");
  g_autoptr (BubusEvent) sum = g_object_new (TYPE_SUM, NULL);
  g_autoptr (BubusEvent) ping = ping_new ("ping");
  Wait for_ping = { fixture->trace, NULL, ping };
  Wait for_sum = { fixture->trace, NULL, sum };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "sum", run_event, &for_ping, NULL);
  bubus_event_bus_on (other, TYPE_PING, "ping", run_event, &for_sum, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, sum, NULL));
  g_assert_true (bubus_event_bus_dispatch (other, ping, NULL));
  run_until_complete (sum);
  g_assert_no_error (for_ping.error);
  g_assert_error (for_sum.error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  g_assert_nonnull (strstr (for_sum.error->message, "Sum → Ping → Sum"));
  g_error_free (for_sum.error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/waits/there-and-back", test_there_and_back, "R-2, R-6: two buses in two threads await each other's events");
  test ("/waits/handled-again", test_handled_again, "R-2, R-6: also for an event that was complete on another bus");
  test ("/waits/blocked-by-child", test_blocked_by_child, "R-5, R-6: the same for a child that nobody awaits");
  test ("/waits/takes-its-turn", test_foreign_event_takes_its_turn, "R-6, B-17.4: no bus is entered while it is busy");
  test ("/waits/global-turn", test_global_turn, "R-2, R-6: the turn among all buses is that of who waits");
  test ("/waits/forwarded", test_forwarded, "R-2, R-11: what is awaited is forwarded to another thread");
  test ("/waits/left-child", test_left_child, "R-2, R-5: what blocks an awaited event passes the queue");
  test ("/waits/left-child/later", test_left_child_later, "R-2, R-5: also when it is dispatched after the wait began");
  test ("/waits/given-up", test_given_up_in_threads, "R-7, B-17.10: what a loser waits for in another thread ends");
  test ("/waits/circle", test_circle, "R-3: a circle of waits is named");
  test ("/waits/circle/threads", test_circle_in_threads, "R-3: a circle through two threads ends");
  test ("/waits/short", test_short_waits_in_threads, "R-3, B-17.1: a wait that has ended as it began is told");
  test ("/waits/circle/callers", test_circle_of_callers, "R-3: a circle of synchronous handlers is named");

  return g_test_run ();
}
