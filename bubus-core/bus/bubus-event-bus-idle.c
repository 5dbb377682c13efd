/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "base/bubus-error.h"
#include "bubus-event-bus-private.h"
#include "bubus-invocation-private.h"
#include "bubus-task-queue-private.h"
#include "bubus-task-reminder-private.h"
#include "bubus-wait-owner-private.h"

/**
 * bubus_event_bus_is_idle:
 * @self: a bus
 *
 * Says whether the bus has nothing to do: every event that it took is complete, and none waits for room. May be called
 * from any thread.
 *
 * Returns: whether the bus is idle
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_is_idle (BubusEventBus *self)
{
  gboolean idle;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), TRUE);

  g_mutex_lock (&self->lock);
  idle = _bubus_event_bus_is_idle_locked (self);
  g_mutex_unlock (&self->lock);
  return idle;
}

/* ---- waiting ---- */

/* Tells those who waited until the bus is idle that it is. Empties @tasks. */
void
_bubus_event_bus_tell_idle (GQueue *tasks)
{
  GTask *task;

  while ((task = g_queue_pop_head (tasks)) != NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
}

static void
bubus_event_bus_idle_expired_cb (GTask *task)
{
  BubusEventBus *self = g_task_get_source_object (task);
  gboolean removed;

  g_mutex_lock (&self->lock);
  removed = _bubus_task_queue_remove (&self->idle_waiters, task);
  g_mutex_unlock (&self->lock);

  if (removed)
    {
      g_task_return_new_error (task, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "“%s” has not become idle in time: "
                               "it has %u unfinished events", self->info->name, bubus_event_bus_get_n_pending (self));
      g_object_unref (task);
    }
}

static gboolean
bubus_event_bus_check_may_wait (BubusEventBus  *self,
                                GCancellable   *cancellable,
                                GError        **error)
{
  g_autoptr (BubusInvocation) owner = _bubus_wait_owner_ref_on (self, cancellable);
  const BubusInvocation *invocation = owner != NULL ? owner : _bubus_invocation_get_current ();

  if (invocation == NULL)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK,
               "“%s” cannot become idle while %s waits for it: “%s” would wait for itself", self->info->name,
               invocation->result->handler->name, bubus_event_get_event_type (invocation->event));
  return FALSE;
}

static void
bubus_event_bus_queue_until_idle (BubusEventBus *self,
                                  GTask         *task)
{
  gboolean idle;

  g_mutex_lock (&self->lock);
  idle = _bubus_event_bus_is_idle_locked (self);
  if (!idle)
    _bubus_task_queue_push (&self->idle_waiters, task, &self->lock);
  g_mutex_unlock (&self->lock);

  if (idle)
    g_task_return_boolean (task, TRUE);
}

static void
bubus_event_bus_wait_until_idle (BubusEventBus       *self,
                                 double               seconds,
                                 gpointer             source_tag,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, source_tag);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (!bubus_event_bus_check_may_wait (self, cancellable, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  bubus_event_bus_queue_until_idle (self, task);
  if (seconds == 0)
    bubus_event_bus_idle_expired_cb (task);
  else if (seconds > 0)
    _bubus_task_remind_after (task, self->clock, seconds, g_task_get_context (task), bubus_event_bus_idle_expired_cb);
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
 * before the handler is done. So it does when @cancellable is that of a handler of the bus that has not answered.
 *
 * Since: 1.0
 */
void
bubus_event_bus_wait_until_idle_async (BubusEventBus       *self,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  bubus_event_bus_wait_until_idle (self, -1, bubus_event_bus_wait_until_idle_async, cancellable, callback, user_data);
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

/**
 * bubus_event_bus_wait_until_idle_for_async:
 * @self: a bus
 * @seconds: how long to wait at most, on the clock of the bus; 0 only looks, negative is without limit
 * @cancellable: (nullable): ends the wait
 * @callback: (scope async) (closure user_data): called when the bus is idle, or the time is over
 * @user_data: passed to @callback
 *
 * Does what [method@EventBus.wait_until_idle_async] does, for a limited time. When the bus has not become idle by then,
 * it fails with %BUBUS_ERROR_TIMED_OUT; the bus goes on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_wait_until_idle_for_async (BubusEventBus       *self,
                                           double               seconds,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  bubus_event_bus_wait_until_idle (self, seconds, bubus_event_bus_wait_until_idle_for_async,
                                   cancellable, callback, user_data);
}

/**
 * bubus_event_bus_wait_until_idle_for_finish:
 * @self: a bus
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@EventBus.wait_until_idle_for_async].
 *
 * Returns: whether the bus became idle
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_wait_until_idle_for_finish (BubusEventBus  *self,
                                            GAsyncResult   *result,
                                            GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
