/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "base/bubus-clock-internal.h"
#include "base/bubus-error.h"

#define START_NS  G_GINT64_CONSTANT (1735787045000000000)
#define MS        G_GINT64_CONSTANT (1000000)

#define UNTIL(condition, context) \
  while (!(condition)) \
    g_main_context_iteration (context, TRUE)

/* What the callbacks of a test write down. */
typedef struct
{
  BubusClock *clock;
  GString    *calls;      /* the names of the timeouts called, with the time if the clock is a test clock */
  int         n_calls;
  int         n_released;
  GThread    *thread;     /* of the last call */
} Log;

/* One timeout and what it does when called. */
typedef struct _Step Step;

struct _Step
{
  const char  *name;
  Log         *log;
  void       (*act) (Step *step);
  Step        *other;     /* for act */
  guint        id;
};

static void
log_set_up (Log           *log,
            gconstpointer  kind)
{
  log->clock = kind != NULL ? bubus_clock_new_test (START_NS) : bubus_clock_new_real ();
  log->calls = g_string_new (NULL);
}

static void
log_tear_down (Log           *log,
               gconstpointer  kind)
{
  if (log->clock != NULL)
    g_assert_finalize_object (log->clock);
  g_string_free (log->calls, TRUE);
}

static void
step_cb (gpointer user_data)
{
  Step *step = user_data;
  Log *log = step->log;

  log->n_calls++;
  log->thread = g_thread_self ();
  g_string_append_printf (log->calls, "%s%s", log->calls->len > 0 ? " " : "", step->name);
  if (bubus_clock_is_test (log->clock))
    g_string_append_printf (log->calls, "@%d", (int) (bubus_clock_get_time (log->clock) - START_NS));
  if (step->act != NULL)
    step->act (step);
}

static void
step_released (gpointer user_data)
{
  Step *step = user_data;

  g_atomic_int_inc (&step->log->n_released);
}

static void
step_add (Step         *step,
          Log          *log,
          gint64        duration_ns,
          GMainContext *context)
{
  step->log = log;
  step->id = bubus_clock_add_timeout (log->clock, duration_ns, context, step_cb, step, step_released);
  g_assert_cmpuint (step->id, !=, 0);
}

static void
act_remove_other (Step *step)
{
  g_assert_true (bubus_clock_remove_timeout (step->log->clock, step->other->id));
}

static void
act_remove_self (Step *step)
{
  g_assert_false (bubus_clock_remove_timeout (step->log->clock, step->id));
}

static void
act_add_other_now (Step *step)
{
  step_add (step->other, step->log, 0, NULL);
}

static void
act_add_other_later (Step *step)
{
  step_add (step->other, step->log, 5, NULL);
}

static void
act_advance (Step *step)
{
  bubus_clock_advance (step->log->clock, 20);
}

static void
act_run_loop (Step *step)
{
  UNTIL (step->log->n_calls > 1, NULL);
}

static void
act_drop_clock (Step *step)
{
  g_clear_object (&step->log->clock);
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

/* Test clocks */

static void
test_clock_test_stands (Log           *log,
                        gconstpointer  kind)
{
  g_test_summary ("A test clock stands still, moves as far as it is told, and not back");

  g_assert_true (bubus_clock_is_test (log->clock));
  g_assert_cmpint (bubus_clock_get_time (log->clock), ==, START_NS);
  bubus_clock_advance (log->clock, 0);
  g_assert_cmpint (bubus_clock_get_time (log->clock), ==, START_NS);
  bubus_clock_advance (log->clock, 7);
  g_assert_cmpint (bubus_clock_get_time (log->clock), ==, START_NS + 7);

  g_test_expect_message ("Bubus", G_LOG_LEVEL_CRITICAL, "*duration_ns >= 0*");
  bubus_clock_advance (log->clock, -1);
  g_test_assert_expected_messages ();

  bubus_clock_advance (log->clock, G_MAXINT64);
  g_assert_cmpint (bubus_clock_get_time (log->clock), ==, G_MAXINT64);
}

static void
test_clock_test_order (Log           *log,
                       gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" }, c = { "c" }, d = { "d" }, e = { "e" };

  g_test_summary ("Timeouts are called in the order of times, then of adding, each at its own time");

  step_add (&a, log, 30, NULL);
  step_add (&b, log, 10, NULL);
  step_add (&c, log, 20, NULL);
  step_add (&d, log, 10, NULL);
  step_add (&e, log, 31, NULL);
  bubus_clock_advance (log->clock, 9);
  g_assert_cmpstr (log->calls->str, ==, "");
  bubus_clock_advance (log->clock, 21);
  g_assert_cmpstr (log->calls->str, ==, "b@10 d@10 c@20 a@30");
  g_assert_cmpint (log->n_released, ==, 4);
  g_assert_cmpint (bubus_clock_get_time (log->clock), ==, START_NS + 30);
  g_assert_false (bubus_clock_remove_timeout (log->clock, a.id));
  g_assert_true (bubus_clock_remove_timeout (log->clock, e.id));
  g_assert_cmpint (log->n_released, ==, 5);
}

static void
test_clock_test_at_once (Log           *log,
                         gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" }, c = { "c" };

  g_test_summary ("A timeout of no duration is not called by adding it, but by the next advance, even of 0");

  step_add (&a, log, 0, NULL);
  step_add (&b, log, -5, NULL);
  step_add (&c, log, G_MAXINT64, NULL);
  g_assert_cmpint (log->n_calls, ==, 0);
  bubus_clock_advance (log->clock, 0);
  g_assert_cmpstr (log->calls->str, ==, "a@0 b@0");
  g_assert_true (bubus_clock_remove_timeout (log->clock, c.id));
}

static void
test_clock_test_add_inside (Log           *log,
                            gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" }, c = { "c" }, d = { "d" };

  g_test_summary ("What a callback adds is called by the same advance if it is due by then");

  a.act = act_add_other_later;
  a.other = &b;
  b.act = act_add_other_now;
  b.other = &c;
  d.act = act_remove_self;
  step_add (&a, log, 10, NULL);
  step_add (&d, log, 16, NULL);
  bubus_clock_advance (log->clock, 15);
  g_assert_cmpstr (log->calls->str, ==, "a@10 b@15 c@15");
  bubus_clock_advance (log->clock, 1);
  g_assert_cmpstr (log->calls->str, ==, "a@10 b@15 c@15 d@16");
}

static void
test_clock_test_remove_inside (Log           *log,
                               gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" }, c = { "c" };

  g_test_summary ("A callback can remove another timeout of the same time");

  a.act = act_remove_other;
  a.other = &b;
  step_add (&a, log, 10, NULL);
  step_add (&b, log, 10, NULL);
  step_add (&c, log, 10, NULL);
  bubus_clock_advance (log->clock, 10);
  g_assert_cmpstr (log->calls->str, ==, "a@10 c@10");
  g_assert_cmpint (log->n_released, ==, 3);
}

static void
test_clock_test_advance_inside (Log           *log,
                                gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" }, c = { "c" };

  g_test_summary ("A callback can advance further; the clock does not go back afterwards");

  a.act = act_advance;
  step_add (&a, log, 10, NULL);
  step_add (&b, log, 12, NULL);
  step_add (&c, log, 25, NULL);
  bubus_clock_advance (log->clock, 15);
  g_assert_cmpstr (log->calls->str, ==, "a@10 b@12 c@25");
  g_assert_cmpint (bubus_clock_get_time (log->clock), ==, START_NS + 30);
}

static void
test_clock_test_freed (Log           *log,
                       gconstpointer  kind)
{
  Step a = { "a" };

  g_test_summary ("Timeouts do not keep a test clock either");

  step_add (&a, log, 10, NULL);
  g_assert_finalize_object (g_steal_pointer (&log->clock));
  g_assert_cmpint (log->n_released, ==, 1);
  g_assert_cmpint (log->n_calls, ==, 0);
}

static void
test_clock_test_freed_inside (Log           *log,
                              gconstpointer  kind)
{
  Step a = { "a" }, b = { "b" };

  g_test_summary ("A callback can give the clock away while it is advanced");

  a.act = act_drop_clock;
  step_add (&a, log, 10, NULL);
  step_add (&b, log, 30, NULL);
  bubus_clock_advance (log->clock, 20);
  g_assert_null (log->clock);
  g_assert_cmpstr (log->calls->str, ==, "a@10");
  g_assert_cmpint (log->n_released, ==, 2);
}

static void
act_check_context (Step *step)
{
  g_assert_true (g_main_context_get_thread_default () == (gpointer) step->other);
}

static void
test_clock_test_context (Log           *log,
                         gconstpointer  kind)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Step a = { "a" };

  g_test_summary ("The context of a timeout is the thread's default one while it is called");

  a.act = act_check_context;
  a.other = (gpointer) context;
  step_add (&a, log, 10, context);
  bubus_clock_advance (log->clock, 10);
  g_assert_cmpint (log->n_calls, ==, 1);
  g_assert_null (g_main_context_get_thread_default ());
  g_assert_false (g_main_context_is_owner (context));
}

/* A thread that holds a context and iterates it when told. */
typedef struct
{
  GMainContext *context;
  GThread      *thread;
  GMutex        mutex;
  GCond         changed;
  int           stage; /* 0 starting, 1 owns the context, 2 may iterate */
} Worker;

static void
worker_set_stage (Worker *worker,
                  int     stage)
{
  g_mutex_lock (&worker->mutex);
  worker->stage = stage;
  g_cond_broadcast (&worker->changed);
  g_mutex_unlock (&worker->mutex);
}

static void
worker_wait_for_stage (Worker *worker,
                       int     stage)
{
  g_mutex_lock (&worker->mutex);
  while (worker->stage < stage)
    g_cond_wait (&worker->changed, &worker->mutex);
  g_mutex_unlock (&worker->mutex);
}

static gpointer
worker_cb (gpointer data)
{
  Worker *worker = data;

  g_main_context_push_thread_default (worker->context);
  worker_set_stage (worker, 1);
  worker_wait_for_stage (worker, 2);
  while (g_main_context_iteration (worker->context, FALSE))
    continue;
  g_main_context_pop_thread_default (worker->context);
  return NULL;
}

static void
worker_start (Worker *worker)
{
  worker->context = g_main_context_new ();
  g_mutex_init (&worker->mutex);
  g_cond_init (&worker->changed);
  worker->stage = 0;
  worker->thread = g_thread_new ("worker", worker_cb, worker);
  worker_wait_for_stage (worker, 1);
}

/* Lets it iterate, and returns the thread, which is over, for comparison. */
static GThread *
worker_finish (Worker *worker)
{
  GThread *thread = worker->thread;

  worker_set_stage (worker, 2);
  g_thread_join (g_steal_pointer (&worker->thread));
  g_mutex_clear (&worker->mutex);
  g_cond_clear (&worker->changed);
  return thread;
}

static void
test_clock_test_hand_over (Log           *log,
                           gconstpointer  kind)
{
  Worker worker;
  Step a = { "a" };

  g_test_summary ("A timeout of a context that another thread runs is called by that thread");

  worker_start (&worker);
  step_add (&a, log, 10, worker.context);
  bubus_clock_advance (log->clock, 15);
  g_assert_cmpint (log->n_calls, ==, 0);
  g_assert_true (worker_finish (&worker) == log->thread);
  g_assert_cmpstr (log->calls->str, ==, "a@15");
  g_assert_cmpint (log->n_released, ==, 1);
  g_main_context_unref (worker.context);
}

static void
test_clock_test_hand_over_removed (Log           *log,
                                   gconstpointer  kind)
{
  Worker worker;
  Step a = { "a" };

  g_test_summary ("Until that thread calls it, the timeout can be removed");

  worker_start (&worker);
  step_add (&a, log, 10, worker.context);
  bubus_clock_advance (log->clock, 10);
  g_assert_true (bubus_clock_remove_timeout (log->clock, a.id));
  g_assert_cmpint (log->n_released, ==, 1);
  worker_finish (&worker);
  g_assert_cmpint (log->n_calls, ==, 0);
  g_assert_cmpint (log->n_released, ==, 1);
  g_main_context_unref (worker.context);
}

static void
test_clock_test_hand_over_freed (Log           *log,
                                 gconstpointer  kind)
{
  Worker worker;
  Step a = { "a" };

  g_test_summary ("A clock that is freed drops what it has handed over");

  worker_start (&worker);
  step_add (&a, log, 10, worker.context);
  bubus_clock_advance (log->clock, 10);
  g_assert_finalize_object (g_steal_pointer (&log->clock));
  g_assert_cmpint (log->n_released, ==, 1);
  worker_finish (&worker);
  g_assert_cmpint (log->n_calls, ==, 0);
  g_main_context_unref (worker.context);
}

static gpointer
own_context_cb (gpointer data)
{
  Worker *worker = data;

  g_assert_true (g_main_context_acquire (worker->context));
  worker_set_stage (worker, 1);
  worker_wait_for_stage (worker, 2);
  g_main_context_release (worker->context);
  return NULL;
}

static void
test_clock_test_hand_over_lost (Log           *log,
                                gconstpointer  kind)
{
  Worker worker = { g_main_context_new () };
  Step a = { "a" };

  g_test_summary ("A context that is freed before it called what it was handed releases it");

  g_mutex_init (&worker.mutex);
  g_cond_init (&worker.changed);
  worker.thread = g_thread_new ("owner", own_context_cb, &worker);
  worker_wait_for_stage (&worker, 1);
  step_add (&a, log, 10, worker.context);
  bubus_clock_advance (log->clock, 10);
  worker_finish (&worker);
  g_assert_cmpint (log->n_released, ==, 0);

  g_main_context_unref (worker.context);
  g_assert_cmpint (log->n_calls, ==, 0);
  g_assert_cmpint (log->n_released, ==, 1);
  g_assert_false (bubus_clock_remove_timeout (log->clock, a.id));
}

typedef struct
{
  BubusClock *clock;
  gint64      due_ns;
  gint64     *previous_ns;
  guint      *n_calls;
} Moment;

static void
moment_cb (gpointer user_data)
{
  Moment *moment = user_data;

  g_assert_cmpint (bubus_clock_get_time (moment->clock), ==, moment->due_ns);
  g_assert_cmpint (moment->due_ns, >=, *moment->previous_ns);
  *moment->previous_ns = moment->due_ns;
  (*moment->n_calls)++;
}

static void
test_clock_test_many (Log           *log,
                      gconstpointer  kind)
{
  gint64 previous_ns = 0;
  guint n_calls = 0;
  guint n_removed = 0;
  guint ids[10000];

  g_test_summary ("Ten thousand timeouts of random times, a third of them removed, are called in order");

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      Moment *moment = g_new (Moment, 1);
      gint64 duration_ns = g_test_rand_int_range (0, 5000);

      *moment = (Moment) { log->clock, START_NS + duration_ns, &previous_ns, &n_calls };
      ids[i] = bubus_clock_add_timeout (log->clock, duration_ns, NULL, moment_cb, moment, g_free);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ids); i += 3, n_removed++)
    g_assert_true (bubus_clock_remove_timeout (log->clock, ids[i]));

  for (guint i = 0; i < 100; i++)
    bubus_clock_advance (log->clock, 50);
  g_assert_cmpuint (n_calls, ==, G_N_ELEMENTS (ids) - n_removed);
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

/* Times as text */

static const struct
{
  gint64      time_ns;
  const char *text;
} texts[] = {
  { 0, "1970-01-01T00:00:00.000000000Z" },
  { 1, "1970-01-01T00:00:00.000000001Z" },
  { -1, "1969-12-31T23:59:59.999999999Z" },
  { -86400 * G_GINT64_CONSTANT (1000000000), "1969-12-31T00:00:00.000000000Z" },
  { G_GINT64_CONSTANT (951782400000000000), "2000-02-29T00:00:00.000000000Z" },
  { G_GINT64_CONSTANT (951868799999999999), "2000-02-29T23:59:59.999999999Z" },
  { G_GINT64_CONSTANT (951868800000000000), "2000-03-01T00:00:00.000000000Z" },
  { G_GINT64_CONSTANT (1735787045678901000), "2025-01-02T03:04:05.678901000Z" },
  { G_GINT64_CONSTANT (1735787045123456789), "2025-01-02T03:04:05.123456789Z" },
  { G_GINT64_CONSTANT (4107542400000000000), "2100-03-01T00:00:00.000000000Z" },
  { G_MAXINT64, "2262-04-11T23:47:16.854775807Z" },
  { G_MININT64, "1677-09-21T00:12:43.145224192Z" },
};

static void
test_clock_format (void)
{
  g_test_summary ("B-1.28: times are written as YYYY-MM-DDTHH:MM:SS.fffffffffZ, always 30 characters");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = bubus_time_to_iso8601 (texts[i].time_ns);
      char buffer[BUBUS_TIME_TEXT_SIZE];

      g_assert_cmpstr (text, ==, texts[i].text);
      _bubus_time_format (texts[i].time_ns, buffer);
      g_assert_cmpstr (buffer, ==, texts[i].text);
      g_assert_cmpuint (strlen (buffer), ==, BUBUS_TIME_TEXT_SIZE - 1);
    }
}

static void
test_clock_format_random (void)
{
  g_test_summary ("Any day and second is written as GDateTime does it, and read back");

  for (guint i = 0; i < 20000; i++)
    {
      gint64 seconds = (gint64) ((double) g_test_rand_double_range (-9.2e9, 9.2e9));
      gint64 fraction_ns = g_test_rand_int_range (0, 1000000000);
      gint64 time_ns = seconds * 1000000000 + fraction_ns;
      g_autoptr (GDateTime) date_time = g_date_time_new_from_unix_utc (seconds);
      g_autofree char *start = g_date_time_format (date_time, "%Y-%m-%dT%H:%M:%S");
      g_autofree char *expected = g_strdup_printf ("%s.%09dZ", start, (int) fraction_ns);
      g_autofree char *text = bubus_time_to_iso8601 (time_ns);
      gint64 read_ns = 0;

      g_assert_cmpstr (text, ==, expected);
      if (seconds < 700000000)
        continue;
      g_assert_true (bubus_time_from_iso8601 (text, &read_ns, NULL));
      g_assert_cmpint (read_ns, ==, time_ns);
    }
}

static const struct
{
  const char *text;
  const char *canonical;
} readable[] = {
  { "2025-01-02T03:04:05Z", "2025-01-02T03:04:05.000000000Z" },
  { "2025-01-02T03:04:05.6Z", "2025-01-02T03:04:05.600000000Z" },
  { "2025-01-02T03:04:05.06Z", "2025-01-02T03:04:05.060000000Z" },
  { "2025-01-02T03:04:05.678901Z", "2025-01-02T03:04:05.678901000Z" },
  { "2025-01-02T03:04:05.123456789Z", "2025-01-02T03:04:05.123456789Z" },
  { "2025-01-02T03:04:05+00:00", "2025-01-02T03:04:05.000000000Z" },
  { "2025-01-02T03:04:05-00:00", "2025-01-02T03:04:05.000000000Z" },
  { "2025-01-02T03:04:05.5+05:30", "2025-01-01T21:34:05.500000000Z" },
  { "2024-12-31T23:04:05.5-05:30", "2025-01-01T04:34:05.500000000Z" },
  { "2024-02-28T23:59:59.999999999-23:59", "2024-02-29T23:58:59.999999999Z" },
  { "2000-02-29T12:00:00Z", "2000-02-29T12:00:00.000000000Z" },
  { "1991-01-01T00:00:00Z", "1991-01-01T00:00:00.000000000Z" },
  { "1991-01-01T00:00:00+01:00", "1990-12-31T23:00:00.000000000Z" },
  { "2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z" },
  { "2262-04-12T00:47:16.854775807+01:00", "2262-04-11T23:47:16.854775807Z" },
};

static void
test_clock_parse (void)
{
  g_test_summary ("B-1.28: fractions of 1 to 9 digits and offsets are read, and become canonical");

  for (guint i = 0; i < G_N_ELEMENTS (readable); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *canonical = NULL;
      gint64 time_ns = 0;

      g_assert_true (bubus_time_from_iso8601 (readable[i].text, &time_ns, &error));
      g_assert_no_error (error);
      canonical = bubus_time_to_iso8601 (time_ns);
      g_assert_cmpstr (canonical, ==, readable[i].canonical);
      g_assert_true (bubus_time_from_iso8601 (readable[i].text, NULL, NULL));
    }
}

static const struct
{
  const char *text;
  const char *message;
} unreadable[] = {
  { "", "“” is not a time: a digit is missing" },
  { "now", "“now” is not a time: a digit is missing" },
  { "2025", "“-” must follow the year" },
  { "2025-1-02T03:04:05Z", "a digit is missing" },
  { "2025-01-02", "“T” must follow the date" },
  { "2025-01-02 03:04:05Z", "“T” must follow the date" },
  { "2025-01-02t03:04:05Z", "“T” must follow the date" },
  { "20250102T030405Z", "“-” must follow the year" },
  { "2025-0102T03:04:05Z", "“-” must follow the month" },
  { "2025-01-02T0304:05Z", "“:” must follow the hours" },
  { "2025-01-02T03:0405Z", "“:” must follow the minutes" },
  { "2025-01-02T03:04Z", "“:” must follow the minutes" },
  { "2025-01-02T03:04:05", "“Z” or an offset" },
  { "2025-01-02T03:04:05z", "“Z” or an offset" },
  { "2025-01-02T03:04:05,5Z", "“Z” or an offset" },
  { "2025-01-02T03:04:05.Z", "a digit is missing" },
  { "2025-01-02T03:04:05.1234567890Z", "more than 9 digits" },
  { "2025-01-02T03:04:05Zulu", "something follows" },
  { "2025-01-02T03:04:05Z ", "something follows" },
  { " 2025-01-02T03:04:05Z", "a digit is missing" },
  { "+2025-01-02T03:04:05Z", "a digit is missing" },
  { "2025-01-02T03:04:05+01", "“:” must follow the hours" },
  { "2025-01-02T03:04:05+0100", "“:” must follow the hours" },
  { "2025-01-02T03:04:05+24:00", "hours must be from 00 to 23" },
  { "2025-01-02T03:04:05+01:60", "minutes must be from 00 to 59" },
  { "1990-12-31T23:59:59Z", "the year must be from 1991 to 2499" },
  { "2500-01-01T00:00:00Z", "the year must be from 1991 to 2499" },
  { "2025-00-02T03:04:05Z", "the month must be from 01 to 12" },
  { "2025-13-02T03:04:05Z", "the month must be from 01 to 12" },
  { "2025-01-00T03:04:05Z", "the day must be from 01 to 31" },
  { "2025-01-32T03:04:05Z", "the day must be from 01 to 31" },
  { "2025-04-31T03:04:05Z", "the month has no such day" },
  { "2025-02-29T03:04:05Z", "the month has no such day" },
  { "2024-02-30T03:04:05Z", "the month has no such day" },
  { "2100-02-29T03:04:05Z", "the month has no such day" },
  { "2025-01-02T24:00:00Z", "hours must be from 00 to 23" },
  { "2025-01-02T03:60:00Z", "minutes must be from 00 to 59" },
  { "2016-12-31T23:59:60Z", "leap seconds" },
  { "2025-01-02T03:04:61Z", "seconds must be from 00 to 59" },
  { "2262-04-11T23:47:16.854775808Z", "times end on 2262-04-11" },
  { "2262-04-11T23:47:16.854775807-00:01", "times end on 2262-04-11" },
  { "2499-12-31T23:59:59Z", "times end on 2262-04-11" },
  { "2025-01-02T03:04:05Z and so on, much longer than any time can be",
    "“2025-01-02T03:04:05Z and so on, much longer than…” is not a time" },
  { "2025\xff", "“2025\xef\xbf\xbd” is not a time" },
};

static void
test_clock_parse_bad (void)
{
  g_test_summary ("B-1.28: what is not such a time is refused, and the message says what is wrong");

  for (guint i = 0; i < G_N_ELEMENTS (unreadable); i++)
    {
      g_autoptr (GError) error = NULL;
      /* In memory of its own, so that a sanitizer sees who reads on behind the end. */
      g_autofree char *text = g_strdup (unreadable[i].text);
      gint64 time_ns = 42;

      g_test_message ("case %u", i);
      g_assert_false (bubus_time_from_iso8601 (text, &time_ns, &error));
      g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, unreadable[i].message));
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpint (time_ns, ==, 42);
    }
}

#define ADD(name, kind, test) \
  g_test_add ("/base/clock/" name, Log, kind, log_set_up, test, log_tear_down)
#define ADD_REAL(name, test) ADD ("real/" name, NULL, test)
#define ADD_TEST(name, test) ADD ("test/" name, "test", test)

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

  ADD_TEST ("stands", test_clock_test_stands);
  ADD_TEST ("order", test_clock_test_order);
  ADD_TEST ("at-once", test_clock_test_at_once);
  ADD_TEST ("add-inside", test_clock_test_add_inside);
  ADD_TEST ("remove-inside", test_clock_test_remove_inside);
  ADD_TEST ("advance-inside", test_clock_test_advance_inside);
  ADD_TEST ("freed", test_clock_test_freed);
  ADD_TEST ("freed-inside", test_clock_test_freed_inside);
  ADD_TEST ("context", test_clock_test_context);
  ADD_TEST ("hand-over", test_clock_test_hand_over);
  ADD_TEST ("hand-over-removed", test_clock_test_hand_over_removed);
  ADD_TEST ("hand-over-freed", test_clock_test_hand_over_freed);
  ADD_TEST ("hand-over-lost", test_clock_test_hand_over_lost);
  ADD_TEST ("many", test_clock_test_many);

  g_test_add_func ("/base/clock/thread-default/stack", test_clock_thread_default);
  g_test_add_func ("/base/clock/thread-default/mismatch", test_clock_thread_default_mismatch);
  g_test_add_func ("/base/clock/format/vectors", test_clock_format);
  g_test_add_func ("/base/clock/format/random", test_clock_format_random);
  g_test_add_func ("/base/clock/parse/good", test_clock_parse);
  g_test_add_func ("/base/clock/parse/bad", test_clock_parse_bad);

  return g_test_run ();
}
