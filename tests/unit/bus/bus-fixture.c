/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "support/trace.h"

static const BubusField ping_fields[] = {
  BUBUS_FIELD_STRING (Ping, label),
};

static const BubusField sum_fields[] = {
  BUBUS_FIELD_INT (Sum, number, .minimum = 0, .maximum = 1000),
};

BUBUS_DEFINE_EVENT_TYPE (Ping, ping, BUBUS_TYPE_EVENT, ping_fields)
BUBUS_DEFINE_EVENT_TYPE (LoudPing, loud_ping, TYPE_PING, BUBUS_NO_FIELDS)
BUBUS_DEFINE_EVENT_TYPE_WITH_CODE (Sum, sum, BUBUS_TYPE_EVENT, sum_fields,
                                   bubus_event_class_set_result_type (klass, G_TYPE_INT))

/* On the real clock nothing is slow, or takes too long, because the machine has other things to do. */
BubusEventBus *
unlimited_bus_new (const char *name)
{
  BubusEventBus *bus = bubus_event_bus_new (name);

  bubus_event_bus_set_event_handler_slow_timeout (bus, 0);
  bubus_event_bus_set_event_timeout (bus, 0);
  return bus;
}

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_test_summary (data);
  fixture->bus = unlimited_bus_new ("Main");
  fixture->trace = g_string_new (NULL);
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  run_until_idle (fixture->bus);
  run_pending ();
  g_assert_finalize_object (fixture->bus);
  run_pending (); /* what its views are still to be told */
  g_string_free (fixture->trace, TRUE);
}

void
timed_set_up (Timed         *timed,
              gconstpointer  data)
{
  timed->clock = bubus_clock_new_test (G_GINT64_CONSTANT (1700000000) * SECOND);
  bubus_clock_push_thread_default (timed->clock);
  fixture_set_up (&timed->base, data);
  bubus_event_bus_set_event_timeout (timed->base.bus, 60);
}

void
timed_tear_down (Timed         *timed,
                 gconstpointer  data)
{
  fixture_tear_down (&timed->base, data);
  bubus_clock_pop_thread_default (timed->clock);
  g_assert_finalize_object (timed->clock);
}

BubusEvent *
ping_new (const char *label)
{
  return g_object_new (TYPE_PING, "label", label, NULL);
}

const char *
ping_get_label (BubusEvent *event)
{
  return ((Ping *) event)->label;
}

BubusEvent *
dispatch_ping (BubusEventBus *bus,
               const char    *label)
{
  BubusEvent *event = ping_new (label);
  g_autoptr (GError) error = NULL;

  bubus_event_bus_dispatch (bus, event, &error);
  g_assert_no_error (error);
  return event;
}

BubusEvent *
dispatch_loud_ping (BubusEventBus *bus,
                    const char    *label)
{
  BubusEvent *event = g_object_new (TYPE_LOUD_PING, "label", label, NULL);

  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  return event;
}

BubusEvent *
dispatch_sum (BubusEventBus *bus)
{
  BubusEvent *event = g_object_new (TYPE_SUM, NULL);

  g_assert_true (bubus_event_bus_dispatch (bus, event, NULL));
  return event;
}

void
run_until_idle (BubusEventBus *bus)
{
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
}

void
run_pending (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

const GError *
get_error (BubusEvent *event,
           guint       index)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (index, <, results->len);
  return bubus_event_result_get_error (results->pdata[index]);
}

void
run_until_complete (BubusEvent *event)
{
  while (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED)
    g_main_context_iteration (NULL, TRUE);
}

const GError *
get_only_error (BubusEvent *event)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (results->len, ==, 1);
  return bubus_event_result_get_error (results->pdata[0]);
}

void
trace (GString    *string,
       const char *format,
       ...)
{
  va_list args;

  va_start (args, format);
  trace_valist (string, format, args);
  va_end (args);
}

gboolean
trace_label (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  trace (data, "%s", ping_get_label (event));
  return TRUE;
}

/* The handler of “parent” runs a child in place, whose label is @data. */
gboolean
run_child_of_parent (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;

  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;

  child = ping_new (data);
  return bubus_invocation_dispatch (invocation, NULL, child, error) && bubus_invocation_run (invocation, child, error);
}

/* @data is where to put the invocation, with a reference. */
gboolean
defer_and_keep (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  BubusInvocation **kept = data;

  g_assert_null (*kept);
  *kept = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  return TRUE;
}

/* The name of the bus that calls the handler. */
gboolean
trace_bus (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  trace (data, "%s", bubus_event_bus_get_name (bubus_invocation_get_bus (invocation)));
  return TRUE;
}

/* @data is where to put the child that is dispatched and not awaited. */
gboolean
leave_child_and_defer (BubusEvent       *event,
                       BubusInvocation  *invocation,
                       gpointer          data,
                       GError          **error)
{
  BubusEvent **child = data;

  bubus_invocation_defer (invocation);
  *child = ping_new ("queued");
  return bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), *child, error);
}

/* A handler that traces the labels of events. */
BubusHandler *
on_ping (Fixture *fixture)
{
  return bubus_event_bus_on (fixture->bus, TYPE_PING, "t", trace_label, fixture->trace, NULL);
}

void
dispatch_and_run (Fixture    *fixture,
                  const char *label)
{
  g_object_unref (dispatch_ping (fixture->bus, label));
  run_until_idle (fixture->bus);
}

guint
count_handlers (Fixture *fixture)
{
  g_autoptr (GPtrArray) handlers = bubus_event_bus_list_handlers (fixture->bus);

  return handlers->len;
}

/* Drops the reference at @data. */
gboolean
drop_object (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_clear_object ((GObject **) data);
  return TRUE;
}

/* @data is a trace. */
void
trace_idle_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;

  if (bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, &error))
    trace (data, "idle");
  else
    trace (data, "error%d", error->code);
}

/* @data is a trace. */
void
trace_stopped_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  gboolean drained = bubus_event_bus_stop_finish (BUBUS_EVENT_BUS (source), result);

  g_assert_cmpint (bubus_event_bus_get_state (BUBUS_EVENT_BUS (source)), ==, BUBUS_EVENT_BUS_STATE_STOPPED);
  trace (data, drained ? "drained" : "cut");
}

/* ---- threads ---- */

void
gate_set (Gate     *gate,
          gboolean *flag)
{
  g_mutex_lock (&gate->lock);
  *flag = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

void
gate_wait (Gate     *gate,
           gboolean *flag)
{
  g_mutex_lock (&gate->lock);
  while (!*flag)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}
