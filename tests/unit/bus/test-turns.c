/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

#define MILLISECOND (SECOND / 1000)

static guint
attach_and_destroy_source (void)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  guint id = g_source_attach (source, NULL);

  g_source_destroy (source);
  return id;
}

/* A main context counts what is attached to it. */
static void
test_shared_source (Fixture       *fixture,
                    gconstpointer  data)
{
  BubusEventBus *buses[100];
  guint before = attach_and_destroy_source ();

  for (guint i = 0; i < G_N_ELEMENTS (buses); i++)
    buses[i] = bubus_event_bus_new (NULL);
  g_assert_cmpuint (attach_and_destroy_source (), ==, before + 1);
  for (guint i = 0; i < G_N_ELEMENTS (buses); i++)
    g_assert_finalize_object (buses[i]);
}

static BubusEventBus *
add_bus (Fixture          *fixture,
         BubusHandlerFunc  handler,
         gpointer          data)
{
  BubusEventBus *bus = bubus_event_bus_new ("Second");

  bubus_event_bus_on (bus, TYPE_PING, "second", handler, data, NULL);
  return bus;
}

static void
dispatch_three (BubusEventBus *bus,
                const char    *labels)
{
  for (guint i = 0; i < 3; i++)
    {
      const char label[] = { labels[i], '\0' };

      g_object_unref (dispatch_ping (bus, label));
    }
}

static void
test_round_robin (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) second = add_bus (fixture, trace_label, fixture->trace);

  bubus_event_bus_on (fixture->bus, TYPE_PING, "first", trace_label, fixture->trace, NULL);
  bubus_event_bus_set_time_budget (fixture->bus, 0);
  bubus_event_bus_set_time_budget (second, 0);
  dispatch_three (fixture->bus, "abc");
  dispatch_three (second, "xyz");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a x");
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "a x b y c z");
}

typedef struct
{
  GString    *trace;
  BubusClock *clock;
  gint64      duration;
  guint       n_calls;
} Labour;

static gboolean
labour (BubusEvent       *event,
        BubusInvocation  *invocation,
        gpointer          data,
        GError          **error)
{
  Labour *self = data;

  bubus_clock_advance (self->clock, self->duration);
  return trace_label (event, invocation, self->trace, error);
}

/* Four milliseconds for all. The first bus has half of them, and takes three; the second has what is left. */
static void
test_shared_budget (Timed         *timed,
                    gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  Labour first = { fixture->trace, timed->clock, 3 * MILLISECOND };
  Labour second_labour = { fixture->trace, timed->clock, MILLISECOND / 2 };
  g_autoptr (BubusEventBus) second = NULL;

  bubus_clock_push_thread_default (timed->clock);
  second = add_bus (fixture, labour, &second_labour);
  bubus_clock_pop_thread_default (timed->clock);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "first", labour, &first, NULL);
  dispatch_three (fixture->bus, "abc");
  dispatch_three (second, "xyz");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a x y");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a x y b z");
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "a x y b z c");
}

/* What is left of the budget ends with the time that can be told. */
static void
test_end_of_time (Timed         *timed,
                  gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  Labour work = { fixture->trace, timed->clock, 0 };

  bubus_clock_advance (timed->clock, G_MAXINT64 - bubus_clock_get_time (timed->clock) - MILLISECOND);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "first", labour, &work, NULL);
  dispatch_three (fixture->bus, "abc");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a b c");
}

/* ---- an event with many handlers ---- */

static gboolean
run_child (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (data, "child");

  return bubus_invocation_run (invocation, child, error);
}

static gboolean
labour_named (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  Labour *self = data;

  bubus_clock_advance (self->clock, self->duration);
  trace (self->trace, "%s%u", ping_get_label (event), ++self->n_calls);
  return TRUE;
}

static void
add_labour (BubusEventBus *bus,
            Labour        *labour_data,
            guint          n_handlers)
{
  for (guint i = 0; i < n_handlers; i++)
    bubus_event_bus_on (bus, TYPE_PING, "labour", labour_named, labour_data, NULL);
}

static gboolean
frame_cb (gpointer data)
{
  trace (data, "frame");
  return G_SOURCE_REMOVE;
}

/* Two handlers of 3 ms are more than 4 ms. The next event does not overtake the one that pauses. */
static void
test_pause (Timed         *timed,
            gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  Labour work = { fixture->trace, timed->clock, 3 * MILLISECOND };

  add_labour (fixture->bus, &work, 3);
  g_idle_add_full (G_PRIORITY_DEFAULT, frame_cb, fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a1 a2 frame");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a1 a2 frame a3 b4");
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "a1 a2 frame a3 b4 b5 b6");
}

static void
test_pause_in_place (Timed         *timed,
                     gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  Labour work = { fixture->trace, timed->clock, 3 * MILLISECOND };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", run_child, fixture->bus, NULL);
  add_labour (fixture->bus, &work, 3);
  g_object_unref (dispatch_sum (fixture->bus));
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "child1 child2 child3");
  run_pending ();
}

static gboolean
run_given (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  return bubus_invocation_run (invocation, data, error);
}

/* What pauses goes on in place when a handler of another bus awaits it. */
static void
test_pause_awaited (Timed         *timed,
                    gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  Labour work = { fixture->trace, timed->clock, 3 * MILLISECOND };
  g_autoptr (BubusEventBus) second = NULL;
  g_autoptr (BubusEvent) event = NULL;
  g_autoptr (BubusEvent) awaiting = NULL;

  second = bubus_event_bus_new ("Second");
  add_labour (fixture->bus, &work, 3);
  event = dispatch_ping (fixture->bus, "a");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a1 a2");

  bubus_event_bus_on (second, TYPE_SUM, "await", run_given, event, NULL);
  awaiting = dispatch_sum (second);
  bubus_event_bus_set_priority (second, G_PRIORITY_HIGH);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->trace->str, ==, "a1 a2 a3");
  g_assert_cmpint (bubus_event_get_event_status (awaiting), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_null (get_only_error (awaiting));
  run_pending ();
}

static void
test_pause_stop (Timed         *timed,
                 gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  Labour work = { fixture->trace, timed->clock, 3 * MILLISECOND };
  g_autoptr (BubusEvent) event = NULL;

  add_labour (fixture->bus, &work, 3);
  event = dispatch_ping (fixture->bus, "a");
  g_main_context_iteration (NULL, FALSE);
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "a1 a2");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_no_error (get_error (event, 1));
  g_assert_error (get_error (event, 2), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  run_pending ();
}

static void
test_pause_deadline (Timed         *timed,
                     gconstpointer  data)
{
  Fixture *fixture = &timed->base;
  Labour work = { fixture->trace, timed->clock, 3 * MILLISECOND };
  g_autoptr (BubusEvent) event = ping_new ("a");

  add_labour (fixture->bus, &work, 3);
  bubus_event_set_event_deadline (event, 1);
  bubus_event_bus_dispatch (fixture->bus, event, NULL);
  g_main_context_iteration (NULL, FALSE);
  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has reached its deadline*");
  bubus_clock_advance (timed->clock, SECOND);
  run_pending ();
  g_test_assert_expected_messages ();
  g_assert_cmpstr (fixture->trace->str, ==, "a1 a2");
  g_assert_error (get_error (event, 2), BUBUS_ERROR, BUBUS_ERROR_CANCELLED);
}

/* ---- a handler that runs a main loop ---- */

typedef struct
{
  GString       *trace;
  BubusEventBus *other;
  gboolean       lowers;
} Nesting;

static gboolean
nest (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  Nesting *self = data;

  trace (self->trace, "(");
  if (self->lowers)
    bubus_event_bus_set_priority (bubus_invocation_get_bus (invocation), G_PRIORITY_LOW);
  g_object_unref (dispatch_ping (self->other, "x"));
  run_pending ();
  trace (self->trace, ")");
  return TRUE;
}

/* Other buses go on, and this one does not. */
static void
check_nested_loop (Fixture  *fixture,
                   gboolean  lowers)
{
  g_autoptr (BubusEventBus) second = add_bus (fixture, trace_label, fixture->trace);
  Nesting nesting = { fixture->trace, second, lowers };

  bubus_event_bus_on (fixture->bus, TYPE_PING, "nest", nest, &nesting, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "( x ) ( x )");
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
}

static void
test_nested_loop (Fixture       *fixture,
                  gconstpointer  data)
{
  check_nested_loop (fixture, FALSE);
}

static void
test_nested_loop_priority (Fixture       *fixture,
                           gconstpointer  data)
{
  check_nested_loop (fixture, TRUE);
}

/* The main loop in the second handler serves the bus, which is not in its turn but works in place. */
static gboolean
answer_other_and_nest (BubusEvent       *event,
                       BubusInvocation  *invocation,
                       gpointer          data,
                       GError          **error)
{
  BubusInvocation **other = data;

  bubus_invocation_return_nothing (*other);
  g_clear_object (other);
  run_pending ();
  return bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_STARTED;
}

static void
test_nested_loop_in_place (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusEventBus) second = unlimited_bus_new ("Second");
  g_autoptr (BubusInvocation) kept = NULL;
  g_autoptr (BubusEvent) event = ping_new ("event");

  bubus_event_bus_on (second, TYPE_PING, "later", defer_and_keep, &kept, NULL);
  bubus_event_bus_on (second, TYPE_PING, "nest", answer_other_and_nest, &kept, NULL);
  bubus_event_bus_on (second, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "run", run_given, event, NULL);
  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  g_object_unref (dispatch_sum (fixture->bus));
  bubus_event_bus_set_priority (second, G_PRIORITY_LOW);
  g_assert_true (bubus_event_bus_dispatch (second, event, NULL));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "event");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  for (guint i = 0; i < 3; i++)
    g_assert_no_error (get_error (event, i));
}

/* ---- buses and contexts that go ---- */

static gboolean
run_elsewhere_and_free (BubusEvent       *event,
                        BubusInvocation  *invocation,
                        gpointer          data,
                        GError          **error)
{
  BubusEventBus *bus = bubus_event_bus_new ("Short");
  g_autoptr (BubusEvent) child = NULL;

  bubus_event_bus_on (bus, TYPE_PING, "trace", trace_label, data, NULL);
  child = dispatch_ping (bus, "child");
  g_assert_true (bubus_invocation_run (invocation, child, error));
  g_assert_finalize_object (bus);
  return TRUE;
}

/* Its work has been done in place meanwhile, so nothing keeps it alive. */
static void
test_gone_in_line (Fixture       *fixture,
                   gconstpointer  data)
{
  bubus_event_bus_on (fixture->bus, TYPE_PING, "free", run_elsewhere_and_free, fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "x"));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "child");
}

static gboolean
drop_last_reference (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  g_clear_object ((BubusEventBus **) data);
  return TRUE;
}

/* The bus, its source and its main context go as its turn ends. */
static void
test_gone_in_turn (Fixture       *fixture,
                   gconstpointer  data)
{
  GMainContext *context = g_main_context_new ();
  BubusEventBus *bus;
  gpointer left;

  g_main_context_push_thread_default (context);
  left = bus = bubus_event_bus_new ("Last");
  g_main_context_pop_thread_default (context);
  g_object_add_weak_pointer (left, &left);
  bubus_event_bus_on (bus, TYPE_PING, "drop", drop_last_reference, &bus, NULL);
  g_object_unref (dispatch_ping (bus, "x"));
  while (g_main_context_iteration (context, FALSE))
    ;
  g_assert_null (bus);
  g_assert_null (left);
  g_main_context_unref (context);
}

static gpointer
iterate_context (gpointer data)
{
  while (g_main_context_iteration (data, FALSE))
    ;
  return NULL;
}

/* A main context may be run by one thread after the other. */
static void
test_threads_in_turn (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) bus = NULL;

  g_main_context_push_thread_default (context);
  bus = add_bus (fixture, trace_label, fixture->trace);
  g_main_context_pop_thread_default (context);
  for (const char *label = "abc"; *label != '\0'; label++)
    {
      g_object_unref (dispatch_ping (bus, label));
      g_thread_join (g_thread_new ("iterate", iterate_context, context));
    }
  g_assert_cmpstr (fixture->trace->str, ==, "abc bc c");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  test ("/turns/shared-source", test_shared_source, "B-17.16: the buses of a main context have one source");
  test ("/turns/round-robin", test_round_robin, "R-21: no bus starves another");
  timed_test ("/turns/shared-budget", test_shared_budget, "R-21: the time budget is that of all the buses of a main context");
  timed_test ("/turns/end-of-time", test_end_of_time, "R-21: the time budget at the end of all time");
  timed_test ("/turns/pause", test_pause, "R-1, R-21: an event with many handlers pauses, and keeps its turn");
  timed_test ("/turns/pause/in-place", test_pause_in_place, "R-2: what runs in place does not pause");
  timed_test ("/turns/pause/awaited", test_pause_awaited, "R-2: what pauses goes on where it is awaited");
  timed_test ("/turns/pause/stop", test_pause_stop, "R-16: what pauses is failed at a stop");
  timed_test ("/turns/pause/deadline", test_pause_deadline, "R-7: a deadline passes while an event pauses");
  test ("/turns/nested-loop", test_nested_loop, "R-6: a main loop in a handler serves other buses, and not the handler's");
  test ("/turns/nested-loop/priority", test_nested_loop_priority, "R-6: also when the bus gets another priority there");
  test ("/turns/nested-loop/in-place", test_nested_loop_in_place,
        "B-17.1: an event is complete when its handlers have returned, also in a main loop of one of them");
  test ("/turns/gone-in-line", test_gone_in_line, "B-17.16: a bus that is to have its turn may go");
  test ("/turns/gone-in-turn", test_gone_in_turn, "B-17.16: a bus, its source and its main context go with its turn");
  test ("/turns/threads", test_threads_in_turn, "R-21: another thread may run the main context");

  return g_test_run ();
}
