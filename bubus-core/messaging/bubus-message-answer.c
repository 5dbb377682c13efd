/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"
#include "bus/bubus-event-wait.h"
#include "bus/bubus-handling-internal.h"

/* How messages that are to be answered are dispatched and waited for, and what has become of them. */

/* A consumer is let work as long as somebody waits for it. Nobody else has the message yet, to be told. */
void
_bubus_message_limit (BubusMessage *message,
                      double        seconds)
{
  BubusEvent *event = BUBUS_EVENT (message);

  if (seconds >= 0 && _bubus_event_get_time (event, BUBUS_EVENT_TIME_HANDLER) < 0)
    _bubus_event_set_time (event, BUBUS_EVENT_TIME_HANDLER, seconds);
}

/* @invocation is nullable: the call in which the answer is needed. */
gboolean
_bubus_messenger_dispatch (BubusMessenger   *self,
                           BubusMessage     *message,
                           BubusInvocation  *invocation,
                           GError          **error)
{
  if (invocation != NULL)
    return bubus_invocation_dispatch (invocation, self->bus, BUBUS_EVENT (message), error);
  return bubus_event_bus_dispatch (self->bus, BUBUS_EVENT (message), error);
}

/* What has become of the message: the consumer's result; or, when none has been reached, the first that failed. */
BubusEventResult *
_bubus_message_find_answer (BubusMessage *message)
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
BubusEventResult *
_bubus_messenger_ref_answer (BubusMessenger  *self,
                             BubusMessage    *message,
                             GError         **error)
{
  BubusEventResult *answer = _bubus_message_find_answer (message);
  const char *address = bubus_message_get_address (message);
  const GError *reason = answer != NULL ? bubus_event_result_get_error (answer) : NULL;

  if (reason != NULL)
    {
      _bubus_message_fail (address, reason, error);
      return NULL;
    }
  if (answer == NULL)
    {
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NO_HANDLERS, "Nobody is at “%s” any more", address);
      return NULL;
    }
  if (G_UNLIKELY (self->reply_types != NULL)
      && !_bubus_messenger_check_answer (self, address, bubus_event_result_get_value (answer), error))
    return NULL;
  return bubus_event_result_ref (answer);
}

/* ---- waiting ---- */

static void
bubus_message_completed_cb (BubusEvent *event,
                            gpointer    data)
{
  BubusMessageWait *wait = data;

  wait->done (wait->data, NULL);
}

static void
bubus_message_waited_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      data)
{
  BubusMessageWait *wait = data;
  GError *error = NULL;

  if (BUBUS_IS_INVOCATION (source))
    bubus_invocation_run_finish (BUBUS_INVOCATION (source), result, &error);
  else
    bubus_event_wait_finish (BUBUS_EVENT (source), result, &error);
  wait->done (wait->data, error);
}

static gboolean
bubus_message_completed_before_cb (gpointer data)
{
  BubusMessageWait *wait = data;

  wait->done (wait->data, NULL);
  return G_SOURCE_REMOVE;
}

/* It is told after this has returned, in the bus's main context. Who waits has a reference to the messenger. */
static void
bubus_message_wait_for_nothing (BubusMessage     *message,
                                BubusMessageWait *wait)
{
  const BubusMessenger *messenger = message->messenger;
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_message_completed_before_cb, wait, NULL);
  g_source_attach (source, bubus_event_bus_get_main_context (messenger->bus));
}

/* Outside of a handler the event itself tells, without a task in between. */
void
_bubus_message_wait (BubusMessage     *message,
                     BubusMessageWait *wait,
                     BubusInvocation  *invocation)
{
  BubusEvent *event = BUBUS_EVENT (message);

  wait->waiter.func = bubus_message_completed_cb;
  wait->waiter.data = wait;
  if (invocation != NULL)
    bubus_invocation_run_async (invocation, event, NULL, bubus_message_waited_cb, wait);
  else if (_bubus_is_handling ())
    bubus_event_wait_async (event, NULL, bubus_message_waited_cb, wait);
  else if (!_bubus_event_add_waiter (event, &wait->waiter))
    bubus_message_wait_for_nothing (message, wait);
}
