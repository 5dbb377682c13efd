/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-scheduler-private.h"

#include "base/bubus-error.h"
#include "bubus-completion-private.h"
#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"
#include "bubus-seeker-private.h"

/* Decides what a bus does next: one source per bus in its main context, which spends at most the bus's time budget
 * per iteration. All functions run in the bus's main context unless they say otherwise. */

#define MAX_SPARE_INVOCATIONS 16

static void bubus_scheduler_continue_visit (BubusEventBus *bus,
                                            BubusVisit    *visit);

/* ---- one visit ---- */

static BubusInvocation *
bubus_scheduler_take_invocation (BubusEventBus *bus)
{
  BubusLink *link = _bubus_queue_pop_head (&bus->spare);

  if (link == NULL)
    return g_object_new (BUBUS_TYPE_INVOCATION, NULL);
  return BUBUS_LINK_OWNER (link, BubusInvocation, link);
}

/* An invocation that nobody else has kept is used again: a call costs no object. */
static void
bubus_scheduler_give_back_invocation (BubusEventBus   *bus,
                                      BubusInvocation *invocation)
{
  if (G_OBJECT (invocation)->ref_count == 1 && bus->spare.length < MAX_SPARE_INVOCATIONS)
    {
      _bubus_invocation_recycle (invocation);
      _bubus_queue_push_head (&bus->spare, &invocation->link);
      return;
    }

  _bubus_invocation_keep (invocation);
  g_object_unref (invocation);
}

static void
bubus_scheduler_finish_visit (BubusEventBus *bus,
                              BubusVisit    *visit)
{
  BubusEvent *event = visit->event;
  BubusHandlerList *handlers;

  g_mutex_lock (&bus->lock);
  visit->state = BUBUS_VISIT_HANDLED;
  handlers = g_steal_pointer (&visit->handlers);
  bus->n_busy--;
  _bubus_scheduler_wake_locked (bus);
  g_mutex_unlock (&bus->lock);

  g_object_ref (event);
  _bubus_handler_list_unref (handlers);
  if (_bubus_event_has_flags (_bubus_event_get_private (event), BUBUS_EVENT_JUMPED))
    _bubus_scheduler_jump (event, bus->context);
  _bubus_completion_release (event, bus->context);
  g_object_unref (event);
}

static void
bubus_scheduler_mark_started (BubusEventBus *bus,
                              BubusEvent    *event,
                              gint64         time)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  if (_bubus_event_set_flags (priv, BUBUS_EVENT_STARTED))
    return;

  if (priv->started_at == 0)
    priv->started_at = time;
  _bubus_event_bus_tell_event (bus, event, BUBUS_EVENT_STATUS_STARTED);
}

/* FALSE when the handler will answer later. */
static gboolean
bubus_scheduler_call_handler (BubusEventBus    *bus,
                              BubusEventResult *result,
                              BubusHandler     *handler,
                              gint64            time)
{
  BubusInvocation *invocation = bubus_scheduler_take_invocation (bus);

  result->status = BUBUS_RESULT_STATUS_STARTED;
  result->started_at = time;
  _bubus_event_bus_tell_result (bus, result);
  bubus_scheduler_mark_started (bus, result->visit->event, result->started_at);

  if (!_bubus_invocation_call (invocation, result, handler))
    return FALSE;

  _bubus_event_bus_tell_result (bus, result);
  bubus_scheduler_give_back_invocation (bus, invocation);
  return TRUE;
}

static void
bubus_scheduler_fail_result (BubusEventBus    *bus,
                             BubusEventResult *result,
                             int               code,
                             const char       *message)
{
  g_autoptr (GError) error = g_error_new_literal (BUBUS_ERROR, code, message);

  _bubus_result_fail (result, error);
  _bubus_event_bus_tell_result (bus, result);
}

/* Nothing lies between two handlers, so one starts when the one before is done, unless a middleware was told in between:
 * a look at the clock costs as much as an empty handler. */
static gint64
bubus_scheduler_get_start_time (BubusEventBus          *bus,
                                const BubusEventResult *before)
{
  if (before != NULL && g_atomic_pointer_get (&bus->middleware) == NULL)
    return before->completed_at;
  return _bubus_event_bus_get_time (bus);
}

/* Calls one handler after the other until one of them will answer later. */
static void
bubus_scheduler_continue_visit (BubusEventBus *bus,
                                BubusVisit    *visit)
{
  const BubusHandlerList *handlers = visit->handlers;
  const BubusEventResult *before = NULL;

  while (visit->n_called < visit->n_results)
    {
      guint index = visit->n_called++;
      BubusEventResult *result = &visit->results[index];

      if (_bubus_event_result_is_final (result))
        continue;
      if (G_UNLIKELY (g_atomic_int_get (&bus->stopped)))
        bubus_scheduler_fail_result (bus, result, BUBUS_ERROR_STOPPED, "The bus has been stopped");
      else if (G_UNLIKELY (_bubus_event_has_flags (_bubus_event_get_private (visit->event), BUBUS_EVENT_ABANDONED)))
        bubus_scheduler_fail_result (bus, result, BUBUS_ERROR_CANCELLED, "What the event was dispatched for is over");
      else if (!bubus_scheduler_call_handler (bus, result, handlers->handlers[index],
                                              bubus_scheduler_get_start_time (bus, before)))
        return;
      before = result;
    }

  bubus_scheduler_finish_visit (bus, visit);
}

/* ---- selection of handlers ---- */

static gboolean
bubus_scheduler_forwards_back (BubusHandler *handler,
                               BubusEvent   *event)
{
  g_autoptr (BubusEventBus) target = NULL;

  if (!handler->forwards)
    return FALSE;

  target = g_weak_ref_get (&handler->target);
  return target != NULL && _bubus_event_find_visit (event, target->info) != NULL;
}

static gboolean
bubus_scheduler_any_forwards_back (const BubusHandlerList *handlers,
                                   BubusEvent             *event)
{
  for (guint i = 0; i < handlers->n_handlers; i++)
    if (G_UNLIKELY (bubus_scheduler_forwards_back (handlers->handlers[i], event)))
      return TRUE;
  return FALSE;
}

/* Without the handlers that would forward the event to where it has been. Takes over @handlers. */
static BubusHandlerList *
bubus_scheduler_drop_loops (BubusHandlerList *handlers,
                            BubusEvent       *event)
{
  g_autoptr (GPtrArray) kept = NULL;
  BubusHandlerList *list;

  if (!bubus_scheduler_any_forwards_back (handlers, event))
    return handlers;

  kept = g_ptr_array_new ();
  for (guint i = 0; i < handlers->n_handlers; i++)
    if (!bubus_scheduler_forwards_back (handlers->handlers[i], event))
      g_ptr_array_add (kept, handlers->handlers[i]);
  list = _bubus_handler_list_new ((BubusHandler **) kept->pdata, kept->len);
  _bubus_handler_list_unref (handlers);
  return list;
}

static gboolean
bubus_event_was_handled_by (BubusEvent       *event,
                            BubusHandlerInfo *handler)
{
  for (const BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    for (guint i = 0; i < visit->n_results; i++)
      if (visit->results[i].handler == handler)
        return TRUE;
  return FALSE;
}

static guint
bubus_event_count_ancestors_of_handler (BubusEvent       *event,
                                        BubusHandlerInfo *handler)
{
  BubusEvent *ancestor = _bubus_event_get_private (event)->parent;
  guint n_found = 0;

  for (; ancestor != NULL; ancestor = _bubus_event_get_private (ancestor)->parent)
    n_found += bubus_event_was_handled_by (ancestor, handler);
  return n_found;
}

/* A handler that keeps causing itself is stopped at the event that is one too many (R-12, B-2.17). */
static void
bubus_scheduler_refuse_recursion (BubusEventBus          *bus,
                                  BubusVisit             *visit,
                                  const BubusHandlerList *handlers)
{
  if (G_LIKELY (_bubus_event_get_private (visit->event)->parent == NULL) || bus->max_recursion == 0)
    return;

  for (guint i = 0; i < handlers->n_handlers; i++)
    {
      BubusHandler *handler = handlers->handlers[i];
      g_autofree char *message = NULL;

      if (handler->forwards
          || bubus_event_count_ancestors_of_handler (visit->event, handler->info) <= bus->max_recursion)
        continue;
      message = g_strdup_printf ("%s has caused itself %u times: events that cause each other without end?",
                                 handler->info->name, bus->max_recursion + 1);
      bubus_scheduler_fail_result (bus, &visit->results[i], BUBUS_ERROR_RECURSION, message);
    }
}

static void
bubus_scheduler_prepare_results (BubusEventBus    *bus,
                                 BubusVisit       *visit,
                                 BubusHandlerList *handlers)
{
  BubusEventPrivate *priv = _bubus_event_get_private (visit->event);

  _bubus_event_lock (priv);
  _bubus_visit_allocate_results (visit, handlers->n_handlers);
  for (guint i = 0; i < handlers->n_handlers; i++)
    _bubus_event_result_init (&visit->results[i], visit, handlers->handlers[i]->info);
  _bubus_event_unlock (priv);

  for (guint i = 0; i < handlers->n_handlers; i++)
    _bubus_event_bus_tell_result (bus, &visit->results[i]);
}

/* Takes a visit out of the queue in which it waits, and selects the handlers of its event. */
static void
bubus_scheduler_take_visit_locked (BubusEventBus *bus,
                                   BubusVisit    *visit)
{
  _bubus_queue_remove (visit->state == BUBUS_VISIT_URGENT ? &bus->urgent : &bus->queue, &visit->link);
  _bubus_queue_push_tail (&bus->running, &visit->link);
  visit->state = BUBUS_VISIT_RUNNING;
  visit->handlers = _bubus_dispatch_table_lookup (&bus->table, visit->event);
  bus->n_busy++;
}

static void
bubus_scheduler_start_visit (BubusEventBus *bus,
                             BubusVisit    *visit)
{
  if (G_UNLIKELY (visit->announce_later))
    _bubus_event_bus_tell_event (bus, visit->event, BUBUS_EVENT_STATUS_PENDING);
  if (_bubus_event_bus_has_seekers (bus))
    _bubus_seekers_look (bus, visit);
  visit->handlers = bubus_scheduler_drop_loops (visit->handlers, visit->event);
  bubus_scheduler_prepare_results (bus, visit, visit->handlers);
  bubus_scheduler_refuse_recursion (bus, visit, visit->handlers);
  bubus_scheduler_continue_visit (bus, visit);
}

/* ---- the source ---- */

typedef struct
{
  GSource  source;
  GWeakRef bus;
} BubusSchedulerSource;

static BubusVisit *
bubus_scheduler_pick_visit_locked (BubusEventBus *bus)
{
  BubusLink *link = _bubus_queue_peek_head (&bus->urgent);

  if (link == NULL && bus->n_busy == 0)
    link = _bubus_queue_peek_head (&bus->queue);
  return link != NULL ? BUBUS_LINK_OWNER (link, BubusVisit, link) : NULL;
}

static gboolean
bubus_scheduler_has_work_locked (BubusEventBus *bus)
{
  return bus->answered.length > 0 || bus->completions.length > 0 || bubus_scheduler_pick_visit_locked (bus) != NULL;
}

/* May be called from any thread. */
void
_bubus_scheduler_wake_locked (BubusEventBus *bus)
{
  if (bus->awake || !bubus_scheduler_has_work_locked (bus))
    return;

  bus->awake = TRUE;
  g_source_set_ready_time (bus->source, 0);
}

static void
bubus_scheduler_resume (BubusEventBus   *bus,
                        BubusInvocation *invocation)
{
  BubusEventResult *result = invocation->result;
  BubusVisit *visit = result->visit;

  _bubus_event_bus_tell_result (bus, result);
  bubus_scheduler_continue_visit (bus, visit);
  bubus_scheduler_give_back_invocation (bus, invocation);
}

/* FALSE when there is nothing to do: the source then sleeps. */
static gboolean
bubus_scheduler_do_next (BubusEventBus *bus)
{
  BubusInvocation *invocation = NULL;
  BubusEvent *completed = NULL;
  BubusVisit *visit = NULL;

  g_mutex_lock (&bus->lock);
  if (bus->answered.length > 0)
    invocation = BUBUS_LINK_OWNER (_bubus_queue_pop_head (&bus->answered), BubusInvocation, link);
  else if (bus->completions.length > 0)
    completed = g_queue_pop_head (&bus->completions);
  else if ((visit = bubus_scheduler_pick_visit_locked (bus)) != NULL)
    bubus_scheduler_take_visit_locked (bus, visit);
  else
    {
      bus->awake = FALSE;
      g_source_set_ready_time (bus->source, -1);
    }
  g_mutex_unlock (&bus->lock);

  if (invocation != NULL)
    bubus_scheduler_resume (bus, invocation);
  else if (completed != NULL)
    _bubus_completion_receive (bus, completed);
  else if (visit != NULL)
    bubus_scheduler_start_visit (bus, visit);
  return invocation != NULL || completed != NULL || visit != NULL;
}

static gboolean
bubus_scheduler_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  g_autoptr (BubusEventBus) bus = g_weak_ref_get (&((BubusSchedulerSource *) source)->bus);
  gint64 deadline;

  if (bus == NULL)
    return G_SOURCE_REMOVE;

  deadline = g_get_monotonic_time () + bus->time_budget;
  while (bubus_scheduler_do_next (bus))
    if (g_get_monotonic_time () >= deadline)
      break;
  return G_SOURCE_CONTINUE;
}

static void
bubus_scheduler_finalize (GSource *source)
{
  g_weak_ref_clear (&((BubusSchedulerSource *) source)->bus);
}

static GSourceFuncs bubus_scheduler_funcs = {
  .dispatch = bubus_scheduler_dispatch,
  .finalize = bubus_scheduler_finalize,
};

GSource *
_bubus_scheduler_source_new (BubusEventBus *bus)
{
  GSource *source = g_source_new (&bubus_scheduler_funcs, sizeof (BubusSchedulerSource));

  g_weak_ref_init (&((BubusSchedulerSource *) source)->bus, bus);
  g_source_set_static_name (source, "Bubus event bus");
  g_source_attach (source, bus->context);
  return source;
}

/* ---- answers ---- */

/* The bus keeps an invocation that will answer later until it has. */
void
_bubus_scheduler_defer (BubusInvocation *invocation)
{
  BubusEventBus *bus = invocation->result->visit->bus;

  g_mutex_lock (&bus->lock);
  _bubus_queue_push_tail (&bus->deferred, &invocation->link);
  g_mutex_unlock (&bus->lock);
}

/* The invocation has been answered before its handler returned. */
void
_bubus_scheduler_undefer (BubusInvocation *invocation)
{
  BubusEventBus *bus = invocation->result->visit->bus;

  g_mutex_lock (&bus->lock);
  _bubus_queue_remove (&bus->deferred, &invocation->link);
  g_mutex_unlock (&bus->lock);
}

/* A deferred invocation has been answered; its event goes on with the bus's next iteration. May be called from any
 * thread. */
void
_bubus_scheduler_answer (BubusInvocation *invocation)
{
  BubusEventBus *bus = invocation->result->visit->bus;

  g_mutex_lock (&bus->lock);
  _bubus_queue_remove (&bus->deferred, &invocation->link);
  _bubus_queue_push_tail (&bus->answered, &invocation->link);
  _bubus_scheduler_wake_locked (bus);
  g_mutex_unlock (&bus->lock);
}

/* ---- queue jump ---- */

static gboolean
bubus_scheduler_take_if_waiting (BubusVisit   *visit,
                                 GMainContext *context)
{
  BubusEventBus *bus = visit->bus;
  gboolean taken = FALSE;

  if (bus == NULL || bus->context != context)
    return FALSE;

  g_mutex_lock (&bus->lock);
  if (visit->state == BUBUS_VISIT_QUEUED || visit->state == BUBUS_VISIT_URGENT)
    {
      bubus_scheduler_take_visit_locked (bus, visit);
      taken = TRUE;
    }
  g_mutex_unlock (&bus->lock);
  return taken;
}

static gboolean
bubus_scheduler_all_handled (BubusEvent *event)
{
  for (const BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    if (visit->bus != NULL && visit->state < BUBUS_VISIT_HANDLED)
      return FALSE;
  return TRUE;
}

static void
bubus_scheduler_jump_children (BubusEvent   *event,
                               GMainContext *context)
{
  g_autoptr (GPtrArray) children = _bubus_event_list_blocking_children (event);

  for (guint i = 0; children != NULL && i < children->len; i++)
    _bubus_scheduler_jump (children->pdata[i], context);
}

/* Lets the event's turn come now, on every bus of the main context on which it waits for it. */
void
_bubus_scheduler_start_waiting (BubusEvent   *event,
                                GMainContext *context)
{
  BubusVisit *visit = &_bubus_event_get_private (event)->first;

  for (; visit != NULL; visit = visit->next)
    if (bubus_scheduler_take_if_waiting (visit, context))
      bubus_scheduler_start_visit (visit->bus, visit);
}

/* Handles an event in place, on every bus of the main context on which it waits for its turn, and then what its
 * completion waits for: children that nobody awaits (R-2, B-4.4, B-4.8). Nothing else runs. */
void
_bubus_scheduler_jump (BubusEvent   *event,
                       GMainContext *context)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  if (_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED))
    return;

  _bubus_event_set_flags (priv, BUBUS_EVENT_JUMPED);
  _bubus_scheduler_start_waiting (event, context);
  if (bubus_scheduler_all_handled (event))
    bubus_scheduler_jump_children (event, context);
}

/* ---- the end ---- */

static BubusVisit *
bubus_scheduler_take_first_waiting (BubusEventBus *bus)
{
  BubusVisit *visit = NULL;
  BubusLink *link;

  g_mutex_lock (&bus->lock);
  link = _bubus_queue_peek_head (bus->urgent.length > 0 ? &bus->urgent : &bus->queue);
  if (link != NULL)
    {
      visit = BUBUS_LINK_OWNER (link, BubusVisit, link);
      bubus_scheduler_take_visit_locked (bus, visit);
    }
  g_mutex_unlock (&bus->lock);
  return visit;
}

static BubusInvocation *
bubus_scheduler_ref_first_deferred (BubusEventBus *bus)
{
  BubusInvocation *invocation = NULL;
  BubusLink *link;

  g_mutex_lock (&bus->lock);
  link = _bubus_queue_peek_head (&bus->deferred);
  if (link != NULL)
    invocation = g_object_ref (BUBUS_LINK_OWNER (link, BubusInvocation, link));
  g_mutex_unlock (&bus->lock);
  return invocation;
}

static void
bubus_scheduler_abandon_deferred (BubusEventBus *bus)
{
  g_autoptr (GError) error = g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_STOPPED, "The bus has been stopped");
  BubusInvocation *invocation;

  while ((invocation = bubus_scheduler_ref_first_deferred (bus)) != NULL)
    {
      _bubus_invocation_abandon (invocation, error);
      g_object_unref (invocation);
    }
}

/* Fails whatever is not finished, so that every waiter wakes. The bus has been marked as stopped: no handler
 * is called any more. */
void
_bubus_scheduler_stop (BubusEventBus *bus)
{
  BubusVisit *visit;

  bubus_scheduler_abandon_deferred (bus);
  while (bubus_scheduler_do_next (bus))
    ;
  while ((visit = bubus_scheduler_take_first_waiting (bus)) != NULL)
    bubus_scheduler_start_visit (bus, visit);
}
