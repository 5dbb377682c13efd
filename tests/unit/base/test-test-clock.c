/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "clock-fixture.h"

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

#define ADD_TEST(name, test) CLOCK_TEST ("test/" name, "test", test)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

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

  return g_test_run ();
}
