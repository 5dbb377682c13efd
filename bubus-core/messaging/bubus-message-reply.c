/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"
#include "bus/bubus-handling-internal.h"

/* Answering by the message instead of the invocation. */

/* The bus keeps a call that is deferred. A message that kept it as well would keep itself. */
static void
bubus_deferred_call_free (gpointer data)
{
  GWeakRef *deferred = data;

  g_weak_ref_clear (deferred);
  g_free (deferred);
}

static GQuark
bubus_message_deferred_quark (void)
{
  return g_quark_from_static_string ("bubus-message-deferred-call");
}

/* What called the consumer has returned. */
void
_bubus_message_called (BubusMessage    *message,
                       BubusInvocation *invocation)
{
  GWeakRef *deferred;

  message->invocation = NULL;
  if (!bubus_invocation_is_deferred (invocation))
    return;

  deferred = g_new0 (GWeakRef, 1);
  g_weak_ref_init (deferred, invocation);
  g_object_set_qdata_full (G_OBJECT (message), bubus_message_deferred_quark (), deferred, bubus_deferred_call_free);
}

/* Invocations are used again: what is not this message's any more does not count. */
static BubusInvocation *
bubus_message_ref_call (BubusMessage *self)
{
  GWeakRef *deferred = g_object_get_qdata (G_OBJECT (self), bubus_message_deferred_quark ());
  g_autoptr (BubusInvocation) call = NULL;

  if (self->invocation != NULL)
    call = g_object_ref (self->invocation);
  else if (deferred != NULL)
    call = g_weak_ref_get (deferred);
  if (call == NULL || !_bubus_invocation_is_open (call, BUBUS_EVENT (self), self->handler_id))
    return NULL;
  return g_steal_pointer (&call);
}

/**
 * bubus_message_reply:
 * @self: a message that was sent to a consumer
 * @body: (nullable): the answer
 *
 * Answers the message: what [method@Invocation.return_json] does with the invocation of its consumer.
 *
 * The consumer does that while it is called, or, after [method@Invocation.defer], later; in the bus's main context, from
 * elsewhere it answers its invocation. Headers of the answer are set before, with [method@Message.set_reply_header].
 *
 * Nothing happens when the message has been answered, when nobody waits any more, and when it was published.
 *
 * Returns: whether this was the answer
 *
 * Since: 1.0
 */
gboolean
bubus_message_reply (BubusMessage *self,
                     BubusJson    *body)
{
  g_autoptr (BubusInvocation) call = NULL;

  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), FALSE);

  call = bubus_message_ref_call (self);
  if (call == NULL)
    return FALSE;

  if (body != NULL)
    bubus_invocation_return_json (call, body);
  else
    bubus_invocation_return_nothing (call);
  return TRUE;
}

/**
 * bubus_message_fail:
 * @self: a message that was sent to a consumer
 * @reason: why there is no answer
 *
 * Answers that the consumer has failed: who has asked gets %BUBUS_ERROR_RECIPIENT_FAILURE with @reason.
 *
 * For an error of another domain there is [method@Invocation.return_error]. See [method@Message.reply] for when this may
 * be done.
 *
 * Returns: whether this was the answer
 *
 * Since: 1.0
 */
gboolean
bubus_message_fail (BubusMessage *self,
                    const char   *reason)
{
  g_autoptr (BubusInvocation) call = NULL;

  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), FALSE);
  g_return_val_if_fail (reason != NULL, FALSE);

  call = bubus_message_ref_call (self);
  if (call == NULL)
    return FALSE;

  bubus_invocation_return_error_literal (call, BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED, reason);
  return TRUE;
}

/**
 * bubus_message_get_error:
 * @self: a message that has been answered
 *
 * Gives the consumer's own error, of which who has asked is told in words only.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL when the message has no answer, or a good one
 *
 * Since: 1.0
 */
const GError *
bubus_message_get_error (BubusMessage *self)
{
  BubusEventResult *answer;

  g_return_val_if_fail (BUBUS_IS_MESSAGE (self), NULL);

  if (bubus_event_get_event_status (BUBUS_EVENT (self)) != BUBUS_EVENT_STATUS_COMPLETED)
    return NULL;
  answer = _bubus_message_find_answer (self);
  return answer != NULL ? bubus_event_result_get_error (answer) : NULL;
}

/**
 * bubus_address_for_enum:
 * @enum_type: a type of enumerations
 * @value: a value of it
 *
 * Gives the address that a value of an enumeration stands for: its nick. So addresses can be constants that the
 * compiler knows, and a misspelled one is no address of nobody.
 *
 * Returns: (transfer none) (nullable): the address, which is never freed; or %NULL when there is no such value
 *
 * Since: 1.0
 */
const char *
bubus_address_for_enum (GType enum_type,
                        int   value)
{
  g_autoptr (GEnumClass) klass = NULL;
  const GEnumValue *found;

  g_return_val_if_fail (G_TYPE_IS_ENUM (enum_type), NULL);

  klass = g_type_class_ref (enum_type);
  found = g_enum_get_value (klass, value);
  return found != NULL ? g_intern_string (found->value_nick) : NULL;
}
