/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-reply-stream-private.h"

/**
 * BubusReplyStream:
 *
 * The many answers to one request, which come one after the other.
 *
 * [method@Messenger.request_stream] makes one. The parts are taken with [method@ReplyStream.next_async], in the order in
 * which the consumer has sent them. As long as [property@ReplyStream:window] of them wait to be taken, the consumer is
 * kept waiting.
 *
 * A stream that is closed, or freed before its end, ends the work of the consumer.
 *
 * It may be used in any thread, and callbacks come in the thread-default main context of who has called. Properties do
 * not notify.
 *
 * Since: 1.0
 */

struct _BubusReplyStream
{
  GObject          parent_instance;

  BubusMessage    *message;
  BubusStreamPipe *pipe;
};

typedef enum
{
  PROP_MESSAGE = 1,
  PROP_WINDOW,
  PROP_N_WAITING,
  PROP_N_RECEIVED,
  PROP_STATE,
  PROP_ERROR,
} BubusReplyStreamProperty;

static GParamSpec *properties[PROP_ERROR + 1];

G_DEFINE_ENUM_TYPE (BubusReplyStreamState, bubus_reply_stream_state,
                    G_DEFINE_ENUM_VALUE (BUBUS_REPLY_STREAM_STATE_OPEN, "open"),
                    G_DEFINE_ENUM_VALUE (BUBUS_REPLY_STREAM_STATE_ENDED, "ended"),
                    G_DEFINE_ENUM_VALUE (BUBUS_REPLY_STREAM_STATE_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (BUBUS_REPLY_STREAM_STATE_CLOSED, "closed"))

G_DEFINE_FINAL_TYPE (BubusReplyStream, bubus_reply_stream, G_TYPE_OBJECT)

static void
bubus_reply_stream_dispose (GObject *object)
{
  BubusReplyStream *self = BUBUS_REPLY_STREAM (object);

  if (self->pipe != NULL)
    bubus_reply_stream_close (self);

  G_OBJECT_CLASS (bubus_reply_stream_parent_class)->dispose (object);
}

static void
bubus_reply_stream_finalize (GObject *object)
{
  BubusReplyStream *self = BUBUS_REPLY_STREAM (object);

  g_clear_pointer (&self->pipe, _bubus_stream_pipe_unref);
  g_clear_object (&self->message);

  G_OBJECT_CLASS (bubus_reply_stream_parent_class)->finalize (object);
}

static void
bubus_reply_stream_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  BubusReplyStream *self = BUBUS_REPLY_STREAM (object);

  switch ((BubusReplyStreamProperty) prop_id)
    {
    case PROP_MESSAGE:
      g_value_set_object (value, bubus_reply_stream_get_message (self));
      break;
    case PROP_WINDOW:
      g_value_set_uint (value, bubus_reply_stream_get_window (self));
      break;
    case PROP_N_WAITING:
      g_value_set_uint (value, bubus_reply_stream_get_n_waiting (self));
      break;
    case PROP_N_RECEIVED:
      g_value_set_uint64 (value, bubus_reply_stream_get_n_received (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, bubus_reply_stream_get_state (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, bubus_reply_stream_get_error (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_reply_stream_install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * BubusReplyStream:message: (getter get_message)
   *
   * The message that was sent.
   *
   * Since: 1.0
   */
  properties[PROP_MESSAGE] = g_param_spec_object ("message", NULL, NULL, BUBUS_TYPE_MESSAGE, flags);

  /**
   * BubusReplyStream:window: (getter get_window)
   *
   * How many parts may wait to be taken before the consumer is kept waiting.
   *
   * Since: 1.0
   */
  properties[PROP_WINDOW] = g_param_spec_uint ("window", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * BubusReplyStream:n-waiting: (getter get_n_waiting)
   *
   * How many parts wait to be taken.
   *
   * Since: 1.0
   */
  properties[PROP_N_WAITING] = g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * BubusReplyStream:n-received: (getter get_n_received)
   *
   * How many parts have been taken.
   *
   * Since: 1.0
   */
  properties[PROP_N_RECEIVED] = g_param_spec_uint64 ("n-received", NULL, NULL, 0, G_MAXUINT64, 0, flags);

  /**
   * BubusReplyStream:state: (getter get_state)
   *
   * How far the stream is.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, BUBUS_TYPE_REPLY_STREAM_STATE,
                                              BUBUS_REPLY_STREAM_STATE_OPEN, flags);

  /**
   * BubusReplyStream:error: (getter get_error)
   *
   * Why the stream has failed, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_reply_stream_class_init (BubusReplyStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bubus_reply_stream_dispose;
  object_class->finalize = bubus_reply_stream_finalize;
  object_class->get_property = bubus_reply_stream_get_property;

  bubus_reply_stream_install_properties (object_class);
}

static void
bubus_reply_stream_init (BubusReplyStream *self)
{
}

BubusReplyStream *
_bubus_reply_stream_new (BubusMessage    *message,
                         BubusStreamPipe *pipe)
{
  BubusReplyStream *self = g_object_new (BUBUS_TYPE_REPLY_STREAM, NULL);

  self->message = g_object_ref (message);
  self->pipe = _bubus_stream_pipe_ref (pipe);
  return self;
}

/* ---- public ---- */

/**
 * bubus_reply_stream_get_message: (get-property message)
 * @self: a stream
 *
 * Gives the message that was sent. It is complete when the stream is over.
 *
 * Returns: (transfer none): the message
 *
 * Since: 1.0
 */
BubusMessage *
bubus_reply_stream_get_message (BubusReplyStream *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLY_STREAM (self), NULL);

  return self->message;
}

/**
 * bubus_reply_stream_get_window: (get-property window)
 * @self: a stream
 *
 * Says how many parts may wait to be taken before the consumer is kept waiting.
 *
 * Returns: how many parts
 *
 * Since: 1.0
 */
guint
bubus_reply_stream_get_window (BubusReplyStream *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLY_STREAM (self), 0);
  g_return_val_if_fail (self->pipe != NULL, 0);

  return _bubus_stream_pipe_get_window (self->pipe);
}

/**
 * bubus_reply_stream_get_n_waiting: (get-property n-waiting)
 * @self: a stream
 *
 * Says how many parts wait to be taken. They can be more than [property@ReplyStream:window] only when the consumer has
 * ended without waiting for room.
 *
 * Returns: how many parts
 *
 * Since: 1.0
 */
guint
bubus_reply_stream_get_n_waiting (BubusReplyStream *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLY_STREAM (self), 0);
  g_return_val_if_fail (self->pipe != NULL, 0);

  return _bubus_stream_pipe_get_n_waiting (self->pipe);
}

/**
 * bubus_reply_stream_get_n_received: (get-property n-received)
 * @self: a stream
 *
 * Says how many parts have been taken.
 *
 * Returns: how many parts
 *
 * Since: 1.0
 */
guint64
bubus_reply_stream_get_n_received (BubusReplyStream *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLY_STREAM (self), 0);
  g_return_val_if_fail (self->pipe != NULL, 0);

  return _bubus_stream_pipe_get_n_received (self->pipe);
}

/**
 * bubus_reply_stream_get_state: (get-property state)
 * @self: a stream
 *
 * Says how far the stream is.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
BubusReplyStreamState
bubus_reply_stream_get_state (BubusReplyStream *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLY_STREAM (self), BUBUS_REPLY_STREAM_STATE_CLOSED);
  g_return_val_if_fail (self->pipe != NULL, BUBUS_REPLY_STREAM_STATE_CLOSED);

  return _bubus_stream_pipe_get_state (self->pipe);
}

/**
 * bubus_reply_stream_get_error: (get-property error)
 * @self: a stream
 *
 * Says why the stream has failed. See [method@ReplyStream.next_finish] for the errors.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL
 *
 * Since: 1.0
 */
const GError *
bubus_reply_stream_get_error (BubusReplyStream *self)
{
  g_return_val_if_fail (BUBUS_IS_REPLY_STREAM (self), NULL);
  g_return_val_if_fail (self->pipe != NULL, NULL);

  return _bubus_stream_pipe_get_error (self->pipe);
}

/**
 * bubus_reply_stream_next_async:
 * @self: a stream
 * @cancellable: (nullable): gives up this wait; the stream goes on
 * @callback: (scope async) (closure user_data): called when there is a part, or none will come
 * @user_data: passed to @callback
 *
 * Takes the next part, or waits for it. Several calls get a part each, in their order.
 *
 * May be called from any thread; the callback comes in its thread-default main context.
 *
 * Since: 1.0
 */
void
bubus_reply_stream_next_async (BubusReplyStream    *self,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_REPLY_STREAM (self));
  g_return_if_fail (self->pipe != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_reply_stream_next_async);
  g_task_set_check_cancellable (task, FALSE);
  if (!g_task_return_error_if_cancelled (task))
    _bubus_stream_pipe_take_async (self->pipe, g_steal_pointer (&task));
}

/**
 * bubus_reply_stream_next_finish:
 * @self: a stream
 * @result: what the callback was given
 * @error: (nullable): where to put why there is no further part
 *
 * Finishes [method@ReplyStream.next_async].
 *
 * When the stream has failed, that is told after the parts that were sent before: with %BUBUS_ERROR_RECIPIENT_FAILURE
 * when the consumer has failed, with %BUBUS_ERROR_TIMED_OUT when a time limit has passed, with
 * %BUBUS_ERROR_NO_HANDLERS when the consumer was gone before the message's turn came, and with %BUBUS_ERROR_STOPPED
 * when the bus was stopped. A call that was cancelled fails with %G_IO_ERROR_CANCELLED, and has taken no part.
 *
 * Returns: (transfer full) (nullable): the part; or %NULL, at the end and after [method@ReplyStream.close] without an
 *   error
 *
 * Since: 1.0
 */
BubusJson *
bubus_reply_stream_next_finish (BubusReplyStream  *self,
                                GAsyncResult      *result,
                                GError           **error)
{
  g_return_val_if_fail (BUBUS_IS_REPLY_STREAM (self), NULL);
  g_return_val_if_fail (self->pipe != NULL, NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
bubus_reply_stream_closed_cb (gpointer data)
{
  _bubus_message_stop_stream (data);
  return G_SOURCE_REMOVE;
}

/* The consumer is told in the bus's main context: at once if that is being run here, and by nobody else who might. */
static void
bubus_reply_stream_tell_consumer (BubusReplyStream *self)
{
  GMainContext *context = _bubus_stream_pipe_get_context (self->pipe);
  g_autoptr (GSource) source = NULL;

  if (g_main_context_is_owner (context))
    {
      _bubus_message_stop_stream (self->message);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_reply_stream_closed_cb, g_object_ref (self->message), g_object_unref);
  g_source_attach (source, context);
}

/**
 * bubus_reply_stream_close:
 * @self: a stream
 *
 * Says that no more is wanted. Parts that have not been taken are dropped, and who waits for one gets %NULL.
 *
 * If the consumer is still at work it is told: what it sends fails with %BUBUS_ERROR_CANCELLED, its
 * [method@Invocation.get_cancellable] is cancelled, and the message is over, with that error as its result. That happens
 * in the bus's main context, soon when this is another thread. May be called from any thread, and again.
 *
 * Since: 1.0
 */
void
bubus_reply_stream_close (BubusReplyStream *self)
{
  g_return_if_fail (BUBUS_IS_REPLY_STREAM (self));
  g_return_if_fail (self->pipe != NULL);

  if (_bubus_stream_pipe_close (self->pipe))
    bubus_reply_stream_tell_consumer (self);
}
