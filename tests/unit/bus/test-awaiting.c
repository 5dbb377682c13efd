/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

/* Handlers here write “P+” when they start and “P-” when they end. */

typedef struct
{
  GString    *trace;
  const char *child;      /* label of the child to dispatch, or NULL */
  gboolean    await;
} Plan;

static gboolean
parent_sync (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  const Plan *plan = data;
  g_autoptr (BubusEvent) sibling = NULL;
  g_autoptr (BubusEvent) child = NULL;

  trace (plan->trace, "P+");
  sibling = dispatch_ping (bubus_invocation_get_bus (invocation), "sibling");
  child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");
  g_assert_cmpstr (bubus_event_get_event_parent_id (child), ==, bubus_event_get_event_id (event));
  if (!bubus_invocation_run (invocation, child, error))
    return FALSE;
  g_assert_cmpint (bubus_event_get_event_status (child), ==, BUBUS_EVENT_STATUS_COMPLETED);
  trace (plan->trace, "P-");
  return TRUE;
}

static void
test_child_jumps_the_queue (Fixture       *fixture,
                            gconstpointer  data)
{
  Plan plan = { fixture->trace, NULL, TRUE };
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (BubusEvent) other = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", parent_sync, &plan, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  parent = dispatch_sum (fixture->bus);
  other = dispatch_ping (fixture->bus, "other");
  run_until_idle (fixture->bus);
  g_assert_no_error (get_only_error (parent));
  g_assert_cmpstr (fixture->trace->str, ==, "P+ child P- other sibling");
}

typedef struct
{
  GString         *trace;
  BubusInvocation *invocation;
  BubusEvent      *child;
} AsyncParent;

static void
child_done_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  AsyncParent *self = data;
  g_autoptr (GError) error = NULL;

  bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bubus_event_get_event_status (self->child), ==, BUBUS_EVENT_STATUS_COMPLETED);
  trace (self->trace, "P-");
  bubus_invocation_return_int (self->invocation, 1);
  g_clear_object (&self->child);
}

static gboolean
parent_async (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  AsyncParent *self = data;

  trace (self->trace, "P+");
  self->invocation = invocation;
  self->child = ping_new ("child");
  bubus_invocation_defer (invocation);
  if (!bubus_invocation_dispatch (invocation, NULL, self->child, error))
    return FALSE;
  bubus_invocation_run_async (invocation, self->child, NULL, child_done_cb, self);
  trace (self->trace, "P");
  return TRUE;
}

static gboolean
trace_and_defer (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  AsyncParent *self = data;

  trace (self->trace, "%s+", ping_get_label (event));
  self->invocation = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  return TRUE;
}

static void
test_async_parent_sync_child (Fixture       *fixture,
                              gconstpointer  data)
{
  AsyncParent state = { fixture->trace, NULL, NULL };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", parent_async, &state, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_object_unref (dispatch_sum (fixture->bus));
  dispatch_and_run (fixture, "other");
  g_assert_cmpstr (fixture->trace->str, ==, "P+ child P P- other");
}

static void
test_async_parent_async_child (Fixture       *fixture,
                               gconstpointer  data)
{
  AsyncParent parent_state = { fixture->trace, NULL, NULL };
  AsyncParent child_state = { fixture->trace, NULL, NULL };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", parent_async, &parent_state, NULL);
  bubus_event_bus_on_pattern (fixture->bus, "Ping", "child", trace_and_defer, &child_state, NULL);
  g_object_unref (dispatch_sum (fixture->bus));
  while (child_state.invocation == NULL)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, "P+ child+ P");

  trace (fixture->trace, "child-");
  bubus_invocation_return_nothing (child_state.invocation);
  g_clear_object (&child_state.invocation);
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "P+ child+ P child- P-");
}

static gboolean
await_async_child (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");
  g_autoptr (GError) local_error = NULL;

  g_assert_false (bubus_invocation_run (invocation, child, &local_error));
  g_assert_error (local_error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK);
  trace (data, "would-block");
  return TRUE;
}

static void
test_sync_parent_async_child_would_block (Fixture       *fixture,
                                          gconstpointer  data)
{
  AsyncParent child_state = { fixture->trace, NULL, NULL };
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", await_async_child, fixture->trace, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "child", trace_and_defer, &child_state, NULL);
  parent = dispatch_sum (fixture->bus);
  while (child_state.invocation == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->trace->str, ==, "child+ would-block");
  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_STARTED);

  bubus_invocation_return_nothing (child_state.invocation);
  g_clear_object (&child_state.invocation);
  run_until_complete (parent);
}

static gboolean
await_own_event (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  return bubus_invocation_run (invocation, event, error);
}

static void
test_awaiting_itself_would_deadlock (Fixture       *fixture,
                                     gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "self", await_own_event, NULL, NULL);
  event = dispatch_ping (fixture->bus, "a");
  run_until_idle (fixture->bus);
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  g_assert_cmpstr (get_only_error (event)->message, ==, "self would wait for itself: Ping → Ping");
}

static gboolean
await_parent (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          data,
              GError          **error)
{
  g_autoptr (BubusEvent) parent = bubus_event_ref_parent (event);

  return bubus_invocation_run (invocation, parent, error);
}

static gboolean
run_child (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");

  g_assert_true (bubus_invocation_run (invocation, child, error));
  g_assert_error (get_only_error (child), BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK);
  trace (data, "%s", get_only_error (child)->message);
  return TRUE;
}

static void
test_awaiting_an_ancestor_would_deadlock (Fixture       *fixture,
                                          gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", run_child, fixture->trace, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "child", await_parent, NULL, NULL);
  parent = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);
  g_assert_no_error (get_only_error (parent));
  g_assert_cmpstr (fixture->trace->str, ==, "child would wait for itself: Sum → Ping → Sum");
}

static gboolean
run_undispatched (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("nowhere");

  return bubus_invocation_run (invocation, child, error);
}

static void
test_awaiting_what_is_not_dispatched (Fixture       *fixture,
                                      gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "p", run_undispatched, NULL, NULL);
  event = dispatch_ping (fixture->bus, "a");
  run_until_idle (fixture->bus);
  g_assert_error (get_only_error (event), BUBUS_ERROR, BUBUS_ERROR_NOT_DISPATCHED);
}

/* ---- nesting ---- */

static gboolean
nest (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  int level = atoi (ping_get_label (event));

  trace (data, "%d+", level);
  if (level < 5)
    {
      g_autofree char *label = g_strdup_printf ("%d", level + 1);
      g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), label);

      if (!bubus_invocation_run (invocation, child, error))
        return FALSE;
    }
  trace (data, "%d-", level);
  return TRUE;
}

static void
test_nesting (Fixture       *fixture,
              gconstpointer  data)
{
  bubus_event_bus_set_max_handler_recursion (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "nest", nest, fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "1"));
  dispatch_and_run (fixture, "5");
  g_assert_cmpstr (fixture->trace->str, ==, "1+ 2+ 3+ 4+ 5+ 5- 4- 3- 2- 1- 5+ 5-");
}

static gboolean
leave_grandchild (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  trace (data, "%s", ping_get_label (event));
  if (g_str_equal (ping_get_label (event), "child"))
    g_object_unref (dispatch_ping (bubus_invocation_get_bus (invocation), "grandchild"));
  return TRUE;
}

static void
test_what_blocks_the_awaited_event_runs_too (Fixture       *fixture,
                                             gconstpointer  data)
{
  Plan plan = { fixture->trace, NULL, TRUE };

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", parent_sync, &plan, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "leave", leave_grandchild, fixture->trace, NULL);
  g_object_unref (dispatch_sum (fixture->bus));
  dispatch_and_run (fixture, "other");
  g_assert_cmpstr (fixture->trace->str, ==, "P+ child grandchild P- other sibling");
}

/* ---- children ---- */

static gboolean
leave_children (BubusEvent       *event,
                BubusInvocation  *invocation,
                gpointer          data,
                GError          **error)
{
  for (int i = 0; i < 3; i++)
    g_object_unref (dispatch_ping (bubus_invocation_get_bus (invocation), "child"));
  return TRUE;
}

static gboolean
check_parent_incomplete (BubusEvent       *event,
                         BubusInvocation  *invocation,
                         gpointer          data,
                         GError          **error)
{
  g_autoptr (BubusEvent) parent = bubus_event_ref_parent (event);

  g_assert_cmpint (bubus_event_get_event_status (parent), ==, BUBUS_EVENT_STATUS_STARTED);
  g_assert_true (bubus_event_get_event_blocks_parent_completion (event));
  trace (data, "child");
  return TRUE;
}

static void
test_children_block_their_parent (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GListModel) children = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", leave_children, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "check", check_parent_incomplete, fixture->trace, NULL);
  parent = dispatch_sum (fixture->bus);
  run_until_complete (parent);
  g_assert_cmpstr (fixture->trace->str, ==, "child child child");
  children = bubus_event_list_children (parent);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 3);
}

static void
test_evicted_children_do_not_hang_their_parent (Fixture       *fixture,
                                                gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GListModel) children = NULL;

  bubus_event_bus_set_max_history_size (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", leave_children, NULL, NULL);
  parent = dispatch_sum (fixture->bus);
  run_until_complete (parent);
  children = bubus_event_list_children (parent);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 0);
}

static gboolean
fail_after_dispatch (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          data,
                     GError          **error)
{
  g_object_unref (dispatch_ping (bubus_invocation_get_bus (invocation), "child"));
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static void
test_failing_handlers_have_children (Fixture       *fixture,
                                     gconstpointer  data)
{
  g_autoptr (BubusEvent) parent = NULL;
  g_autoptr (GListModel) children = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "fail", fail_after_dispatch, NULL, NULL);
  parent = dispatch_sum (fixture->bus);
  run_until_complete (parent);
  children = bubus_event_list_children (parent);
  g_assert_cmpuint (g_list_model_get_n_items (children), ==, 1);
  g_assert_error (get_only_error (parent), G_IO_ERROR, G_IO_ERROR_BUSY);
}

/* ---- waiting outside ---- */

static void
waited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;

  if (bubus_event_wait_finish (BUBUS_EVENT (source), result, &error))
    trace (data, "waited");
  else
    trace (data, "%s", error->message);
}

static void
test_waiting_outside_is_passive (Fixture       *fixture,
                                 gconstpointer  data)
{
  g_autoptr (BubusEvent) first = dispatch_ping (fixture->bus, "a");
  g_autoptr (BubusEvent) second = dispatch_ping (fixture->bus, "b");

  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  bubus_event_wait_async (second, NULL, waited_cb, fixture->trace);
  bubus_event_wait_async (second, NULL, waited_cb, fixture->trace);
  g_assert_cmpstr (fixture->trace->str, ==, "");
  run_until_idle (fixture->bus);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, "a b waited waited");

  bubus_event_wait_async (second, NULL, waited_cb, fixture->trace);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, "a b waited waited waited");
}

static void
test_waiting_can_be_cancelled (Fixture       *fixture,
                               gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "defer", defer_and_keep, &kept, NULL);
  event = dispatch_ping (fixture->bus, "a");
  bubus_event_wait_async (event, cancellable, waited_cb, fixture->trace);
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_cancellable_cancel (cancellable);
  while (fixture->trace->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->trace->str, ==, "Operation was cancelled");
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_STARTED);

  bubus_invocation_return_nothing (kept);
  g_clear_object (&kept);
  run_until_complete (event);
}

static void
test_waiting_for_what_is_not_dispatched (Fixture       *fixture,
                                         gconstpointer  data)
{
  g_autoptr (BubusEvent) event = ping_new ("a");

  bubus_event_wait_async (event, NULL, waited_cb, fixture->trace);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, "“Ping” has not been dispatched");
}

static gboolean
wait_inside (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  g_autoptr (BubusEvent) child = dispatch_ping (bubus_invocation_get_bus (invocation), "child");

  trace (data, "P+");
  bubus_event_wait_async (child, NULL, waited_cb, data);
  trace (data, "P-");
  return TRUE;
}

static void
test_waiting_inside_runs_the_event (Fixture       *fixture,
                                    gconstpointer  data)
{
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "parent", wait_inside, fixture->trace, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_PING, "trace", trace_label, fixture->trace, NULL);
  g_object_unref (dispatch_sum (fixture->bus));
  run_until_idle (fixture->bus);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->trace->str, ==, "P+ child P- waited");
}

typedef struct
{
  GCancellable *cancellable;
  guint         n_done;
  guint         n_cancelled;
} Patience;

static void
patience_ends_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  Patience *patience = data;
  g_autoptr (GError) error = NULL;

  if (!bubus_event_wait_finish (BUBUS_EVENT (source), result, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      patience->n_cancelled++;
    }
  patience->n_done++;
}

static void
test_some_give_up (Fixture       *fixture,
                   gconstpointer  data)
{
  static const guint order[] = { 2, 0, 4, 3 };
  Patience patiences[6] = { { NULL } };
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "a");

  for (guint i = 0; i < G_N_ELEMENTS (patiences); i++)
    {
      patiences[i].cancellable = g_cancellable_new ();
      bubus_event_wait_async (event, patiences[i].cancellable, patience_ends_cb, &patiences[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    g_cancellable_cancel (patiences[order[i]].cancellable);
  run_until_idle (fixture->bus);
  run_pending ();

  for (guint i = 0; i < G_N_ELEMENTS (patiences); i++)
    {
      g_assert_cmpuint (patiences[i].n_done, ==, 1);
      g_assert_cmpuint (patiences[i].n_cancelled, ==, i == 1 || i == 5 ? 0 : 1);
      g_clear_object (&patiences[i].cancellable);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/awaiting/jump", test_child_jumps_the_queue, "R-2, B-4.4, B-4.5: only the awaited event runs, in place");
  test ("/awaiting/async-sync", test_async_parent_sync_child, "R-2: a deferred parent, a child that answers at once");
  test ("/awaiting/async-async", test_async_parent_async_child, "R-2: a deferred parent, a deferred child");
  test ("/awaiting/sync-async", test_sync_parent_async_child_would_block, "R-2: would block, and goes on");
  test ("/awaiting/itself", test_awaiting_itself_would_deadlock, "R-3: the handler's own event");
  test ("/awaiting/ancestor", test_awaiting_an_ancestor_would_deadlock, "R-3: an ancestor, with the cycle by name");
  test ("/awaiting/not-dispatched", test_awaiting_what_is_not_dispatched, "B-4.9: an event on no bus");
  test ("/awaiting/nesting", test_nesting, "B-4.6: any depth, innermost first");
  test ("/awaiting/blocking-grandchild", test_what_blocks_the_awaited_event_runs_too,
        "R-2, R-5: what the awaited event's completion waits for runs too");
  test ("/children/block", test_children_block_their_parent, "R-5: un-awaited children block");
  test ("/children/evicted", test_evicted_children_do_not_hang_their_parent, "B-17.12: eviction hangs nobody");
  test ("/children/of-failed", test_failing_handlers_have_children, "B-1.44: children of a failing handler");
  test ("/waiting/passive", test_waiting_outside_is_passive, "R-1, B-4.7: waiting outside is passive");
  test ("/waiting/cancelled", test_waiting_can_be_cancelled, "B-4.9: the wait ends, the event goes on");
  test ("/waiting/not-dispatched", test_waiting_for_what_is_not_dispatched, "B-4.9: an event on no bus");
  test ("/waiting/inside", test_waiting_inside_runs_the_event, "R-2: waiting inside a handler runs the event");
  test ("/awaiting/some-give-up", test_some_give_up,
        "B-17.1: each of many who wait is told once, in whatever order they go");

  return g_test_run ();
}
