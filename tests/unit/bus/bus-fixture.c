/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

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

  if (string->len > 0)
    g_string_append_c (string, ' ');
  va_start (args, format);
  g_string_append_vprintf (string, format, args);
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
