/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-bus-find.h"
#include "bus/bubus-results-wait.h"
#include "event/bubus-event-query.h"
#include "event/bubus-results.h"

/* What happens from outside: events are dispatched, waited for and looked for, time passes, buses are stopped. */

/* ---- dispatching and waiting ---- */

typedef struct
{
  Run          *run;
  guint         record;
  gboolean      cancelled;
  GCancellable *cancellable;
} Wait;

static void
wait_done_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  Wait *wait = data;
  g_autoptr (GError) error = NULL;

  wait->run->n_waiting--;
  if (bubus_event_wait_finish (BUBUS_EVENT (source), result, &error))
    run_check (wait->run, bubus_event_get_event_status (BUBUS_EVENT (source)) == BUBUS_EVENT_STATUS_COMPLETED,
               "who waits for e%u is told too early", wait->record);
  else
    run_check (wait->run, (wait->cancelled && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
               || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND),
               "waiting for e%u fails: %s", wait->record, error->message);
  g_object_unref (wait->cancellable);
  g_free (wait);
}

static gboolean
wait_cancel_cb (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

static void
run_start_wait (Run        *run,
                Record     *record,
                BubusEvent *event,
                gboolean    cancel)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->run = run;
  wait->record = record->index;
  wait->cancelled = cancel;
  wait->cancellable = g_cancellable_new ();
  run->n_waiting++;
  if (cancel)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, wait_cancel_cb, g_object_ref (wait->cancellable), g_object_unref);
      g_source_attach (source, run->context);
    }
  bubus_event_wait_async (event, wait->cancellable, wait_done_cb, wait);
}

typedef struct
{
  Run            *run;
  const RootSpec *root;
} Later;

static gboolean
run_root_cb (gpointer data)
{
  Run *run = ((Later *) data)->run;
  const RootSpec *root = ((Later *) data)->root;
  g_autoptr (BubusEvent) event = NULL;
  Record *record;

  if (run->records->len >= MODEL_MAX_EVENTS)
    return G_SOURCE_REMOVE;

  event = run_new_event (run, root->type, &record);
  run_dispatch (run, root->bus, record, event, NULL, root->with_room ? STEP_DISPATCH_WAIT : STEP_DISPATCH);
  if (!record->accepted)
    return G_SOURCE_REMOVE;
  if (root->again >= 0)
    run_dispatch (run, (guint) root->again, record, event, NULL, STEP_AGAIN);
  for (guint i = 0; i < root->n_waits; i++)
    run_start_wait (run, record, event, root->cancel && i == 0);
  return G_SOURCE_REMOVE;
}

void
run_start_root (Run            *run,
                const RootSpec *root)
{
  Later later = { run, root };
  g_autoptr (GSource) source = NULL;

  if (!root->later)
    {
      run_root_cb (&later);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, run_root_cb, g_memdup2 (&later, sizeof later), g_free);
  g_source_attach (source, run->context);
}

static void
run_idle_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Run *run = data;

  run->n_waiting--;
  run_check (run, bubus_event_bus_wait_until_idle_finish (BUBUS_EVENT_BUS (source), result, NULL),
             "waiting until a bus is idle fails");
}

void
run_start_idle_wait (Run   *run,
                     guint  bus)
{
  run->n_waiting++;
  bubus_event_bus_wait_until_idle_async (run->buses[bus], NULL, run_idle_cb, run);
}

/* ---- actions ---- */

static const double action_seconds[] = { 0.5, 1, 3, 0 };

void
run_advance (Run   *run,
             guint  number)
{
  if (run->clock == NULL)
    return;

  run_log (run, "time passes");
  bubus_clock_advance (run->clock, (gint64) ((number % 4 + 1) * 0.5 * MODEL_SECOND));
}

/* One that waits for something for a limited time. */
typedef struct
{
  Run   *run;
  guint  type;
  guint  n_woken;
} Limited;

static void
limited_end (Limited *limited)
{
  run_check (limited->run, limited->n_woken++ == 0, "who waits for a limited time is told twice (B-17.1)");
  limited->run->n_waiting--;
  g_free (limited);
}

static Limited *
limited_new (Run   *run,
             guint  type)
{
  Limited *limited = g_new0 (Limited, 1);

  limited->run = run;
  limited->type = type;
  run->n_waiting++;
  return limited;
}

static void
check_found (Limited    *limited,
             BubusEvent *event)
{
  Run *run = limited->run;
  const Record *record = g_hash_table_lookup (run->by_event, event);

  run_check (run, record != NULL, "somebody finds what nobody has dispatched");
  if (record != NULL)
    run_check (run, G_TYPE_CHECK_INSTANCE_TYPE (event, model_type_get (limited->type)),
               "who looks for %s finds e%u, a %s", model_type_get_name (limited->type), record->index,
               model_type_get_name (record->type));
}

static void
expect_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Limited *limited = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) event = bubus_event_bus_expect_finish (BUBUS_EVENT_BUS (source), result, &error);

  if (event != NULL)
    check_found (limited, event);
  else
    run_check (limited->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT)
               || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED), "expect fails: %s", error->message);
  limited_end (limited);
}

static void
find_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Limited *limited = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BubusEvent) event = bubus_event_bus_find_finish (BUBUS_EVENT_BUS (source), result, &error);

  if (event != NULL)
    check_found (limited, event);
  else
    run_check (limited->run, error == NULL || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED),
               "find fails: %s", error != NULL ? error->message : "");
  limited_end (limited);
}

static void
filter_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Limited *limited = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = bubus_event_bus_filter_finish (BUBUS_EVENT_BUS (source), result, &error);

  for (guint i = 0; events != NULL && i < events->len; i++)
    check_found (limited, events->pdata[i]);
  run_check (limited->run, events != NULL || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED),
             "filter fails: %s", error != NULL ? error->message : "without an error");
  limited_end (limited);
}

static void
run_look (Run          *run,
          const Action *action)
{
  g_autoptr (BubusEventQuery) query = bubus_event_query_new (model_type_get (action->type));
  Limited *limited = limited_new (run, action->type);
  BubusEventBus *bus = run->buses[action->bus];
  double seconds = action_seconds[action->number % 4];

  run_log (run, "somebody looks for %s on b%u", model_type_get_name (action->type), action->bus);
  bubus_event_query_set_future (query, seconds);
  bubus_event_query_set_limit (query, 1 + (int) action->number % 3);
  if (action->kind == ACTION_EXPECT)
    bubus_event_bus_expect_async (bus, query, seconds, NULL, expect_cb, limited);
  else if (action->kind == ACTION_FIND)
    bubus_event_bus_find_async (bus, query, NULL, find_cb, limited);
  else
    bubus_event_bus_filter_async (bus, query, NULL, filter_cb, limited);
}

static void
wait_for_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Limited *limited = data;
  g_autoptr (GError) error = NULL;

  if (bubus_event_wait_for_finish (BUBUS_EVENT (source), result, &error))
    run_check (limited->run, bubus_event_get_event_status (BUBUS_EVENT (source)) == BUBUS_EVENT_STATUS_COMPLETED,
               "who waits for a limited time is told too early");
  else
    run_check (limited->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT)
               || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND), "wait_for fails: %s", error->message);
  limited_end (limited);
}

static void
results_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Limited *limited = data;
  BubusResults *results = BUBUS_RESULTS (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;

  if (bubus_results_wait_finish (results, result, &error))
    {
      run_check (limited->run,
                 bubus_event_get_event_status (bubus_results_get_event (results)) == BUBUS_EVENT_STATUS_COMPLETED,
                 "who waits for results is told too early");
      bubus_results_set_raise_if_any (results, FALSE);
      bubus_results_set_raise_if_none (results, FALSE);
      list = bubus_results_filter (results, &error);
      run_check (limited->run, list != NULL && error == NULL, "no results, though nothing may raise");
    }
  else
    run_check (limited->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT)
               || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND), "waiting for results fails: %s",
               error->message);
  limited_end (limited);
}

static void
run_wait_limited (Run          *run,
                  const Action *action)
{
  const Record *record = run->records->len > 0 ? run_get_record (run, action->number % run->records->len) : NULL;
  g_autoptr (BubusResults) results = NULL;
  g_autoptr (BubusEvent) event = NULL;

  if (record == NULL || record->event == NULL || !record->accepted)
    return;

  event = g_object_ref (record->event);
  run_log (run, "somebody waits for e%u", record->index);
  if (action->kind == ACTION_WAIT_FOR)
    {
      bubus_event_wait_for_async (event, action_seconds[action->number % 4], NULL, wait_for_cb, limited_new (run, 0));
      return;
    }
  results = bubus_results_new (event);
  bubus_results_set_timeout (results, action_seconds[action->number % 4]);
  bubus_results_wait_async (results, NULL, results_cb, limited_new (run, 0));
}

static void
idle_for_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Limited *limited = data;
  g_autoptr (GError) error = NULL;

  run_check (limited->run, bubus_event_bus_wait_until_idle_for_finish (BUBUS_EVENT_BUS (source), result, &error)
             || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT), "waiting until a bus is idle fails");
  limited_end (limited);
}

static void
drained_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Limited *limited = data;
  Run *run = limited->run;
  guint bus = run_find_bus (run, BUBUS_EVENT_BUS (source));
  gboolean drained = bubus_event_bus_stop_finish (run->buses[bus], result);

  run_log (run, "b%u is stopped, %s", bus, drained ? "and all is done" : "and something is not");
  run->stopped[bus] = TRUE;
  run_check (run, bubus_event_bus_get_state (run->buses[bus]) == BUBUS_EVENT_BUS_STATE_STOPPED,
             "b%u says that it is stopped, and is not", bus);
  run_check (run, !drained || bubus_event_bus_is_idle (run->buses[bus]), "b%u is done, and not idle", bus);
  limited_end (limited);
}

static void
run_drain_bus (Run          *run,
               const Action *action)
{
  static const double seconds[] = { -1, 0, 1, 3 };

  run_log (run, "b%u is to stop within %g s", action->bus, seconds[action->number % 4]);
  run->stopping[action->bus] = TRUE;
  bubus_event_bus_stop_async (run->buses[action->bus], seconds[action->number % 4], NULL, drained_cb,
                              limited_new (run, 0));
}

static void
run_take_off (Run          *run,
              const Action *action)
{
  const char *pattern = model_patterns[action->number % model_n_patterns];

  run_log (run, "what has the pattern %s is taken off", pattern);
  if (g_str_has_prefix (pattern, "type:"))
    bubus_event_bus_off_by_type (run->buses[action->bus], model_type_get ((guint) (pattern[5] - '0')));
  else
    bubus_event_bus_off_by_pattern (run->buses[action->bus], pattern);
}

void
run_act (Run          *run,
         const Action *action)
{
  switch (action->kind)
    {
    case ACTION_ADVANCE:
      run_advance (run, action->number);
      break;
    case ACTION_RESUME:
      run_go_on (run, action->number);
      break;
    case ACTION_RELEASE:
      run_release (run, action->number);
      break;
    case ACTION_EXPECT:
    case ACTION_FIND:
    case ACTION_FILTER:
      run_look (run, action);
      break;
    case ACTION_WAIT_FOR:
    case ACTION_RESULTS:
      run_wait_limited (run, action);
      break;
    case ACTION_IDLE_FOR:
      bubus_event_bus_wait_until_idle_for_async (run->buses[action->bus], action_seconds[action->number % 4], NULL,
                                                 idle_for_cb, limited_new (run, 0));
      break;
    case ACTION_DRAIN:
      run_drain_bus (run, action);
      break;
    case ACTION_CLEAR:
      run_log (run, "b%u is cleared", action->bus);
      bubus_event_bus_clear (run->buses[action->bus]);
      break;
    case ACTION_UNTIE:
      run_log (run, "what handlers are tied to goes");
      g_clear_object (&run->tie);
      break;
    case ACTION_OFF:
      run_take_off (run, action);
      break;
    case ACTION_NONE:
    case N_ACTIONS:
    default:
      break;
    }
}
