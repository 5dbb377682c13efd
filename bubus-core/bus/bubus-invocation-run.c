/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-invocation.h"

#include "base/bubus-error.h"
#include "bubus-event-bus-private.h"
#include "bubus-event-wait-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"

static void
bubus_invocation_append_cycle (GString    *text,
                               BubusEvent *from,
                               BubusEvent *to)
{
  BubusEventPrivate *priv = _bubus_event_get_private (from);

  if (from != to && priv->parent != NULL)
    bubus_invocation_append_cycle (text, priv->parent, to);
  g_string_append_printf (text, "%s → ", bubus_event_get_event_type (from));
}

/* A handler that waits for its own event, or for one that waits for it, would wait for ever. */
static gboolean
bubus_invocation_check_deadlock (BubusInvocation  *self,
                                 BubusEvent       *event,
                                 GError          **error)
{
  BubusEvent *ancestor = self->event;
  g_autoptr (GString) cycle = NULL;

  while (ancestor != NULL && ancestor != event)
    ancestor = _bubus_event_get_private (ancestor)->parent;
  if (ancestor == NULL)
    return TRUE;

  cycle = g_string_new (NULL);
  bubus_invocation_append_cycle (cycle, self->event, event);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK,
               "%s would wait for itself: %s%s", self->result->handler->name, cycle->str,
               bubus_event_get_event_type (event));
  return FALSE;
}

static gboolean
bubus_event_check_dispatched (BubusEvent  *event,
                              GError     **error)
{
  if (bubus_event_is_sealed (event))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NOT_DISPATCHED,
               "“%s” has not been dispatched", bubus_event_get_event_type (event));
  return FALSE;
}

/* Checks that the wait can end, and handles the event in place as far as that goes. */
gboolean
_bubus_invocation_start_wait (BubusInvocation  *self,
                              BubusEvent       *event,
                              GError          **error)
{
  if (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED)
    return TRUE;
  if (!bubus_event_check_dispatched (event, error) || !bubus_invocation_check_deadlock (self, event, error))
    return FALSE;

  _bubus_scheduler_jump (event, self->result->visit->bus->context);
  return TRUE;
}

/**
 * bubus_invocation_run:
 * @self: an invocation
 * @event: an event that has been dispatched
 * @error: (nullable): where to put why the event could not be run to its end
 *
 * Runs an event now, in place, before any other event that waits: on every bus of the same main context on which it
 * is queued, and with it the children that its completion waits for. Nothing else runs.
 *
 * When it returns %TRUE, the event is complete. That its handlers have failed is no error of this function: look at
 * the event's results.
 *
 * Fails with %BUBUS_ERROR_WOULD_BLOCK when a handler of the event answers later, or runs in another main context: the
 * event goes on, but this handler cannot wait for it here; defer it and use [method@Invocation.run_async]. Fails with
 * %BUBUS_ERROR_WOULD_DEADLOCK when the handler would wait for itself, and with %BUBUS_ERROR_NOT_DISPATCHED when the
 * event is on no bus.
 *
 * Returns: whether the event is complete
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_run (BubusInvocation  *self,
                      BubusEvent       *event,
                      GError          **error)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!_bubus_invocation_start_wait (self, event, error))
    return FALSE;
  if (bubus_event_get_event_status (event) == BUBUS_EVENT_STATUS_COMPLETED)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK,
               "“%s” is not complete yet because a handler answers later: "
               "%s must be deferred to wait for it", bubus_event_get_event_type (event), self->result->handler->name);
  return FALSE;
}

/**
 * bubus_invocation_run_async:
 * @self: an invocation
 * @event: an event that has been dispatched
 * @cancellable: (nullable): ends the wait, not the event
 * @callback: (scope async) (closure user_data): called when the event is complete
 * @user_data: passed to @callback
 *
 * Runs an event now, in place, before any other event that waits, and waits until it is complete.
 *
 * The event's handlers are started before this function returns. See [method@Invocation.run] for what runs and for
 * the errors; this function never fails with %BUBUS_ERROR_WOULD_BLOCK.
 *
 * Since: 1.0
 */
void
bubus_invocation_run_async (BubusInvocation     *self,
                            BubusEvent          *event,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));
  g_return_if_fail (BUBUS_IS_EVENT (event));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _bubus_event_wait (self, self, event, -1, bubus_invocation_run_async, cancellable, callback, user_data);
}

/**
 * bubus_invocation_run_finish:
 * @self: an invocation
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@Invocation.run_async].
 *
 * Returns: whether the event is complete
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_run_finish (BubusInvocation  *self,
                             GAsyncResult     *result,
                             GError          **error)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
