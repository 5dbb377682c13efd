/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#define PARALLEL BUBUS_EVENT_CONCURRENCY_PARALLEL
#define GLOBAL   BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL
#define SERIAL   BUBUS_EVENT_CONCURRENCY_BUS_SERIAL

/* Handlers that begin, and end when the test says so. */
typedef struct
{
  Fixture    base;
  GPtrArray *open;  /* of BubusInvocation */
} Stage;

static void
stage_set_up (Stage         *stage,
              gconstpointer  data)
{
  fixture_set_up (&stage->base, data);
  stage->open = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
stage_tear_down (Stage         *stage,
                 gconstpointer  data)
{
  g_assert_cmpuint (stage->open->len, ==, 0);
  g_ptr_array_unref (stage->open);
  fixture_tear_down (&stage->base, data);
}

#define stage_test(path, function, summary) \
  g_test_add (path, Stage, summary, stage_set_up, function, stage_tear_down)

static gboolean
begin (BubusEvent       *event,
       BubusInvocation  *invocation,
       gpointer          data,
       GError          **error)
{
  Stage *stage = data;

  trace (stage->base.trace, "%s+", ping_get_label (event));
  g_ptr_array_add (stage->open, g_object_ref (invocation));
  bubus_invocation_defer (invocation);
  return TRUE;
}

static void
stage_handle (Stage         *stage,
              BubusEventBus *bus)
{
  bubus_event_bus_on (bus, TYPE_PING, "stage", begin, stage, NULL);
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
      trace (stage->base.trace, "%s-", label);
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
test_serial (Stage         *stage,
             gconstpointer  data)
{
  stage_handle (stage, stage->base.bus);
  drop (dispatch_ping (stage->base.bus, "a"));
  drop (dispatch_ping (stage->base.bus, "b"));
  run_pending ();
  end (stage, "a");
  end (stage, "b");
  g_assert_cmpstr (stage->base.trace->str, ==, "a+ a- b+ b-");
}

static void
test_parallel (Stage         *stage,
               gconstpointer  data)
{
  bubus_event_bus_set_event_concurrency (stage->base.bus, PARALLEL);
  stage_handle (stage, stage->base.bus);
  drop (dispatch_ping (stage->base.bus, "a"));
  drop (dispatch_ping (stage->base.bus, "b"));
  g_assert_cmpstr (stage->base.trace->str, ==, "");
  run_pending ();
  end (stage, "b");
  drop (dispatch_ping (stage->base.bus, "c"));
  run_pending ();
  end (stage, "a");
  end (stage, "c");
  g_assert_cmpstr (stage->base.trace->str, ==, "a+ b+ b- c+ a- c-");
}

/* Both directions: the event's word goes before the bus's. */
static void
test_override (Stage         *stage,
               gconstpointer  data)
{
  stage_handle (stage, stage->base.bus);
  drop (dispatch_ping (stage->base.bus, "a"));
  drop (dispatch_ping (stage->base.bus, "b"));
  drop (dispatch_with (stage->base.bus, "p", PARALLEL));
  run_pending ();
  end (stage, "a");
  end (stage, "p");
  end (stage, "b");
  g_assert_cmpstr (stage->base.trace->str, ==, "p+ a+ a- b+ p- b-");

  g_string_truncate (stage->base.trace, 0);
  bubus_event_bus_set_event_concurrency (stage->base.bus, PARALLEL);
  drop (dispatch_with (stage->base.bus, "a", SERIAL));
  drop (dispatch_with (stage->base.bus, "b", SERIAL));
  drop (dispatch_ping (stage->base.bus, "p"));
  run_pending ();
  end (stage, "p");
  end (stage, "a");
  end (stage, "b");
  g_assert_cmpstr (stage->base.trace->str, ==, "p+ a+ p- a- b+ b-");
}

static BubusEventBus *
stage_add_bus (Stage                 *stage,
               const char            *name,
               BubusEventConcurrency  concurrency)
{
  BubusEventBus *bus = bubus_event_bus_new (name);

  bubus_event_bus_set_event_concurrency (bus, concurrency);
  stage_handle (stage, bus);
  return bus;
}

static void
test_global_serial (Stage         *stage,
                    gconstpointer  data)
{
  g_autoptr (BubusEventBus) first = NULL;
  g_autoptr (BubusEventBus) second = NULL;

  first = stage_add_bus (stage, "First", GLOBAL);
  second = stage_add_bus (stage, "Second", GLOBAL);
  stage_handle (stage, stage->base.bus);
  drop (dispatch_ping (first, "a1"));
  drop (dispatch_ping (first, "a2"));
  drop (dispatch_ping (second, "b1"));
  drop (dispatch_ping (stage->base.bus, "x"));
  run_pending ();
  g_assert_cmpstr (stage->base.trace->str, ==, "a1+ x+");
  g_string_truncate (stage->base.trace, 0);

  end (stage, "a1");
  end (stage, "b1");
  end (stage, "x");
  end (stage, "a2");
  g_assert_cmpstr (stage->base.trace->str, ==, "a1- b1+ b1- a2+ x- a2-");
}

/* A bus that stands in line, and is stopped before its turn comes, does not keep the others from theirs. */
static void
test_global_serial_stop (Stage         *stage,
                         gconstpointer  data)
{
  g_autoptr (BubusEventBus) first = NULL;
  g_autoptr (BubusEventBus) second = NULL;
  g_autoptr (BubusEventBus) third = NULL;
  g_autoptr (BubusEvent) stopped = NULL;

  first = stage_add_bus (stage, "First", GLOBAL);
  second = stage_add_bus (stage, "Second", GLOBAL);
  third = stage_add_bus (stage, "Third", GLOBAL);
  drop (dispatch_ping (first, "a"));
  stopped = dispatch_ping (second, "b");
  drop (dispatch_ping (third, "c"));
  run_pending ();
  bubus_event_bus_stop (second);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (stopped), ==, BUBUS_EVENT_STATUS_COMPLETED);
  end (stage, "a");
  end (stage, "c");
  g_assert_cmpstr (stage->base.trace->str, ==, "a+ a- c+ c-");
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
  trace (((Family *) data)->stage->base.trace, "parent-");
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

  trace (family->stage->base.trace, "parent+");
  bubus_invocation_defer (invocation);
  g_assert_true (bubus_event_bus_dispatch (family->bus, child, error));
  bubus_invocation_run_async (invocation, child, NULL, child_done_cb, family);
  return TRUE;
}

static void
test_global_serial_awaits (Stage         *stage,
                           gconstpointer  data)
{
  g_autoptr (BubusEventBus) other = NULL;
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  Family family;

  other = stage_add_bus (stage, "Other", GLOBAL);
  family = (Family) { stage, other };
  bubus_event_bus_set_event_concurrency (stage->base.bus, GLOBAL);
  bubus_event_bus_on (stage->base.bus, TYPE_SUM, "parent", await_child, &family, NULL);
  g_assert_true (bubus_event_bus_dispatch (stage->base.bus, parent, NULL));
  drop (dispatch_ping (other, "queued"));
  run_pending ();
  end (stage, "child");
  run_pending ();
  end (stage, "queued");
  g_assert_cmpstr (stage->base.trace->str, ==, "parent+ child+ child- parent- queued+ queued-");
}

/* What a serial event awaits pauses nothing that runs in parallel. */
static void
test_parallel_is_not_paused (Stage         *stage,
                             gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  Family family;

  family = (Family) { stage, stage->base.bus };
  stage_handle (stage, stage->base.bus);
  bubus_event_bus_on (stage->base.bus, TYPE_SUM, "parent", await_child, &family, NULL);
  drop (dispatch_with (stage->base.bus, "p", PARALLEL));
  g_assert_true (bubus_event_bus_dispatch (stage->base.bus, parent, NULL));
  drop (dispatch_ping (stage->base.bus, "queued"));
  run_pending ();
  drop (dispatch_with (stage->base.bus, "q", PARALLEL));
  run_pending ();
  end (stage, "p");
  end (stage, "child");
  run_pending ();
  end (stage, "queued");
  end (stage, "q");
  g_assert_cmpstr (stage->base.trace->str, ==,
                   "p+ parent+ child+ q+ p- child- parent- queued+ queued- q-");
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
  trace (fan->stage->base.trace, "parent-");
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
test_fan_out (Stage         *stage,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_SUM, NULL);
  Fan fan = { stage, NULL, 0 };

  stage_handle (stage, stage->base.bus);
  bubus_event_bus_on (stage->base.bus, TYPE_SUM, "parent", fan_out, &fan, NULL);
  g_assert_true (bubus_event_bus_dispatch (stage->base.bus, parent, NULL));
  run_pending ();
  end (stage, "b");
  end (stage, "c");
  end (stage, "a");
  g_assert_cmpstr (stage->base.trace->str, ==, "a+ b+ c+ b- c- a- parent-");
}

static void
test_parallel_handlers (Stage         *stage,
                        gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("event");
  g_autoptr (GPtrArray) results = NULL;

  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  for (guint i = 0; i < 3; i++)
    stage_handle (stage, stage->base.bus);
  g_assert_true (bubus_event_bus_dispatch (stage->base.bus, event, NULL));
  drop (dispatch_ping (stage->base.bus, "next"));
  run_pending ();
  g_assert_cmpstr (stage->base.trace->str, ==, "event+ event+ event+");
  g_assert_cmpuint (stage->open->len, ==, 3);

  results = bubus_event_list_results (event);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (bubus_event_result_get_status (results->pdata[i]), ==, BUBUS_RESULT_STATUS_STARTED);
  end (stage, "event");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  for (guint i = 0; i < 3; i++)
    end (stage, "next");
}

/* A forwarded event follows the settings of the bus that handles it, for what it leaves open itself. */
static void
test_forwarded (Stage         *stage,
                gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");

  bubus_event_bus_set_event_handler_concurrency (target, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_bus_forward (stage->base.bus, "*", "forward", target);
  for (guint i = 0; i < 2; i++)
    stage_handle (stage, target);
  drop (dispatch_ping (stage->base.bus, "event"));
  run_pending ();
  g_assert_cmpstr (stage->base.trace->str, ==, "event+ event+");
  end (stage, "event");
}

/* What the event says itself holds on every bus. */
static void
test_forwarded_override (Stage         *stage,
                         gconstpointer  data)
{
  g_autoptr (BubusEventBus) target = bubus_event_bus_new ("Target");
  g_autoptr (BubusEvent) event = ping_new ("event");

  bubus_event_bus_set_event_handler_concurrency (target, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_SERIAL);
  bubus_event_bus_forward (stage->base.bus, "*", "forward", target);
  for (guint i = 0; i < 2; i++)
    stage_handle (stage, target);
  g_assert_true (bubus_event_bus_dispatch (stage->base.bus, event, NULL));
  run_pending ();
  end (stage, "event");
  end (stage, "event");
  g_assert_cmpstr (stage->base.trace->str, ==, "event+ event- event+ event-");
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
test_waiting_outside (Stage         *stage,
                      gconstpointer  data)
{
  g_autoptr (BubusEvent) parallel = NULL;

  stage_handle (stage, stage->base.bus);
  drop (dispatch_ping (stage->base.bus, "a"));
  drop (dispatch_ping (stage->base.bus, "b"));
  parallel = dispatch_with (stage->base.bus, "p", PARALLEL);
  bubus_event_wait_async (parallel, NULL, told_cb, stage->base.trace);
  run_pending ();
  end (stage, "p");
  end (stage, "a");
  end (stage, "b");
  g_assert_cmpstr (stage->base.trace->str, ==, "p+ a+ p- told a- b+ b-");
}

static void
test_stop_parallel (Stage         *stage,
                    gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_set_event_handler_concurrency (stage->base.bus, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  for (guint i = 0; i < 3; i++)
    stage_handle (stage, stage->base.bus);
  event = dispatch_ping (stage->base.bus, "event");
  run_pending ();
  bubus_event_bus_stop (stage->base.bus);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  end (stage, "event");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  stage_test ("/concurrency/serial", test_serial, "R-6, B-17.4: one event at a time");
  stage_test ("/concurrency/parallel", test_parallel, "R-6, B-4.17: events overlap on one bus, and start in order");
  stage_test ("/concurrency/override", test_override, "R-6, B-4.17: the event's word goes before the bus's");
  stage_test ("/concurrency/global-serial", test_global_serial,
              "R-6: one at a time across buses, in order of their wish");
  stage_test ("/concurrency/global-serial/stop", test_global_serial_stop,
              "R-6, R-16: who is stopped in line leaves it");
  stage_test ("/concurrency/global-serial/awaits", test_global_serial_awaits, "R-6: what is awaited passes the queue");
  stage_test ("/concurrency/not-paused", test_parallel_is_not_paused, "R-6, B-4.18: parallel events are not paused");
  stage_test ("/concurrency/fan-out", test_fan_out, "B-4.20: several children awaited at once overlap");
  stage_test ("/concurrency/handlers", test_parallel_handlers,
              "R-6, B-3.11: the handlers of one event run in parallel");
  stage_test ("/concurrency/forwarded", test_forwarded, "B-1.16: the defaults of the bus that handles the event");
  stage_test ("/concurrency/forwarded/override", test_forwarded_override, "B-1.16, 14.53: the event's own word");
  stage_test ("/concurrency/waiting-outside", test_waiting_outside, "R-1, 14.59: it hurries nothing");
  stage_test ("/concurrency/stop", test_stop_parallel, "R-16: parallel handlers are failed at a stop");
  return g_test_run ();
}
