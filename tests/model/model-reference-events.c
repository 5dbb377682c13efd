/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "model-reference.h"

/* The events of the reference: their buses, what waits for what, and how they end. */

gpointer
ref_alloc (Ref   *ref,
           gsize  size)
{
  gpointer memory = g_malloc0 (size);

  g_ptr_array_add (ref->pool, memory);
  return memory;
}

GPtrArray *
ref_new_array (Ref *ref)
{
  GPtrArray *array = g_ptr_array_new ();

  g_ptr_array_add (ref->arrays, array);
  return array;
}

RefEvent *
ref_get_event (Ref  *ref,
               guint index)
{
  return g_ptr_array_index (ref->events, index);
}

RefEvent *
ref_get_parent (Ref            *ref,
                const RefEvent *event)
{
  return event->parent >= 0 ? ref_get_event (ref, (guint) event->parent) : NULL;
}

RefEvent *
ref_new_event (Ref   *ref,
               guint  type)
{
  RefEvent *event = ref_alloc (ref, sizeof *event);

  event->index = ref->events->len;
  event->type = type;
  event->parent = -1;
  event->visits = ref_new_array (ref);
  g_ptr_array_add (ref->events, event);
  return event;
}

RefVisit *
ref_find_visit (RefEvent *event,
                guint     bus)
{
  for (guint i = 0; i < event->visits->len; i++)
    if (((RefVisit *) event->visits->pdata[i])->bus == bus)
      return event->visits->pdata[i];
  return NULL;
}

static void
ref_wake (Ref   *ref,
          guint  index)
{
  RefBus *bus = &ref->buses[index];

  if (bus->awake || (bus->answered.length == 0 && bus->urgent.length == 0 && bus->paused.length == 0
                     && (bus->queue.length == 0 || bus->n_busy > 0)))
    return;

  bus->awake = TRUE;
  g_queue_push_tail (&ref->line, GUINT_TO_POINTER (index));
}

/* ---- what waits for what ---- */

static void
ref_add_children (RefResult *result,
                  GPtrArray *children)
{
  for (guint i = 0; i < result->children->len; i++)
    {
      RefEvent *child = result->children->pdata[i];

      if (child->blocking && !child->complete)
        g_ptr_array_add (children, child);
    }
}

GPtrArray *
ref_list_children (RefEvent *event)
{
  GPtrArray *children = g_ptr_array_new ();

  for (guint i = 0; i < event->visits->len; i++)
    {
      const RefVisit *visit = event->visits->pdata[i];

      for (guint j = 0; visit->results != NULL && j < visit->results->len; j++)
        ref_add_children (visit->results->pdata[j], children);
    }
  return children;
}

/* Whether @from cannot be complete before @to is: no handler waits for long here, so only children count. */
static gboolean
ref_reaches (Ref      *ref,
             RefEvent *from,
             RefEvent *to)
{
  while (to != from && to->parent >= 0 && to->blocking && !to->complete)
    to = ref_get_parent (ref, to);
  return to == from && !to->complete;
}

static gboolean
ref_bus_waits_for (Ref      *ref,
                   guint     bus,
                   RefEvent *event)
{
  for (guint i = 0; i < ref->events->len; i++)
    {
      RefEvent *other = ref_get_event (ref, i);
      const RefVisit *visit = ref_find_visit (other, bus);

      if (visit != NULL && visit->state == REF_RUNNING && ref_reaches (ref, other, event))
        return TRUE;
    }
  return FALSE;
}

void
ref_let_event_pass (Ref      *ref,
                    RefEvent *event)
{
  for (guint i = 0; i < event->visits->len; i++)
    {
      RefVisit *visit = event->visits->pdata[i];
      RefBus *bus = &ref->buses[visit->bus];

      if (g_queue_find (&bus->queue, visit) == NULL || !ref_bus_waits_for (ref, visit->bus, event))
        continue;
      g_queue_remove (&bus->queue, visit);
      g_queue_push_tail (&bus->urgent, visit);
      ref_wake (ref, visit->bus);
    }
}

/* What blocks the event too, the nearest first. */
static void
ref_let_pass (Ref      *ref,
              RefEvent *event)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new ();

  g_ptr_array_add (events, event);
  for (guint i = 0; i < events->len; i++)
    {
      g_autoptr (GPtrArray) children = ref_list_children (events->pdata[i]);

      g_ptr_array_extend (events, children, NULL, NULL);
    }
  for (guint i = 0; i < events->len && !event->complete; i++)
    ref_let_event_pass (ref, events->pdata[i]);
}

/* ---- dispatch ---- */

static gboolean
ref_is_too_deep (Ref       *ref,
                 guint      bus,
                 RefEvent  *event,
                 RefResult *emitter)
{
  const RefEvent *ancestor = ref_get_parent (ref, event);
  guint depth = 0;

  if (ancestor == NULL && emitter != NULL)
    ancestor = emitter->visit->event;
  for (; ancestor != NULL; ancestor = ref_get_parent (ref, ancestor))
    depth++;
  return emitter != NULL && depth > ref->program->buses[bus].max_depth;
}

static void
ref_adopt (Ref       *ref,
           RefEvent  *event,
           RefResult *emitter,
           gboolean   blocking)
{
  event->parent = (int) emitter->visit->event->index;
  event->emitter = emitter;
  event->blocking = blocking;
  g_ptr_array_add (emitter->children, event);
  emitter->visit->event->pending += blocking;
}

/* The child of an awaited event does not wait for its turn either, when nobody will await it any more. */
static gboolean
ref_is_awaited (Ref      *ref,
                RefEvent *event)
{
  const RefResult *emitter = event->emitter;

  return event->jumped || (emitter != NULL && event->blocking && emitter->final && ref_get_parent (ref, event)->jumped);
}

static void
ref_queue (Ref      *ref,
           RefVisit *visit)
{
  RefBus *bus = &ref->buses[visit->bus];

  visit->event->jumped = ref_is_awaited (ref, visit->event);
  g_queue_push_tail (visit->event->jumped ? &bus->urgent : &bus->queue, visit);
  ref_wake (ref, visit->bus);
}

gboolean
ref_dispatch (Ref       *ref,
              guint      bus,
              RefEvent  *event,
              RefResult *emitter,
              StepKind   kind)
{
  RefVisit *visit;

  if ((emitter != NULL && emitter->given_up) || ref_is_too_deep (ref, bus, event, emitter))
    return FALSE;
  if (ref_find_visit (event, bus) != NULL)
    return TRUE;

  visit = ref_alloc (ref, sizeof *visit);
  visit->bus = bus;
  visit->event = event;
  g_ptr_array_add (event->visits, visit);
  if (emitter != NULL && !event->accepted && kind != STEP_DETACHED)
    ref_adopt (ref, event, emitter, kind != STEP_BACKGROUND && !emitter->visit->event->complete);
  event->accepted = TRUE;
  event->pending++;
  ref_queue (ref, visit);
  if (event->jumped)
    ref_let_pass (ref, event);
  return TRUE;
}

/* ---- the end of events ---- */

static void
ref_release (Ref      *ref,
             RefEvent *event)
{
  while (event != NULL && --event->pending == 0)
    {
      RefEvent *parent = event->blocking && !event->complete ? ref_get_parent (ref, event) : NULL;

      if (!event->complete)
        g_string_append_printf (ref->trace, "e%u is complete\n", event->index);
      event->complete = TRUE;
      event = parent;
    }
}

void
ref_finish (Ref      *ref,
            RefVisit *visit)
{
  visit->state = REF_HANDLED;
  ref->buses[visit->bus].n_busy--;
  ref_wake (ref, visit->bus);
  if (visit->event->jumped)
    ref_jump (ref, visit->event);
  ref_release (ref, visit->event);
}

/* ---- answers ---- */

/* FALSE when somebody has settled the result before. */
gboolean
ref_answer (RefResult *result,
            RefAnswer  answer)
{
  if (result->final)
    return FALSE;

  if (answer == REF_VALUE && result->visit->first_wins && result->visit->winner == NULL)
    result->visit->winner = result;
  result->final = TRUE;
  return TRUE;
}

RefAnswer
ref_get_answer (const RefCall *call)
{
  if (call->script->mode == MODE_DEFER_FALSE)
    return REF_NOTHING;
  if (call->script->outcome == OUTCOME_WRONG && call->result->visit->event->type >= 2)
    return REF_VALUE; /* any value is right */
  return call->script->outcome == OUTCOME_VALUE ? REF_VALUE : REF_NOTHING;
}

void
ref_answer_later (Ref       *ref,
                  RefCall   *call,
                  RefAnswer  answer)
{
  guint bus = call->result->visit->bus;

  if (!ref_answer (call->result, answer))
    return;
  g_queue_remove (&ref->buses[bus].deferred, call);
  g_queue_push_tail (&ref->buses[bus].answered, call);
  ref_wake (ref, bus);
}

/* ---- what is not wanted any more ---- */

static void
ref_abort_on (Ref      *ref,
              guint     bus,
              RefEvent *event)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new ();

  for (GList *link = ref->buses[bus].deferred.head; link != NULL; link = link->next)
    if (((RefCall *) link->data)->result->visit->event == event)
      g_ptr_array_add (calls, link->data);
  for (guint i = 0; i < calls->len; i++)
    {
      ((RefCall *) calls->pdata[i])->result->given_up = TRUE;
      ref_answer_later (ref, calls->pdata[i], REF_NOTHING);
    }
}

static void
ref_abandon (Ref      *ref,
             RefEvent *event)
{
  g_autoptr (GPtrArray) children = NULL;

  if (event->complete || event->abandoned)
    return;

  event->abandoned = TRUE;
  children = ref_list_children (event);
  for (guint i = 0; i < children->len; i++)
    ref_abandon (ref, children->pdata[i]);
  for (guint i = 0; i < event->visits->len; i++)
    ref_abort_on (ref, ((RefVisit *) event->visits->pdata[i])->bus, event);
  ref_start_waiting (ref, event);
}

/* The first value ends the other handlers, and what they have caused. */
void
ref_end_race (Ref      *ref,
              RefVisit *visit)
{
  if (visit->winner == NULL || visit->over)
    return;

  visit->over = TRUE;
  ref_abort_on (ref, visit->bus, visit->event);
  for (guint i = 0; i < visit->results->len; i++)
    {
      g_autoptr (GPtrArray) children = g_ptr_array_new ();

      if (visit->results->pdata[i] == visit->winner)
        continue;
      ref_add_children (visit->results->pdata[i], children);
      for (guint j = 0; j < children->len; j++)
        ref_abandon (ref, children->pdata[j]);
    }
}
