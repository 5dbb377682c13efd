/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-visit-run-private.h"

#include "base/bubus-error.h"
#include "bubus-completion-private.h"
#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"

/* How the handlers of one event are called on one bus. All functions run in the bus's main context. */

#define MAX_SPARE_INVOCATIONS 16

static BubusInvocation *
bubus_visit_take_invocation (BubusEventBus *bus)
{
  BubusLink *link = _bubus_queue_pop_head (&bus->spare);

  if (link == NULL)
    return g_object_new (BUBUS_TYPE_INVOCATION, NULL);
  return BUBUS_LINK_OWNER (link, BubusInvocation, link);
}

/* An invocation that nobody else has kept is used again: a call costs no object. */
void
_bubus_visit_give_back_invocation (BubusEventBus   *bus,
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
bubus_visit_finish (BubusEventBus *bus,
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
bubus_visit_mark_started (BubusEventBus *bus,
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
bubus_visit_call_handler (BubusEventBus    *bus,
                          BubusEventResult *result,
                          BubusHandler     *handler,
                          gint64            time)
{
  BubusInvocation *invocation = bubus_visit_take_invocation (bus);

  result->status = BUBUS_RESULT_STATUS_STARTED;
  result->started_at = time;
  _bubus_event_bus_tell_result (bus, result);
  bubus_visit_mark_started (bus, result->visit->event, result->started_at);

  if (!_bubus_invocation_call (invocation, result, handler))
    return FALSE;

  _bubus_event_bus_tell_result (bus, result);
  _bubus_visit_give_back_invocation (bus, invocation);
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
  if (before != NULL && g_atomic_pointer_get (&bus->middleware) == NULL)
    return before->completed_at;
  return _bubus_event_bus_get_time (bus);
}

/* Calls one handler after the other until one of them will answer later. */
void
_bubus_visit_continue (BubusEventBus *bus,
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
        _bubus_visit_fail_result (bus, result, BUBUS_ERROR_STOPPED, "The bus has been stopped");
      else if (G_UNLIKELY (_bubus_event_has_flags (_bubus_event_get_private (visit->event), BUBUS_EVENT_ABANDONED)))
        _bubus_visit_fail_result (bus, result, BUBUS_ERROR_CANCELLED, "What the event was dispatched for is over");
      else if (!bubus_visit_call_handler (bus, result, handlers->handlers[index],
                                          bubus_visit_get_start_time (bus, before)))
        return;
      before = result;
    }

  bubus_visit_finish (bus, visit);
}
