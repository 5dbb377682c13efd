/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-wait.h"
#include "bus/bubus-handling-internal.h"
#include "event/bubus-event-internal.h"

/* Cannot be counted in nanoseconds beyond a hundred years. */
#define MAX_TIMEOUT 3155760000.0

/* One request. The wait for its event has it, and frees it; the task is answered then, or before. */
typedef struct
{
  BubusLink        link;       /* in the messenger's list, while it has a deadline */
  BubusWaiter      waiter;     /* the event's, when nothing is handled in place */
  BubusMessenger  *messenger;
  BubusMessage    *message;
  GTask           *task;       /* NULL when it has been answered */
  GSource         *cancelled;  /* nullable */
  double           timeout;    /* seconds */
  gint64           deadline;
} BubusRequest;

/* The task, to be answered by the caller, who has a reference to it; or NULL when it has been answered. */
static GTask *
bubus_request_take_task (BubusRequest *self)
{
  if (_bubus_link_is_linked (&self->link))
    _bubus_queue_remove (&self->messenger->requests, &self->link);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  return g_steal_pointer (&self->task);
}

/* Takes over @error. The answer is not wanted any more: if the message's turn has not come, it will not be
 * delivered. */
static void
bubus_request_give_up (BubusRequest *self,
                       GError       *error)
{
  g_autoptr (GTask) task = bubus_request_take_task (self);

  self->message->given_up = TRUE;
  g_task_return_error (task, error);
}

/* ---- the answer ---- */

/* What has become of the message: the consumer's result; or, when none has been reached, the first that failed. */
static BubusEventResult *
bubus_message_find_answer (BubusMessage *message)
{
  const BubusVisit *visit = &_bubus_event_get_private (BUBUS_EVENT (message))->first;
  BubusEventResult *failed = NULL;

  for (; visit != NULL; visit = visit->next)
    for (guint i = 0; i < visit->n_results; i++)
      {
        BubusEventResult *result = _bubus_visit_get_result (visit, i);

        if (message->handler_id != NULL
            && _bubus_handler_info_get_id_text (result->handler) == message->handler_id)
          return result;
        if (failed == NULL && bubus_event_result_get_error (result) != NULL)
          failed = result;
      }
  return failed;
}

/* Sets @error to what the requester is told when the consumer's answer is @reason. */
gboolean
_bubus_message_fail (const char    *address,
                     const GError  *reason,
                     GError       **error)
{
  if (g_error_matches (reason, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS)
      || g_error_matches (reason, BUBUS_ERROR, BUBUS_ERROR_STOPPED))
    g_propagate_error (error, g_error_copy (reason));
  else if (g_error_matches (reason, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT))
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "“%s” did not answer in time: %s", address,
                 reason->message);
  else
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_RECIPIENT_FAILURE, "“%s” failed: %s", address, reason->message);
  return FALSE;
}

/* A new reference to the result in which the answer is, or NULL with what the requester is told. */
static BubusEventResult *
bubus_message_ref_answer (BubusMessage  *message,
                          GError       **error)
{
  BubusEventResult *answer = bubus_message_find_answer (message);
  const GError *reason = answer != NULL ? bubus_event_result_get_error (answer) : NULL;

  if (reason != NULL)
    {
      _bubus_message_fail (bubus_message_get_address (message), reason, error);
      return NULL;
    }
  if (answer != NULL)
    return bubus_event_result_ref (answer);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “%s” any more",
               bubus_message_get_address (message));
  return NULL;
}

static void
bubus_request_answer (BubusRequest *self,
                      GError       *error)
{
  g_autoptr (GTask) task = bubus_request_take_task (self);
  BubusEventResult *answer = NULL;

  if (error == NULL)
    answer = bubus_message_ref_answer (self->message, &error);
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) bubus_event_result_unref);
  else
    g_task_return_error (task, error);
}

/* The wait is over, and with it the request. Takes over @error, which is nullable. */
static void
bubus_request_end (BubusRequest *self,
                   GError       *error)
{
  if (self->task != NULL)
    bubus_request_answer (self, error);
  else
    g_clear_error (&error);
  g_object_unref (self->message);
  g_object_unref (self->messenger);
  g_free (self);
}

static void
bubus_request_completed_cb (BubusEvent *event,
                            gpointer    data)
{
  bubus_request_end (data, NULL);
}

static void
bubus_request_waited_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  GError *error = NULL;

  if (BUBUS_IS_INVOCATION (source))
    bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  else
    bubus_event_wait_finish (BUBUS_EVENT (source), result, &error);
  bubus_request_end (data, error);
}

/* Outside of a handler the event itself tells, without a task in between. */
static void
bubus_request_wait (BubusRequest    *self,
                    BubusInvocation *invocation)
{
  BubusEvent *event = BUBUS_EVENT (self->message);

  self->waiter.func = bubus_request_completed_cb;
  self->waiter.data = self;
  if (invocation != NULL)
    bubus_invocation_run_async (invocation, event, NULL, bubus_request_waited_cb, self);
  else if (_bubus_is_handling ())
    bubus_event_wait_async (event, NULL, bubus_request_waited_cb, self);
  else if (!_bubus_event_add_waiter (event, &self->waiter))
    bubus_request_end (self, NULL);
}

/* ---- giving up ---- */

static void bubus_messenger_set_timer (BubusMessenger *self);

static void
bubus_request_expire (BubusRequest *self)
{
  bubus_request_give_up (self, g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "“%s” did not answer within %g s",
                                            bubus_message_get_address (self->message), self->timeout));
}

static void
bubus_messenger_timer_cb (gpointer data)
{
  g_autoptr (BubusMessenger) self = g_object_ref (data);
  gint64 now = bubus_clock_get_time (self->clock);
  BubusLink *head;

  self->timer_id = 0;
  while ((head = _bubus_queue_peek_head (&self->requests)) != NULL
         && BUBUS_LINK_OWNER (head, BubusRequest, link)->deadline <= now)
    bubus_request_expire (BUBUS_LINK_OWNER (head, BubusRequest, link));
  bubus_messenger_set_timer (self);
}

/* One timer serves all requests. It stays when the request that it was set for has been answered, for most requests
 * are: it fires once in vain at most, and is set for whoever is first then. */
static void
bubus_messenger_set_timer (BubusMessenger *self)
{
  BubusLink *head = _bubus_queue_peek_head (&self->requests);
  BubusRequest *first;

  if (self->timer_id != 0 || head == NULL)
    return;

  first = BUBUS_LINK_OWNER (head, BubusRequest, link);
  self->timer_id = bubus_clock_add_timeout (self->clock, first->deadline - bubus_clock_get_time (self->clock),
                                            bubus_event_bus_get_main_context (self->bus), bubus_messenger_timer_cb,
                                            self, NULL);
}

/* Most requests have the time limit of the others, and go to the end. */
static void
bubus_request_set_deadline (BubusRequest *self)
{
  BubusQueue *requests = &self->messenger->requests;
  BubusLink *next = &requests->root;

  self->deadline = bubus_clock_get_time (self->messenger->clock) + (gint64) (MIN (self->timeout, MAX_TIMEOUT) * 1e9);
  while (next->prev != &requests->root && BUBUS_LINK_OWNER (next->prev, BubusRequest, link)->deadline > self->deadline)
    next = next->prev;
  _bubus_queue_insert_before (requests, next, &self->link);

  if (_bubus_queue_peek_head (requests) == &self->link && self->messenger->timer_id != 0)
    {
      bubus_clock_remove_timeout (self->messenger->clock, self->messenger->timer_id);
      self->messenger->timer_id = 0;
    }
  bubus_messenger_set_timer (self->messenger);
}

static gboolean
bubus_request_cancelled_cb (GCancellable *cancellable,
                            gpointer      data)
{
  BubusRequest *self = data;
  GError *error = NULL;

  if (self->task != NULL && g_cancellable_set_error_if_cancelled (cancellable, &error))
    bubus_request_give_up (self, error);
  return G_SOURCE_REMOVE;
}

static void
bubus_request_watch (BubusRequest *self,
                     GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (bubus_request_cancelled_cb), self, NULL);
  g_source_attach (self->cancelled, bubus_event_bus_get_main_context (self->messenger->bus));
}

/* ---- asking ---- */

/* A consumer is not let work longer than somebody waits for it. Nobody else has the message yet, to be told. */
static void
bubus_message_limit (BubusMessage *message,
                     double        seconds)
{
  BubusEvent *event = BUBUS_EVENT (message);

  if (seconds > 0 && _bubus_event_get_time (event, BUBUS_EVENT_TIME_HANDLER) < 0)
    _bubus_event_set_time (event, BUBUS_EVENT_TIME_HANDLER, seconds);
}

static gboolean
bubus_messenger_dispatch_request (BubusMessenger   *self,
                                  BubusMessage     *message,
                                  double            timeout,
                                  BubusInvocation  *invocation,
                                  GError          **error)
{
  if (!_bubus_messenger_check (self, message, BUBUS_DELIVERY_REQUEST, error))
    return FALSE;

  bubus_message_limit (message, timeout);
  if (invocation != NULL)
    return bubus_invocation_dispatch (invocation, self->bus, BUBUS_EVENT (message), error);
  return bubus_event_bus_dispatch (self->bus, BUBUS_EVENT (message), error);
}

/* Takes over @task. */
static void
bubus_messenger_ask (BubusMessenger  *self,
                     BubusMessage    *message,
                     double           timeout,
                     BubusInvocation *invocation,
                     GTask           *task)
{
  BubusRequest *request = g_new0 (BubusRequest, 1);

  request->messenger = g_object_ref (self);
  request->message = g_object_ref (message);
  request->task = task;
  request->timeout = timeout;
  if (timeout > 0)
    bubus_request_set_deadline (request);
  bubus_request_watch (request, g_task_get_cancellable (task));

  bubus_request_wait (request, invocation);
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
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (BUBUS_IS_MESSENGER (self));
  g_return_if_fail (BUBUS_IS_MESSAGE (message));
  g_return_if_fail (invocation == NULL || BUBUS_IS_INVOCATION (invocation));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_messenger_request_async);
  g_task_set_check_cancellable (task, FALSE);
  if (timeout < 0)
    timeout = self->timeout;

  if (g_cancellable_set_error_if_cancelled (cancellable, &error)
      || !bubus_messenger_dispatch_request (self, message, timeout, invocation, &error))
    g_task_return_error (task, error);
  else
    bubus_messenger_ask (self, message, timeout, invocation, g_steal_pointer (&task));
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
 * and, of a consumer that failed, its own words in the message; with %BUBUS_ERROR_STOPPED when the bus was stopped; and
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
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
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
  return bubus_message_ref_answer (message, error);
}
