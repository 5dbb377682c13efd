/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "clock-fixture.h"

static void
act_run_loop (Step *step)
{
  UNTIL (step->log->n_calls > 1, NULL);
}

/* Real time */

static void
test_clock_real_increases (void)
{
  gint64 previous = _bubus_clock_now_real ();

  g_test_summary ("B-1.28: the real time is strictly increasing");

  for (guint i = 0; i < 1000000; i++)
    {
      gint64 now = _bubus_clock_now_real ();

      if (G_UNLIKELY (now <= previous))
        g_error ("call %u gives the time %" G_GINT64_FORMAT " after %" G_GINT64_FORMAT, i, now, previous);
      previous = now;
    }
}

static void
test_clock_real_epoch (void)
{
  g_autoptr (BubusClock) clock = bubus_clock_new_real ();
  gint64 wall_ns = g_get_real_time () * 1000;

  g_test_summary ("B-1.28: the real time is that of the wall, in nanoseconds since the Unix epoch");

  /* An hour, because the wall's time may be set while this runs. */
  g_assert_cmpint (ABS (bubus_clock_get_time (clock) - wall_ns), <, 3600000 * MS);
  g_assert_false (bubus_clock_is_test (clock));
  g_assert_finalize_object (g_steal_pointer (&clock));
}

#define N_THREADS    4
#define N_PER_THREAD 100000

static gpointer
read_times_cb (gpointer data)
{
  gint64 *times = data;

  for (guint i = 0; i < N_PER_THREAD; i++)
    times[i] = _bubus_clock_now_real ();
  return NULL;
}

static int
compare_times (gconstpointer a,
               gconstpointer b,
               gpointer      data)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static void
test_clock_real_threads (void)
{
  g_autofree gint64 *times = g_new0 (gint64, N_THREADS * N_PER_THREAD);
  GThread *threads[N_THREADS];

  g_test_summary ("B-1.28: no two threads ever read the same time, and each sees it increase");

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("times", read_times_cb, times + i * N_PER_THREAD);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  for (guint i = 1; i < N_THREADS * N_PER_THREAD; i++)
    g_assert_true (i % N_PER_THREAD == 0 || times[i - 1] < times[i]);
  g_qsort_with_data (times, N_THREADS * N_PER_THREAD, sizeof *times, compare_times, NULL);
  for (guint i = 1; i < N_THREADS * N_PER_THREAD; i++)
    g_assert_cmpint (times[i - 1], <, times[i]);
}

static void
test_clock_real_ties (void)
{
  _Atomic gint64 last_ns = 100;

  g_test_summary ("B-1.28: where the system's clock stands still or goes back, the time goes on by 1 ns");

  g_assert_cmpint (_bubus_clock_pass (&last_ns, 200), ==, 200);
  g_assert_cmpint (_bubus_clock_pass (&last_ns, 200), ==, 201);
  g_assert_cmpint (_bubus_clock_pass (&last_ns, 200), ==, 202);
  g_assert_cmpint (_bubus_clock_pass (&last_ns, 150), ==, 203);
  g_assert_cmpint (_bubus_clock_pass (&last_ns, 204), ==, 204);
}

typedef struct
{
  _Atomic gint64 last_ns;
  int            n_ready; /* atomic */
} Race;

static gpointer
pass_standing_cb (gpointer data)
{
  Race *race = data;

  /* Start together, or there would be no race. */
  g_atomic_int_inc (&race->n_ready);
  while (g_atomic_int_get (&race->n_ready) < N_THREADS)
    g_thread_yield ();

  for (guint i = 0; i < N_PER_THREAD; i++)
    _bubus_clock_pass (&race->last_ns, 100);
  return NULL;
}

static void
test_clock_real_ties_threads (void)
{
  Race race = { 100, 0 };
  GThread *threads[N_THREADS];

  g_test_summary ("B-1.28: each of many calls in several threads takes a nanosecond of its own");

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("ties", pass_standing_cb, &race);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_cmpint (race.last_ns, ==, 100 + N_THREADS * N_PER_THREAD);
}

/* Timeouts of a real clock */

static void
test_clock_real_fires (Log           *log,
                       gconstpointer  kind)
{
  gint64 due_ns = bubus_clock_get_time (log->clock) + MS;
  Step step = { "a" };

  g_test_summary ("A timeout is called once by the loop, after its time, and its data released once");

  step_add (&step, log, MS, NULL);
  g_assert_cmpint (log->n_calls, ==, 0);
  UNTIL (log->n_calls > 0, NULL);
  g_assert_cmpint (bubus_clock_get_time (log->clock), >, due_ns);
  g_assert_cmpint (log->n_released, ==, 1);
  g_assert_false (bubus_clock_remove_timeout (log->clock, step.id));

  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpstr (log->calls->str, ==, "a");
  g_assert_cmpint (log->n_released, ==, 1);
}

static void
test_clock_real_order (Log           *log,
                       gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" }, c = { "c" }, d = { "d" };

  g_test_summary ("Timeouts of one context are called in the order of their times, however late the loop is");

  step_add (&a, log, 90 * MS, NULL);
  step_add (&b, log, 30 * MS, NULL);
  step_add (&c, log, 60 * MS, NULL);
  step_add (&d, log, -1, NULL);
  UNTIL (log->n_calls == 4, NULL);
  g_assert_cmpstr (log->calls->str, ==, "d b c a");
  g_assert_cmpint (log->n_released, ==, 4);
}

static void
test_clock_real_earlier (Log           *log,
                         gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" };

  g_test_summary ("The loop wakes for a timeout that is earlier than those it waited for");

  step_add (&a, log, 3600000 * MS, NULL);
  step_add (&b, log, MS, NULL);
  UNTIL (log->n_calls > 0, NULL);
  g_assert_cmpstr (log->calls->str, ==, "b");
  g_assert_true (bubus_clock_remove_timeout (log->clock, a.id));
}

static void
test_clock_real_remove (Log           *log,
                        gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" };

  g_test_summary ("What is removed is not called, its data is released at once, and others are not affected");

  step_add (&a, log, 0, NULL);
  step_add (&b, log, MS, NULL);
  g_assert_cmpuint (a.id, !=, b.id);
  g_assert_true (bubus_clock_remove_timeout (log->clock, a.id));
  g_assert_cmpint (log->n_released, ==, 1);
  g_assert_false (bubus_clock_remove_timeout (log->clock, a.id));
  g_assert_false (bubus_clock_remove_timeout (log->clock, 0));
  g_assert_false (bubus_clock_remove_timeout (log->clock, b.id + 1));
  g_assert_cmpint (log->n_released, ==, 1);

  UNTIL (log->n_calls > 0, NULL);
  g_assert_cmpstr (log->calls->str, ==, "b");
  g_assert_cmpint (log->n_released, ==, 2);
}

static void
test_clock_real_remove_inside (Log           *log,
                               gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" }, c = { "c" }, d = { "d" };

  g_test_summary ("A callback can remove the next, but no longer itself");

  a.act = act_remove_other;
  a.other = &b;
  c.act = act_remove_self;
  step_add (&a, log, 0, NULL);
  step_add (&b, log, 0, NULL);
  step_add (&c, log, 0, NULL);
  step_add (&d, log, 0, NULL);
  UNTIL (log->n_calls == 3, NULL);
  g_assert_cmpstr (log->calls->str, ==, "a c d");
  g_assert_cmpint (log->n_released, ==, 4);
}

static void
test_clock_real_add_inside (Log           *log,
                            gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" };

  g_test_summary ("What a callback adds waits for the next turn of the loop, so that others get theirs");

  a.act = act_add_other_now;
  a.other = &b;
  step_add (&a, log, 0, NULL);
  UNTIL (log->n_calls > 0, NULL);
  g_assert_cmpstr (log->calls->str, ==, "a");
  UNTIL (log->n_calls > 1, NULL);
  g_assert_cmpstr (log->calls->str, ==, "a b");
}

static void
test_clock_real_nested_loop (Log           *log,
                             gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" };

  g_test_summary ("While a callback runs the loop, other timeouts are called");

  a.act = act_run_loop;
  step_add (&a, log, 0, NULL);
  step_add (&b, log, MS, NULL);
  UNTIL (log->n_calls > 0, NULL);
  g_assert_cmpstr (log->calls->str, ==, "a b");
  g_assert_cmpint (log->n_released, ==, 2);
}

static void
test_clock_real_contexts (Log           *log,
                          gconstpointer  kind)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Step a = { "a" }, b = { "b" };

  g_test_summary ("Without a context given, the thread's default one is used; another loop does not call");

  g_main_context_push_thread_default (context);
  step_add (&a, log, 0, NULL);
  g_main_context_pop_thread_default (context);
  step_add (&b, log, 0, NULL);

  UNTIL (log->n_calls > 0, NULL);
  g_assert_cmpstr (log->calls->str, ==, "b");
  UNTIL (log->n_calls > 1, context);
  g_assert_cmpstr (log->calls->str, ==, "b a");
}

static void
test_clock_real_context_freed (Log           *log,
                               gconstpointer  kind)
{
  GMainContext *context = g_main_context_new ();
  Step a = { "a" }, b = { "b" }, c = { "c" };

  g_test_summary ("The data is released when the context is freed; the clock stays of use");

  step_add (&a, log, 0, context);
  step_add (&b, log, MS, context);
  step_add (&c, log, 0, NULL);
  g_main_context_unref (context);
  g_assert_cmpint (log->n_released, ==, 2);
  g_assert_false (bubus_clock_remove_timeout (log->clock, a.id));

  UNTIL (log->n_calls > 0, NULL);
  g_assert_cmpstr (log->calls->str, ==, "c");

  context = g_main_context_new ();
  step_add (&a, log, 0, context);
  UNTIL (log->n_calls > 1, context);
  g_main_context_unref (context);
  g_assert_cmpstr (log->calls->str, ==, "c a");
}

static void
test_clock_real_freed (Log           *log,
                       gconstpointer  kind)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Step a = { "a" }, b = { "b" };

  g_test_summary ("Timeouts do not keep the clock; when it is freed, they are released and not called");

  step_add (&a, log, 0, NULL);
  step_add (&b, log, 0, context);
  g_assert_finalize_object (g_steal_pointer (&log->clock));
  g_assert_cmpint (log->n_released, ==, 2);

  g_assert_false (g_main_context_iteration (context, FALSE));
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (log->n_calls, ==, 0);
  g_assert_cmpint (log->n_released, ==, 2);
}

static void
test_clock_real_freed_inside (Log           *log,
                              gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" };

  g_test_summary ("A callback can free the clock; what is due with it is released and not called");

  a.act = act_drop_clock;
  step_add (&a, log, 0, NULL);
  step_add (&b, log, 0, NULL);
  UNTIL (log->n_calls > 0, NULL);
  g_assert_null (log->clock);
  g_assert_cmpstr (log->calls->str, ==, "a");
  g_assert_cmpint (log->n_released, ==, 2);
}

static gpointer
add_from_thread_cb (gpointer data)
{
  Step *step = data;

  step_add (step, step->log, 0, g_main_context_default ());
  return NULL;
}

static void
test_clock_real_other_thread (Log           *log,
                              gconstpointer  kind)
{
  Step a = { "a", log };

  g_test_summary ("A timeout that another thread adds wakes the loop it is for, and is called there");

  g_thread_join (g_thread_new ("add", add_from_thread_cb, &a));
  UNTIL (log->n_calls > 0, NULL);
  g_assert_true (log->thread == g_thread_self ());
}

typedef struct
{
  BubusClock   *clock;
  GMainContext *context;
  int           n_added;    /* all atomic */
  int           n_called;
  int           n_removed;
  int           n_released;
  int           n_busy;
} Traffic;

static void
traffic_called_cb (gpointer user_data)
{
  Traffic *traffic = user_data;

  g_atomic_int_inc (&traffic->n_called);
}

static void
traffic_released (gpointer user_data)
{
  Traffic *traffic = user_data;

  g_atomic_int_inc (&traffic->n_released);
}

static gpointer
traffic_cb (gpointer data)
{
  Traffic *traffic = data;
  guint ids[16] = { 0 };

  for (guint i = 0; i < 5000; i++)
    {
      guint *id = &ids[i % G_N_ELEMENTS (ids)];

      if (*id != 0 && bubus_clock_remove_timeout (traffic->clock, *id))
        g_atomic_int_inc (&traffic->n_removed);
      g_atomic_int_inc (&traffic->n_added);
      *id = bubus_clock_add_timeout (traffic->clock, i % 7 * 10000, traffic->context, traffic_called_cb,
                                     traffic, traffic_released);
    }

  g_atomic_int_add (&traffic->n_busy, -1);
  g_main_context_wakeup (traffic->context);
  return NULL;
}

static void
test_clock_real_traffic (Log           *log,
                         gconstpointer  kind)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Traffic traffic = { log->clock, context, .n_busy = N_THREADS };
  GThread *threads[N_THREADS];

  g_test_summary ("Threads add and remove while another runs the loop: each timeout is called or removed, once");

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("traffic", traffic_cb, &traffic);
  UNTIL (g_atomic_int_get (&traffic.n_busy) == 0, context);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  UNTIL (traffic.n_called + traffic.n_removed >= traffic.n_added, context);
  g_assert_cmpint (traffic.n_called + traffic.n_removed, ==, traffic.n_added);
  g_assert_cmpint (traffic.n_released, ==, traffic.n_added);
}

static void
test_clock_real_advance (Log           *log,
                         gconstpointer  kind)
{
  g_test_summary ("A real clock cannot be advanced");

  g_test_expect_message ("Bubus", G_LOG_LEVEL_CRITICAL, "*self->is_test*");
  bubus_clock_advance (log->clock, 1);
  g_test_assert_expected_messages ();
}

/* The default clock of a thread */

static gpointer
is_default_real_cb (gpointer data)
{
  g_autoptr (BubusClock) clock = bubus_clock_ref_thread_default ();

  return GINT_TO_POINTER (!bubus_clock_is_test (clock));
}

static void
assert_default (BubusClock *expected)
{
  g_autoptr (BubusClock) clock = bubus_clock_ref_thread_default ();

  g_assert_true (clock == expected);
}

static void
test_clock_thread_default (void)
{
  g_autoptr (BubusClock) shared = bubus_clock_ref_thread_default ();
  BubusClock *first = bubus_clock_new_test (1);
  BubusClock *second = bubus_clock_new_test (2);
  gint64 before = _bubus_clock_now_real ();

  g_test_summary ("The default clock of a thread is the one pushed last, or a real one that all threads share");

  g_assert_false (bubus_clock_is_test (shared));
  assert_default (shared);
  g_assert_cmpint (_bubus_clock_now_thread_default (), >, before);

  bubus_clock_push_thread_default (first);
  assert_default (first);
  g_assert_cmpint (_bubus_clock_now_thread_default (), ==, 1);
  bubus_clock_push_thread_default (second);
  assert_default (second);
  g_assert_cmpint (_bubus_clock_now_thread_default (), ==, 2);
  g_assert_true (g_thread_join (g_thread_new ("default", is_default_real_cb, NULL)));

  bubus_clock_pop_thread_default (second);
  assert_default (first);
  bubus_clock_pop_thread_default (first);
  assert_default (shared);

  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

static void
test_clock_thread_default_mismatch (void)
{
  BubusClock *first = bubus_clock_new_test (1);
  BubusClock *second = bubus_clock_new_test (2);

  g_test_summary ("Only the clock that was pushed last can be popped");

  g_test_expect_message ("Bubus", G_LOG_LEVEL_CRITICAL, "*pushed_clocks != NULL*");
  bubus_clock_pop_thread_default (first);
  g_test_assert_expected_messages ();

  bubus_clock_push_thread_default (first);
  bubus_clock_push_thread_default (second);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_CRITICAL, "*pushed_clocks->data == self*");
  bubus_clock_pop_thread_default (first);
  g_test_assert_expected_messages ();
  bubus_clock_pop_thread_default (second);
  bubus_clock_pop_thread_default (first);

  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
}

#define ADD_REAL(name, test) CLOCK_TEST ("real/" name, NULL, test)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/clock/real/increases", test_clock_real_increases);
  g_test_add_func ("/base/clock/real/epoch", test_clock_real_epoch);
  g_test_add_func ("/base/clock/real/threads", test_clock_real_threads);
  g_test_add_func ("/base/clock/real/ties", test_clock_real_ties);
  g_test_add_func ("/base/clock/real/ties-threads", test_clock_real_ties_threads);
  ADD_REAL ("fires", test_clock_real_fires);
  ADD_REAL ("order", test_clock_real_order);
  ADD_REAL ("earlier", test_clock_real_earlier);
  ADD_REAL ("remove", test_clock_real_remove);
  ADD_REAL ("remove-inside", test_clock_real_remove_inside);
  ADD_REAL ("add-inside", test_clock_real_add_inside);
  ADD_REAL ("nested-loop", test_clock_real_nested_loop);
  ADD_REAL ("contexts", test_clock_real_contexts);
  ADD_REAL ("context-freed", test_clock_real_context_freed);
  ADD_REAL ("freed", test_clock_real_freed);
  ADD_REAL ("freed-inside", test_clock_real_freed_inside);
  ADD_REAL ("other-thread", test_clock_real_other_thread);
  ADD_REAL ("traffic", test_clock_real_traffic);
  ADD_REAL ("advance", test_clock_real_advance);

  g_test_add_func ("/base/clock/thread-default/stack", test_clock_thread_default);
  g_test_add_func ("/base/clock/thread-default/mismatch", test_clock_thread_default_mismatch);

  return g_test_run ();
}
