/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-results-wait.h"

#include "bubus-event-wait-private.h"
#include "bubus-invocation-private.h"

/**
 * bubus_results_wait_async:
 * @self: results of an event that has been dispatched
 * @cancellable: (nullable): ends the wait, not the event
 * @callback: (scope async) (closure user_data): called when the event is complete, or the time is over
 * @user_data: passed to @callback
 *
 * Waits until the event is complete, so that its results can be gathered.
 *
 * It waits as [method@Event.wait_for_async] does, for at most [property@Results:timeout]: outside of a handler the
 * event takes its turn; while a handler is being called, or in its callbacks, the event is run in place first. Fails with
 * %BUBUS_ERROR_TIMED_OUT when the time is over; the event goes on.
 *
 * That handlers of the event have failed is no error of the wait. The functions that gather say so.
 *
 * Since: 1.0
 */
void
bubus_results_wait_async (BubusResults        *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_RESULTS (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _bubus_event_wait (self, _bubus_invocation_get_current (), bubus_results_get_event (self),
                     bubus_results_get_timeout (self), bubus_results_wait_async, cancellable, callback, user_data);
}

/**
 * bubus_results_wait_finish:
 * @self: results
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@Results.wait_async].
 *
 * Returns: whether the event is complete
 *
 * Since: 1.0
 */
gboolean
bubus_results_wait_finish (BubusResults  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_RESULTS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
