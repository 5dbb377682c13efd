/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include "base/bubus-error.h"
#include "base/bubus-clock-internal.h"
#include "bus/bubus-event-bus-private.h"
#include "bus/bubus-global-turn-private.h"
#include "bus/bubus-wait-graph-private.h"

/* The invariants of section 17 of behaviour.md. */

/* An event that waited for room became a child when it was accepted, of which nobody was told. */
static void
check_note_parent (Run        *run,
                   Record     *record,
                   BubusEvent *event)
{
  g_autoptr (BubusEvent) parent = NULL;
  const Record *parent_record;

  if (!record->waits_for_room || record->parent >= 0 || event == NULL
      || (parent = bubus_event_ref_parent (event)) == NULL)
    return;

  parent_record = g_hash_table_lookup (run->by_event, parent);
  record->parent = parent_record != NULL ? (int) parent_record->index : -1;
  record->blocking = bubus_event_get_event_blocks_parent_completion (event);
}

/* B-17.4 and B-17.5 hold for events that take their turn. One that a handler awaits does not, nor do those that its
 * completion waits for (decisions: “Awaiting in place runs what the awaited event waits for”), not even after the wait
 * has ended with WOULD_BLOCK: then the event goes on beside its parent. */
gboolean
record_is_exempt (Run    *run,
                  Record *record)
{
  for (;;)
    {
      check_note_parent (run, record, record->event);
      if (record->awaited || record->parent < 0)
        return record->awaited;
      record = run_get_record (run, (guint) record->parent);
    }
}

/* Whether the event is @ancestor, or one that @ancestor's completion waits for. */
gboolean
record_descends (Run   *run,
                 guint  index,
                 guint  ancestor)
{
  for (;;)
    {
      Record *record = run_get_record (run, index);

      check_note_parent (run, record, record->event);
      if (index == ancestor || record->parent < 0 || !record->blocking)
        return index == ancestor;
      index = (guint) record->parent;
    }
}

static gboolean
call_is_first (Run        *run,
               const Call *call)
{
  for (guint i = 0; i < run->calls->len; i++)
    {
      const Call *other = g_ptr_array_index (run->calls, i);

      if (other != call && other->bus == call->bus && other->record == call->record)
        return FALSE;
    }
  return TRUE;
}

/* Whether the two may be handled at once: on one bus a serial event excludes every other that is not parallel, and a
 * global-serial event those of its kind on all buses (R-6). */
static gboolean
calls_exclude (Run        *run,
               const Call *call,
               const Call *other)
{
  BubusEventConcurrency mode =
    program_get_concurrency (run->program, call->bus, run_get_record (run, call->record)->type);
  BubusEventConcurrency beside =
    program_get_concurrency (run->program, other->bus, run_get_record (run, other->record)->type);

  if (mode == BUBUS_EVENT_CONCURRENCY_PARALLEL || beside == BUBUS_EVENT_CONCURRENCY_PARALLEL)
    return FALSE;
  return other->bus == call->bus || (mode == BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL && mode == beside);
}

/* When an event's turn comes, nothing else may be under way. Its later handlers may find one beside them that an
 * earlier one has awaited in vain: run() says WOULD_BLOCK, and the event goes on. Nor is a handler the first after one that
 * forwards, of which nobody is told: the event may have paused in between. */
static void
check_serial (Run        *run,
              const Call *call)
{
  gboolean first = call_is_first (run, call) && call->result->index == 0;

  for (guint i = 0; i < run->calls->len; i++)
    {
      Call *other = g_ptr_array_index (run->calls, i);
      gboolean exempt = other->bus != call->bus || !first;

      if (other->record != call->record && calls_exclude (run, call, other) && call_is_running (other)
          && !(exempt && record_is_exempt (run, run_get_record (run, other->record))))
        run_fail (run, "e%u starts on b%u, where e%u is being handled on b%u (B-17.4)", call->record, call->bus,
                  other->record, other->bus);
    }
}

/* Whether what the record was dispatched for is over. */
gboolean
record_is_unwanted (Run          *run,
                    const Record *record)
{
  while (record->blocking && record->emitter != NULL)
    {
      Call *emitter = record->emitter;

      if (call_is_given_up (emitter))
        return TRUE;
      record = run_get_record (run, emitter->record);
    }
  return FALSE;
}

/* What an expired or aborted handler has dispatched, and what blocks that, is not started any more (R-7). */
static void
check_wanted (Run        *run,
              const Call *call)
{
  const Record *record = run_get_record (run, call->record);

  while (record->blocking && record->emitter != NULL && !record->unwanted && !record->complete)
    {
      Call *emitter = record->emitter;

      if (call_is_given_up (emitter) && !run->stopped[emitter->bus] && !run->stopping[emitter->bus])
        run_fail (run, "h%u starts for e%u, which h%u does not want any more (R-7)", call->use->spec, call->record,
                  emitter->use->spec);
      record = run_get_record (run, emitter->record);
    }
}

static void
check_order (Run        *run,
             const Call *call,
             BubusEvent *event)
{
  const BubusVisit *visit = _bubus_event_find_visit (event, run->buses[call->bus]->info);

  run_check (run, visit != NULL, "e%u is not on b%u", call->record, call->bus);
  if (visit == NULL)
    return;
  run_check (run, visit->sequence + 1 >= run->last_sequence[call->bus],
             "e%u starts on b%u after one that was dispatched later (B-17.5)", call->record, call->bus);
  run->last_sequence[call->bus] = visit->sequence + 1;
}

void
check_start (Run        *run,
             const Call *call)
{
  Record *record = run_get_record (run, call->record);
  BubusEvent *event = bubus_invocation_get_event (call->invocation);
  gsize key = ((gsize) GPOINTER_TO_SIZE (call->use) << 8) + call->record;

  check_note_parent (run, record, event);
  run_check (run, g_hash_table_add (run->seen, GSIZE_TO_POINTER (key)), "h%u runs twice for e%u (B-17.7)",
             call->use->spec, call->record);
  run_check (run, !record->complete || record->after, "h%u runs for e%u, which is complete", call->use->spec,
             call->record);
  run_check (run, !run->stopped[call->bus], "h%u runs on b%u, which is stopped", call->use->spec, call->bus);
  run_check (run, bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_PENDING, "e%u runs, and is pending",
             call->record);

  if (run->awaiting->len > 0)
    {
      guint awaited = g_array_index (run->awaiting, guint, run->awaiting->len - 1);

      run_check (run, record_descends (run, call->record, awaited),
                 "e%u runs while a handler awaits e%u (B-17.6)", call->record, awaited);
    }
  check_wanted (run, call);
  if (record_is_exempt (run, record))
    return;

  check_serial (run, call);
  if (program_get_concurrency (run->program, call->bus, record->type) != BUBUS_EVENT_CONCURRENCY_PARALLEL
      && !record->intercepted)
    check_order (run, call, event);
}

/* ---- completion ---- */

void
check_completed (Run        *run,
                 Record     *record,
                 BubusEvent *event)
{
  check_note_parent (run, record, event);
  record->complete = TRUE;
  run_check (run, ++record->n_completed == 1, "e%u is completed twice (B-17.1)", record->index);
  run_check (run, bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED,
             "e%u is told to be complete, and is not", record->index);
  run_check (run, bubus_event_get_event_pending_bus_count (event) == 0, "e%u is complete, and pending on a bus",
             record->index);
  for (guint i = 0; i < run->records->len; i++)
    {
      const Record *child = run_get_record (run, i);

      if (child->replaces && !bubus_event_is_sealed (child->event))
        continue; /* the bus has refused both */
      run_check (run, child->parent != (int) record->index || !child->blocking || child->complete,
                 "e%u is complete before its child e%u (R-5)", record->index, child->index);
    }
  for (guint i = 0; i < run->calls->len; i++)
    {
      Call *call = g_ptr_array_index (run->calls, i);

      run_check (run, call->record != record->index || !call_is_running (call),
                 "e%u is complete before h%u has ended", record->index, call->use->spec);
    }
}

/* ---- the end ---- */

static void
check_result (Run              *run,
              const Record     *record,
              BubusEventResult *result)
{
  BubusResultStatus status = bubus_event_result_get_status (result);
  gint64 started = bubus_event_result_get_started_at (result);
  gint64 completed = bubus_event_result_get_completed_at (result);

  run_check (run, status >= BUBUS_RESULT_STATUS_COMPLETED, "a result of e%u is not final", record->index);
  run_check (run, (status == BUBUS_RESULT_STATUS_ERROR) == (bubus_event_result_get_error (result) != NULL),
             "a result of e%u: status and error do not agree", record->index);
  run_check (run, started == 0 || (started >= bubus_event_get_event_created_at (record->event) && completed >= started),
             "a result of e%u: times go backwards (B-17.2)", record->index);
  /* An event that is dispatched again when it is complete stays complete, and gathers results after that. */
  run_check (run, record->after || completed <= bubus_event_get_event_completed_at (record->event),
             "a result of e%u is later than the event", record->index);
}

/* ---- why a result is what it is (R-7) ---- */

static const Call *
run_find_call_of (Run              *run,
                  const Record     *record,
                  BubusEventResult *result)
{
  for (guint i = 0; i < run->calls->len; i++)
    {
      const Call *call = g_ptr_array_index (run->calls, i);

      if (call->record == record->index && call->result == result)
        return call;
    }
  return NULL;
}

static void
check_expired (Run              *run,
               const Record     *record,
               BubusEventResult *result)
{
  const Call *call = run_find_call_of (run, record, result);
  gint64 elapsed = bubus_event_result_get_completed_at (result) - bubus_event_result_get_started_at (result);
  double limit;

  run_check (run, call != NULL, "%s has timed out for e%u, and was not called",
             bubus_event_result_get_handler_name (result), record->index);
  if (call == NULL)
    return;
  limit = program_get_timeout (run->program, call->use->spec, record->type);
  run_check (run, limit > 0, "h%u has timed out for e%u, and has no limit", call->use->spec, record->index);
  run_check (run, elapsed >= (gint64) (limit * 1e9), "h%u has timed out for e%u too early", call->use->spec,
             record->index);
}

static gboolean
result_is (BubusEventResult *result,
           BubusError        code)
{
  return g_error_matches (bubus_event_result_get_error (result), BUBUS_ERROR, (int) code);
}

/* Whether something above the event, or beside the handler, is over. */
static gboolean
record_has_reason (Run          *run,
                   const Record *record)
{
  for (guint i = 0; i < run->program->n_buses; i++)
    if (program_may_race (run->program, i, record->type) || program_has_deadline (run->program, i, record->type))
      return TRUE;
  if (record->parent < 0 || !record->blocking)
    return FALSE;
  if (record->emitter == NULL)
    return TRUE; /* of what waited for room, nobody knows which handler has dispatched it */
  if (((Call *) record->emitter)->given_up || ((Call *) record->emitter)->script->mode == MODE_DEFER_THREAD)
    return TRUE;
  return record_has_reason (run, run_get_record (run, (guint) record->parent));
}

static void
check_reason (Run              *run,
              const Record     *record,
              BubusEventResult *result)
{
  const char *name = bubus_event_result_get_handler_name (result);
  gboolean tied = !run->program->fixed;

  if (result_is (result, BUBUS_ERROR_TIMED_OUT))
    check_expired (run, record, result);
  else if (result_is (result, BUBUS_ERROR_ABORTED))
    run_check (run, bubus_event_result_get_started_at (result) != 0 && record_has_reason (run, record),
               "%s is aborted for e%u without a reason", name, record->index);
  else if (result_is (result, BUBUS_ERROR_CANCELLED))
    run_check (run, tied || (bubus_event_result_get_started_at (result) == 0 && record_has_reason (run, record)),
               "%s is cancelled for e%u without a reason", name, record->index);
}

static gboolean
path_contains (char  **path,
               guint   bus)
{
  g_autofree char *prefix = g_strdup_printf ("b%u#", bus);

  for (guint i = 0; path[i] != NULL; i++)
    if (g_str_has_prefix (path[i], prefix))
      return TRUE;
  return FALSE;
}

static const Call *
run_find_call (Run   *run,
               guint  record,
               guint  spec)
{
  for (guint i = 0; i < run->calls->len; i++)
    {
      const Call *call = g_ptr_array_index (run->calls, i);

      if (call->record == record && call->use->spec == spec)
        return call;
    }
  return NULL;
}

/* Nobody waited for the answer: its time was up, or somebody else was faster, or the bus was stopped. */
static gboolean
error_says_given_up (const GError *error)
{
  return g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT)
         || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED)
         || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED);
}

static gboolean
outcome_fits (Run              *run,
              const Record     *record,
              const Call       *call,
              BubusEventResult *result)
{
  const GError *error = bubus_event_result_get_error (result);
  const GValue *value = bubus_event_result_get_value (result);
  const Script *script = call->script;

  if (run->stopped[call->bus] || run->stopping[call->bus])
    return TRUE;
  if (call->given_up)
    return error_says_given_up (error);
  if (script->mode == MODE_DEFER_THREAD && error_says_given_up (error))
    return TRUE;
  if ((script->outcome == OUTCOME_VALUE || script->outcome == OUTCOME_WRONG)
      && program_may_race (run->program, call->bus, record->type)
      && g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED))
    return TRUE;
  if (script->mode == MODE_DEFER_FALSE)
    return g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED);
  switch (script->outcome)
    {
    case OUTCOME_VALUE:
      return error == NULL && value != NULL && G_VALUE_HOLDS_INT (value) && g_value_get_int (value) == 42;
    case OUTCOME_WRONG:
      /* The result type is declared by the first class, and inherited by the second; the others take anything. */
      return record->type >= 2 ? error == NULL && value != NULL && G_VALUE_HOLDS_STRING (value)
                               : g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_RESULT_TYPE);
    case OUTCOME_FAIL:
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED);
    case OUTCOME_FAIL_SILENTLY:
      return script->mode == MODE_NOW ? g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED)
                                      : g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED);
    case OUTCOME_NOTHING:
    case N_OUTCOMES:
    default:
      return error == NULL && value == NULL;
    }
}

static void
check_outcome (Run              *run,
               const Record     *record,
               guint             spec,
               char            **path,
               BubusEventResult *result)
{
  const GError *error = bubus_event_result_get_error (result);
  const Call *call = run_find_call (run, record->index, spec);
  int target = run->program->handlers[spec].target;

  if (target >= 0)
    run_check (run, error != NULL || path_contains (path, (guint) target), "h%u has not forwarded e%u", spec,
               record->index);
  else if (call != NULL)
    run_check (run, outcome_fits (run, record, call, result),
               "h%u: the result for e%u is not what it returned: %s", spec,
               record->index, error != NULL ? error->message : "no error");
  else
    run_check (run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_RECURSION)
               || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED)
               || (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED)
                   && (run->program->features & (FEATURE_MODES | FEATURE_TIMES)) != 0)
               || run->calls->len >= MODEL_MAX_CALLS, "h%u was not called for e%u", spec, record->index);
}

/* Where no step changes the handlers, every event's results are known: the reference model. A handler that forwards to
 * where the event has been already is left out (R-11); whether it had been there by then is not known here. */
static void
check_selection (Run           *run,
                 const Record  *record,
                 GPtrArray     *results,
                 char         **path,
                 guint          bus)
{
  g_autofree char *name = g_strdup_printf ("b%u", bus);
  guint selected[MODEL_MAX_HANDLERS];
  guint n = program_select (run->program, bus, record->type, selected);
  guint at = 0;

  for (guint i = 0; i < results->len; i++)
    {
      BubusEventResult *result = results->pdata[i];
      g_autofree char *handler = NULL;

      if (!g_str_equal (bubus_event_result_get_eventbus_name (result), name))
        continue;
      while (at < n && run->program->handlers[selected[at]].target >= 0
             && (handler = g_strdup_printf ("h%u", selected[at])) != NULL
             && !g_str_equal (handler, bubus_event_result_get_handler_name (result)))
        {
          run_check (run, path_contains (path, (guint) run->program->handlers[selected[at]].target),
                     "h%u was not selected for e%u", selected[at], record->index);
          g_clear_pointer (&handler, g_free);
          at++;
        }
      if (at >= n)
        {
          run_fail (run, "e%u has too many results on b%u", record->index, bus);
          return;
        }
      g_free (handler);
      handler = g_strdup_printf ("h%u", selected[at]);
      run_check (run, g_str_equal (handler, bubus_event_result_get_handler_name (result)),
                 "result of e%u on b%u is of %s, and should be of %s", record->index, bus,
                 bubus_event_result_get_handler_name (result), handler);
      if (run->failure == NULL)
        check_outcome (run, record, selected[at], path, result);
      at++;
    }
  for (; at < n; at++)
    {
      int target = run->program->handlers[selected[at]].target;

      run_check (run, target >= 0 && path_contains (path, (guint) target), "h%u has no result for e%u on b%u",
                 selected[at], record->index, bus);
    }
}

static void
check_path (Run          *run,
            const Record *record,
            char        **path)
{
  for (guint i = 0; path[i] != NULL; i++)
    for (guint j = i + 1; path[j] != NULL; j++)
      run_check (run, !g_str_equal (path[i], path[j]), "e%u has been on %s twice (B-17.8)", record->index, path[i]);
}

static void
check_event (Run          *run,
             const Record *record)
{
  g_auto (GStrv) path = bubus_event_dup_event_path (record->event);
  g_autoptr (GPtrArray) results = bubus_event_list_results (record->event);
  gint64 created = bubus_event_get_event_created_at (record->event);
  gint64 started = bubus_event_get_event_started_at (record->event);
  gint64 completed = bubus_event_get_event_completed_at (record->event);

  run_check (run, created <= started && started <= completed,
             "e%u: times go backwards (B-17.2): created %" G_GINT64_FORMAT ", started +%" G_GINT64_FORMAT
             ", completed +%" G_GINT64_FORMAT, record->index, created, started - created, completed - created);
  check_path (run, record, path);
  for (guint i = 0; i < results->len; i++)
    {
      check_result (run, record, results->pdata[i]);
      check_reason (run, record, results->pdata[i]);
    }
  for (guint i = 0; run->program->fixed && !record->intercepted && i < run->program->n_buses; i++)
    if (path_contains (path, i))
      check_selection (run, record, results, path, i);

  if (record->parent >= 0 && record->blocking)
    {
      const Record *parent = run_get_record (run, (guint) record->parent);

      run_check (run, completed <= bubus_event_get_event_completed_at (parent->event), "e%u is later than e%u",
                 record->index, parent->index);
    }
}

/* Nothing is left behind (B-17.10). */
static void
check_rest (Run           *run,
            guint          bus,
            BubusEventBus *object)
{
  run_check (run, object->n_busy == 0, "b%u is busy with %u events, and idle", bus, object->n_busy);
  run_check (run, object->n_from_handlers == 0, "b%u counts %u events of handlers", bus, object->n_from_handlers);
  run_check (run, object->deferred.length == 0, "b%u waits for %u answers", bus, object->deferred.length);
  run_check (run, object->delayed.length == 0, "b%u keeps %u events back", bus, object->delayed.length);
  run_check (run, object->holds.length == 0, "b%u has %u holds", bus, object->holds.length);
  run_check (run, object->seekers.length == 0 && object->n_seekers == 0, "b%u has %u seekers", bus, object->n_seekers);
  run_check (run, object->idle_waiters.length == 0 && object->room_waiters.length == 0
             && object->stop_tasks.length == 0,
             "b%u has tasks that wait", bus);
  run_check (run, !object->in_line, "b%u stands in line", bus);
  run_check (run, !object->held, "b%u holds itself", bus);
  run_check (run, object->n_telling == 0, "b%u tells its middleware", bus);
  run_check (run, object->watches == NULL || g_hash_table_size (object->watches) == 0, "b%u watches events", bus);
}

static void
check_bus (Run   *run,
           guint  bus)
{
  BubusEventBus *object = run->buses[bus];
  g_autoptr (GPtrArray) history = bubus_event_bus_list_history (object);
  int limit = run->program->buses[bus].max_history_size;

  run_check (run, bubus_event_bus_is_idle (object), "b%u is not idle (B-17.10)", bus);
  run_check (run, bubus_event_bus_get_n_pending (object) == 0, "b%u has %u pending events", bus,
             bubus_event_bus_get_n_pending (object));
  check_rest (run, bus, object);
  run_check (run, limit < 0 || history->len <= (guint) limit, "b%u remembers %u events, and may %d", bus,
             history->len, limit);
  for (guint i = 0; i < history->len; i++)
    run_check (run, bubus_event_get_event_status (history->pdata[i]) == BUBUS_EVENT_STATUS_COMPLETED,
               "b%u remembers an event that is not complete", bus);
}

void
check_end (Run *run)
{
  for (guint i = 0; i < run->records->len; i++)
    {
      Record *record = run_get_record (run, i);

      if (record->replaces)
        record->accepted = bubus_event_is_sealed (record->event);
      run_check (run, !record->accepted || record->n_completed == 1, "e%u is completed %u times (B-17.1)", i,
                 record->n_completed);
    }
  for (guint i = 0; i < run->program->n_buses; i++)
    check_bus (run, i);
  run_check (run, _bubus_wait_graph_is_empty (), "waits of handlers are left (B-17.10)");
  run_check (run, _bubus_global_turn_is_free (), "somebody has the turn of all buses, or waits for it (B-17.10)");
  run_check (run, run->clock == NULL || _bubus_clock_count_timeouts (run->clock) == 0, "%u timers are left (B-17.10)",
             _bubus_clock_count_timeouts (run->clock));
  for (guint i = 0; i < run->calls->len; i++)
    {
      const Call *call = g_ptr_array_index (run->calls, i);

      run_check (run, call->n_waits == 0, "a wait of e%u never wakes (B-17.1)", call->record);
    }
  run_check (run, run->n_waiting == 0, "%u who wait are never told (B-17.1)", run->n_waiting);
  for (guint i = 0; run->program->keep && run->failure == NULL && i < run->records->len; i++)
    if (run_get_record (run, i)->accepted)
      check_event (run, run_get_record (run, i));
}
