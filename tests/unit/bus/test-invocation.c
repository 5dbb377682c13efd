/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bus-fixture.h"

#include "base/bubus-error.h"

static BubusEventResult *
get_result (BubusEvent *event,
            guint       index)
{
  g_autoptr (GPtrArray) results = bubus_event_list_results (event);

  g_assert_cmpuint (index, <, results->len);
  return results->pdata[index];
}

static gboolean
return_int (BubusEvent       *event,
            BubusInvocation  *invocation,
            gpointer          data,
            GError          **error)
{
  bubus_invocation_return_int (invocation, 42);
  return TRUE;
}

static gboolean
return_text (BubusEvent       *event,
             BubusInvocation  *invocation,
             gpointer          data,
             GError          **error)
{
  bubus_invocation_return_string (invocation, data);
  return TRUE;
}

static gboolean
fail (BubusEvent       *event,
      BubusInvocation  *invocation,
      gpointer          data,
      GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "gone");
  return FALSE;
}

static gboolean
fail_silently (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  return FALSE;
}

static gboolean
return_and_fail (BubusEvent       *event,
                 BubusInvocation  *invocation,
                 gpointer          data,
                 GError          **error)
{
  bubus_invocation_return_int (invocation, 1);
  return fail (event, invocation, data, error);
}

static void
test_values (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;
  BubusEventResult *result;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "forty-two", return_int, NULL, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);
  result = get_result (event, 0);
  g_assert_cmpint (bubus_event_result_get_status (result), ==, BUBUS_RESULT_STATUS_COMPLETED);
  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (result)), ==, 42);
  g_assert_null (bubus_event_result_get_error (result));
  g_assert_cmpstr (bubus_event_result_get_handler_name (result), ==, "forty-two");
  g_assert_cmpint (bubus_event_result_get_started_at (result), <=, bubus_event_result_get_completed_at (result));
  g_assert_true (bubus_event_result_get_event (result) == event);
}

static void
test_wrong_type (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "text", return_text, (gpointer) "42", NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "null", return_text, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "right", return_int, NULL, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);

  g_assert_error (bubus_event_result_get_error (get_result (event, 0)), BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE);
  g_assert_cmpstr (bubus_event_result_get_error (get_result (event, 0))->message, ==,
                   "text of “Sum” returned gchararray, but its event type declares gint");
  g_assert_cmpint (bubus_event_result_get_status (get_result (event, 1)), ==, BUBUS_RESULT_STATUS_COMPLETED);
  g_assert_null (bubus_event_result_get_value (get_result (event, 1)));
  g_assert_nonnull (bubus_event_result_get_value (get_result (event, 2)));
}

static void
test_failures_are_isolated (Fixture       *fixture,
                            gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "fail", fail, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "silent", fail_silently, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "both", return_and_fail, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "fine", return_int, NULL, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);

  g_assert_error (bubus_event_result_get_error (get_result (event, 0)), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_error (bubus_event_result_get_error (get_result (event, 1)), BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
  g_assert_error (bubus_event_result_get_error (get_result (event, 2)), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpint (bubus_event_result_get_status (get_result (event, 3)), ==, BUBUS_RESULT_STATUS_COMPLETED);
  g_assert_cmpint (bubus_event_get_event_status (event), ==, BUBUS_EVENT_STATUS_COMPLETED);
}

static gboolean
defer_and_answer (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  bubus_invocation_defer (invocation);
  bubus_invocation_return_int (invocation, 5);
  return TRUE;
}

static void
test_answer_before_returning (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "both", defer_and_answer, NULL, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);
  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (get_result (event, 0))), ==, 5);
}

static void
test_only_the_first_answer_counts (Fixture       *fixture,
                                   gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "defer", defer_and_keep, &kept, NULL);
  event = dispatch_sum (fixture->bus);
  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  bubus_invocation_return_int (kept, 1);
  bubus_invocation_return_int (kept, 2);
  bubus_invocation_return_error_literal (kept, G_IO_ERROR, G_IO_ERROR_FAILED, "late");
  run_until_idle (fixture->bus);
  bubus_invocation_return_int (kept, 3);
  g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (get_result (event, 0))), ==, 1);
  g_assert_finalize_object (g_steal_pointer (&kept));
}

static gpointer
answer_in_thread (gpointer data)
{
  bubus_invocation_return_int (data, 9);
  return NULL;
}

static gboolean
answer_from_thread (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          data,
                    GError          **error)
{
  GThread **thread = data;

  bubus_invocation_defer (invocation);
  *thread = g_thread_new ("answer", answer_in_thread, invocation);
  return TRUE;
}

static void
test_answer_from_a_thread (Fixture       *fixture,
                           gconstpointer  data)
{
  for (int i = 0; i < 100; i++)
    {
      GThread *thread = NULL;
      BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "thread", answer_from_thread, &thread, NULL);
      g_autoptr (BubusEvent) event = dispatch_sum (fixture->bus);

      run_until_idle (fixture->bus);
      g_thread_join (thread);
      g_assert_cmpint (g_value_get_int (bubus_event_result_get_value (get_result (event, 0))), ==, 9);
      bubus_event_bus_off (fixture->bus, handler);
    }
}

static gboolean
keep_without_deferring (BubusEvent       *event,
                        BubusInvocation  *invocation,
                        gpointer          data,
                        GError          **error)
{
  *(BubusInvocation **) data = g_object_ref (invocation);
  return TRUE;
}

static void
test_kept_invocations_stay_valid (Fixture       *fixture,
                                  gconstpointer  data)
{
  BubusInvocation *kept = NULL;
  BubusEvent *event;
  g_autoptr (BubusEvent) child = ping_new ("late");
  g_autoptr (GError) error = NULL;

  bubus_event_bus_set_max_history_size (fixture->bus, 0);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "keep", keep_without_deferring, &kept, NULL);
  event = dispatch_sum (fixture->bus);
  run_until_idle (fixture->bus);
  g_assert_true (bubus_invocation_get_event (kept) == event);
  g_object_unref (event);

  g_assert_true (bubus_invocation_dispatch (kept, NULL, child, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (bubus_event_get_event_parent_id (child), ==, bubus_event_get_event_id (event));
  run_until_idle (fixture->bus);
  g_assert_finalize_object (g_steal_pointer (&kept));
}

static gboolean
keep_deferred (BubusEvent       *event,
               BubusInvocation  *invocation,
               gpointer          data,
               GError          **error)
{
  bubus_invocation_defer (invocation);
  return keep_without_deferring (event, invocation, data, error);
}

static void
test_late_children_have_flags (Fixture       *fixture,
                               gconstpointer  data)
{
  g_autoptr (BubusInvocation) kept = NULL;
  BubusHandler *handler = bubus_event_bus_on (fixture->bus, TYPE_SUM, "keep", keep_deferred, &kept, NULL);
  g_autoptr (BubusEvent) event = dispatch_sum (fixture->bus);
  g_autoptr (BubusEvent) background = ping_new ("background");
  g_autoptr (BubusEvent) detached = ping_new ("detached");
  const BubusDispatchFlags flags[] = { BUBUS_DISPATCH_BACKGROUND, BUBUS_DISPATCH_DETACHED };

  while (kept == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (bubus_invocation_dispatch_with_flags (kept, NULL, background, flags[0], NULL));
  g_assert_true (bubus_invocation_dispatch_with_flags (kept, fixture->bus, detached, flags[1], NULL));
  g_assert_cmpstr (bubus_event_get_event_parent_id (background), ==, bubus_event_get_event_id (event));
  g_assert_false (bubus_event_get_event_blocks_parent_completion (background));
  g_assert_null (bubus_event_get_event_parent_id (detached));

  bubus_invocation_return_nothing (kept);
  run_until_idle (fixture->bus);
  bubus_event_bus_off (fixture->bus, handler);
}

static gboolean
count_invocation (BubusEvent       *event,
                  BubusInvocation  *invocation,
                  gpointer          data,
                  GError          **error)
{
  g_hash_table_add (data, invocation);
  return TRUE;
}

static void
test_invocations_are_used_again (Fixture       *fixture,
                                 gconstpointer  data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "count", count_invocation, seen, NULL);
  for (int i = 0; i < 20; i++)
    g_object_unref (dispatch_sum (fixture->bus));
  run_until_idle (fixture->bus);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 1);
}

static gboolean
check_cancellable (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          data,
                   GError          **error)
{
  *(GCancellable **) data = g_object_ref (bubus_invocation_get_cancellable (invocation));
  bubus_invocation_defer (invocation);
  return TRUE;
}

static void
test_stop_cancels (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (BubusEvent) event = NULL;

  bubus_event_bus_on (fixture->bus, TYPE_SUM, "defer", check_cancellable, &cancellable, NULL);
  event = dispatch_sum (fixture->bus);
  while (cancellable == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  bubus_event_bus_stop (fixture->bus);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
}

/* ---- what a middleware is told ---- */

#define TYPE_TELLTALE (telltale_get_type ())
G_DECLARE_FINAL_TYPE (Telltale, telltale, TEST, TELLTALE, GObject)

struct _Telltale
{
  GObject  parent_instance;
  GString *trace;
};

static void
telltale_event_changed (BubusMiddleware  *middleware,
                        BubusEventBus    *bus,
                        BubusEvent       *event,
                        BubusEventStatus  status)
{
  g_assert_cmpint (bubus_event_get_event_status (event), ==, status);
  trace (((Telltale *) middleware)->trace, "E%d", status);
}

static void
telltale_result_changed (BubusMiddleware   *middleware,
                         BubusEventBus     *bus,
                         BubusEvent        *event,
                         BubusEventResult  *result,
                         BubusResultStatus  status)
{
  trace (((Telltale *) middleware)->trace, "%s%d", bubus_event_result_get_handler_name (result), status);
}

static void
telltale_middleware_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = telltale_event_changed;
  iface->result_changed = telltale_result_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Telltale, telltale, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, telltale_middleware_init))

static void
telltale_class_init (TelltaleClass *klass)
{
}

static void
telltale_init (Telltale *self)
{
}

static void
test_middleware_order (Fixture       *fixture,
                       gconstpointer  data)
{
  Telltale *telltale = g_object_new (TYPE_TELLTALE, NULL);

  telltale->trace = fixture->trace;
  bubus_event_bus_add_middleware (fixture->bus, BUBUS_MIDDLEWARE (telltale));
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "a", return_int, NULL, NULL);
  bubus_event_bus_on (fixture->bus, TYPE_SUM, "b", fail, NULL, NULL);
  g_object_unref (dispatch_sum (fixture->bus));
  g_assert_cmpstr (fixture->trace->str, ==, "E0");
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "E0 a0 b0 a1 E1 a2 b1 b3 E2");

  g_assert_true (bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (telltale)));
  g_assert_false (bubus_event_bus_remove_middleware (fixture->bus, BUBUS_MIDDLEWARE (telltale)));
  g_object_unref (dispatch_sum (fixture->bus));
  run_until_idle (fixture->bus);
  g_assert_cmpstr (fixture->trace->str, ==, "E0 a0 b0 a1 E1 a2 b1 b3 E2");
  g_assert_finalize_object (telltale);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  test ("/invocation/values", test_values, "R-14: what a handler returns is its result");
  test ("/invocation/wrong-type", test_wrong_type, "R-14, B-5.7, B-5.9: exactly the declared type, or nothing");
  test ("/invocation/failures", test_failures_are_isolated, "R-10, B-3.13: failures are isolated");
  test ("/invocation/early-answer", test_answer_before_returning, "an answer before a deferred handler returns");
  test ("/invocation/first-answer", test_only_the_first_answer_counts, "B-5.2: terminal results do not change");
  test ("/invocation/thread", test_answer_from_a_thread, "R-21: an answer from another thread");
  test ("/invocation/kept", test_kept_invocations_stay_valid, "B-3.31: a handler that is done may dispatch children");
  test ("/invocation/flags", test_late_children_have_flags, "R-5: children of a deferred handler, in the background or not");
  test ("/invocation/recycled", test_invocations_are_used_again, "a call costs no object");
  test ("/invocation/cancelled", test_stop_cancels, "R-16: what runs is cancelled");
  test ("/middleware/order", test_middleware_order, "B-8.6: the order of what a middleware is told");

  return g_test_run ();
}
