/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-policy-handler.h"

#include "flow/bubus-attempt-internal.h"

/* A handler under a policy: what its registration keeps. */
typedef struct
{
  int                     ref_count;  /* the bus's thread only */
  BubusPolicy            *policy;
  BubusPolicyHandlerFunc  func;
  gpointer                user_data;
  GDestroyNotify          notify;
  char                   *name;
} BubusGuardedHandler;

static void
bubus_guarded_handler_unref (gpointer data)
{
  BubusGuardedHandler *self = data;

  if (--self->ref_count > 0)
    return;

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_object_unref (self->policy);
  g_free (self->name);
  g_free (self);
}

/* One call of it, which may be made of several attempts. */
typedef struct
{
  BubusGuardedHandler *handler;
  BubusInvocation     *invocation;
  BubusEvent          *event;
} BubusGuardedCall;

static void
bubus_guarded_call_free (gpointer data)
{
  BubusGuardedCall *self = data;

  bubus_guarded_handler_unref (self->handler);
  g_object_unref (self->invocation);
  g_object_unref (self->event);
  g_free (self);
}

static gboolean
bubus_guarded_call_try_cb (BubusAttempt  *attempt,
                           gpointer       data,
                           GError       **error)
{
  BubusGuardedCall *self = data;

  return self->handler->func (self->event, self->invocation, attempt, self->handler->user_data, error);
}

static void
bubus_guarded_call_done_cb (BubusAttempt *attempt,
                            gpointer      data)
{
  g_autoptr (BubusInvocation) invocation = data;
  const GError *error = _bubus_attempt_get_error (attempt);
  const GValue *value = _bubus_attempt_get_value (attempt);

  if (error != NULL)
    bubus_invocation_return_error (invocation, error);
  else if (value != NULL)
    bubus_invocation_return_value (invocation, value);
  else
    bubus_invocation_return_nothing (invocation);
}

/* The time is that of the bus. When the bus gives the handler up, so does the policy. */
static gboolean
bubus_guarded_handler_cb (BubusEvent       *event,
                          BubusInvocation  *invocation,
                          gpointer          data,
                          GError          **error)
{
  BubusGuardedHandler *self = data;
  BubusGuardedCall *call = g_new0 (BubusGuardedCall, 1);
  g_autoptr (BubusOperation) operation = NULL;
  g_autoptr (BubusAttempt) attempt = NULL;
  g_autoptr (BubusClock) clock = NULL;

  self->ref_count++;
  call->handler = self;
  call->invocation = g_object_ref (invocation);
  call->event = g_object_ref (event);
  operation = bubus_operation_new (bubus_guarded_call_try_cb, call, bubus_guarded_call_free);
  bubus_operation_set_name (operation, self->name);
  g_object_get (bubus_invocation_get_bus (invocation), "clock", &clock, NULL);
  attempt = _bubus_attempt_new (clock, bubus_invocation_get_cancellable (invocation), bubus_guarded_call_done_cb,
                                g_object_ref (invocation));

  bubus_invocation_defer (invocation);
  BUBUS_POLICY_GET_IFACE (self->policy)->execute (self->policy, operation, attempt);
  return TRUE;
}

/**
 * bubus_event_bus_on_with_policy:
 * @self: a bus
 * @pattern: an event type, a glob, or `*` for everything
 * @name: (nullable): what to call the handler in results and logs
 * @policy: what rules over the attempts to handle an event
 * @func: (scope notified) (closure user_data) (destroy notify): makes an attempt to handle an event
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Registers a handler that is called under a policy: again when it has failed, for example, with a [class@RetryPolicy].
 *
 * The event has one result of it: what the policy makes of all attempts. The time limit of the handler, which may come
 * from the event or the bus, is for all attempts and waits together. To the bus it is a handler that answers later, so
 * that [method@Invocation.run] can wait for it only if no attempt fails or waits.
 *
 * Returns: (transfer none): the handler, which belongs to the bus until it is taken off
 *
 * Since: 1.0
 */
BubusHandler *
bubus_event_bus_on_with_policy (BubusEventBus          *self,
                                const char             *pattern,
                                const char             *name,
                                BubusPolicy            *policy,
                                BubusPolicyHandlerFunc  func,
                                gpointer                user_data,
                                GDestroyNotify          notify)
{
  BubusGuardedHandler *guarded;
  BubusHandler *handler;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (pattern != NULL && *pattern != '\0', NULL);
  g_return_val_if_fail (BUBUS_IS_POLICY (policy), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  guarded = g_new0 (BubusGuardedHandler, 1);
  guarded->ref_count = 1;
  guarded->policy = g_object_ref (policy);
  guarded->func = func;
  guarded->user_data = user_data;
  guarded->notify = notify;
  handler = bubus_event_bus_on_pattern (self, pattern, name, bubus_guarded_handler_cb, guarded,
                                        bubus_guarded_handler_unref);
  guarded->name = g_strdup (bubus_handler_get_name (handler));
  return handler;
}
