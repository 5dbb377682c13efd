/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-reference.h"

#include "base/bubus-error.h"

/* The reference: what part R of behaviour.md says about serial buses of one main context, written down a second time,
 * as plainly as possible and without the engine. It runs a program and gives the order in which handlers begin and end
 * and events are complete. Everything lives until the end in one pool; nothing is fast. */

/* ---- handlers ---- */

static void
ref_await (Ref      *ref,
           RefCall  *call,
           RefEvent *event)
{
  BubusError code = BUBUS_ERROR_FAILED;

  if (!event->accepted)
    return;

  if (!event->complete)
    {
      code = BUBUS_ERROR_WOULD_BLOCK;
      for (const RefCall *waiting = call; waiting != NULL; waiting = waiting->caller)
        for (const RefEvent *of = waiting->result->visit->event; of != NULL; of = ref_get_parent (ref, of))
          if (of == event)
            code = BUBUS_ERROR_WOULD_DEADLOCK;
      if (code == BUBUS_ERROR_WOULD_BLOCK)
        ref_jump (ref, event);
    }
  g_string_append_printf (ref->trace, "e%u has awaited e%u: %d\n", call->result->visit->event->index, event->index,
                          event->complete ? 0 : (int) code);
}

static void
ref_cause (Ref        *ref,
           RefCall    *call,
           const Step *step)
{
  RefEvent *event;

  if (ref->events->len >= MODEL_MAX_EVENTS)
    return;

  event = ref_new_event (ref, step->type);
  if (ref_dispatch (ref, step->bus, event, call->result, step->kind))
    g_ptr_array_add (call->children, event);
}

static void
ref_step (Ref        *ref,
          RefCall    *call,
          const Step *step)
{
  RefEvent *old = ref_get_event (ref, step->number % ref->events->len);
  RefResult *emitter = call->in_handler ? call->result : NULL;

  if (step->kind == STEP_INVOCATION)
    ref_cause (ref, call, step);
  else if ((step->kind == STEP_DISPATCH || step->kind == STEP_BACKGROUND || step->kind == STEP_DETACHED)
           && call->in_handler)
    ref_cause (ref, call, step);
  else if (step->kind == STEP_AGAIN)
    ref_dispatch (ref, step->bus, call->result->visit->event, emitter, STEP_AGAIN);
  else if (step->kind == STEP_AGAIN_OLD && old->accepted)
    ref_dispatch (ref, step->bus, old, emitter, STEP_AGAIN);
  else if (step->kind == STEP_RUN && call->children->len > 0)
    ref_await (ref, call, call->children->pdata[step->number % call->children->len]);
  else if (step->kind == STEP_RUN_OLD)
    ref_await (ref, call, old);
}

static void
ref_second_half (Ref     *ref,
                 RefCall *call)
{
  for (guint i = MODEL_MAX_STEPS / 2; i < MODEL_MAX_STEPS; i++)
    ref_step (ref, call, &call->script->steps[i]);
  g_string_append_printf (ref->trace, "h%u answers e%u\n", call->result->spec, call->result->visit->event->index);
  ref_answer_later (ref, call, ref_get_answer (call));
}

static RefCall *
ref_new_call (Ref       *ref,
              RefResult *result)
{
  RefCall *call = ref_alloc (ref, sizeof *call);

  ref->n_calls++;
  call->result = result;
  call->script = &ref->program->handlers[result->spec].scripts[ref->n_calls_of[result->spec]++ % 2];
  call->children = ref_new_array (ref);
  return call;
}

/* FALSE when the handler answers later. */
static gboolean
ref_call (Ref       *ref,
          RefResult *result)
{
  const HandlerSpec *spec = &ref->program->handlers[result->spec];
  guint index = result->visit->event->index;
  RefCall *call;

  if (spec->target >= 0 || ref->n_calls >= MODEL_MAX_CALLS)
    {
      if (spec->target >= 0)
        ref_dispatch (ref, (guint) spec->target, result->visit->event, NULL, STEP_AGAIN);
      result->final = TRUE;
      return TRUE;
    }

  call = ref_new_call (ref, result);
  g_string_append_printf (ref->trace, "h%u begins e%u\n", result->spec, index);
  call->caller = ref->current;
  ref->current = call;
  call->in_handler = TRUE;
  for (guint i = 0; i < (call->script->mode == MODE_NOW ? MODEL_MAX_STEPS : MODEL_MAX_STEPS / 2); i++)
    ref_step (ref, call, &call->script->steps[i]);
  call->in_handler = FALSE;
  ref->current = call->caller;
  call->caller = NULL;
  g_string_append_printf (ref->trace, "h%u leaves e%u\n", result->spec, index);

  if (call->script->mode != MODE_DEFER_IDLE)
    return ref_answer (result, ref_get_answer (call)) || TRUE;
  g_queue_push_tail (&ref->halves, call);
  g_queue_push_tail (&ref->buses[result->visit->bus].deferred, call);
  return FALSE;
}

static gboolean
ref_has_next (const RefVisit *visit)
{
  return visit->n_called < visit->results->len && (visit->n_running == 0 || visit->in_parallel);
}

/* Without a budget there is one handler in each turn; what runs in place does not pause. */
static void
ref_continue (Ref      *ref,
              RefVisit *visit,
              gboolean  in_place)
{
  gboolean pauses = !in_place && ref->program->buses[visit->bus].time_budget == 0;
  gboolean goes_on = TRUE;

  g_queue_remove (&ref->buses[visit->bus].paused, visit);
  for (; goes_on && ref_has_next (visit); goes_on = !pauses)
    {
      RefResult *result = visit->results->pdata[visit->n_called++];

      ref_end_race (ref, visit);
      if (visit->event->abandoned || visit->over)
        result->final = TRUE;
      else
        visit->n_running += !ref_call (ref, result);
    }
  ref_end_race (ref, visit);
  if (ref_has_next (visit))
    g_queue_push_tail (&ref->buses[visit->bus].paused, visit);
  else if (visit->n_running == 0)
    ref_finish (ref, visit);
}

/* ---- turns ---- */

static gboolean
ref_forwards_back (Ref      *ref,
                   RefEvent *event,
                   guint     spec)
{
  int target = ref->program->handlers[spec].target;

  return target >= 0 && ref_find_visit (event, (guint) target) != NULL;
}

static gboolean
ref_is_in_parallel (Ref            *ref,
                    const RefVisit *visit)
{
  BubusHandlerConcurrency own = ref->program->types[visit->event->type].handlers;

  if (own == BUBUS_HANDLER_CONCURRENCY_INHERIT)
    own = ref->program->buses[visit->bus].handlers;
  return own == BUBUS_HANDLER_CONCURRENCY_PARALLEL;
}

static void
ref_start (Ref      *ref,
           RefVisit *visit,
           gboolean  in_place)
{
  guint selected[MODEL_MAX_HANDLERS];
  guint n = program_select (ref->program, visit->bus, visit->event->type, selected);

  g_queue_remove (&ref->buses[visit->bus].queue, visit);
  g_queue_remove (&ref->buses[visit->bus].urgent, visit);
  ref->buses[visit->bus].n_busy++;
  visit->state = REF_RUNNING;
  visit->first_wins = program_may_race (ref->program, visit->bus, visit->event->type);
  visit->in_parallel = ref_is_in_parallel (ref, visit);
  visit->results = ref_new_array (ref);
  for (guint i = 0; i < n; i++)
    {
      RefResult *result;

      if (ref_forwards_back (ref, visit->event, selected[i]))
        continue;
      result = ref_alloc (ref, sizeof *result);
      result->visit = visit;
      result->spec = selected[i];
      result->children = ref_new_array (ref);
      g_ptr_array_add (visit->results, result);
    }
  ref_continue (ref, visit, in_place);
}

static gboolean
ref_is_paused (Ref      *ref,
               RefVisit *visit)
{
  return g_queue_find (&ref->buses[visit->bus].paused, visit) != NULL;
}

void
ref_start_waiting (Ref      *ref,
                   RefEvent *event)
{
  for (guint i = 0; i < event->visits->len; i++)
    if (((RefVisit *) event->visits->pdata[i])->state == REF_WAITING)
      ref_start (ref, event->visits->pdata[i], TRUE);
    else if (ref_is_paused (ref, event->visits->pdata[i]))
      ref_continue (ref, event->visits->pdata[i], TRUE);
}

/* An awaited event is handled now, and when that is done what blocks it. */
void
ref_jump (Ref      *ref,
          RefEvent *event)
{
  g_autoptr (GPtrArray) children = NULL;

  if (event->complete)
    return;

  event->jumped = TRUE;
  ref_start_waiting (ref, event);
  ref_let_event_pass (ref, event);
  for (guint i = 0; i < event->visits->len; i++)
    if (((RefVisit *) event->visits->pdata[i])->state != REF_HANDLED)
      return;
  children = ref_list_children (event);
  for (guint i = 0; i < children->len; i++)
    ref_jump (ref, children->pdata[i]);
}

static gboolean
ref_do_next (Ref   *ref,
             guint  index)
{
  RefBus *bus = &ref->buses[index];

  if (bus->answered.length > 0)
    {
      RefCall *call = g_queue_pop_head (&bus->answered);

      call->result->visit->n_running--;
      ref_continue (ref, call->result->visit, FALSE);
    }
  else if (bus->urgent.length > 0)
    ref_start (ref, g_queue_peek_head (&bus->urgent), FALSE);
  else if (bus->paused.length > 0)
    ref_continue (ref, g_queue_peek_head (&bus->paused), FALSE);
  else if (bus->queue.length > 0 && bus->n_busy == 0)
    ref_start (ref, g_queue_peek_head (&bus->queue), FALSE);
  else
    return FALSE;
  return TRUE;
}

/* A bus does one thing or all. It goes to sleep when it finds nothing to do, not when it has done all; else it has
 * another turn after the others. */
static void
ref_take_turn (Ref   *ref,
               guint  index)
{
  if (!ref_do_next (ref, index))
    {
      ref->buses[index].awake = FALSE;
      return;
    }

  while (ref->program->buses[index].time_budget > 0 && ref_do_next (ref, index))
    continue;
  g_queue_push_tail (&ref->line, GUINT_TO_POINTER (index));
}

/* One iteration of the main context: each bus that is awake at its begin has its turn, until one comes that has no budget
 * and is not the first. */
static gboolean
ref_iterate (Ref *ref)
{
  guint n_turns = ref->line.length;

  for (guint i = 0; i < n_turns; i++)
    {
      guint index = GPOINTER_TO_UINT (g_queue_peek_head (&ref->line));

      if (i > 0 && ref->program->buses[index].time_budget == 0)
        break;
      g_queue_pop_head (&ref->line);
      ref_take_turn (ref, index);
    }
  return n_turns > 0;
}

static void
ref_run_all (Ref *ref)
{
  for (guint i = 0; i < ref->program->n_roots; i++)
    {
      const RootSpec *root = &ref->program->roots[i];
      RefEvent *event;

      if (!root->used)
        continue;
      event = ref_new_event (ref, root->type);
      ref_dispatch (ref, root->bus, event, NULL, STEP_DISPATCH);
      if (root->again >= 0)
        ref_dispatch (ref, (guint) root->again, event, NULL, STEP_AGAIN);
    }

  for (;;)
    {
      while (ref_iterate (ref))
        ;
      if (g_queue_is_empty (&ref->halves))
        return;
      ref_second_half (ref, g_queue_pop_head (&ref->halves));
    }
}

char *
reference_run (const Program *program)
{
  Ref ref = { .program = program };

  ref.trace = g_string_new (NULL);
  ref.events = g_ptr_array_new ();
  ref.pool = g_ptr_array_new_with_free_func (g_free);
  ref.arrays = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  ref_run_all (&ref);
  g_ptr_array_unref (ref.events);
  g_ptr_array_unref (ref.arrays);
  g_ptr_array_unref (ref.pool);
  return g_string_free (ref.trace, FALSE);
}
