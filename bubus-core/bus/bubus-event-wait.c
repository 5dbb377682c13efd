/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-wait.h"

#include "base/bubus-error.h"
#include "bubus-event-wait-private.h"
#include "bubus-interception-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-time-limit-private.h"
#include "bubus-wait-graph-private.h"
#include "bubus-wait-owner-private.h"
#include "event/bubus-event-internal.h"

/* One wait for one event: the task's data. The event has a reference to the task while it has the waiter. */
typedef struct
{
  BubusWaiter  waiter;
  BubusEvent  *event;
  GSource     *cancelled;  /* nullable */
  BubusClock  *clock;      /* nullable: without a time limit */
  double       seconds;    /* the time limit */
  guint        timeout_id; /* on @clock; 0: none */
  gboolean     expired;    /* atomic: the time was over, perhaps before the event had the waiter */
  BubusWait    wait;       /* of a handler */
} BubusEventWait;

static void
bubus_event_wait_disarm (BubusEventWait *self)
{
  guint timeout_id = self->timeout_id;

  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  self->timeout_id = 0;
  if (timeout_id != 0)
    bubus_clock_remove_timeout (self->clock, timeout_id);
}

static void
bubus_event_wait_free (BubusEventWait *self)
{
  bubus_event_wait_disarm (self);
  _bubus_wait_end (&self->wait);
  g_clear_object (&self->clock);
  g_object_unref (self->event);
  g_free (self);
}

static void
bubus_event_wait_completed_cb (BubusEvent *event,
                               gpointer    data)
{
  g_autoptr (GTask) task = data;
  BubusEventWait *self = g_task_get_task_data (task);
  GError *reason = NULL;

  bubus_event_wait_disarm (self);
  _bubus_wait_end (&self->wait);
  if (_bubus_event_check_dropped (event, &reason))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, reason);
}

static gboolean
bubus_event_wait_cancelled_cb (GCancellable *cancellable,
                               gpointer      data)
{
  GTask *task = data;
  BubusEventWait *self = g_task_get_task_data (task);

  if (_bubus_event_remove_waiter (self->event, &self->waiter))
    {
      bubus_event_wait_disarm (self);
      _bubus_wait_end (&self->wait);
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
  return G_SOURCE_REMOVE;
}

static void
bubus_event_wait_expired_cb (gpointer data)
{
  GTask *task = data;
  BubusEventWait *self = g_task_get_task_data (task);

  g_atomic_int_set (&self->expired, TRUE);
  if (!_bubus_event_remove_waiter (self->event, &self->waiter))
    return;

  self->timeout_id = 0;
  bubus_event_wait_disarm (self);
  _bubus_wait_end (&self->wait);
  g_task_return_new_error (task, BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT, "“%s” was not complete after %g s",
                           bubus_event_get_event_type (self->event), self->seconds);
  g_object_unref (task);
}

static void
bubus_event_wait_watch_cancellable (BubusEventWait *self,
                                    GTask          *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_task_attach_source (task, self->cancelled, G_SOURCE_FUNC (bubus_event_wait_cancelled_cb));
}

/* A handler's wait may close a circle, and what it waits for may have to pass a queue. */
static gboolean
bubus_event_wait_enter_graph (BubusEventWait   *self,
                              BubusInvocation  *invocation,
                              GError          **error)
{
  if (invocation == NULL || _bubus_event_is_completed (self->event))
    return TRUE;
  if (!_bubus_wait_begin (&self->wait, invocation->event, self->event, error))
    return FALSE;

  _bubus_scheduler_let_pass (self->event);
  return TRUE;
}

/* The clock of the first bus that the event was dispatched on: buses may be gone, what they are called is not. */
static BubusClock *
bubus_event_ref_clock (BubusEvent *event)
{
  for (const BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    if (visit->bus_info != NULL && visit->bus_info->clock != NULL)
      return g_object_ref (visit->bus_info->clock);
  return bubus_clock_ref_thread_default ();
}

static void
bubus_event_wait_arm (BubusEventWait *self,
                      GTask          *task)
{
  if (self->seconds < 0)
    return;

  self->clock = bubus_event_ref_clock (self->event);
  self->timeout_id = bubus_clock_add_timeout (self->clock, _bubus_time_limit_to_ns (self->seconds),
                                              g_task_get_context (task), bubus_event_wait_expired_cb,
                                              g_object_ref (task), g_object_unref);
}

/* The event has the waiter. What was to end the wait may have come before: the task's main context may be another
 * thread's, and nothing comes twice. */
static void
bubus_event_wait_catch_up (BubusEventWait *self,
                           GTask          *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (g_atomic_int_get (&self->expired))
    bubus_event_wait_expired_cb (task);
  else if (g_cancellable_is_cancelled (cancellable))
    bubus_event_wait_cancelled_cb (cancellable, task);
}

static void
bubus_event_wait_start (GTask           *task,
                        BubusInvocation *invocation,
                        BubusEvent      *event,
                        double           seconds)
{
  BubusEventWait *self = g_new0 (BubusEventWait, 1);
  GError *error = NULL;

  self->event = g_object_ref (event);
  self->seconds = seconds;
  g_task_set_task_data (task, self, (GDestroyNotify) bubus_event_wait_free);
  if (!bubus_event_wait_enter_graph (self, invocation, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  self->waiter.func = bubus_event_wait_completed_cb;
  self->waiter.data = g_object_ref (task);
  bubus_event_wait_watch_cancellable (self, task);
  bubus_event_wait_arm (self, task);
  if (_bubus_event_add_waiter (event, &self->waiter))
    bubus_event_wait_catch_up (self, task);
  else
    bubus_event_wait_completed_cb (event, task);
}

static gboolean
bubus_event_check_waitable (BubusEvent  *event,
                            GError     **error)
{
  if (bubus_event_is_sealed (event) || _bubus_event_is_completed (event))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_NOT_DISPATCHED,
               "“%s” has not been dispatched", bubus_event_get_event_type (event));
  return FALSE;
}

/* Inside a handler, the event is handled in place first. @seconds is negative for a wait without limit. */
void
_bubus_event_wait (gpointer             source_object,
                   BubusInvocation     *invocation,
                   BubusEvent          *event,
                   double               seconds,
                   gpointer             source_tag,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (source_object, cancellable, callback, user_data);
  g_autoptr (BubusInvocation) owner = NULL;
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, source_tag);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (invocation == NULL)
    invocation = owner = _bubus_wait_owner_ref (event, cancellable);

  if (!bubus_event_check_waitable (event, &error)
      || (invocation != NULL && !_bubus_invocation_start_wait (invocation, event, &error)))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    bubus_event_wait_start (task, invocation, event, seconds);
}

/**
 * bubus_event_wait_async:
 * @self: an event that has been dispatched
 * @cancellable: (nullable): ends the wait, not the event
 * @callback: (scope async) (closure user_data): called when the event is complete
 * @user_data: passed to @callback
 *
 * Waits until an event is complete: all its handlers on all buses, and the children that block it.
 *
 * Outside of a handler the wait is passive: the event takes its turn. While a handler is being called, the event is
 * run in place first, as by [method@Invocation.run_async]. So it is for a handler that answers later, in its callbacks,
 * when the wait has the cancellable of its invocation ([method@Invocation.get_cancellable]), or has none and follows
 * [method@Invocation.dispatch] in the same callback.
 *
 * That handlers of the event have failed is no error of the wait: look at the event's results. Fails with
 * %BUBUS_ERROR_NOT_DISPATCHED when the event is on no bus, and with the reason when a middleware has dropped the event.
 *
 * Since: 1.0
 */
void
bubus_event_wait_async (BubusEvent          *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _bubus_event_wait (self, _bubus_invocation_get_current (), self, -1, bubus_event_wait_async,
                     cancellable, callback, user_data);
}

/**
 * bubus_event_wait_finish:
 * @self: an event
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@Event.wait_async].
 *
 * Returns: whether the event is complete
 *
 * Since: 1.0
 */
gboolean
bubus_event_wait_finish (BubusEvent    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * bubus_event_wait_for_async:
 * @self: an event that has been dispatched
 * @seconds: how long to wait at most, on the clock of the event's bus; negative: without limit
 * @cancellable: (nullable): ends the wait, not the event
 * @callback: (scope async) (closure user_data): called when the event is complete, or the time is over
 * @user_data: passed to @callback
 *
 * Does what [method@Event.wait_async] does, for a limited time.
 *
 * The limit is the caller's own. When it is over, the wait fails with %BUBUS_ERROR_TIMED_OUT, and the event goes on as
 * if nobody had waited.
 *
 * Since: 1.0
 */
void
bubus_event_wait_for_async (BubusEvent          *self,
                            double               seconds,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _bubus_event_wait (self, _bubus_invocation_get_current (), self, seconds, bubus_event_wait_for_async,
                     cancellable, callback, user_data);
}

/**
 * bubus_event_wait_for_finish:
 * @self: an event
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@Event.wait_for_async].
 *
 * Returns: whether the event is complete
 *
 * Since: 1.0
 */
gboolean
bubus_event_wait_for_finish (BubusEvent    *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  return bubus_event_wait_finish (self, result, error);
}
