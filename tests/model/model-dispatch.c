/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include "base/bubus-error.h"

/* Dispatching an event, and what must be true of it whether it is accepted or refused. */

/* What a refused dispatch must leave as it was (B-17.3). */
typedef struct
{
  guint    n_pending[MODEL_MAX_BUSES];
  guint    n_buses;
  guint    path_length;
  gboolean sealed;
  gboolean has_parent;
  int      parent_waits_for;
} Traces;

static void
run_find_traces (Run        *run,
                 BubusEvent *event,
                 Call       *call,
                 Traces     *traces)
{
  g_auto (GStrv) path = bubus_event_dup_event_path (event);
  const Record *emitter = call != NULL ? run_get_record (run, call->record) : NULL;

  *traces = (Traces) { .sealed = bubus_event_is_sealed (event) };
  for (guint i = 0; i < run->program->n_buses; i++)
    traces->n_pending[i] = bubus_event_bus_get_n_pending (run->buses[i]);
  traces->n_buses = bubus_event_get_event_pending_bus_count (event);
  traces->path_length = path != NULL ? g_strv_length (path) : 0;
  traces->has_parent = bubus_event_get_event_parent_id (event) != NULL;
  if (emitter != NULL && emitter->event != NULL)
    traces->parent_waits_for = g_atomic_int_get (&_bubus_event_get_private (emitter->event)->pending);
}

static gboolean
run_may_be_refused (Run          *run,
                    guint         bus,
                    const GError *error,
                    Call         *call)
{
  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED))
    return run->stopped[bus] || run->stopping[bus];
  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_FULL))
    return run->program->buses[bus].max_pending > 0;
  if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED))
    return call != NULL && call_is_given_up (call);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return run->program->buses[bus].interceptor != 0;
  return g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TOO_DEEP) && call != NULL;
}

static void
run_note_accepted (Record *record)
{
  record->accepted = TRUE;
  run_log (record->run, "e%u is accepted", record->index);
}

static void
run_room_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Record *record = data;
  Run *run = record->run;
  guint bus = run_find_bus (run, BUBUS_EVENT_BUS (source));
  g_autoptr (GError) error = NULL;

  run->n_waiting--;
  if (bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (source), result, &error))
    {
      record->accepted = TRUE;
      return;
    }
  run_check (run, !g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_FULL), "dispatch_async refuses with FULL");
  run_check (run, !g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED) || run->stopped[bus] || run->stopping[bus],
             "dispatch_async says that the bus is stopped");
  run_check (run, !record->accepted && record->n_completed == 0, "e%u is refused, and was accepted", record->index);
  if (record->event != NULL)
    _bubus_event_remove_waiter (record->event, &record->waiter);
}

static void
run_dispatch_with_room (Run        *run,
                        guint       bus,
                        Record     *record,
                        BubusEvent *event)
{
  run_log (run, "e%u (%s) waits for room on b%u", record->index, model_type_get_name (record->type), bus);
  record->waits_for_room = TRUE;
  run->n_waiting++;
  if (!record->accepted && record->n_completed == 0)
    _bubus_event_add_waiter (event, &record->waiter);
  bubus_event_bus_dispatch_async (run->buses[bus], event, NULL, run_room_cb, record);
}

static gboolean
run_call_dispatch (Run         *run,
                   guint        bus,
                   BubusEvent  *event,
                   Call        *call,
                   StepKind     kind,
                   GError     **error)
{
  if (call != NULL && kind == STEP_INVOCATION)
    return bubus_invocation_dispatch (call->invocation, run->buses[bus], event, error);
  if (kind == STEP_BACKGROUND || kind == STEP_DETACHED)
    return bubus_event_bus_dispatch_with_flags (run->buses[bus], event, kind == STEP_BACKGROUND
                                                ? BUBUS_DISPATCH_BACKGROUND : BUBUS_DISPATCH_DETACHED, error);
  return bubus_event_bus_dispatch (run->buses[bus], event, error);
}

static void
run_set_parent (Run        *run,
                Record     *record,
                BubusEvent *event,
                Call       *call,
                StepKind    kind)
{
  const Record *parent;

  if (call == NULL || kind == STEP_DETACHED)
    return;

  record->emitter = call;
  parent = run_get_record (run, call->record);
  record->parent = (int) parent->index;
  record->blocking = kind != STEP_BACKGROUND && !parent->complete;
  record->unwanted = record_is_unwanted (run, record);
  run_check (run, bubus_event_get_event_blocks_parent_completion (event) == record->blocking,
             "e%u blocks e%u: %d", record->index, parent->index, !record->blocking);
}

/* @kind: STEP_AGAIN for an event that has been accepted before. */
gboolean
run_dispatch (Run        *run,
              guint       bus,
              Record     *record,
              BubusEvent *event,
              Call       *call,
              StepKind    kind)
{
  g_autoptr (GError) error = NULL;
  Traces before, after;
  gboolean was_given_up;

  if (kind == STEP_DISPATCH_WAIT)
    {
      run_dispatch_with_room (run, bus, record, event);
      return FALSE;
    }

  run_log (run, "e%u (%s) is dispatched on b%u%s", record->index, model_type_get_name (record->type), bus,
           kind == STEP_AGAIN ? " again" : "");
  if (kind != STEP_AGAIN)
    _bubus_event_add_waiter (event, &record->waiter);
  run_find_traces (run, event, call, &before);
  was_given_up = call != NULL && (kind == STEP_INVOCATION || call->in_handler) && call_is_given_up (call)
                 && !run->stopped[call->bus];
  if (run_call_dispatch (run, bus, event, call, kind, &error))
    {
      run_check (run, !was_given_up, "h%u has been given up, and dispatches e%u (B-17.13)", call->use->spec,
                 record->index);
      record->after = record->after || (kind == STEP_AGAIN && record->complete);
      if (kind == STEP_AGAIN)
        return TRUE;
      run_set_parent (run, record, event, call, kind);
      run_note_accepted (record);
      return TRUE;
    }

  run_find_traces (run, event, call, &after);
  run_log (run, "e%u is refused: %s", record->index, error->message);
  run_check (run, run_may_be_refused (run, bus, error, call), "e%u is refused: %s", record->index, error->message);
  run_check (run, memcmp (&before, &after, sizeof before) == 0, "e%u is refused, and leaves a trace", record->index);
  if (kind != STEP_AGAIN)
    _bubus_event_remove_waiter (event, &record->waiter);
  return FALSE;
}
