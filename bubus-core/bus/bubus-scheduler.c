/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-scheduler-private.h"

#include "base/bubus-error.h"
#include "bubus-completion-private.h"
#include "bubus-global-turn-private.h"
#include "bubus-invocation-private.h"
#include "bubus-turns-private.h"
#include "bubus-visit-run-private.h"

/* Among more buses than this, those at the end of the line have their turns in the next iteration: shares that are too
 * small are spent on going from one bus to the next. */
#define MAX_SHARES 8

/* Decides what a bus does next in its turn, which ends when its share of the time budget is spent. All functions run in
 * the bus's main context unless they say otherwise. */

/* ---- the turn ---- */

/* Whether the first in the queue may have its turn. Global-serial events share theirs with other buses. */
static gboolean
bubus_scheduler_may_take_locked (BubusEventBus    *bus,
                                 const BubusVisit *first)
{
  gboolean global = first != NULL && bus->n_busy == 0 && first->mode == BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL;

  if (G_UNLIKELY (global || bus->in_line))
    {
      bus->in_line = global;
      if (global)
        return _bubus_global_turn_request (bus);
      _bubus_global_turn_leave (bus);
    }
  return first != NULL && bus->n_busy == 0;
}

static BubusVisit *
bubus_scheduler_pick_visit_locked (BubusEventBus *bus)
{
  BubusLink *link = _bubus_queue_peek_head (&bus->urgent);
  BubusVisit *first;

  if (link != NULL)
    return BUBUS_LINK_OWNER (link, BubusVisit, link);

  link = _bubus_queue_peek_head (&bus->queue);
  first = link != NULL ? BUBUS_LINK_OWNER (link, BubusVisit, link) : NULL;
  return bubus_scheduler_may_take_locked (bus, first) ? first : NULL;
}

static gboolean
bubus_scheduler_has_work_locked (BubusEventBus *bus)
{
  return bus->answered.length > 0 || bus->completions.length > 0 || bus->paused.length > 0
         || bubus_scheduler_pick_visit_locked (bus) != NULL;
}

/* May be called from any thread. */
void
_bubus_scheduler_wake_locked (BubusEventBus *bus)
{
  if (!g_atomic_int_get (&bus->awake) && bubus_scheduler_has_work_locked (bus))
    _bubus_turns_wake (bus);
}

static void
bubus_scheduler_resume (BubusEventBus   *bus,
                        BubusInvocation *invocation,
                        gint64           until)
{
  BubusEventResult *result = invocation->result;
  BubusVisit *visit = _bubus_result_get_visit (result);

  _bubus_event_bus_tell_result (bus, result);
  _bubus_visit_resume (bus, visit, until);
  _bubus_visit_give_back_invocation (bus, invocation, NULL);
}

static BubusInvocation *
bubus_scheduler_take_answer (BubusEventBus *bus,
                             BubusEvent    *event)
{
  BubusInvocation *found = NULL;
  BubusLink *link;

  g_mutex_lock (&bus->lock);
  link = _bubus_queue_peek_head (&bus->answered);
  while (link != NULL && BUBUS_LINK_OWNER (link, BubusInvocation, link)->event != event)
    link = _bubus_queue_next (&bus->answered, link);
  if (link != NULL)
    {
      found = BUBUS_LINK_OWNER (link, BubusInvocation, link);
      _bubus_queue_remove (&bus->answered, link);
    }
  g_mutex_unlock (&bus->lock);
  return found;
}

/* What has been answered for @event goes on now, and not with the bus's next iteration. */
void
_bubus_scheduler_resume_event (BubusEvent   *event,
                               GMainContext *context)
{
  BubusInvocation *invocation;

  for (BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    while (_bubus_visit_is_in (visit, context) && (invocation = bubus_scheduler_take_answer (_bubus_visit_get_bus (visit), event)) != NULL)
      bubus_scheduler_resume (_bubus_visit_get_bus (visit), invocation, G_MAXINT64);
}

/* FALSE when there is nothing to do. An event that pauses comes before those that wait for their turn, and after what is
 * awaited. */
static gboolean
bubus_scheduler_do_next (BubusEventBus *bus,
                         gint64         until)
{
  BubusInvocation *invocation = NULL;
  BubusEvent *completed = NULL;
  BubusVisit *paused = NULL;
  BubusVisit *visit = NULL;

  g_mutex_lock (&bus->lock);
  if (bus->answered.length > 0)
    invocation = BUBUS_LINK_OWNER (_bubus_queue_pop_head (&bus->answered), BubusInvocation, link);
  else if (bus->completions.length > 0)
    completed = g_queue_pop_head (&bus->completions);
  else if (G_UNLIKELY (bus->paused.length > 0) && bus->urgent.length == 0)
    paused = g_queue_pop_head (&bus->paused);
  else if ((visit = bubus_scheduler_pick_visit_locked (bus)) != NULL)
    _bubus_visit_take_locked (bus, visit);
  g_mutex_unlock (&bus->lock);

  if (invocation != NULL)
    bubus_scheduler_resume (bus, invocation, until);
  else if (completed != NULL)
    _bubus_completion_receive (bus, completed);
  else if (paused != NULL)
    _bubus_visit_continue (bus, paused, until);
  else if (visit != NULL)
    _bubus_visit_start (bus, visit, until);
  return invocation != NULL || completed != NULL || paused != NULL || visit != NULL;
}

/* Something may have come meanwhile from another thread. That is asked last, because the turn of global-serial events may
 * come at any time, and wakes a bus that sleeps by then. */
static void
bubus_scheduler_sleep (BubusEventBus *bus)
{
  g_mutex_lock (&bus->lock);
  _bubus_turns_rest (bus);
  _bubus_scheduler_wake_locked (bus);
  g_mutex_unlock (&bus->lock);
}

/* What the bus's handlers have just done says what time it is; a look at the clock costs as much as an empty handler. */
static gint64
bubus_scheduler_get_time (BubusEventBus *bus)
{
  gint64 time = bus->last_answer;

  bus->last_answer = 0;
  return time != 0 ? time : _bubus_event_bus_get_time (bus);
}

/* One of @n_turns that have to do with what the buses before have left of the budget. Returns what it took, unless it is
 * the last.
 *
 * A bus goes to sleep when a whole turn has found nothing to do, not at once: the next event often comes before that, and
 * to sleep and wake costs more than a turn. What comes to a bus that was idle a moment ago is for that turn too, so that
 * an event on its own costs no second look at the clock and at the queue. */
gint64
_bubus_scheduler_take_turn (BubusEventBus *bus,
                            gint64         spent,
                            guint          n_turns)
{
  gint64 begin = _bubus_event_bus_get_time (bus);
  gint64 end = _bubus_time_add (begin, MAX (_bubus_event_bus_get_budget (bus) - spent, 0) / MIN (n_turns, MAX_SHARES));

  bus->last_answer = 0;
  if (!bubus_scheduler_do_next (bus, end))
    bubus_scheduler_sleep (bus);
  else
    {
      while (g_atomic_int_get (&bus->held) && bubus_scheduler_get_time (bus) < end
             && bubus_scheduler_do_next (bus, end))
        continue;
      _bubus_turns_end (bus);
    }
  return n_turns > 1 ? _bubus_event_bus_get_time (bus) - begin : 0;
}

/* ---- answers ---- */

/* The bus keeps an invocation that will answer later until it has. */
void
_bubus_scheduler_defer (BubusInvocation *invocation)
{
  BubusEventBus *bus = _bubus_result_get_bus (invocation->result);

  g_mutex_lock (&bus->lock);
  _bubus_queue_push_tail (&bus->deferred, &invocation->link);
  g_mutex_unlock (&bus->lock);
}

/* The invocation has been answered before its handler returned. */
void
_bubus_scheduler_undefer (BubusInvocation *invocation)
{
  BubusEventBus *bus = _bubus_result_get_bus (invocation->result);

  g_mutex_lock (&bus->lock);
  _bubus_queue_remove (&bus->deferred, &invocation->link);
  g_mutex_unlock (&bus->lock);
}

/* A deferred invocation has been answered; its event goes on with the bus's next iteration. May be called from any
 * thread. */
void
_bubus_scheduler_answer (BubusInvocation *invocation)
{
  BubusEventBus *bus = _bubus_result_get_bus (invocation->result);

  g_mutex_lock (&bus->lock);
  _bubus_queue_remove (&bus->deferred, &invocation->link);
  _bubus_queue_push_tail (&bus->answered, &invocation->link);
  _bubus_scheduler_wake_locked (bus);
  g_mutex_unlock (&bus->lock);
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
      _bubus_visit_take_locked (bus, visit);
    }
  g_mutex_unlock (&bus->lock);
  return visit;
}

/* Fails whatever is not finished, so that every waiter wakes. The bus has been marked as stopped: no handler
 * is called any more. */
void
_bubus_scheduler_stop (BubusEventBus *bus)
{
  g_autoptr (GError) error = g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_STOPPED, "The bus has been stopped");
  BubusVisit *visit;

  _bubus_scheduler_abandon_deferred (bus, NULL, error);
  while (bubus_scheduler_do_next (bus, G_MAXINT64))
    ;
  while ((visit = bubus_scheduler_take_first_waiting (bus)) != NULL)
    _bubus_visit_start (bus, visit, G_MAXINT64);
}
