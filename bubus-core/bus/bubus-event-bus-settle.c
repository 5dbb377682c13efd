/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "base/bubus-error.h"
#include "bubus-event-bus-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-seeker-private.h"
#include "bubus-task-queue-private.h"

/* What changes when events have gone: the oldest leave the history, those who wait for room get it, and those who wait
 * until the bus is idle are told. */
typedef struct
{
  BubusVisit *evicted;
  GTask      *room;
  GQueue      idle;
  gboolean    release;
} BubusSettlement;

static void
bubus_event_bus_evict_locked (BubusEventBus   *self,
                              BubusSettlement *settlement)
{
  BubusVisit *visit;

  while ((visit = _bubus_history_evict (&self->history)) != NULL)
    {
      visit->link.next = (BubusLink *) settlement->evicted;
      settlement->evicted = visit;
    }
}

static void
bubus_event_bus_settle_locked (BubusEventBus   *self,
                               BubusSettlement *settlement)
{
  bubus_event_bus_evict_locked (self, settlement);
  if (_bubus_event_bus_next_has_room_locked (self))
    settlement->room = _bubus_task_queue_pop (&self->room_waiters);

  if (settlement->room == NULL && _bubus_event_bus_is_idle_locked (self))
    {
      _bubus_task_queue_steal (&self->idle_waiters, &settlement->idle);
      settlement->release = self->held;
      g_atomic_int_set (&self->held, FALSE);
    }
}

static void
bubus_event_bus_forget_evicted (BubusVisit *evicted)
{
  while (evicted != NULL)
    {
      BubusVisit *next = (BubusVisit *) evicted->link.next;

      evicted->link.next = NULL;
      g_object_unref (evicted->event);
      evicted = next;
    }
}

static void
bubus_event_bus_tell_idle (GQueue *tasks)
{
  GTask *task;

  while ((task = g_queue_pop_head (tasks)) != NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
}

/* Acts on a settlement, without the lock; TRUE when there may be more to settle. */
static gboolean
bubus_event_bus_act (BubusEventBus   *self,
                     BubusSettlement *settlement)
{
  gboolean again = settlement->room != NULL;

  bubus_event_bus_forget_evicted (settlement->evicted);
  if (settlement->room != NULL)
    _bubus_event_bus_dispatch_task (self, settlement->room);
  g_clear_object (&settlement->room);
  bubus_event_bus_tell_idle (&settlement->idle);
  if (settlement->release)
    g_object_unref (self);
  return again;
}

static void
bubus_event_bus_retire_locked (BubusEventBus *self,
                               BubusVisit    *visit)
{
  _bubus_queue_remove (&self->running, &visit->link);
  visit->state = BUBUS_VISIT_DONE;
  self->n_from_handlers -= visit->from_handler;
  _bubus_history_add (&self->history, visit);
}

static void
bubus_event_bus_settle_after (BubusEventBus *self,
                              BubusVisit    *retired)
{
  /* Who is told is not part of the handler that happens to be running. */
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);
  BubusSettlement settlement;

  do
    {
      settlement = (BubusSettlement) { NULL, NULL, G_QUEUE_INIT, FALSE };
      g_mutex_lock (&self->lock);
      if (retired != NULL)
        bubus_event_bus_retire_locked (self, g_steal_pointer (&retired));
      bubus_event_bus_settle_locked (self, &settlement);
      g_mutex_unlock (&self->lock);
    }
  while (bubus_event_bus_act (self, &settlement));

  _bubus_invocation_set_current (invocation);
}

void
_bubus_event_bus_settle (BubusEventBus *self)
{
  bubus_event_bus_settle_after (self, NULL);
}

/* The event is complete: the visit goes to the history. */
void
_bubus_event_bus_retire (BubusVisit *visit)
{
  bubus_event_bus_settle_after (visit->bus, visit);
}

/**
 * bubus_event_bus_wait_until_idle_async:
 * @self: a bus
 * @cancellable: (nullable): ends the wait
 * @callback: (scope async) (closure user_data): called when the bus is idle
 * @user_data: passed to @callback
 *
 * Waits until every event that the bus has taken is complete.
 *
 * Fails with %BUBUS_ERROR_WOULD_DEADLOCK while a handler is being called in this thread: the bus cannot become idle
 * before the handler is done.
 *
 * Since: 1.0
 */
void
bubus_event_bus_wait_until_idle_async (BubusEventBus       *self,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  gboolean idle;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_event_bus_wait_until_idle_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (_bubus_invocation_get_current () != NULL)
    {
      g_task_return_new_error (task, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK,
                               "“%s” cannot become idle while a handler waits for it", self->info->name);
      return;
    }

  g_mutex_lock (&self->lock);
  idle = _bubus_event_bus_is_idle_locked (self);
  if (!idle)
    _bubus_task_queue_push (&self->idle_waiters, task, &self->lock);
  g_mutex_unlock (&self->lock);
  if (idle)
    g_task_return_boolean (task, TRUE);
}

/**
 * bubus_event_bus_wait_until_idle_finish:
 * @self: a bus
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@EventBus.wait_until_idle_async].
 *
 * Returns: whether the bus became idle
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_wait_until_idle_finish (BubusEventBus  *self,
                                        GAsyncResult   *result,
                                        GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
bubus_event_bus_stop_cb (gpointer data)
{
  BubusEventBus *self = data;

  _bubus_scheduler_stop (self);
  _bubus_seekers_dismiss (self);
  _bubus_event_bus_settle (self);
  return G_SOURCE_REMOVE;
}

/* At once, or inside of a handler as soon as that has returned: nothing else runs inside of it. */
static void
bubus_event_bus_fail_unfinished (BubusEventBus *self)
{
  g_autoptr (GSource) source = NULL;

  if (_bubus_invocation_get_current () == NULL)
    {
      g_main_context_invoke_full (self->context, G_PRIORITY_HIGH, bubus_event_bus_stop_cb,
                                  g_object_ref (self), g_object_unref);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, bubus_event_bus_stop_cb, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->context);
}

/**
 * bubus_event_bus_stop:
 * @self: a bus
 *
 * Stops the bus at once and for good.
 *
 * No handler is called any more, and no event accepted. Every unfinished event gets %BUBUS_ERROR_STOPPED as the result
 * of the handlers that have not finished, and whoever waits is told. To let the bus finish its work first, use
 * [method@EventBus.wait_until_idle_async].
 *
 * May be called from any thread, and more than once; the events are failed in the bus's main context.
 *
 * Since: 1.0
 */
void
bubus_event_bus_stop (BubusEventBus *self)
{
  gboolean was_stopped;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  g_mutex_lock (&self->lock);
  was_stopped = self->stopped;
  g_atomic_int_set (&self->stopped, TRUE);
  g_mutex_unlock (&self->lock);

  if (!was_stopped)
    bubus_event_bus_fail_unfinished (self);
}
