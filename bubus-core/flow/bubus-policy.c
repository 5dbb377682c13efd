/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-policy.h"

#include "bubus-attempt-internal.h"
#include "bubus-operation-private.h"

/**
 * BubusPolicy:
 *
 * A rule about how something is done: how often it is tried, how many do it at a time, whether it is tried at all.
 *
 * There are [class@RetryPolicy], [class@Semaphore] and [class@CircuitBreaker]. Each runs a [class@Operation] with
 * [method@Policy.run_async]. [method@Policy.wrap] makes an operation that obeys the policy, to be run under another
 * one: a retried operation whose attempts each ask a circuit breaker, for example.
 *
 * A policy may rule over any number of operations at the same time. Semaphores and circuit breakers may be used from
 * all threads, a retry policy as long as it is not changed.
 *
 * Since: 1.0
 */

G_DEFINE_INTERFACE (BubusPolicy, bubus_policy, G_TYPE_OBJECT)

static void
bubus_policy_default_init (BubusPolicyInterface *iface)
{
}

static void
bubus_policy_done_cb (BubusAttempt *attempt,
                      gpointer      data)
{
  g_autoptr (GTask) task = data;
  const GError *error = _bubus_attempt_get_error (attempt);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_pointer (task, g_object_ref (attempt), g_object_unref);
}

/**
 * bubus_policy_run_async:
 * @self: a policy
 * @operation: what to do
 * @cancellable: (nullable): gives up
 * @callback: (scope async) (closure user_data): called when the operation has succeeded, or failed for good
 * @user_data: passed to @callback
 *
 * Runs an operation under the rules of the policy.
 *
 * Everything happens in the main context that is thread-default now, by the clock that is thread-default now
 * ([func@Clock.ref_thread_default]).
 *
 * Since: 1.0
 */
void
bubus_policy_run_async (BubusPolicy         *self,
                        BubusOperation      *operation,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (BubusClock) clock = NULL;
  g_autoptr (BubusAttempt) attempt = NULL;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_POLICY (self));
  g_return_if_fail (BUBUS_IS_OPERATION (operation));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  /* The attempt watches the cancellable: when the answer was there first, it stands. */
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_policy_run_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_task_set_check_cancellable (task, TRUE);
      g_task_return_error_if_cancelled (task);
      return;
    }

  clock = bubus_clock_ref_thread_default ();
  attempt = _bubus_attempt_new (clock, cancellable, bubus_policy_done_cb, g_steal_pointer (&task));
  _bubus_attempt_set_permit (attempt, bubus_operation_get_held (operation));
  BUBUS_POLICY_GET_IFACE (self)->execute (self, operation, attempt);
}

/**
 * bubus_policy_run_finish:
 * @self: a policy
 * @result: what the callback was given
 * @value: (out caller-allocates) (optional): what the operation gave, in C a [struct@GObject.Value] that is zeroed, or
 *   left from an earlier run; a text that is %NULL when it gave nothing, or failed
 * @error: (nullable): where to put why the operation failed
 *
 * Finishes [method@Policy.run_async].
 *
 * The error is the operation's own, that of its last attempt; or the policy's, when it did not let the operation be
 * tried; or that of a cancelled wait.
 *
 * Returns: whether the operation succeeded
 *
 * Since: 1.0
 */
gboolean
bubus_policy_run_finish (BubusPolicy   *self,
                         GAsyncResult  *result,
                         GValue        *value,
                         GError       **error)
{
  g_autoptr (BubusAttempt) attempt = NULL;
  const GValue *answer;

  g_return_val_if_fail (BUBUS_IS_POLICY (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* Also on error: bindings look at it before they raise. */
  attempt = g_task_propagate_pointer (G_TASK (result), error);
  answer = attempt != NULL ? _bubus_attempt_get_value (attempt) : NULL;
  if (value != NULL)
    {
      if (G_IS_VALUE (value))
        g_value_unset (value);
      g_value_init (value, answer != NULL ? G_VALUE_TYPE (answer) : G_TYPE_STRING);
      if (answer != NULL)
        g_value_copy (answer, value);
    }
  return attempt != NULL;
}

/**
 * bubus_policy_wrap:
 * @self: a policy
 * @operation: an operation
 *
 * Makes an operation that does the same under the rules of the policy.
 *
 * Returns: (transfer full): a new operation, with the owner that @operation has now
 *
 * Since: 1.0
 */
BubusOperation *
bubus_policy_wrap (BubusPolicy    *self,
                   BubusOperation *operation)
{
  g_return_val_if_fail (BUBUS_IS_POLICY (self), NULL);
  g_return_val_if_fail (BUBUS_IS_OPERATION (operation), NULL);

  return _bubus_operation_new_wrapped (self, operation);
}
