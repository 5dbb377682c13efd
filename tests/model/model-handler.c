/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model.h"

#include "base/bubus-error.h"
#include "bus/bubus-invocation-private.h"

/* What a handler does: its script, step by step. Of a deferred one, the second half comes from an idle source. */

void
call_free (Call *call)
{
  g_clear_object (&call->invocation);
  g_array_unref (call->children);
  g_free (call);
}

/* Whether the call's result has been settled by somebody else: its time is up, or what it was called for is over. A
 * thread says that it ends a call before it answers. */
gboolean
call_is_given_up (Call *call)
{
  if (!call->given_up && !g_atomic_int_get (&call->ended)
      && bubus_event_result_get_status (call->result) >= BUBUS_RESULT_STATUS_COMPLETED
      && !g_atomic_int_get (&call->ended))
    call->given_up = TRUE;
  return call->given_up;
}

gboolean
call_is_running (Call *call)
{
  return !call_is_given_up (call) && !g_atomic_int_get (&call->ended);
}

static BubusEvent *
record_ref_event (const Record *record)
{
  return record->event != NULL ? g_object_ref (record->event) : NULL;
}

static void
call_dispatch (Call       *call,
               const Step *step)
{
  Run *run = call->run;
  g_autoptr (BubusEvent) event = NULL;
  Record *record;

  if (run->records->len >= MODEL_MAX_EVENTS)
    return;

  event = run_new_event (run, step->type, &record);
  if (run_dispatch (run, step->bus, record, event, call, step->kind))
    g_array_append_val (call->children, record->index);
}

static Record *
call_pick_child (const Call *call,
                 guint       number)
{
  if (call->children->len == 0)
    return NULL;
  return run_get_record (call->run, g_array_index (call->children, guint, number % call->children->len));
}

static void
call_run (Call   *call,
          Record *record)
{
  Run *run = call->run;
  g_autoptr (BubusEvent) event = record != NULL ? record_ref_event (record) : NULL;
  g_autoptr (GError) error = NULL;
  gboolean complete;

  if (event == NULL || !record->accepted)
    return;

  run_log (run, "e%u awaits e%u", call->record, record->index);
  run_await (run, record);
  complete = bubus_invocation_run (call->invocation, event, &error);
  g_array_set_size (run->awaiting, run->awaiting->len - 1);
  run_log (run, "e%u has awaited e%u: %s", call->record, record->index, complete ? "complete" : error->message);
  run_trace (run, "e%u has awaited e%u: %d", call->record, record->index, complete ? 0 : error->code);
  if (!complete && record->dropped && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return;
  run_check (run, complete == record->complete, "run of e%u gives %d, but complete is %d", record->index, complete,
             record->complete);
  run_check (run, complete == (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED),
             "run of e%u gives %d, against its status", record->index, complete);
}

static void call_continue (Call *call);

static void
call_waited_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;

  run_check (call->run, call->n_waits > 0, "a wait of e%u wakes twice", call->record);
  if (bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error))
    run_log (call->run, "a wait of e%u wakes", call->record);
  else
    run_check (call->run, g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK)
               || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND),
               "run_async of e%u fails: %s", call->record, error->message);
  call->n_waits--;
  call_continue (call);
}

static void
call_run_async (Call   *call,
                Record *record)
{
  Run *run = call->run;
  g_autoptr (BubusEvent) event = record != NULL ? record_ref_event (record) : NULL;

  if (event == NULL || !record->accepted)
    return;

  call->n_waits++;
  run_log (run, "e%u awaits e%u asynchronously", call->record, record->index);
  run_await (run, record);
  bubus_invocation_run_async (call->invocation, event, NULL, call_waited_cb, call);
  g_array_set_size (run->awaiting, run->awaiting->len - 1);
}

static void
call_dispatch_again (Call   *call,
                     Record *record,
                     guint   bus)
{
  g_autoptr (BubusEvent) event = record_ref_event (record);

  if (event != NULL && record->accepted)
    run_dispatch (call->run, bus, record, event, call, STEP_AGAIN);
}

static void
call_take_off (Call *call,
               Use  *use)
{
  guint bus = call->run->program->handlers[use->spec].bus;

  run_log (call->run, "h%u is taken off", use->spec);
  bubus_event_bus_off (call->run->buses[bus], use->handler);
}

static gpointer
call_advance_func (gpointer data)
{
  const Step *step = ((gpointer *) data)[1];

  run_advance (((gpointer *) data)[0], step->number);
  return NULL;
}

/* While a handler takes long, no timer can interrupt it: the clock is moved by another thread, and what comes of it
 * waits until the main context has its turn. */
static void
call_take_long (Call       *call,
                const Step *step)
{
  gpointer data[2] = { call->run, (gpointer) step };

  if (g_main_context_is_owner (call->run->context))
    g_thread_join (g_thread_new ("clock", call_advance_func, data));
}

static void
call_step (Call       *call,
           const Step *step)
{
  Run *run = call->run;
  Record *old = run_get_record (run, step->number % run->records->len);
  Use *use = g_ptr_array_index (run->uses, step->number % run->uses->len);
  const Program *program = run->program;

  switch (step->kind)
    {
    case STEP_DISPATCH:
    case STEP_BACKGROUND:
    case STEP_DETACHED:
    case STEP_DISPATCH_WAIT:
      if (call->in_handler)
        call_dispatch (call, step);
      break;
    case STEP_INVOCATION:
      call_dispatch (call, step);
      break;
    case STEP_AGAIN:
      call_dispatch_again (call, run_get_record (run, call->record), step->bus);
      break;
    case STEP_AGAIN_OLD:
      call_dispatch_again (call, old, step->bus);
      break;
    case STEP_RUN:
      call_run (call, call_pick_child (call, step->number));
      break;
    case STEP_RUN_OLD:
      call_run (call, old);
      break;
    case STEP_RUN_ASYNC:
      if (call->script->mode != MODE_NOW && call->script->mode != MODE_DEFER_AT_ONCE
          && call->script->mode != MODE_DEFER_FALSE)
        call_run_async (call, step->number % 3 == 0 ? old : call_pick_child (call, step->number));
      break;
    case STEP_OFF_SELF:
      call_take_off (call, call->use);
      break;
    case STEP_OFF:
      call_take_off (call, use);
      break;
    case STEP_ON:
      if (run->uses->len < 3 * MODEL_MAX_HANDLERS)
        run_register (run, step->number % program->n_handlers);
      break;
    case STEP_PRIORITY:
      bubus_handler_set_priority (use->handler, (int) step->type - 1);
      break;
    case STEP_STOP:
      run_stop_bus (run, step->bus);
      break;
    case STEP_ADVANCE:
      call_take_long (call, step);
      break;
    case STEP_RUN_CANCELLED:
    case STEP_HOLD:
    case STEP_NONE:
    case N_STEPS:
    default:
      break;
    }
}

static void
call_steps (Call  *call,
            guint  from,
            guint  to)
{
  for (guint i = from; i < to; i++)
    call_step (call, &call->script->steps[i]);
}

/* May be called from any thread. */
static void
call_answer (Call *call)
{
  g_atomic_int_set (&call->ended, TRUE);
  switch (call->script->outcome)
    {
    case OUTCOME_VALUE:
      bubus_invocation_return_int (call->invocation, 42);
      break;
    case OUTCOME_WRONG:
      bubus_invocation_return_string (call->invocation, "42");
      break;
    case OUTCOME_FAIL:
    case OUTCOME_FAIL_SILENTLY:
      bubus_invocation_return_error_literal (call->invocation, G_IO_ERROR, G_IO_ERROR_FAILED, "meant to fail");
      break;
    case OUTCOME_NOTHING:
    case N_OUTCOMES:
    default:
      bubus_invocation_return_nothing (call->invocation);
      break;
    }
}

static gpointer
call_thread_func (gpointer data)
{
  Call *call = data;
  int *n_in_threads = &call->run->n_in_threads;

  call_answer (call);
  g_atomic_int_dec_and_test (n_in_threads);
  return NULL;
}

static gboolean
call_late_cb (gpointer data)
{
  Call *call = data;
  const Step step = { STEP_INVOCATION, call->bus, call->use->spec % MODEL_N_TYPES, 0 };

  call_step (call, &step);
  return G_SOURCE_REMOVE;
}

static void
call_add_idle (Call        *call,
               GSourceFunc  func)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, call, NULL);
  g_source_attach (source, call->run->context);
}

/* Answers when everything that the call waits for is there. */
static void
call_continue (Call *call)
{
  if (!call->stepped || call->n_waits > 0 || g_atomic_int_get (&call->ended)
      || call->script->mode == MODE_DEFER_NEVER)
    return;

  call_is_given_up (call);
  run_log (call->run, "h%u answers e%u%s", call->use->spec, call->record, call->given_up ? " too late" : "");
  run_trace (call->run, "h%u answers e%u", call->use->spec, call->record);
  if (call->script->mode == MODE_DEFER_THREAD)
    {
      call->stepped = FALSE;
      g_atomic_int_inc (&call->run->n_in_threads);
      g_ptr_array_add (call->run->threads, g_thread_new ("answer", call_thread_func, call));
      return;
    }

  call_answer (call);
  if (call->script->mode == MODE_DEFER_LATE)
    call_add_idle (call, call_late_cb);
}

/* The second half. */
void
call_go_on (Call *call)
{
  call_steps (call, MODEL_MAX_STEPS / 2, MODEL_MAX_STEPS);
  call->stepped = TRUE;
  call_continue (call);
}

static gboolean
call_go_on_cb (gpointer data)
{
  call_go_on (data);
  return G_SOURCE_REMOVE;
}

static gboolean
call_end_now (Call    *call,
              GError **error)
{
  g_atomic_int_set (&call->ended, TRUE);
  if (call->script->outcome == OUTCOME_FAIL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "meant to fail");
  else if (call->script->outcome != OUTCOME_FAIL_SILENTLY)
    call_answer (call);
  return call->script->outcome < OUTCOME_FAIL;
}

static Call *
call_new (Use             *use,
          BubusEvent      *event,
          BubusInvocation *invocation)
{
  Run *run = use->run;
  Record *record = g_hash_table_lookup (run->by_event, event);
  Call *call = g_new0 (Call, 1);

  call->run = run;
  call->use = use;
  call->record = record->index;
  call->bus = run->program->handlers[use->spec].bus;
  call->script = &run->program->handlers[use->spec].scripts[use->n_calls++ % 2];
  call->invocation = g_object_ref (invocation);
  call->result = invocation->result;
  call->children = g_array_new (FALSE, FALSE, sizeof (guint));
  call->in_handler = TRUE;
  g_ptr_array_add (run->calls, call);
  return call;
}

static void
call_leave (Call *call)
{
  if ((call->run->program->features & FEATURE_PREDICTABLE) != 0)
    g_queue_push_tail (&call->run->deferred, call);
  else
    call_add_idle (call, call_go_on_cb);
}

gboolean
model_handle (BubusEvent       *event,
              BubusInvocation  *invocation,
              gpointer          user_data,
              GError          **error)
{
  Use *use = user_data;
  Run *run = use->run;
  gboolean handled = TRUE;
  Call *call;

  if (run->calls->len >= MODEL_MAX_CALLS)
    return TRUE;

  call = call_new (use, event, invocation);
  run_log (run, "h%u begins e%u on b%u", use->spec, call->record, call->bus);
  run_trace (run, "h%u begins e%u", use->spec, call->record);
  run_watch (run, invocation);
  run_check (run, bubus_invocation_get_event (invocation) == event
             && bubus_invocation_get_bus (invocation) == run->buses[call->bus],
             "h%u has the wrong invocation", use->spec);
  check_start (run, call);

  if (call->script->mode == MODE_NOW)
    {
      call_steps (call, 0, MODEL_MAX_STEPS);
      handled = call_end_now (call, error);
      g_clear_object (&call->invocation); /* so that it is used again */
    }
  else
    {
      bubus_invocation_defer (invocation);
      call_steps (call, 0, MODEL_MAX_STEPS / 2);
      if (call->script->mode == MODE_DEFER_AT_ONCE)
        call_answer (call);
      else if (call->script->mode == MODE_DEFER_FALSE)
        {
          g_atomic_int_set (&call->ended, TRUE);
          handled = FALSE;
        }
      else
        call_leave (call);
    }
  call->in_handler = FALSE;
  run_log (run, "h%u leaves e%u", use->spec, call->record);
  run_trace (run, "h%u leaves e%u", use->spec, call->record);
  return handled;
}
