/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "support/list-mirror.h"

/* What is told depends on how much is done per iteration. */
static void
patient_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture_set_up (fixture, data);
  bubus_event_bus_set_time_budget (fixture->bus, G_MAXUINT);
}

static char *
dup_labels (GListModel *model)
{
  GString *labels = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (BubusEvent) event = g_list_model_get_item (model, i);

      trace (labels, "%s", ping_get_label (event));
    }
  return g_string_free (labels, FALSE);
}

#define assert_labels(model, expected) \
  G_STMT_START \
    { \
      g_autofree char *labels = dup_labels (model); \
      g_assert_cmpstr (labels, ==, expected); \
    } \
  G_STMT_END

static void
dispatch_many (BubusEventBus *bus,
               guint          n_events)
{
  for (guint i = 0; i < n_events; i++)
    {
      g_autofree char *label = g_strdup_printf ("%u", i);

      g_object_unref (dispatch_ping (bus, label));
    }
}

static void
test_stages (Fixture       *fixture,
             gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) first = dispatch_ping (fixture->bus, "a");
  g_autoptr (BubusEvent) second = dispatch_ping (fixture->bus, "b");
  g_autoptr (Mirror) all = mirror_new (bubus_event_bus_get_history (fixture->bus));
  g_autoptr (Mirror) pending = mirror_new (bubus_event_bus_get_pending_events (fixture->bus));
  g_autoptr (Mirror) started = mirror_new (bubus_event_bus_get_started_events (fixture->bus));
  g_autoptr (Mirror) completed = mirror_new (bubus_event_bus_get_completed_events (fixture->bus));
  g_autoptr (GListModel) property = NULL;
  BubusHandler *handler;

  g_object_get (fixture->bus, "completed-events", &property, NULL);
  g_assert_true (property == completed->model);
  assert_labels (all->model, "a b");
  assert_labels (pending->model, "a b");
  assert_labels (started->model, "");

  handler = bubus_event_bus_on (fixture->bus, TYPE_PING, "defer", defer_and_keep, &kept, NULL);
  run_pending ();
  assert_labels (pending->model, "b");
  assert_labels (started->model, "a");
  assert_labels (completed->model, "");
  g_assert_cmpstr (pending->changes->str, ==, "0-1+0");
  g_assert_cmpstr (started->changes->str, ==, "0-0+1");

  bubus_event_bus_off (fixture->bus, handler);
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  g_object_unref (dispatch_ping (fixture->bus, "c"));
  run_pending ();
  assert_labels (completed->model, "a b c");
  g_assert_cmpstr (all->changes->str, ==, "2-0+1");
  g_assert_cmpstr (pending->changes->str, ==, "0-1+0 0-1+0");
  g_assert_cmpstr (started->changes->str, ==, "0-0+1 0-1+0");
  g_assert_cmpstr (completed->changes->str, ==, "0-0+3");
}

static gboolean
run_child (BubusEvent       *event,
           BubusInvocation  *invocation,
           gpointer          data,
           GError          **error)
{
  g_autoptr (BubusEvent) child = ping_new ("child");
  BubusInvocation **kept = data;

  if (!bubus_event_bus_dispatch (bubus_invocation_get_bus (invocation), child, error))
    return FALSE;
  bubus_invocation_run (invocation, child, error);
  *kept = g_object_ref (invocation);
  bubus_invocation_defer (invocation);
  return TRUE;
}

/* A child that is awaited is complete before its parent, and before what was dispatched before it. */
static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (Mirror) completed = mirror_new (bubus_event_bus_get_completed_events (fixture->bus));
  g_autoptr (BubusEvent) parent = g_object_new (TYPE_LOUD_PING, "label", "parent", NULL);

  bubus_event_bus_on (fixture->bus, TYPE_LOUD_PING, "run", run_child, &kept, NULL);
  g_assert_true (bubus_event_bus_dispatch (fixture->bus, parent, NULL));
  g_object_unref (dispatch_ping (fixture->bus, "b"));
  run_pending ();
  assert_labels (completed->model, "child");
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_pending ();
  assert_labels (completed->model, "parent b child");
  g_assert_cmpstr (completed->changes->str, ==, "0-0+1 0-0+2");
}

/* What comes and goes between two updates is never seen. */
static void
test_eviction (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (Mirror) all = mirror_new (bubus_event_bus_get_history (fixture->bus));
  g_autoptr (Mirror) completed = mirror_new (bubus_event_bus_get_completed_events (fixture->bus));

  bubus_event_bus_set_max_pending (fixture->bus, 0);
  bubus_event_bus_set_max_history_size (fixture->bus, 3);
  dispatch_many (fixture->bus, 2000);
  run_pending ();
  assert_labels (all->model, "1997 1998 1999");
  g_assert_cmpstr (all->changes->str, ==, "0-0+3");
  g_assert_cmpstr (completed->changes->str, ==, "0-0+3");

  g_object_unref (dispatch_ping (fixture->bus, "a"));
  run_pending ();
  assert_labels (completed->model, "1998 1999 a");
  g_assert_cmpstr (completed->changes->str, ==, "0-0+3 0-1+0 2-0+1");

  bubus_event_bus_set_max_history_size (fixture->bus, 1);
  run_pending ();
  g_assert_cmpstr (completed->changes->str, ==, "0-0+3 0-1+0 2-0+1 0-2+0");
  bubus_event_bus_clear (fixture->bus);
  run_pending ();
  assert_labels (all->model, "");
}

static gboolean
look_at_history (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  BubusEventBus *bus = bubus_invocation_get_bus (invocation);
  GListModel *model = bubus_event_bus_get_history (bus);
  g_autofree char *before = dup_labels (model);

  g_object_unref (dispatch_ping (bus, "child"));
  bubus_event_bus_clear (bus);
  assert_labels (model, before);
  trace (data, "[%s]", before);
  return TRUE;
}

static void
test_still_inside_a_handler (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr (Mirror) all = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_PING, "look", look_at_history, fixture->trace, NULL);
  g_object_unref (dispatch_ping (fixture->bus, "a"));
  all = mirror_new (bubus_event_bus_get_history (fixture->bus));
  run_pending ();
  g_assert_cmpstr (fixture->trace->str, ==, "[a]");
  assert_labels (all->model, "a child");
}

static void
dispatch_once_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    data)
{
  g_signal_handlers_disconnect_by_func (model, dispatch_once_cb, data);
  g_object_unref (dispatch_ping (data, "more"));
  bubus_event_bus_set_max_history_size (data, 0);
}

/* Who is told of a change may cause others; they come with the next update. */
static void
test_listener_that_dispatches (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr (Mirror) all = mirror_new (bubus_event_bus_get_history (fixture->bus));
  g_autoptr (Mirror) completed = mirror_new (bubus_event_bus_get_completed_events (fixture->bus));

  g_signal_connect (all->model, "items-changed", G_CALLBACK (dispatch_once_cb), fixture->bus);
  dispatch_many (fixture->bus, 5);
  run_pending ();
  assert_labels (all->model, "");
}

/* ---- threads ---- */

typedef struct
{
  BubusEventBus *bus;
  GListModel    *model;
  int            done;
} Producer;

static gpointer
produce (gpointer data)
{
  Producer *producer = data;

  producer->model = bubus_event_bus_get_history (producer->bus);
  dispatch_many (producer->bus, 500);
  bubus_event_bus_set_max_history_size (producer->bus, 7);
  g_atomic_int_set (&producer->done, TRUE);
  return NULL;
}

static void
test_other_threads (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (Mirror) completed = mirror_new (bubus_event_bus_get_completed_events (fixture->bus));
  Producer producer = { fixture->bus, NULL, FALSE };
  GThread *thread;

  bubus_event_bus_set_max_pending (fixture->bus, 0);
  dispatch_many (fixture->bus, 3);
  thread = g_thread_new ("producer", produce, &producer);
  while (!g_atomic_int_get (&producer.done))
    g_main_context_iteration (NULL, FALSE);
  g_thread_join (thread);
  bubus_event_bus_set_max_history_size (fixture->bus, 7);
  run_pending ();
  assert_labels (producer.model, "493 494 495 496 497 498 499");
  assert_labels (completed->model, "493 494 495 496 497 498 499");
}

static gpointer
ask_for_history (gpointer data)
{
  return bubus_event_bus_get_history (data);
}

/* The main context is another thread's: the model is filled there, with the next iteration. */
static void
test_asked_from_another_thread (Fixture       *fixture,
                                gconstpointer  data)
{
  GListModel *model;

  g_object_unref (dispatch_ping (fixture->bus, "a"));
  g_assert_true (g_main_context_acquire (NULL));
  model = g_thread_join (g_thread_new ("ask", ask_for_history, fixture->bus));
  g_main_context_release (NULL);
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, 0);
  run_pending ();
  assert_labels (model, "a");
}

/* ---- the end ---- */

static void
test_outlives_the_bus (Fixture       *fixture,
                       gconstpointer  data)
{
  BubusEventBus *bus = bubus_event_bus_new ("Short");
  g_autoptr (Mirror) all = mirror_new (bubus_event_bus_get_history (bus));
  g_autoptr (Mirror) pending = mirror_new (bubus_event_bus_get_pending_events (bus));

  bubus_event_bus_set_time_budget (bus, 0);
  dispatch_many (bus, 2);
  while (g_list_model_get_n_items (pending->model) == 0)
    g_main_context_iteration (NULL, TRUE);
  while (!bubus_event_bus_is_idle (bus))
    g_main_context_iteration (NULL, TRUE);
  dispatch_many (bus, 1);
  bubus_event_bus_stop (bus);
  g_assert_finalize_object (bus);
  run_pending ();
  assert_labels (all->model, "0 1 0");
  assert_labels (pending->model, "");
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_get_event (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (BubusEvent) event = dispatch_ping (fixture->bus, "a");
  g_autoptr (BubusEvent) stranger = ping_new ("b");
  g_autoptr (BubusEvent) waiting = bubus_event_bus_get_event (fixture->bus, bubus_event_get_event_id (event));
  g_autoptr (BubusEvent) remembered = NULL;

  run_pending ();
  remembered = bubus_event_bus_get_event (fixture->bus, bubus_event_get_event_id (event));
  g_assert_true (waiting == event && remembered == event);
  g_assert_null (bubus_event_bus_get_event (fixture->bus, bubus_event_get_event_id (stranger)));
  g_assert_null (bubus_event_bus_get_event (fixture->bus, "not an id"));
  bubus_event_bus_set_max_history_size (fixture->bus, 0);
  g_assert_null (bubus_event_bus_get_event (fixture->bus, bubus_event_get_event_id (event)));
}

/* ---- nothing to do ---- */

static void
assert_asleep (void)
{
  GPollFD fds[8];
  int timeout = 0;
  int priority;

  g_assert_true (g_main_context_acquire (NULL));
  g_assert_false (g_main_context_prepare (g_main_context_default (), &priority));
  g_main_context_query (g_main_context_default (), G_MAXINT, &timeout, fds, G_N_ELEMENTS (fds));
  g_assert_cmpint (timeout, ==, -1);
  g_main_context_release (NULL);
}

static void
ignore_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
}

static void
test_idle_buses_sleep_and_go (Fixture       *fixture,
                              gconstpointer  data)
{
  BubusEventBus *first = bubus_event_bus_new ("First");
  BubusEventBus *second = bubus_event_bus_new ("Second");
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = g_object_new (TYPE_SUM, NULL);

  bubus_event_bus_get_history (first);
  bubus_event_bus_on (second, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  bubus_event_bus_forward (first, "*", NULL, second);
  bubus_event_bus_forward (second, "*", NULL, first);
  dispatch_many (first, 99);
  g_assert_true (bubus_event_bus_dispatch (first, event, NULL));
  bubus_event_bus_wait_until_idle_for_async (first, 1000, NULL, ignore_cb, NULL);
  bubus_event_wait_async (event, NULL, ignore_cb, NULL);
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  bubus_invocation_return_int (kept, 1);
  g_clear_object (&kept);
  run_until_idle (first);
  run_until_idle (second);
  run_pending ();

  assert_asleep ();
  g_assert_finalize_object (first);
  g_assert_finalize_object (second);
  run_pending ();
  assert_asleep ();
}

#define patient_test(path, function, summary) \
  g_test_add (path, Fixture, summary, patient_set_up, function, fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  /* The source of a real clock may wake up once more for a timeout that has been removed. */
  g_autoptr (BubusClock) clock = bubus_clock_new_test (0);
  int status;

  g_test_init (&argc, &argv, NULL);
  bubus_clock_push_thread_default (clock);

  patient_test ("/history-views/stages", test_stages, "B-7.1: events move from view to view");
  patient_test ("/history-views/order", test_order, "B-7.1: views are in order of dispatch (B test_write_ahead_log)");
  patient_test ("/history-views/eviction", test_eviction, "R-13: what is evicted leaves, and changes are minimal");
  patient_test ("/history-views/inside", test_still_inside_a_handler, "views do not change while a handler runs");
  patient_test ("/history-views/listener", test_listener_that_dispatches, "who is told may cause changes");
  patient_test ("/history-views/threads", test_other_threads, "R-21: events from other threads");
  patient_test ("/history-views/threads/asked", test_asked_from_another_thread, "R-21: views asked for elsewhere");
  patient_test ("/history-views/outlives", test_outlives_the_bus, "a view that outlives its bus keeps what it shows");
  patient_test ("/history-views/get-event", test_get_event, "events are found by their ids");
  patient_test ("/history-views/idle", test_idle_buses_sleep_and_go,
                "R-13, B-7.9, B-7.13, B-17.16: idle buses sleep, and go when nobody has them");
  status = g_test_run ();
  bubus_clock_pop_thread_default (clock);
  return status;
}
