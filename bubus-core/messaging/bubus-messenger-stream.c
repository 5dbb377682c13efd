/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-reply-stream-private.h"

#include "base/bubus-error.h"
#include "bus/bubus-handling-internal.h"
#include "codec/bubus-json-variant.h"
#include "flow/bubus-attempt-internal.h"

/* Requests with many answers. A stream is a message like other requests, whose event lasts until the consumer has
 * answered; only what is sent meanwhile goes through a pipe. Everything here is in the bus's main context. */

#define DEFAULT_WINDOW 16

/* What goes on for one stream, from its dispatch until its event is complete. */
typedef struct
{
  BubusMessageWait  wait;
  BubusMessenger   *messenger;
  BubusMessage     *message;
  BubusStreamPipe  *pipe;
  BubusInvocation  *invocation;    /* nullable: the consumer's, who answers later */
  double            idle_timeout;  /* seconds; 0: none */
  double            timeout;       /* seconds; 0: none */
  gint64            started_at;
  guint             timer_id;      /* 0: none */
} BubusStreamRun;

static G_DEFINE_QUARK (bubus-message-pipe, bubus_message_pipe)

/* NULL: the message does not ask for a stream. May be called from any thread. */
BubusStreamPipe *
_bubus_message_get_pipe (BubusMessage *self)
{
  return g_object_get_qdata (G_OBJECT (self), bubus_message_pipe_quark ());
}

/* Whether who has asked for a stream still wants it: it may have been closed in another thread. */
gboolean
_bubus_message_has_open_stream (BubusMessage *message)
{
  const BubusStreamRun *run = message->stream;

  return run != NULL && _bubus_stream_pipe_get_state (run->pipe) == BUBUS_REPLY_STREAM_STATE_OPEN;
}

/* ---- the end ---- */

/* What a consumer that knows nothing of streams answers is a stream of one part. @value is nullable, and so is what it
 * gives. */
static BubusJson *
bubus_stream_run_convert_answer (const GValue *value)
{
  return value != NULL ? bubus_json_new_from_value (value) : NULL;
}

static void
bubus_stream_run_settle (BubusStreamRun *self,
                         GError         *error)
{
  g_autoptr (BubusEventResult) answer = NULL;
  g_autoptr (BubusJson) only = NULL;

  if (error == NULL)
    answer = _bubus_messenger_ref_answer (self->messenger, self->message, &error);
  if (answer != NULL)
    {
      only = bubus_stream_run_convert_answer (bubus_event_result_get_value (answer));
      _bubus_stream_pipe_end (self->pipe, only);
      return;
    }

  _bubus_stream_pipe_fail (self->pipe, error);
  g_error_free (error);
}

/* The stream is over before the consumer has answered: it is not called any more, or not waited for. */
static void
bubus_stream_run_give_up (BubusStreamRun *self,
                          const GError   *error)
{
  g_autoptr (BubusInvocation) invocation = g_steal_pointer (&self->invocation);

  self->message->given_up = TRUE;
  if (invocation != NULL)
    _bubus_invocation_give_up (invocation, error);
}

/* The event is complete; or it cannot be waited for, because of @error, which is taken over. */
static void
bubus_stream_run_end (gpointer  data,
                      GError   *error)
{
  BubusStreamRun *self = data;

  if (self->timer_id != 0)
    bubus_clock_remove_timeout (self->messenger->clock, self->timer_id);
  if (error != NULL)
    bubus_stream_run_give_up (self, error);
  self->message->stream = NULL;
  bubus_stream_run_settle (self, error);

  g_clear_object (&self->invocation);
  _bubus_stream_pipe_unref (self->pipe);
  g_object_unref (self->message);
  g_object_unref (self->messenger);
  g_free (self);
}

/* Who has asked wants no more. */
void
_bubus_message_stop_stream (BubusMessage *self)
{
  g_autoptr (GError) error = NULL;

  if (self->stream == NULL)
    return;

  error = g_error_new (BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "Nobody wants more of the stream of “%s”",
                       bubus_message_get_address (self));
  bubus_stream_run_give_up (self->stream, error);
}

/* The consumer has been called, and answers later. The message has had its turn, and from now on lets others pass: a
 * stream may take long. */
void
_bubus_message_delivered (BubusMessage    *message,
                          BubusInvocation *invocation)
{
  BubusStreamRun *run = message->stream;

  if (run == NULL)
    return;

  _bubus_invocation_leave_turn (invocation);
  run->invocation = g_object_ref (invocation);
  if (message->given_up)
    _bubus_message_stop_stream (message);
}

/* ---- time limits ---- */

static void bubus_stream_run_set_timer (BubusStreamRun *self);

/* When something is to be looked at next; G_MAXINT64: never. */
static gint64
bubus_stream_run_get_due (BubusStreamRun *self)
{
  gint64 due = G_MAXINT64;

  if (self->timeout > 0)
    due = self->started_at + _bubus_seconds_to_ns (self->timeout);
  if (self->idle_timeout > 0)
    due = MIN (due, _bubus_stream_pipe_get_moved_at (self->pipe) + _bubus_seconds_to_ns (self->idle_timeout));
  return due;
}

/* Which limit has passed; or NULL. */
static GError *
bubus_stream_run_find_limit (BubusStreamRun *self)
{
  gint64 now = bubus_clock_get_time (self->messenger->clock);
  const char *address = bubus_message_get_address (self->message);

  if (now < bubus_stream_run_get_due (self))
    return NULL;
  if (self->timeout > 0 && now >= self->started_at + _bubus_seconds_to_ns (self->timeout))
    return g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "The stream of “%s” did not end within %g s", address,
                        self->timeout);
  return g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "In the stream of “%s” nothing was sent or taken for %g s",
                      address, self->idle_timeout);
}

/* Parts that move do not set the timer: when it is over, it is seen whether it has to be set again. */
static void
bubus_stream_run_timer_cb (gpointer data)
{
  BubusStreamRun *self = data;
  g_autoptr (GError) error = bubus_stream_run_find_limit (self);

  self->timer_id = 0;
  if (error == NULL)
    {
      bubus_stream_run_set_timer (self);
      return;
    }

  _bubus_stream_pipe_fail (self->pipe, error);
  bubus_stream_run_give_up (self, error);
}

static void
bubus_stream_run_set_timer (BubusStreamRun *self)
{
  gint64 due = bubus_stream_run_get_due (self);

  if (due == G_MAXINT64)
    return;

  self->timer_id = bubus_clock_add_timeout (self->messenger->clock,
                                            MAX (due - bubus_clock_get_time (self->messenger->clock), 0),
                                            bubus_event_bus_get_main_context (self->messenger->bus),
                                            bubus_stream_run_timer_cb, self, NULL);
}

/* A stream has its own limits, and takes long by its nature: neither the bus's limit for handlers nor its warning about
 * slow ones is meant for it. */
static void
bubus_message_unlimit (BubusMessage *message)
{
  static const BubusEventTime times[] = {
    BUBUS_EVENT_TIME_HANDLER, BUBUS_EVENT_TIME_SLOW_HANDLER, BUBUS_EVENT_TIME_SLOW_EVENT,
  };
  BubusEvent *event = BUBUS_EVENT (message);

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    if (_bubus_event_get_time (event, times[i]) < 0)
      _bubus_event_set_time (event, times[i], 0);
}

/* ---- asking ---- */

static BubusStreamRun *
bubus_stream_run_new (BubusMessenger  *messenger,
                      BubusMessage    *message,
                      BubusStreamPipe *pipe,
                      double           idle_timeout,
                      double           timeout)
{
  BubusStreamRun *self = g_new0 (BubusStreamRun, 1);

  self->wait.done = bubus_stream_run_end;
  self->wait.data = self;
  self->messenger = g_object_ref (messenger);
  self->message = g_object_ref (message);
  self->pipe = _bubus_stream_pipe_ref (pipe);
  self->idle_timeout = idle_timeout;
  self->timeout = timeout;
  self->started_at = _bubus_stream_pipe_get_moved_at (pipe);
  message->stream = self;
  return self;
}

/* A pipe for the message, if it may go. */
static BubusStreamPipe *
bubus_messenger_dispatch_stream (BubusMessenger   *self,
                                 BubusMessage     *message,
                                 guint             window,
                                 BubusInvocation  *invocation,
                                 GError          **error)
{
  const char *address = bubus_message_get_address (message);
  g_autoptr (BubusStreamPipe) pipe = NULL;

  if (!_bubus_messenger_check (self, message, BUBUS_DELIVERY_STREAM, error))
    return NULL;

  bubus_message_unlimit (message);
  pipe = _bubus_stream_pipe_new (address, window, bubus_messenger_get_reply_type (self, address), self->clock,
                                 bubus_event_bus_get_main_context (self->bus));
  g_object_set_qdata_full (G_OBJECT (message), bubus_message_pipe_quark (), _bubus_stream_pipe_ref (pipe),
                           (GDestroyNotify) _bubus_stream_pipe_unref);
  return _bubus_messenger_dispatch (self, message, invocation, error) ? g_steal_pointer (&pipe) : NULL;
}

/**
 * bubus_messenger_request_stream_message:
 * @self: a messenger
 * @message: a new message
 * @window: how many parts may wait to be taken before the consumer is kept waiting; 0 is 16
 * @idle_timeout: for how long nothing may be sent or taken, in seconds; 0 is for ever, negative is
 *   [property@Messenger:timeout]
 * @timeout: how long the whole stream may take, in seconds; 0 is for ever
 * @invocation: (nullable): the call of a handler in which the answers are needed
 * @error: (nullable): where to put why nobody was asked
 *
 * Does what [method@Messenger.request_stream] does with a message that may have headers, and other limits.
 *
 * The times count from now. When one is over, what has been sent can still be taken; then the stream fails with
 * %BUBUS_ERROR_TIMED_OUT. The consumer is told as by [method@ReplyStream.close].
 *
 * A handler gives its @invocation for the reasons that [method@Messenger.request_message_async] names.
 *
 * Returns: (transfer full) (nullable): the answers, or %NULL on error
 *
 * Since: 1.0
 */
BubusReplyStream *
bubus_messenger_request_stream_message (BubusMessenger   *self,
                                        BubusMessage     *message,
                                        guint             window,
                                        double            idle_timeout,
                                        double            timeout,
                                        BubusInvocation  *invocation,
                                        GError          **error)
{
  g_autoptr (BubusReplyStream) stream = NULL;
  g_autoptr (BubusStreamPipe) pipe = NULL;
  BubusStreamRun *run;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);
  g_return_val_if_fail (BUBUS_IS_MESSAGE (message), NULL);
  g_return_val_if_fail (timeout >= 0, NULL);
  g_return_val_if_fail (invocation == NULL || BUBUS_IS_INVOCATION (invocation), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  pipe = bubus_messenger_dispatch_stream (self, message, window != 0 ? window : DEFAULT_WINDOW, invocation, error);
  if (pipe == NULL)
    return NULL;

  stream = _bubus_reply_stream_new (message, pipe);
  run = bubus_stream_run_new (self, message, pipe, idle_timeout < 0 ? self->timeout : idle_timeout, timeout);
  bubus_stream_run_set_timer (run);
  _bubus_message_wait (message, &run->wait, invocation);
  return g_steal_pointer (&stream);
}

/**
 * bubus_messenger_request_stream:
 * @self: a messenger
 * @address: the address
 * @body: (nullable): what to ask
 * @error: (nullable): where to put why nobody was asked
 *
 * Asks one consumer for many answers.
 *
 * The consumer sends them with [method@Message.send_part_async], and ends the stream by its answer, as a coroutine or a
 * function of another language does by returning. The message takes its turn; once the consumer is at work and answers
 * later, the bus goes on with other events. Sixteen parts may wait to be taken before the consumer is kept waiting.
 *
 * The stream fails when nothing is sent or taken for as long as [property@Messenger:timeout] says.
 *
 * Fails with %BUBUS_ERROR_NO_HANDLERS when nobody is at the address, and with the errors of [method@EventBus.dispatch]
 * and of interceptors when the message was refused.
 *
 * Returns: (transfer full) (nullable): the answers, or %NULL on error
 *
 * Since: 1.0
 */
BubusReplyStream *
bubus_messenger_request_stream (BubusMessenger  *self,
                                const char      *address,
                                BubusJson       *body,
                                GError         **error)
{
  g_autoptr (BubusMessage) message = NULL;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);
  g_return_val_if_fail (address != NULL && *address != '\0', NULL);

  message = bubus_message_new (address, body);
  return bubus_messenger_request_stream_message (self, message, 0, -1, 0, NULL, error);
}
