/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "middleware-fixture.h"

#include "base/bubus-error.h"
#include "bus/bubus-ambient.h"

/* What another thread, or user code, does between two steps of the bus: see doc/design/hand-over.md. */

static void
gate_stand (gpointer data)
{
  Gate *gate = data;

  gate_set (gate, &gate->arrived);
  gate_wait (gate, &gate->open);
}

static BubusEventBus *
bus_new_in (GMainContext *context,
            const char   *name)
{
  BubusEventBus *bus;

  g_main_context_push_thread_default (context);
  bus = unlimited_bus_new (name);
  g_main_context_pop_thread_default (context);
  return bus;
}

static void
run_context (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

/* ---- an event that comes to one bus more while it completes ---- */

typedef struct
{
  GMainContext  *context;
  BubusEventBus *bus;
  BubusEvent    *event;
  Gate           gate;
  gboolean       quit;  /* atomic */
} Far;

static gpointer
far_run (gpointer data)
{
  Far *far = data;

  while (!g_atomic_int_get (&far->quit))
    g_main_context_iteration (far->context, TRUE);
  return NULL;
}

/* The event that falls out of the history is finalized while the other one retires. */
static void
dispatch_when_evicted (gpointer  data,
                       GObject  *evicted)
{
  Far *far = data;

  g_assert_cmpint (bubus_event_get_event_status (far->event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_true (bubus_event_bus_dispatch (far->bus, far->event, NULL));
  gate_wait (&far->gate, &far->gate.arrived);
}

static gboolean
do_nothing (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  return TRUE;
}

static void
run_until_far_is_idle (Fixture *fixture,
                       Far     *far)
{
  bubus_event_bus_wait_until_idle_async (far->bus, NULL, trace_idle_cb, fixture->trace);
  while (fixture->trace->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->trace->str, ==, "idle");
}

/* The far bus stands where its handlers have returned, and the data of one goes: it is not done with the event. */
static void
test_handled_while_completing (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Far far = { context, bus_new_in (context, "Far"), NULL };
  BubusEvent *old = dispatch_ping (fixture->bus, "old");
  GThread *thread;

  run_until_idle (fixture->bus);
  bubus_event_bus_set_max_history_size (fixture->bus, 1);
  bubus_event_bus_set_max_history_size (far.bus, 0);
  bubus_handler_set_once (bubus_event_bus_on (far.bus, TYPE_PING, "once", do_nothing, &far.gate, gate_stand), TRUE);
  g_object_weak_ref (G_OBJECT (old), dispatch_when_evicted, &far);
  g_object_unref (old);
  thread = g_thread_new ("far", far_run, &far);
  far.event = dispatch_ping (fixture->bus, "event");
  run_until_idle (fixture->bus);

  g_assert_true (far.gate.arrived);
  g_assert_false (bubus_event_bus_is_idle (far.bus));
  gate_set (&far.gate, &far.gate.open);
  run_until_far_is_idle (fixture, &far);
  g_atomic_int_set (&far.quit, TRUE);
  g_main_context_wakeup (context);
  g_thread_join (thread);
  g_object_unref (far.event);
  g_assert_finalize_object (far.bus);
}

/* The event is on its way home to be completed, and comes to one bus more. Home is idle when it has been. */
static void
test_handled_on_the_way_home (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) far = bus_new_in (context, "Far");
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "event");
  g_autoptr (BubusHold) hold = bubus_event_bus_hold_event (fixture->bus, event);

  run_pending ();
  bubus_event_bus_wait_until_idle_async (fixture->bus, NULL, trace_idle_cb, fixture->trace);
  bubus_hold_release (hold);
  g_assert_true (bubus_event_bus_dispatch (far, event, NULL));
  run_context (context);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "idle");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

/* A middleware has put off again that an event is complete; in between it has come to a bus that is not waited for. */
static Probe *
hold_again (Fixture       *fixture,
            BubusEvent    *event,
            BubusEventBus *afterwards)
{
  Probe *probe = add_probe (fixture->bus, "hold", NULL, NULL);

  probe->holds = TRUE;
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_pending ();
  bubus_hold_release (probe->hold);
  g_assert_true (bubus_event_bus_dispatch (afterwards, event, NULL));
  run_pending ();
  g_assert_cmpuint (probe->n_asked, ==, 2);
  probe->holds = FALSE;
  return probe;
}

static void
let_go (Probe *probe)
{
  bubus_hold_release (probe->hold);
  g_clear_object (&probe->hold);
  run_pending ();
}

/* Then it comes to one more, for which its completion waits. */
static void
test_held_again (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) afterwards = bus_new_in (context, "Afterwards");
  g_autoptr (BubusEventBus) again = unlimited_bus_new ("Again");
  g_autoptr (BubusEvent) event = ping_new ("event");
  Probe *probe = hold_again (fixture, event, afterwards);

  g_assert_true (bubus_event_bus_dispatch (again, event, NULL));
  run_pending ();
  g_assert_false (bubus_event_bus_is_idle (again));
  let_go (probe);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_true (bubus_event_bus_is_idle (again));
  g_assert_false (bubus_event_bus_is_idle (afterwards));
  run_context (context);
  g_assert_true (bubus_event_bus_is_idle (afterwards));
}

static gboolean
leave_child (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("child");

  return bubus_event_bus_dispatch (data, child, error);
}

static void
answer_when_complete_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  g_assert_true (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, NULL));
  bubus_invocation_return_int (BUBUS_INVOCATION (source), 1);
}

static gboolean
await_event (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, data, NULL, answer_when_complete_cb, NULL);
  return TRUE;
}

/* There it leaves a child behind, which has to pass the handler that awaits the event. */
static void
test_held_again_and_awaited (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (BubusEventBus) afterwards = bus_new_in (context, "Afterwards");
  g_autoptr (GMainContext) other_context = g_main_context_new ();
  g_autoptr (BubusEventBus) again = bus_new_in (other_context, "Again");
  g_autoptr (BubusEvent) event = ping_new ("event");
  g_autoptr (BubusEvent) awaits = NULL;
  Probe *probe = hold_again (fixture, event, afterwards);

  bubus_event_bus_on (again, TYPE_PING, "leave", leave_child, fixture->bus, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "await", await_event, event, NULL);
  bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (g_object_ref (probe)));
  g_assert_true (bubus_event_bus_dispatch (again, event, NULL));
  awaits = dispatch_sum (fixture->bus);
  run_pending ();
  run_context (other_context);
  let_go (probe);
  g_object_unref (probe);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (awaits), ==, BUBUS_EVENT_STATUS_COMPLETED);
  run_context (context);
}

/* ---- room that is free for a moment ---- */

static void
run_bus_when_gone (gpointer  data,
                   GObject  *gone)
{
  run_until_idle (data);
}

/* Another event takes the room, and gives it back after the one that was to have it has been refused. */
static gboolean
take_room (Probe              *self,
           BubusEvent         *event,
           BubusInterception  *interception,
           GError            **error)
{
  BubusEventBus *bus = bubus_interception_get_bus (interception);

  if (!g_str_equal (ping_get_label (event), "late") || self->n_asked++ > 0)
    return TRUE;

  g_object_unref (dispatch_ping (bus, "fast"));
  g_object_weak_ref (G_OBJECT (interception), run_bus_when_gone, bus);
  return TRUE;
}

static void
accepted_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_assert_true (bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (source), result, NULL));
  trace (data, "accepted");
}

static void
test_room_in_between (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (BubusEvent) late = ping_new ("late");

  on_ping (fixture);
  bubus_event_bus_set_max_pending (fixture->bus, 1);
  add_probe (fixture->bus, "take room", NULL, take_room);
  bubus_event_bus_dispatch_async (fixture->bus, late, NULL, accepted_cb, fixture->trace);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "fast late accepted");
}

static gboolean
refuse_as_full (Probe              *self,
                BubusEvent         *event,
                BubusInterception  *interception,
                GError            **error)
{
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FULL, "something else is full");
  return FALSE;
}

static void
refused_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (source), result, &error));
  trace (data, "%s", error->message);
}

static void
test_room_elsewhere (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("event");

  add_probe (fixture->bus, "refuse", NULL, refuse_as_full);
  bubus_event_bus_dispatch_async (fixture->bus, event, NULL, refused_cb, fixture->trace);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "something else is full");
}

/* ---- what is told to a bus that is gone ---- */

static gboolean
dispatch_on_both (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  BubusEventBus **buses = data;
  g_autoptr (BubusEvent) child = ping_new ("child");

  bubus_invocation_defer (invocation);
  return bubus_event_bus_dispatch (buses[0], child, error) && bubus_event_bus_dispatch (buses[1], child, error);
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

/* Of two buses in another main context the more urgent one goes when it has been told, and the event is complete. */
static void
test_farewell_to_the_gone (Fixture       *fixture,
                           gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  BubusEventBus *buses[] = { bus_new_in (context, "Slow"), bus_new_in (context, "Urgent") };
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_set_priority (buses[1], G_PRIORITY_HIGH);
  for (guint i = 0; i < G_N_ELEMENTS (buses); i++)
    {
      bubus_event_bus_set_max_history_size (buses[i], 0);
      bubus_event_bus_on (buses[i], TYPE_PING, "trace", trace_label, fixture->trace, NULL);
    }
  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_PARALLEL);
  bubus_event_set_event_handler_completion (event, BUBUS_HANDLER_COMPLETION_FIRST);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "slow", dispatch_on_both, buses, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "fast", win, NULL, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  run_pending ();
  g_object_unref (buses[1]);
  run_context (context);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  run_until_complete (event);
  g_assert_finalize_object (buses[0]);
}

/* ---- what goes with an answer that does not count ---- */

static void
look_at_results (gpointer  data,
                 GObject  *gone)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (data);

  g_assert_cmpuint (results->len, ==, 1);
}

static gboolean
answer_and_fail (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  g_autoptr (GObject) value = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_weak_ref (value, look_at_results, event);
  bubus_invocation_return_object (invocation, value);
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED, "on purpose");
  return FALSE;
}

static void
test_withdrawn_value (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "fails", answer_and_fail, NULL, NULL);
  event = dispatch_ping (fixture->bus, "event");
  run_until_idle (fixture->bus);
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
}

/* ---- what is around a handler that is given up ---- */

static gboolean
look_around_late (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  Gate *gate = data;
  GObject *before = bubus_ambient_get_current ();

  g_assert_true (G_IS_OBJECT (before));
  gate_stand (gate);
  g_assert_true (bubus_ambient_get_current () == before);
  g_assert_true (G_IS_OBJECT (before));
  return TRUE;
}

/* Its event forgets what was around when it is complete, which does not wait for the thread. */
static void
test_around_given_up (Fixture       *fixture,
                      gconstpointer  data)
{
  Gate gate = { 0 };
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "late", look_around_late, &gate, NULL);
  GObject *around = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (BubusEvent) event = ping_new ("event");

  g_object_add_weak_pointer (around, (gpointer *) &around);
  bubus_handler_set_threaded (handler, TRUE);
  bubus_ambient_push (around);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, event, NULL));
  bubus_ambient_pop (around);
  g_object_unref (around);
  run_pending ();
  gate_wait (&gate, &gate.arrived);
  bubus_event_bus_stop (fixture->bus);
  run_until_complete (event);
  g_assert_nonnull (around);

  g_test_expect_message ("Bubus", G_LOG_LEVEL_MESSAGE, "*has returned after it was given up*");
  gate_set (&gate, &gate.open);
  while (bubus_event_bus_get_n_abandoned (fixture->bus) > 0 || around != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_test_assert_expected_messages ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/handovers/handled-while-completing", test_handled_while_completing,
        "B-17.10, B-17.12: a bus to which a complete event comes is done with it when it is, not before");
  test ("/handovers/handled-on-the-way-home", test_handled_on_the_way_home,
        "B-17.1, B-17.10: an event is completed once, and its bus is told to be idle");
  test ("/handovers/held-again", test_held_again,
        "B-17.10: each bus is done with an event, whenever it came there");
  test ("/handovers/held-again/awaited", test_held_again_and_awaited,
        "R-2: what an awaited event leaves behind passes, whatever else has the event");
  test ("/handovers/room-in-between", test_room_in_between,
        "R-13: an event that waits for room has it when it is free before the wait begins");
  test ("/handovers/room-elsewhere", test_room_elsewhere, "R-13: what a middleware refuses does not wait for room");
  test ("/handovers/farewell-to-the-gone", test_farewell_to_the_gone,
        "R-7: what is not wanted any more ends on two buses of a main context, one of which goes at once");
  test ("/handovers/withdrawn-value", test_withdrawn_value, "a value that goes is nobody's, and may look at its event");
  test ("/handovers/around-given-up", test_around_given_up, "R-20: until the handler returns, whoever waits for it");
  return g_test_run ();
}
