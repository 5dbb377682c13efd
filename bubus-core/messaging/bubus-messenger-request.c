/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-request-private.h"

static gboolean
bubus_messenger_dispatch_request (BubusMessenger   *self,
                                  BubusMessage     *message,
                                  double            timeout,
                                  BubusInvocation  *invocation,
                                  GError          **error)
{
  if (!_bubus_messenger_check (self, message, BUBUS_DELIVERY_REQUEST, error))
    return FALSE;

  _bubus_message_limit (message, timeout);
  return _bubus_messenger_dispatch (self, message, invocation, error);
}

/**
 * bubus_messenger_request_message_async:
 * @self: a messenger
 * @message: a new message
 * @timeout: how long to wait for the answer, in seconds; 0 is for ever, negative is as long as the messenger says
 * @invocation: (nullable): the call of a handler in which the answer is needed
 * @cancellable: (nullable): gives up the wait
 * @callback: (scope async) (closure user_data): called when there is an answer
 * @user_data: passed to @callback
 *
 * Does what [method@Messenger.request_async] does with a message that may have headers.
 *
 * A handler that has deferred its answer, and asks somebody on the same bus later, must give its @invocation: the bus
 * handles nothing else before it is done, so that the message would wait for its turn until the time is over. With an
 * invocation it is handled in place, as it is while the handler is being called.
 *
 * Since: 1.0
 */
void
bubus_messenger_request_message_async (BubusMessenger      *self,
                                       BubusMessage        *message,
                                       double               timeout,
                                       BubusInvocation     *invocation,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  BubusRequest *request;
  GError *error = NULL;

  g_return_if_fail (BUBUS_IS_MESSENGER (self));
  g_return_if_fail (BUBUS_IS_MESSAGE (message));
  g_return_if_fail (invocation == NULL || BUBUS_IS_INVOCATION (invocation));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  request = _bubus_messenger_new_request (self, callback, user_data);
  if (!(timeout >= 0))
    timeout = self->timeout;

  if (g_cancellable_set_error_if_cancelled (cancellable, &error)
      || !bubus_messenger_dispatch_request (self, message, timeout, invocation, &error))
    _bubus_request_refuse (request, error);
  else
    _bubus_request_start (request, message, timeout, invocation, cancellable);
}

/**
 * bubus_messenger_request_async:
 * @self: a messenger
 * @address: the address
 * @body: (nullable): what to ask
 * @timeout: how long to wait for the answer, in seconds; 0 is for ever, negative is as long as the messenger says
 * @cancellable: (nullable): gives up the wait
 * @callback: (scope async) (closure user_data): called when there is an answer
 * @user_data: passed to @callback
 *
 * Asks one consumer, and waits for its answer.
 *
 * Outside of a handler the message takes its turn. While a handler is being called it is handled in place, as by
 * [method@Invocation.run_async].
 *
 * The time counts from now. When it is over and the message's turn has not come, the message is not delivered; when the
 * consumer is at work, its [method@Invocation.get_cancellable] is cancelled, at the latest when it has worked for that
 * long. A late answer is dropped.
 *
 * Since: 1.0
 */
void
bubus_messenger_request_async (BubusMessenger      *self,
                               const char          *address,
                               BubusJson           *body,
                               double               timeout,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr (BubusMessage) message = NULL;

  g_return_if_fail (BUBUS_IS_MESSENGER (self));
  g_return_if_fail (address != NULL && *address != '\0');

  message = bubus_message_new (address, body);
  bubus_messenger_request_message_async (self, message, timeout, NULL, cancellable, callback, user_data);
}

/**
 * bubus_messenger_request_finish:
 * @self: a messenger
 * @result: what the callback was given
 * @error: (nullable): where to put why there is no answer
 *
 * Finishes [method@Messenger.request_async].
 *
 * Fails with %BUBUS_ERROR_NO_HANDLERS, %BUBUS_ERROR_TIMED_OUT or %BUBUS_ERROR_RECIPIENT_FAILURE, each with the address
 * and, of a consumer that failed, its own words in the message (see also [method@Message.get_error]); with %BUBUS_ERROR_STOPPED when the bus was stopped; and
 * with the errors of [method@EventBus.dispatch] and of interceptors when the message was refused.
 *
 * Returns: (transfer full) (nullable): the consumer's result, which has the value it returned; or %NULL on error
 *
 * Since: 1.0
 */
BubusEventResult *
bubus_messenger_request_finish (BubusMessenger  *self,
                                GAsyncResult    *result,
                                GError         **error)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);
  g_return_val_if_fail (BUBUS_IS_REQUEST (result), NULL);
  g_return_val_if_fail (_bubus_request_get_messenger (BUBUS_REQUEST (result)) == self, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return _bubus_request_finish (BUBUS_REQUEST (result), error);
}

/**
 * bubus_messenger_request_message_finish:
 * @self: a messenger
 * @result: what the callback was given
 * @error: (nullable): where to put why there is no answer
 *
 * Finishes [method@Messenger.request_message_async], with the errors of [method@Messenger.request_finish].
 *
 * Returns: (transfer full) (nullable): the consumer's result, which has the value it returned; or %NULL on error
 *
 * Since: 1.0
 */
BubusEventResult *
bubus_messenger_request_message_finish (BubusMessenger  *self,
                                        GAsyncResult    *result,
                                        GError         **error)
{
  return bubus_messenger_request_finish (self, result, error);
}

/**
 * bubus_messenger_request_in_place:
 * @self: a messenger
 * @message: a new message
 * @invocation: the call of the handler that asks
 * @error: (nullable): where to put why there is no answer
 *
 * Asks one consumer from inside a handler, and has the answer when it returns.
 *
 * Fails with %BUBUS_ERROR_WOULD_BLOCK when the consumer answers later: then the handler must be deferred and ask with
 * [method@Messenger.request_message_async]. See [method@Messenger.request_finish] for the other errors.
 *
 * Returns: (transfer full) (nullable): the consumer's result, or %NULL on error
 *
 * Since: 1.0
 */
BubusEventResult *
bubus_messenger_request_in_place (BubusMessenger   *self,
                                  BubusMessage     *message,
                                  BubusInvocation  *invocation,
                                  GError          **error)
{
  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);
  g_return_val_if_fail (BUBUS_IS_MESSAGE (message), NULL);
  g_return_val_if_fail (BUBUS_IS_INVOCATION (invocation), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!bubus_messenger_dispatch_request (self, message, self->timeout, invocation, error)
      || !bubus_invocation_run (invocation, BUBUS_EVENT (message), error))
    return NULL;
  return _bubus_messenger_ref_answer (self, message, error);
}
