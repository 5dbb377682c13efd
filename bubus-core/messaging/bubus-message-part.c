/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-reply-stream-private.h"

#include "base/bubus-error.h"

/* What the consumer of a stream does. Everything here may be called from any thread. */

/* A new reference to what is sent, when it may be sent; or NULL. */
static BubusJson *
bubus_message_check_part (BubusMessage  *self,
                          BubusJson     *part,
                          GError       **error)
{
  BubusStreamPipe *pipe = _bubus_message_get_pipe (self);
  g_autoptr (BubusJson) checked = part != NULL ? bubus_json_ref (part) : bubus_json_new ("null", -1, NULL);

  if (pipe == NULL)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "Nobody has asked “%s” for a stream",
                   bubus_message_get_address (self));
      return NULL;
    }
  if (!_bubus_reply_type_check_part (_bubus_stream_pipe_get_part_type (pipe), _bubus_stream_pipe_get_address (pipe),
                                     checked, error))
    return NULL;
  return g_steal_pointer (&checked);
}

/**
 * bubus_message_is_stream:
 * @self: a message
 *
 * Says whether the consumer may answer in parts: whether it was asked for a stream. May be called from any thread.
 *
 * Returns: whether parts can be sent
 *
 * Since: 1.0
 */
gboolean
bubus_message_is_stream (BubusMessage *self)
{
  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), FALSE);

  return _bubus_message_get_pipe (self) != NULL;
}

/**
 * bubus_message_send_part_async:
 * @self: a message that is being handled, and asks for a stream
 * @part: (nullable): what to send; %NULL is `null`
 * @cancellable: (nullable): gives up the wait for room; then the part is not sent
 * @callback: (nullable) (scope async) (closure user_data): called when there was room for the part
 * @user_data: passed to @callback
 *
 * Sends one answer of many.
 *
 * A consumer sends the next part when this one has found room: so it goes only as fast as who has asked takes the parts.
 * Parts come in the order in which they were sent, also when several wait for room.
 *
 * The stream ends when the consumer answers its invocation, and fails when it answers with an error; so it defers the
 * invocation first, unless it sends all parts before it returns. Those that have no room yet at the end are sent
 * nevertheless. What is sent after the answer may be refused. A consumer that sends nothing and answers with a value has
 * sent that.
 *
 * May be called from any thread; the callback comes in its thread-default main context.
 *
 * Since: 1.0
 */
void
bubus_message_send_part_async (BubusMessage        *self,
                               BubusJson           *part,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr (BubusJson) checked = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (BUBUS_IS_MESSAGE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_message_send_part_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;

  checked = bubus_message_check_part (self, part, &error);
  if (checked != NULL)
    _bubus_stream_pipe_send_async (_bubus_message_get_pipe (self), checked, g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/**
 * bubus_message_send_part_finish:
 * @self: a message
 * @result: what the callback was given
 * @error: (nullable): where to put why the part was not sent
 *
 * Finishes [method@Message.send_part_async].
 *
 * Fails with %BUBUS_ERROR_CANCELLED when nobody wants the stream any more, with %BUBUS_ERROR_TIMED_OUT when one of its
 * time limits has passed, and with %BUBUS_ERROR_STOPPED when the bus was stopped: then the consumer stops, too. Fails
 * with %BUBUS_ERROR_RESULT_TYPE when the part is not of the type that [method@Messenger.set_reply_type] has declared,
 * and with %BUBUS_ERROR_FAILED when the message does not ask for a stream, or the stream has ended.
 *
 * Returns: whether the part was sent
 *
 * Since: 1.0
 */
gboolean
bubus_message_send_part_finish (BubusMessage  *self,
                                GAsyncResult  *result,
                                GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * bubus_message_send_part:
 * @self: a message that is being handled, and asks for a stream
 * @part: (nullable): what to send; %NULL is `null`
 * @error: (nullable): where to put why the part was not sent
 *
 * Sends one answer of many, from a thread that may block: it waits for room.
 *
 * Where nothing may block, in the thread of the bus's main context, it fails with %BUBUS_ERROR_WOULD_BLOCK instead when
 * there is no room. See [method@Message.send_part_async], and [method@Message.send_part_finish] for the other errors.
 *
 * Returns: whether the part was sent
 *
 * Since: 1.0
 */
gboolean
bubus_message_send_part (BubusMessage  *self,
                         BubusJson     *part,
                         GError       **error)
{
  g_autoptr (BubusJson) checked = NULL;
  BubusStreamPipe *pipe;

  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  checked = bubus_message_check_part (self, part, error);
  if (checked == NULL)
    return FALSE;

  pipe = _bubus_message_get_pipe (self);
  return _bubus_stream_pipe_send (pipe, checked, error);
}
