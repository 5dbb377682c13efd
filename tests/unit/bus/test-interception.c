/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "middleware-fixture.h"

#include "base/bubus-error.h"

/* What has been kept holds the bus. */
static void
resume_kept (Probe *probe)
{
  bubus_interception_resume (probe->kept);
  g_clear_object (&probe->kept);
}

static void
test_intercept_order (Fixture       *fixture,
                      gconstpointer  data)
{
  add_probe (fixture->bus, "first", NULL, trace_intercepted)->data = fixture->trace;
  add_probe (fixture->bus, "second", NULL, trace_intercepted)->data = fixture->trace;
  on_ping (fixture);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_assert_cmpstr (fixture->trace->str, ==, "first(a) second(a)");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "first(a) second(a) a");
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("bad");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) path = NULL;

  add_probe (fixture->bus, "refuse", fixture->trace, refuse);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  path = bubus_event_dup_event_path (event);
  g_assert_cmpuint (g_strv_length (path), ==, 0);
  g_assert_false (bubus_event_is_sealed (event));
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  g_assert_cmpstr (fixture->trace->str, ==, "");
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, event, NULL));
}

static gboolean
drop_bad (Probe              *self,
          BubusEvent         *event,
          BubusInterception  *interception,
          GError            **error)
{
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "not now");

  if (g_str_equal (ping_get_label (event), "bad"))
    bubus_interception_drop (interception, reason);
  if (g_str_equal (ping_get_label (event), "worse"))
    bubus_interception_drop (interception, NULL);
  return TRUE;
}

static void
keep_error_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  GError **error = user_data;

  g_assert_false (bubus_event_wait_finish (BUBUS_EVENT (source), result, error));
  g_assert_nonnull (*error);
}

static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (BubusEvent) bad = NULL;
  g_autoptr (BubusEvent) worse = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) reason = NULL;

  on_ping (fixture);
  add_probe (fixture->bus, "drop", NULL, drop_bad);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  bad = dispatch_ping (fixture->bus, "bad");
  worse = dispatch_ping (fixture->bus, "worse");
  g_assert_cmpint (bubus_event_get_event_status (bad), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  bubus_event_wait_async (bad, NULL, keep_error_cb, &error);
  run_pending ();
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  reason = bubus_event_dup_drop_reason (worse);
  g_assert_error (reason, BUBUS_ERROR, BUBUS_ERROR_DROPPED);
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static gboolean
defer_held (Probe              *self,
            BubusEvent         *event,
            BubusInterception  *interception,
            GError            **error)
{
  if (!g_str_has_prefix (ping_get_label (event), "held"))
    return TRUE;
  g_assert_null (self->kept);
  self->kept = g_object_ref (interception);
  bubus_interception_defer (interception);
  return TRUE;
}

static void
test_delayed (Fixture       *fixture,
              gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  g_autoptr (BubusEvent) held = NULL;

  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  on_ping (fixture);
  held = dispatch_ping (fixture->bus, "held");
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  g_object_unref (dispatch_ping (fixture->bus, "c"));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "after(b) after(c) b c");
  g_assert_cmpuint (bubus_event_bus_get_n_pending (fixture->bus), ==, 1);
  g_assert_false (bubus_event_bus_is_idle (fixture->bus));
  g_assert_true (bubus_event_is_sealed (held));
  g_assert_cmpint (bubus_event_get_event_status (held), ==, BUBUS_EVENT_STATUS_PENDING);

  g_string_truncate (fixture->trace, 0);
  g_object_unref (dispatch_ping (fixture->bus, "d"));
  bubus_interception_resume (probe->kept);
  bubus_interception_resume (probe->kept);
  run_until_idle (fixture->bus);
  bubus_interception_resume (probe->kept);
  bubus_interception_drop (probe->kept, NULL);
  g_clear_object (&probe->kept);
  run_pending ();
  g_assert_true (g_str_equal (fixture->trace->str, "after(d) after(held) d held")
                 || g_str_equal (fixture->trace->str, "after(d) d after(held) held"));
}

static gpointer
resume_in_thread (gpointer data)
{
  bubus_interception_resume (data);
  g_object_unref (data);
  return NULL;
}

static gboolean
defer_and_resume_elsewhere (Probe              *self,
                            BubusEvent         *event,
                            BubusInterception  *interception,
                            GError            **error)
{
  bubus_interception_defer (interception);
  self->data = g_thread_new ("resume", resume_in_thread, g_object_ref (interception));
  return TRUE;
}

static void
test_resumed_in_thread (Fixture       *fixture,
                        gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_and_resume_elsewhere);

  on_ping (fixture);
  for (guint i = 0; i < 100; i++)
    {
      g_string_truncate (fixture->trace, 0);
      g_object_unref (dispatch_ping (fixture->bus, "a"));
      run_until_idle (fixture->bus);
      g_thread_join (probe->data);
      g_assert_cmpstr (fixture->trace->str, ==, "a");
    }
}

static gboolean
defer_and_resume (Probe              *self,
                  BubusEvent         *event,
                  BubusInterception  *interception,
                  GError            **error)
{
  bubus_interception_defer (interception);
  bubus_interception_resume (interception);
  return TRUE;
}

static void
test_resumed_at_once (Fixture       *fixture,
                      gconstpointer  data)
{
  add_probe (fixture->bus, "both", NULL, defer_and_resume);
  add_probe (fixture->bus, "after", NULL, trace_intercepted)->data = fixture->trace;
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_assert_cmpstr (fixture->trace->str, ==, "after(a)");
  run_until_idle (fixture->bus);
}

static void
test_delayed_counts (Fixture       *fixture,
                     gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  g_autoptr (BubusEvent) refused = ping_new ("b");
  g_autoptr (GError) error = NULL;

  bubus_event_bus_set_max_pending (fixture->bus, 1);
  g_object_unref (dispatch_ping (fixture->bus, "held"));
  g_assert_false (bubus_event_bus_dispatch (fixture->bus, refused, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL);
  resume_kept (probe);
  run_until_idle (fixture->bus);
}

static void
test_delayed_and_stop (Fixture       *fixture,
                       gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  g_autoptr (BubusEvent) held = NULL;

  on_ping (fixture);
  held = dispatch_ping (fixture->bus, "held");
  bubus_event_bus_stop (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (held), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_error (get_only_error (held), BUBUS_ERROR, BUBUS_ERROR_STOPPED);
  g_assert_true (bubus_event_bus_is_idle (fixture->bus));
  resume_kept (probe);
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "");
}

static void
test_delayed_then_dropped (Fixture       *fixture,
                           gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", fixture->trace, defer_held);
  g_autoptr (BubusEvent) held = dispatch_ping (fixture->bus, "held");
  g_autoptr (GError) error = NULL;

  bubus_event_wait_async (held, NULL, keep_error_cb, &error);
  bubus_interception_drop (probe->kept, NULL);
  g_clear_object (&probe->kept);
  run_until_idle (fixture->bus);
  run_pending ();
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_DROPPED);
  g_assert_cmpint (bubus_event_get_event_status (held), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpstr (fixture->trace->str, ==, "held:pending held:completed");
}

static gboolean
dispatch_child (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  BubusEvent **child = data;

  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;
  *child = ping_new ("held child");
  return bubus_invocation_dispatch (invocation, NULL, *child, error);
}

static void
test_parent_waits_for_delayed (Fixture       *fixture,
                               gconstpointer  data)
{
  Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
  BubusEvent *child = NULL;
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "dispatch", dispatch_child, &child, NULL);
  parent = dispatch_ping (fixture->bus, "parent");
  run_pending ();
  g_assert_cmpstr (bubus_event_get_event_parent_id (child), ==, bubus_event_get_event_id (parent));
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_STARTED);
  resume_kept (probe);
  run_until_idle (fixture->bus);
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_object_unref (child);
}

static gboolean
run_delayed_child (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;
  g_autoptr (GError) blocked = NULL;

  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;
  child = ping_new ("held child");
  g_assert_true (bubus_invocation_dispatch (invocation, NULL, child, NULL));
  g_assert_false (bubus_invocation_run (invocation, child, &blocked));
  g_assert_error (blocked, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  return TRUE;
}

static void
child_is_complete_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  BubusInvocation *invocation = BUBUS_INVOCATION (source);

  g_assert_true (bubus_invocation_run_finish (invocation, result, NULL));
  bubus_invocation_return_int (invocation, 1);
  g_object_unref (invocation);
}

static gboolean
await_delayed_child (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  g_autoptr (BubusEvent) child = NULL;

  if (!g_str_equal (ping_get_label (event), "parent"))
    return TRUE;
  child = ping_new ("held child");
  g_assert_true (bubus_invocation_dispatch (invocation, NULL, child, NULL));
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (g_object_ref (invocation), child, NULL, child_is_complete_cb, NULL);
  return TRUE;
}

static void
test_awaiting_delayed (Fixture       *fixture,
                       gconstpointer  data)
{
  BubusHandlerFunc funcs[] = { run_delayed_child, await_delayed_child };

  for (guint i = 0; i < G_N_ELEMENTS (funcs); i++)
    {
      Probe *probe = add_probe (fixture->bus, "defer", NULL, defer_held);
      BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "await", funcs[i], NULL, NULL);
      g_autoptr (BubusEvent) parent = dispatch_ping (fixture->bus, "parent");

      run_pending ();
      g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_STARTED);
      resume_kept (probe);
      run_until_idle (fixture->bus);
      g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_COMPLETED);
      bubus_event_bus_off (fixture->bus, handler);
      bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (probe));
    }
}

static gboolean
dispatch_again (Probe              *self,
                BubusEvent         *event,
                BubusInterception  *interception,
                GError            **error)
{
  g_autoptr (GError) again = NULL;

  g_assert_false (bubus_event_bus_dispatch (bubus_interception_get_bus (interception), event, &again));
  g_assert_error (again, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  return TRUE;
}

static void
test_dispatched_while_intercepted (Fixture       *fixture,
                                   gconstpointer  data)
{
  add_probe (fixture->bus, "again", NULL, dispatch_again);
  on_ping (fixture);
  dispatch_and_run (fixture, "a");
  g_assert_cmpstr (fixture->trace->str, ==, "a");
}

/* ---- waits ---- */

typedef struct
{
  BubusEventBus *bus;
  BubusEvent    *event;
} Elsewhere;

static gboolean
dispatch_grandchild_elsewhere (BubusEvent       *event,
                               BubusInvocation  *invocation,
                               gpointer          data,
                               GError          **error)
{
  gboolean is_child = g_str_equal (ping_get_label (event), "child");
  g_autoptr (BubusEvent) child = ping_new (is_child ? "grandchild" : "child");

  return bubus_event_bus_dispatch (is_child ? ((Elsewhere *) data)->bus : bubus_invocation_get_bus (invocation), child,
                                   error);
}

static void
answer_awaited_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error));
  g_assert_error (error, BUBUS_ERROR, BUBUS_ERROR_DROPPED);
  bubus_invocation_return_nothing (BUBUS_INVOCATION (source));
}

static gboolean
await_elsewhere (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  if (!g_str_equal (ping_get_label (event), "waits"))
    return TRUE;

  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, ((Elsewhere *) data)->event, NULL, answer_awaited_cb, NULL);
  return TRUE;
}

/* The child has its turn after the wait has begun, and its own child is then behind the event that waits. */
static void
test_awaiting_dropped_with_child (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr (BubusEventBus) first = bubus_event_bus_new ("First");
  g_autoptr (BubusEventBus) second = bubus_event_bus_new ("Second");
  Probe *probe = add_probe (first, "keep", NULL, defer_held);
  g_autoptr (BubusEvent) awaited = dispatch_ping (first, "held");
  Elsewhere elsewhere = { fixture->bus, awaited };
  g_autoptr (BubusEvent) waits = NULL;

  bubus_event_bus_set_time_budget (second, 0);
  bubus_event_bus_on (second, TYPE_PING, "causes", dispatch_grandchild_elsewhere, &elsewhere, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "awaits", await_elsewhere, &elsewhere, NULL);
  g_assert_true (bubus_event_bus_dispatch (second, awaited, NULL));
  g_main_context_iteration (NULL, FALSE);
  waits = dispatch_ping (fixture->bus, "waits");
  run_pending ();
  bubus_interception_drop (probe->kept, NULL);
  g_clear_object (&probe->kept);
  run_pending ();
  g_assert_cmpint (bubus_event_get_event_status (awaited), ==, BUBUS_EVENT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (waits), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

typedef struct
{
  BubusEventBus *dropping;
  BubusEvent    *parent;
  GString       *trace;
} Family;

static gboolean
leave_two_children (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          data,
                    GError          **error)
{
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  Family *family = data;

  if (g_str_equal (ping_get_label (event), "parent"))
    {
      g_set_object (&family->parent, event);
      g_object_unref (dispatch_ping (bus, "first"));
      g_object_unref (dispatch_ping (bus, "second"));
    }
  else if (g_str_equal (ping_get_label (event), "inner"))
    return bubus_event_bus_dispatch (family->dropping, family->parent, error);
  return TRUE;
}

static gboolean
run_inner (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  gboolean is_outer = g_str_equal (ping_get_label (event), "outer");
  g_autoptr (BubusEvent) child = NULL;

  if (!is_outer && !g_str_equal (ping_get_label (event), "first"))
    return TRUE;

  child = dispatch_ping (bubus_invocation_get_bus (invocation), is_outer ? "parent" : "inner");
  return bubus_invocation_run (invocation, child, error);
}

static gboolean
drop_always (Probe              *self,
             BubusEvent         *event,
             BubusInterception  *interception,
             GError            **error)
{
  bubus_interception_drop (interception, NULL);
  return TRUE;
}

/* The parent is awaited by “outer”, and its second child is to follow the first; “inner” gives the parent to a bus that
 * drops it, and waits for nobody. */
static void
test_dropped_in_handler (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (BubusEventBus) dropping = bubus_event_bus_new ("Dropping");
  Family family = { dropping, NULL, fixture->trace };

  add_probe (dropping, "drop", NULL, drop_always);
  bubus_event_bus_set_max_handler_recursion (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "leave", leave_two_children, &family, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "run", run_inner, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  dispatch_and_run (fixture, "outer");
  g_assert_cmpstr (fixture->trace->str, ==, "parent inner first second outer");
  g_clear_object (&family.parent);
  run_pending ();
}

static void
clear_flag (gboolean *flag)
{
  *flag = FALSE;
}

/* An interception that nobody keeps is used again. */
static gboolean
attach (Probe              *self,
        BubusEvent         *event,
        BubusInterception  *interception,
        GError            **error)
{
  gboolean *attached = self->data;

  g_assert_null (g_object_get_data (G_OBJECT (interception), "mine"));
  g_assert_true (bubus_interception_get_event (interception) == event);
  if (g_str_equal (ping_get_label (event), "attach"))
    g_object_set_data_full (G_OBJECT (interception), "mine", attached, (GDestroyNotify) clear_flag);
  if (g_str_equal (ping_get_label (event), "keep"))
    self->kept = g_object_ref (interception);
  return TRUE;
}

static void
test_used_again (Fixture       *fixture,
                 gconstpointer  data)
{
  gboolean attached = TRUE;
  g_autoptr (BubusEvent) kept = NULL;
  Probe *probe = add_probe (fixture->bus, "attach", NULL, attach);

  probe->data = &attached;
  g_object_unref (dispatch_ping (fixture->bus, "first"));
  g_object_unref (dispatch_ping (fixture->bus, "attach"));
  g_assert_false (attached);
  kept = dispatch_ping (fixture->bus, "keep");
  g_object_unref (dispatch_ping (fixture->bus, "last"));
  g_assert_true (bubus_interception_get_event (probe->kept) == kept);
  g_assert_true (bubus_interception_get_bus (probe->kept) == fixture->bus);
  g_clear_object (&probe->kept);
  run_until_idle (fixture->bus);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/middleware/intercept-order", test_intercept_order,
        "B-15.2: interceptors in order, before the event is queued");
  test ("/middleware/refused", test_refused, "R-12: no trace of what an interceptor refuses");
  test ("/middleware/dropped", test_dropped, "B-15.2: no results, and waiters get the reason");
  test ("/middleware/delayed", test_delayed, "B-2.6: the others keep their order, and the delayed one counts");
  test ("/middleware/resumed-in-thread", test_resumed_in_thread, "resumed in any thread, also before it waits");
  test ("/middleware/resumed-at-once", test_resumed_at_once, "resumed before the hook returns: no delay");
  test ("/middleware/delayed-counts", test_delayed_counts, "R-13: a delayed event is unfinished");
  test ("/middleware/delayed-and-stop", test_delayed_and_stop, "R-16: a delayed event fails with the bus");
  test ("/middleware/delayed-then-dropped", test_delayed_then_dropped, "B-17.1: waiters wake with the reason");
  test ("/middleware/parent-waits", test_parent_waits_for_delayed, "R-5: also for a child that is delayed");
  test ("/middleware/awaiting-delayed", test_awaiting_delayed, "R-2: would block, or waits; never hangs");
  test ("/middleware/dispatched-while-intercepted", test_dispatched_while_intercepted, "R-3: no endless recursion");
  test ("/middleware/awaiting-dropped-with-child", test_awaiting_dropped_with_child,
        "R-2: what blocks an awaited event passes the queue, also when a middleware has dropped the event");
  test ("/middleware/dropped-in-handler", test_dropped_in_handler,
        "R-2, B-17.6: dispatch calls no handler, also when a middleware drops an event that another handler awaits");
  test ("/middleware/used-again", test_used_again, "an interception is the middleware's as long as it keeps it");

  return g_test_run ();
}
