/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-invocation.h"

#include "base/bubus-error.h"
#include "bubus-blocking-internal.h"
#include "bubus-event-bus-private.h"
#include "bubus-event-wait-private.h"
#include "bubus-interception-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"

/* @from, and what waits for it as its parent, up to @to. */
static void
bubus_event_append_ancestry (BubusEvent *from,
                             BubusEvent *to,
                             GString    *text)
{
  BubusEvent *parent = _bubus_event_get_parent (from);

  if (from != to && parent != NULL)
    bubus_event_append_ancestry (parent, to, text);
  g_string_append_printf (text, "%s → ", bubus_event_get_event_type (from));
}

static gboolean
bubus_event_is_in_ancestry (BubusEvent *event,
                            BubusEvent *of)
{
  while (of != NULL && of != event)
    of = _bubus_event_get_parent (of);
  return of != NULL;
}

/* The way from the invocation that handles @event, or a child of it, to @self: each runs in the handler of the one before. */
static void
bubus_invocation_append_callers (BubusInvocation *self,
                                 BubusEvent      *event,
                                 GString         *text)
{
  if (bubus_event_is_in_ancestry (event, self->event))
    {
      bubus_event_append_ancestry (self->event, event, text);
      return;
    }

  bubus_invocation_append_callers (self->caller, event, text);
  g_string_append_printf (text, "%s → ", bubus_event_get_event_type (self->event));
}

/* A handler that waits for its own event, or for one that waits for it, would wait for ever. */
static gboolean
bubus_invocation_check_deadlock (BubusInvocation  *self,
                                 BubusEvent       *event,
                                 GError          **error)
{
  BubusInvocation *waiting = self;
  g_autoptr (GString) cycle = NULL;

  while (waiting != NULL && !bubus_event_is_in_ancestry (event, waiting->event))
    waiting = waiting->caller;
  if (waiting == NULL)
    return TRUE;

  cycle = g_string_new (NULL);
  bubus_invocation_append_callers (self, event, cycle);
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_DEADLOCK,
               "%s would wait for itself: %s%s", self->result->handler->name, cycle->str,
               bubus_event_get_event_type (event));
  return FALSE;
}

static gboolean
bubus_event_check_dispatched (BubusEvent  *event,
                              GError     **error)
{
  if (_bubus_event_has_flags (_bubus_event_get_private (event), BUBUS_EVENT_SEALED))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NOT_DISPATCHED,
               "“%s” has not been dispatched", bubus_event_get_event_type (event));
  return FALSE;
}

/* Checks that the wait can end, and handles the event in place as far as that goes. */
gboolean
_bubus_invocation_start_wait (BubusInvocation  *self,
                              BubusEvent       *event,
                              GError          **error)
{
  BubusEventBus *bus;

  if (_bubus_event_is_completed (event))
    return TRUE;
  if (!bubus_event_check_dispatched (event, error) || !bubus_invocation_check_deadlock (self, event, error))
    return FALSE;

  bus = _bubus_result_get_bus (self->result);
  if (_bubus_invocation_is_elsewhere (self, bus->context))
    {
      _bubus_scheduler_send_jump (event, bus, TRUE);
      return TRUE;
    }
  _bubus_event_bus_tell_wait (bus, event);
  _bubus_scheduler_jump (event, bus->context);
  return TRUE;
}

static struct
{
  BubusBlockFunc func;       /* nullable */
  gpointer       user_data;
} blocker;

void
_bubus_invocation_set_blocker (BubusBlockFunc func,
                               gpointer       user_data)
{
  blocker.func = func;
  blocker.user_data = user_data;
}

/* A thread of its own blocks until the bus is done; the bus's own thread can wait only for another process. */
static gboolean
bubus_invocation_wait_in_place (BubusInvocation  *self,
                                BubusEvent       *event,
                                GError          **error)
{
  GMainContext *context = _bubus_result_get_bus (self->result)->context;

  if (_bubus_invocation_is_elsewhere (self, context))
    return _bubus_invocation_block (self, event, error);
  if (G_LIKELY (blocker.func == NULL) || _bubus_event_is_completed (event))
    return TRUE;
  if (!blocker.func (self, event, blocker.user_data, error))
    return FALSE;

  _bubus_scheduler_resume_event (event, context);
  return TRUE;
}

/**
 * bubus_invocation_run:
 * @self: an invocation
 * @event: an event that has been dispatched
 * @error: (nullable): where to put why the event could not be run to its end
 *
 * Runs an event now, in place, before any other event that waits: on every bus of the same main context on which it
 * is queued, and with it the children that its completion waits for. Nothing else runs.
 *
 * In the thread of a threaded handler ([property@Handler:threaded]) the function blocks until the event is complete; its
 * handlers run in the bus's main context.
 *
 * When it returns %TRUE, the event is complete. That its handlers have failed is no error of this function: look at
 * the event's results.
 *
 * Fails with %BUBUS_ERROR_WOULD_BLOCK when a handler of the event answers later, or runs in another main context: the
 * event goes on, but this handler cannot wait for it here; defer it and use [method@Invocation.run_async]. Fails with
 * %BUBUS_ERROR_WOULD_DEADLOCK when the handler would wait for itself, with %BUBUS_ERROR_NOT_DISPATCHED when the event is
 * on no bus, with %BUBUS_ERROR_ABORTED when the handler is given up while it blocks, and with the reason when a
 * middleware has dropped the event.
 *
 * Returns: whether the event is complete
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_run (BubusInvocation  *self,
                      BubusEvent       *event,
                      GError          **error)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!_bubus_invocation_start_wait (self, event, error) || !bubus_invocation_wait_in_place (self, event, error))
    return FALSE;
  if (_bubus_event_is_completed (event))
    return _bubus_event_check_dropped (event, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK,
               "“%s” is not complete yet because a handler answers later: "
               "%s must be deferred to wait for it", bubus_event_get_event_type (event), self->result->handler->name);
  return FALSE;
}

/**
 * bubus_invocation_start:
 * @self: an invocation
 * @event: an event that has been dispatched
 * @error: (nullable): where to put why the event cannot be awaited
 *
 * Runs an event now, in place, before any other event that waits, as far as that goes: what
 * [method@Invocation.run_async] does before it returns.
 *
 * This is for languages in which a function must not be called again, by a handler that it runs, when it takes a
 * callback; they call [method@Invocation.run_async] next. See [method@Invocation.run] for what runs and for the errors;
 * this function never fails with %BUBUS_ERROR_WOULD_BLOCK.
 *
 * Returns: whether the event may be awaited
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_start (BubusInvocation  *self,
                        BubusEvent       *event,
                        GError          **error)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _bubus_invocation_start_wait (self, event, error);
}

/**
 * bubus_invocation_run_async:
 * @self: an invocation
 * @event: an event that has been dispatched
 * @cancellable: (nullable): ends the wait, not the event
 * @callback: (scope async) (closure user_data): called when the event is complete
 * @user_data: passed to @callback
 *
 * Runs an event now, in place, before any other event that waits, and waits until it is complete.
 *
 * The event's handlers are started before this function returns. See [method@Invocation.run] for what runs and for
 * the errors; this function never fails with %BUBUS_ERROR_WOULD_BLOCK.
 *
 * Since: 1.0
 */
void
bubus_invocation_run_async (BubusInvocation     *self,
                            BubusEvent          *event,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));
  g_return_if_fail (BUBUS_IS_EVENT (event));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _bubus_invocation_keep (self); /* the task has it, and its source must be the same one at the end */
  _bubus_event_wait (self, self, event, -1, bubus_invocation_run_async, cancellable, callback, user_data);
}

/**
 * bubus_invocation_run_finish:
 * @self: an invocation
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@Invocation.run_async].
 *
 * Returns: whether the event is complete
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_run_finish (BubusInvocation  *self,
                             GAsyncResult     *result,
                             GError          **error)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
