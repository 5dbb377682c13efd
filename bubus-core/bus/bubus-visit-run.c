/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-visit-run-private.h"

#include "base/bubus-error.h"
#include "base/bubus-object-internal.h"
#include "bubus-completion-private.h"
#include "bubus-global-turn-private.h"
#include "bubus-handler-limits-private.h"
#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-visit-watch-private.h"

/* How the handlers of one event are called on one bus. All functions run in the bus's main context. */

#define MAX_SPARE_INVOCATIONS 16
#define CACHE_LINE 64

static BubusInvocation *
bubus_visit_take_invocation (BubusEventBus *bus)
{
  BubusLink *link = _bubus_queue_pop_head (&bus->spare);

  if (link == NULL)
    return g_object_new (BUBUS_TYPE_INVOCATION, NULL);
  return BUBUS_LINK_OWNER (link, BubusInvocation, link);
}

/* The other reference may be that of a binding, which drops it when it collects its garbage. */
static gboolean
bubus_invocation_is_let_go (BubusInvocation *invocation,
                            BubusHandler    *handler)
{
  return handler != NULL && handler->lets_go && !invocation->owns
         && g_atomic_int_get (&G_OBJECT (invocation)->ref_count) == 2;
}

/* An invocation that nobody else has kept is used again: a call costs no object. NULL: the handler has answered later. */
void
_bubus_visit_give_back_invocation (BubusEventBus   *bus,
                                   BubusInvocation *invocation,
                                   BubusHandler    *handler)
{
  if ((G_LIKELY (_bubus_object_is_untouched (invocation)) || bubus_invocation_is_let_go (invocation, handler))
      && bus->spare.length < MAX_SPARE_INVOCATIONS)
    {
      _bubus_invocation_recycle (invocation);
      _bubus_queue_push_head (&bus->spare, &invocation->link);
      return;
    }

  _bubus_invocation_keep (invocation);
  g_object_unref (invocation);
}

/* Whether anything but the visit that is being finished keeps the event from being complete, and somebody awaits it. */
static gboolean
bubus_event_hurries (BubusEvent *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  return _bubus_event_has_flags (priv, BUBUS_EVENT_JUMPED) && g_atomic_int_get (&priv->pending) > 1;
}

static BubusHandlerList *
bubus_visit_end_work_locked (BubusEventBus *bus,
                             BubusVisit    *visit)
{
  BubusVisitWork *work = g_steal_pointer (&visit->work);
  BubusHandlerList *handlers = work->handlers;

  if (bus->spare_work == NULL)
    bus->spare_work = work;
  else
    g_free (work);
  return handlers;
}

/* The event is alive until the bus has released it at the end: it is not complete before. */
static void
bubus_visit_finish (BubusEventBus *bus,
                    BubusVisit    *visit)
{
  BubusEvent *event = _bubus_visit_get_event (visit);
  BubusHandlerList *handlers;

  g_mutex_lock (&bus->lock);
  _bubus_visit_set_state (visit, BUBUS_VISIT_HANDLED);
  handlers = bubus_visit_end_work_locked (bus, visit);
  bus->n_busy -= visit->mode != BUBUS_EVENT_CONCURRENCY_PARALLEL;
  if (G_UNLIKELY (visit->mode == BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL))
    _bubus_global_turn_release (event);
  _bubus_scheduler_wake_locked (bus);
  g_mutex_unlock (&bus->lock);

  if (G_UNLIKELY (bus->watches != NULL))
    _bubus_visit_unwatch (bus, visit);
  _bubus_handler_list_unref (handlers);
  if (G_UNLIKELY (bubus_event_hurries (event)))
    _bubus_scheduler_jump (event, bus->context);
  _bubus_completion_release_visit (bus, visit);
}

static void
bubus_visit_mark_started (BubusEventBus *bus,
                          BubusEvent    *event,
                          gint64         time)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  if (_bubus_event_has_flags (priv, BUBUS_EVENT_STARTED) || _bubus_event_set_flags (priv, BUBUS_EVENT_STARTED))
    return;

  if (priv->started_at == 0)
    priv->started_at = time;
  _bubus_event_bus_tell_event (bus, event, BUBUS_EVENT_STATUS_STARTED);
}

/* FALSE when the handler will answer later. */
static gboolean
bubus_visit_call_handler (BubusEventBus    *bus,
                          BubusEventResult *result,
                          BubusHandler     *handler,
                          gint64            time)
{
  BubusInvocation *invocation = bubus_visit_take_invocation (bus);

  _bubus_event_result_set_status (result, BUBUS_RESULT_STATUS_STARTED);
  result->started_at = time;
  _bubus_event_bus_tell_result (bus, result);
  bubus_visit_mark_started (bus, _bubus_result_get_event (result), result->started_at);

  if (G_UNLIKELY (handler->threaded))
    {
      _bubus_invocation_call_threaded (invocation, result, handler);
      return FALSE;
    }
  if (!_bubus_invocation_call (invocation, result, handler))
    return FALSE;

  if (G_UNLIKELY (result->completed_at - result->started_at >= BUBUS_SLOW_CHECK))
    _bubus_handler_check_slow (handler, result);
  _bubus_event_bus_tell_result (bus, result);
  _bubus_visit_give_back_invocation (bus, invocation, handler);
  return TRUE;
}

void
_bubus_visit_fail_result (BubusEventBus    *bus,
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
bubus_visit_get_start_time (BubusEventBus          *bus,
                            const BubusEventResult *before)
{
  if (before != NULL && !_bubus_event_bus_has_middleware (bus))
    return before->completed_at;
  return _bubus_event_bus_get_time (bus);
}

/* The first value is enough (B-3.33): what still runs is aborted, and what has not started never will. */
static void
bubus_visit_end_race (BubusEventBus *bus,
                      BubusVisit    *visit)
{
  const BubusEventResult *winner;
  g_autoptr (GError) reason = NULL;

  if (visit->over != BUBUS_VISIT_GOES_ON)
    return;

  visit->over = BUBUS_VISIT_WON;
  winner = _bubus_visit_get_result (visit, (guint) g_atomic_int_get (&visit->winner) - 1);
  reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_ABORTED, "%s has answered first", winner->handler->name);
  _bubus_scheduler_abandon_visit (visit, winner, reason);
}

/* The event's deadline has passed: it ends as if every handler that has not answered were not wanted any more (B-3.27). */
void
_bubus_visit_expire (BubusEventBus *bus,
                     BubusVisit    *visit)
{
  g_autoptr (GError) reason = NULL;

  if (visit->over != BUBUS_VISIT_GOES_ON)
    return;

  visit->over = BUBUS_VISIT_EXPIRED;
  reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_ABORTED, "“%s” has reached its deadline",
                        bubus_event_get_event_type (_bubus_visit_get_event (visit)));
  g_message ("%s on “%s”", reason->message, bus->info->name);
  _bubus_scheduler_abandon_visit (visit, NULL, reason);
}

/* The winner may be in another thread. */
static gboolean
bubus_visit_has_won (BubusVisit *visit)
{
  return visit->first_wins && (guint) g_atomic_int_get (&visit->winner) != BUBUS_VISIT_NO_WINNER;
}

static gboolean
bubus_visit_is_over (BubusEventBus *bus,
                     BubusVisit    *visit)
{
  if (visit->has_deadline && _bubus_visit_is_overdue (bus, visit))
    _bubus_visit_expire (bus, visit);
  if (bubus_visit_has_won (visit))
    bubus_visit_end_race (bus, visit);
  return visit->over != BUBUS_VISIT_GOES_ON;
}

static void
bubus_visit_cancel_result (BubusEventBus    *bus,
                           BubusVisit       *visit,
                           BubusEventResult *result)
{
  const char *message = visit->over == BUBUS_VISIT_WON ? "Another handler has answered first"
                                                       : "The event has reached its deadline";

  _bubus_visit_fail_result (bus, result, BUBUS_ERROR_CANCELLED, message);
}

/* Calls a handler, or says why it is not called. FALSE when it will answer later. */
static gboolean
bubus_visit_handle (BubusEventBus    *bus,
                    BubusVisit       *visit,
                    BubusEventResult *result,
                    BubusEventResult *before)
{
  BubusEventPrivate *priv = _bubus_event_get_private (_bubus_visit_get_event (visit));
  const BubusHandlerList *handlers = _bubus_visit_get_handlers (visit);

  if (G_UNLIKELY (g_atomic_int_get (&bus->stopped)))
    _bubus_visit_fail_result (bus, result, BUBUS_ERROR_STOPPED, "The bus has been stopped");
  else if (G_UNLIKELY (_bubus_event_has_flags (priv, BUBUS_EVENT_ABANDONED)))
    _bubus_visit_fail_result (bus, result, BUBUS_ERROR_CANCELLED, "What the event was dispatched for is over");
  else if (G_UNLIKELY (visit->first_wins || visit->has_deadline) && bubus_visit_is_over (bus, visit))
    bubus_visit_cancel_result (bus, visit, result);
  else
    return bubus_visit_call_handler (bus, result, handlers->handlers[result->index],
                                     bubus_visit_get_start_time (bus, before));
  return TRUE;
}

static gboolean
bubus_visit_has_next (const BubusVisit *visit)
{
  const BubusVisitWork *work = visit->work;

  return work->n_called < visit->n_results && (work->n_running == 0 || visit->all_at_once);
}

/* Many handlers are not in the processor's cache, nor is what they call. To ask for both in time saves the time of a call. */
static void
bubus_visit_expect_handlers (const BubusVisit *visit,
                             guint             n_called)
{
  BubusHandler **next = &_bubus_visit_get_handlers (visit)->handlers[n_called];

  __builtin_prefetch (next[1]);
  __builtin_prefetch ((const char *) next[1] + CACHE_LINE);
  __builtin_prefetch ((const char *) next[1] + 2 * CACHE_LINE);
  __builtin_prefetch (next[0]->func);
  __builtin_prefetch (next[0]->user_data);
  __builtin_prefetch ((const char *) next[0]->user_data + CACHE_LINE);
}

/* Calls one handler after the other until one of them will answer later, or all of them, when they run in parallel; at
 * least one, and none after @until. Returns when the last has answered, or was called; G_MININT64 when there was
 * none. */
static gint64
bubus_visit_call_handlers (BubusEventBus *bus,
                           BubusVisit    *visit,
                           gint64         until)
{
  BubusVisitWork *work = visit->work;
  BubusEventResult *before = NULL;
  gint64 time = G_MININT64;

  while (bubus_visit_has_next (visit) && time < until)
    {
      BubusEventResult *result = _bubus_visit_get_result (visit, work->n_called++);

      if (work->n_called + 1 < visit->n_results)
        bubus_visit_expect_handlers (visit, work->n_called);
      if (_bubus_event_result_is_final (result))
        continue;
      if (bubus_visit_handle (bus, visit, result, before))
        {
          before = result;
          time = result->completed_at;
        }
      else
        {
          before = NULL;
          time = result->started_at;
          work->n_running++;
        }
    }
  return time;
}

/* The event keeps its turn. The bus goes on with it in its next iteration, as if a handler had answered then. */
static void
bubus_visit_pause (BubusEventBus *bus,
                   BubusVisit    *visit)
{
  g_mutex_lock (&bus->lock);
  g_queue_push_tail (&bus->paused, visit);
  g_mutex_unlock (&bus->lock);
}

static void
bubus_visit_unpause (BubusEventBus *bus,
                     BubusVisit    *visit)
{
  g_mutex_lock (&bus->lock);
  g_queue_remove (&bus->paused, visit);
  g_mutex_unlock (&bus->lock);
}

gboolean
_bubus_visit_is_paused (BubusEventBus *bus,
                        BubusVisit    *visit)
{
  return G_UNLIKELY (bus->paused.length > 0) && g_queue_find (&bus->paused, visit) != NULL;
}

/* Calls the handlers that are to be called now. Between two of them the time budget may be spent, at @until; what runs
 * in place goes on for as long as it takes, and has G_MAXINT64. */
void
_bubus_visit_continue (BubusEventBus *bus,
                       BubusVisit    *visit,
                       gint64         until)
{
  BubusVisitWork *work = visit->work;
  gint64 time;

  if (_bubus_visit_is_paused (bus, visit))
    bubus_visit_unpause (bus, visit);
  work->is_calling = TRUE;
  time = bubus_visit_call_handlers (bus, visit, until);
  work->is_calling = FALSE;
  if (time != G_MININT64)
    bus->last_answer = time;

  if (G_UNLIKELY (bubus_visit_has_won (visit)))
    bubus_visit_end_race (bus, visit);
  if (G_UNLIKELY (bubus_visit_has_next (visit)))
    bubus_visit_pause (bus, visit);
  else if (work->n_running == 0)
    {
      bubus_visit_finish (bus, visit);
      return;
    }
  if (!visit->has_deadline)
    _bubus_visit_watch (bus, visit);
}

/* A handler that answers later has. When that comes while another is being called, which runs a main loop in place, the
 * rest is seen to when that returns. */
void
_bubus_visit_resume (BubusEventBus *bus,
                     BubusVisit    *visit,
                     gint64         until)
{
  BubusVisitWork *work = visit->work;

  work->n_running--;
  if (G_LIKELY (!work->is_calling))
    _bubus_visit_continue (bus, visit, until);
}
