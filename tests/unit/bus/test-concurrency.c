/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#define PARALLEL BUBUS_EVENT_CONCURRENCY_PARALLEL
#define GLOBAL   BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL
#define SERIAL   BUBUS_EVENT_CONCURRENCY_BUS_SERIAL

/* Handlers that begin, and end when the test says so. */
typedef struct
{
  GString   *trace;
  GPtrArray *open;  /* of BubusInvocation */
} Stage;

static void
stage_init (Stage   *stage,
            Fixture *fixture)
{
  stage->trace = fixture->trace;
  stage->open = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
stage_clear (Stage *stage)
{
  g_assert_cmpuint (stage->open->len, ==, 0);
  g_ptr_array_unref (stage->open);
}

static gboolean
begin (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  Stage *stage = data;

  trace (stage->trace, "%s+", ping_get_label (event));
  g_ptr_array_add (stage->open, g_object_ref (invocation));
  bubus_invocation_defer (invocation);
  return TRUE;
}

/* Ends the handlers of the event with @label. */
static void
end (Stage      *stage,
     const char *label)
{
  for (guint i = stage->open->len; i-- > 0;)
    {
      BubusInvocation *invocation = stage->open->pdata[i];

      if (strcmp (ping_get_label (bubus_invocation_get_event (invocation)), label) != 0)
        continue;
      trace (stage->trace, "%s-", label);
      bubus_invocation_return_nothing (invocation);
      g_ptr_array_remove_index (stage->open, i);
    }
  run_pending ();
}

static BubusEvent *
dispatch_with (BubusEventBus         *bus,
               const char            *label,
               BubusEventConcurrency  concurrency)
{
  BubusEvent *event = ping_new (label);

  bubus_event_set_event_concurrency (event, concurrency);
  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  return event;
}

static void
drop (BubusEvent *event)
{
  g_object_unref (event);
}

static void
test_serial (Fixture       *fixture,
             gconstpointer  data)
{
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  drop (dispatch_ping (fixture->bus, "a"));
  drop (dispatch_ping (fixture->bus, "b"));
  run_pending ();
  end (&stage, "a");
  end (&stage, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "a+ a- b+ b-");
  stage_clear (&stage);
}

static void
test_parallel (Fixture       *fixture,
               gconstpointer  data)
{
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_bus_set_event_concurrency (fixture->bus, PARALLEL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  drop (dispatch_ping (fixture->bus, "a"));
  drop (dispatch_ping (fixture->bus, "b"));
  g_assert_cmpstr (fixture->trace->str, ==, "");
  run_pending ();
  end (&stage, "b");
  drop (dispatch_ping (fixture->bus, "c"));
  run_pending ();
  end (&stage, "a");
  end (&stage, "c");
  g_assert_cmpstr (fixture->trace->str, ==, "a+ b+ b- c+ a- c-");
  stage_clear (&stage);
}

/* Both directions: the event's word goes before the bus's. */
static void
test_override (Fixture       *fixture,
               gconstpointer  data)
{
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  drop (dispatch_ping (fixture->bus, "a"));
  drop (dispatch_ping (fixture->bus, "b"));
  drop (dispatch_with (fixture->bus, "p", PARALLEL));
  run_pending ();
  end (&stage, "a");
  end (&stage, "p");
  end (&stage, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "p+ a+ a- b+ p- b-");

  g_string_truncate (fixture->trace, 0);
  bubus_event_bus_set_event_concurrency (fixture->bus, PARALLEL);
  drop (dispatch_with (fixture->bus, "a", SERIAL));
  drop (dispatch_with (fixture->bus, "b", SERIAL));
  drop (dispatch_ping (fixture->bus, "p"));
  run_pending ();
  end (&stage, "p");
  end (&stage, "a");
  end (&stage, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "p+ a+ p- a- b+ b-");
  stage_clear (&stage);
}

static BubusEventBus *
stage_add_bus (Stage                 *stage,
               const char            *name,
               BubusEventConcurrency  concurrency)
{
  BubusEventBus *bus = bubus_event_bus_new (name);

  bubus_event_bus_set_event_concurrency (bus, concurrency);
  bubus_event_bus_on (bus, TYPE_PING, "stage", begin, stage, NULL);
  return bus;
}

static void
test_global_serial (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusEventBus) first = NULL;
  g_autoptr (BubusEventBus) second = NULL;
  Stage stage;

  stage_init (&stage, fixture);
  first = stage_add_bus (&stage, "First", GLOBAL);
  second = stage_add_bus (&stage, "Second", GLOBAL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  drop (dispatch_ping (first, "a1"));
  drop (dispatch_ping (first, "a2"));
  drop (dispatch_ping (second, "b1"));
  drop (dispatch_ping (fixture->bus, "x"));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "a1+ x+");
  g_string_truncate (fixture->trace, 0);

  end (&stage, "a1");
  end (&stage, "b1");
  end (&stage, "x");
  end (&stage, "a2");
  g_assert_cmpstr (fixture->trace->str, ==, "a1- b1+ b1- a2+ x- a2-");
  stage_clear (&stage);
}

/* A bus that stands in line, and is stopped before its turn comes, does not keep the others from theirs. */
static void
test_global_serial_stop (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusEventBus) first = NULL;
  g_autoptr (BubusEventBus) second = NULL;
  g_autoptr (BubusEventBus) third = NULL;
  g_autoptr (BubusEvent) stopped = NULL;
  Stage stage;

  stage_init (&stage, fixture);
  first = stage_add_bus (&stage, "First", GLOBAL);
  second = stage_add_bus (&stage, "Second", GLOBAL);
  third = stage_add_bus (&stage, "Third", GLOBAL);
  drop (dispatch_ping (first, "a"));
  stopped = dispatch_ping (second, "b");
  drop (dispatch_ping (third, "c"));
  run_pending ();
  bubus_event_bus_stop (second);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (stopped), ==, BUBUS_EVENT_STATUS_COMPLETED);
  end (&stage, "a");
  end (&stage, "c");
  g_assert_cmpstr (fixture->trace->str, ==, "a+ a- c+ c-");
  stage_clear (&stage);
}

typedef struct
{
  Stage         *stage;
  BubusEventBus *bus;
} Family;

static void
child_done_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  g_assert_no_error (error);
  trace (((Family *) data)->stage->trace, "parent-");
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
await_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  Family *family = data;
  g_autoptr (BubusEvent) child = ping_new ("child");

  trace (family->stage->trace, "parent+");
  bubus_invocation_defer (invocation);
  g_assert_true (bubus_event_bus_dispatch (family->bus, child, error));
  bubus_invocation_run_async (invocation, child, NULL, child_done_cb, family);
  return TRUE;
}

static void
test_global_serial_awaits (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = NULL;
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  Family family;
  Stage stage;

  stage_init (&stage, fixture);
  other = stage_add_bus (&stage, "Other", GLOBAL);
  family = (Family) { &stage, other };
  bubus_event_bus_set_event_concurrency (fixture->bus, GLOBAL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_child, &family, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  drop (dispatch_ping (other, "queued"));
  run_pending ();
  end (&stage, "child");
  run_pending ();
  end (&stage, "queued");
  g_assert_cmpstr (fixture->trace->str, ==, "parent+ child+ child- parent- queued+ queued-");
  stage_clear (&stage);
}

/* What a serial event awaits pauses nothing that runs in parallel. */
static void
test_parallel_is_not_paused (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  Family family;
  Stage stage;

  stage_init (&stage, fixture);
  family = (Family) { &stage, fixture->bus };
  bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_child, &family, NULL);
  drop (dispatch_with (fixture->bus, "p", PARALLEL));
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  drop (dispatch_ping (fixture->bus, "queued"));
  run_pending ();
  drop (dispatch_with (fixture->bus, "q", PARALLEL));
  run_pending ();
  end (&stage, "p");
  end (&stage, "child");
  run_pending ();
  end (&stage, "queued");
  end (&stage, "q");
  g_assert_cmpstr (fixture->trace->str, ==,
                   "p+ parent+ child+ q+ p- child- parent- queued+ queued- q-");
  stage_clear (&stage);
}

/* Several children at once: the parent goes on when all are done. */
typedef struct
{
  Stage           *stage;
  BubusInvocation *parent;
  guint            n_left;
} Fan;

static void
fan_done_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Fan *fan = data;

  g_assert_true (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, NULL));
  if (--fan->n_left > 0)
    return;
  trace (fan->stage->trace, "parent-");
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
fan_out (BubusEvent       *event,
         BubusInvocation  *invocation,
         gpointer          data,
         GError          **error)
{
  Fan *fan = data;

  bubus_invocation_defer (invocation);
  for (const char *label = "a\0b\0c\0"; *label != '\0'; label += 2)
    {
      g_autoptr (BubusEvent) child = dispatch_with (bubus_invocation_get_bus (invocation), label, PARALLEL);

      fan->n_left++;
      bubus_invocation_run_async (invocation, child, NULL, fan_done_cb, fan);
    }
  return TRUE;
}

static void
test_fan_out (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  Stage stage;
  Fan fan = { &stage, NULL, 0 };

  stage_init (&stage, fixture);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", fan_out, &fan, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  run_pending ();
  end (&stage, "b");
  end (&stage, "c");
  end (&stage, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "a+ b+ c+ b- c- a- parent-");
  stage_clear (&stage);
}

static void
test_parallel_handlers (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("event");
  g_autoptr (GPtrArray) results = NULL;
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  for (guint i = 0; i < 3; i++)
    bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  drop (dispatch_ping (fixture->bus, "next"));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "event+ event+ event+");
  g_assert_cmpuint (stage.open->len, ==, 3);

  results = bubus_event_list_results (event);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (bubus_event_result_get_status (results->pdata[i]), ==, BUBUS_RESULT_STATUS_STARTED);
  end (&stage, "event");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  for (guint i = 0; i < 3; i++)
    end (&stage, "next");
  stage_clear (&stage);
}

/* A forwarded event follows the settings of the bus that handles it, for what it leaves open itself. */
static void
test_forwarded (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_bus_set_event_handler_concurrency (target, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_bus_forward (fixture->bus, "*", "forward", target);
  for (guint i = 0; i < 2; i++)
    bubus_event_bus_on (target, TYPE_PING, "stage", begin, &stage, NULL);
  drop (dispatch_ping (fixture->bus, "event"));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "event+ event+");
  end (&stage, "event");
  stage_clear (&stage);
}

/* What the event says itself holds on every bus. */
static void
test_forwarded_override (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  g_autoptr (BubusEvent) event = ping_new ("event");
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_bus_set_event_handler_concurrency (target, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_SERIAL);
  bubus_event_bus_forward (fixture->bus, "*", "forward", target);
  for (guint i = 0; i < 2; i++)
    bubus_event_bus_on (target, TYPE_PING, "stage", begin, &stage, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_pending ();
  end (&stage, "event");
  end (&stage, "event");
  g_assert_cmpstr (fixture->trace->str, ==, "event+ event- event+ event-");
  stage_clear (&stage);
}

static void
told_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_assert_true (bubus_event_wait_finish (BUBUS_EVENT (source), result, NULL));
  trace (data, "told");
}

/* Waiting outside of a handler neither holds up what runs in parallel nor hurries anything. */
static void
test_waiting_outside (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (BubusEvent) parallel = NULL;
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  drop (dispatch_ping (fixture->bus, "a"));
  drop (dispatch_ping (fixture->bus, "b"));
  parallel = dispatch_with (fixture->bus, "p", PARALLEL);
  bubus_event_wait_async (parallel, NULL, told_cb, fixture->trace);
  run_pending ();
  end (&stage, "p");
  end (&stage, "a");
  end (&stage, "b");
  g_assert_cmpstr (fixture->trace->str, ==, "p+ a+ p- told a- b+ b-");
  stage_clear (&stage);
}

static void
test_stop_parallel (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  Stage stage;

  stage_init (&stage, fixture);
  bubus_event_bus_set_event_handler_concurrency (fixture->bus, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  for (guint i = 0; i < 3; i++)
    bubus_event_bus_on (fixture->bus, TYPE_PING, "stage", begin, &stage, NULL);
  event = dispatch_ping (fixture->bus, "event");
  run_pending ();
  bubus_event_bus_stop (fixture->bus);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  end (&stage, "event");
  stage_clear (&stage);
}

/* ---- in two main contexts ---- */

static void
answer_when_complete_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  g_assert_no_error (error);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

/* The bus to call is the data. */
static gboolean
call_other_bus (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;

  if (g_str_equal (ping_get_label (event), "child"))
    return TRUE;

  child = ping_new ("child");
  if (!g_str_equal (ping_get_label (event), "forwarded"))
    bubus_event_set_event_concurrency (child, bubus_event_get_event_concurrency (event));
  if (!bubus_event_bus_dispatch (data, child, error))
    return FALSE;
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, child, NULL, answer_when_complete_cb, NULL);
  return TRUE;
}

static void
run_both_contexts (GMainContext *other)
{
  for (guint i = 0; i < 20; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_main_context_iteration (other, FALSE);
    }
}

static void
test_call_each_other (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) other = NULL;
  g_autoptr (BubusEvent) left = NULL;
  g_autoptr (BubusEvent) right = NULL;

  g_main_context_push_thread_default (context);
  other = bubus_event_bus_new ("Other");
  g_main_context_pop_thread_default (context);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "left", call_other_bus, other, NULL);
  bubus_event_bus_on (other, TYPE_PING, "right", call_other_bus, fixture->bus, NULL);
  right = dispatch_ping (other, "right");
  left = dispatch_ping (fixture->bus, "left");
  run_both_contexts (context);
  g_assert_cmpint (bubus_event_get_event_status (left), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (right), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static void
test_global_serial_child_elsewhere (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) other = NULL;
  g_autoptr (BubusEvent) event = ping_new ("parent");

  g_main_context_push_thread_default (context);
  other = bubus_event_bus_new ("Other");
  g_main_context_pop_thread_default (context);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "calls", call_other_bus, other, NULL);
  bubus_event_set_event_concurrency (event, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_both_contexts (context);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

/* The event is also on the other bus, where it waits for the turn that it has on this one; its child is behind. */
static void
test_child_behind_global_serial (Fixture       *fixture,
                                 gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) other = NULL;
  g_autoptr (BubusEvent) event = ping_new ("forwarded");

  g_main_context_push_thread_default (context);
  other = bubus_event_bus_new ("Other");
  g_main_context_pop_thread_default (context);
  bubus_event_bus_forward (fixture->bus, "*", "forwards", other);
  bubus_handler_set_priority (bubus_event_bus_on (fixture->bus, TYPE_PING, "calls", call_other_bus, other, NULL), -1);
  bubus_event_set_event_concurrency (event, BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_both_contexts (context);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/concurrency/serial", test_serial, "R-6, B-17.4: one event at a time");
  test ("/concurrency/parallel", test_parallel, "R-6, B-4.17: events overlap on one bus, and start in order");
  test ("/concurrency/override", test_override, "R-6, B-4.17: the event's word goes before the bus's");
  test ("/concurrency/global-serial", test_global_serial, "R-6: one at a time across buses, in order of their wish");
  test ("/concurrency/global-serial/stop", test_global_serial_stop, "R-6, R-16: who is stopped in line leaves it");
  test ("/concurrency/global-serial/awaits", test_global_serial_awaits, "R-6: what is awaited passes the queue");
  test ("/concurrency/not-paused", test_parallel_is_not_paused, "R-6, B-4.18: parallel events are not paused");
  test ("/concurrency/fan-out", test_fan_out, "B-4.20: several children awaited at once overlap");
  test ("/concurrency/handlers", test_parallel_handlers, "R-6, B-3.11: the handlers of one event run in parallel");
  test ("/concurrency/forwarded", test_forwarded, "B-1.16: the defaults of the bus that handles the event");
  test ("/concurrency/forwarded/override", test_forwarded_override, "B-1.16, 14.53: the event's own word");
  test ("/concurrency/waiting-outside", test_waiting_outside, "R-1, 14.59: it hurries nothing");
  test ("/concurrency/stop", test_stop_parallel, "R-16: parallel handlers are failed at a stop");
  test ("/concurrency/call-each-other", test_call_each_other,
        "R-3: handlers of two threads that wait for the other's bus let each other pass");
  test ("/concurrency/global-serial-child-elsewhere", test_global_serial_child_elsewhere,
        "R-6: a child passes the turn that its parent has, also in another main context");
  test ("/concurrency/child-behind-global-serial", test_child_behind_global_serial,
        "R-6: and what stands before it in the queue and waits for that turn");
  return g_test_run ();
}
