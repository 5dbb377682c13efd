/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "bubus-event-bus-private.h"
#include "bubus-interception-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-seeker-private.h"
#include "bubus-task-queue-private.h"
#include "bubus-task-reminder-private.h"

/* The end of a bus. While it stops, it takes what the handlers of its unfinished events dispatch, and nothing
 * else. When it is idle, or at the first time limit, it is stopped. */

/* How long a stop waits, after its time limit, for a main context that another thread runs, in seconds. */
#define GRACE 1.0

G_DEFINE_ENUM_TYPE (BubusEventBusState, bubus_event_bus_state,
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_BUS_STATE_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_BUS_STATE_STOPPING, "stopping"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_BUS_STATE_STOPPED, "stopped"))

/* ---- what is still accepted ---- */

static gboolean
bubus_event_bus_has_unfinished_locked (BubusEventBus *self,
                                       BubusEvent    *event)
{
  const BubusVisit *visit = _bubus_event_find_visit (event, self->info);

  return visit != NULL && _bubus_visit_get_bus (visit) == self && visit->state < BUBUS_VISIT_DONE;
}

/* Whether the bus, which is stopping, has not finished the event's cause: an event whose handler dispatches this one, or
 * an ancestor. Without the rest of what it causes an event could not finish. */
gboolean
_bubus_event_bus_drains_for_locked (BubusEventBus    *self,
                                    BubusEvent       *event,
                                    BubusEventResult *emitter)
{
  BubusEvent *cause = emitter != NULL ? _bubus_result_get_event (emitter) : _bubus_event_get_parent (event);

  if (self->stopped)
    return FALSE;

  for (; cause != NULL; cause = _bubus_event_get_parent (cause))
    if (bubus_event_bus_has_unfinished_locked (self, cause))
      return TRUE;
  return FALSE;
}

/* ---- in the main context ---- */

static void
bubus_event_bus_invoke_later (BubusEventBus *self,
                              GSourceFunc    func)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, _bubus_event_bus_get_urgent_priority (self));
  g_source_set_callback (source, func, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->context);
}

/* At once, also where nobody runs the main context; or later, where another thread does. */
static void
bubus_event_bus_invoke (BubusEventBus *self,
                        GSourceFunc    func)
{
  if (!g_main_context_acquire (self->context))
    {
      bubus_event_bus_invoke_later (self, func);
      return;
    }

  g_main_context_push_thread_default (self->context);
  func (self);
  g_main_context_pop_thread_default (self->context);
  g_main_context_release (self->context);
}

/* ---- the state ---- */

static gboolean
bubus_event_bus_notify_state_cb (gpointer data)
{
  /* Who is told is not part of the handler that happens to be running. */
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);

  g_object_notify (data, "state");
  _bubus_invocation_set_current (invocation);
  return G_SOURCE_REMOVE;
}

static void
bubus_event_bus_tell_stopped (GQueue   *tasks,
                              gboolean  drained)
{
  GTask *task;

  while ((task = g_queue_pop_head (tasks)) != NULL)
    {
      g_task_return_boolean (task, drained);
      g_object_unref (task);
    }
}

/* The bus is idle, or what was not finished has been failed. May be called from any thread. */
void
_bubus_event_bus_end_stop (BubusEventBus *self)
{
  GQueue stop_tasks = G_QUEUE_INIT;
  gboolean ended = FALSE;

  g_mutex_lock (&self->lock);
  if (self->state == BUBUS_EVENT_BUS_STATE_STOPPING)
    {
      ended = TRUE;
      self->state = BUBUS_EVENT_BUS_STATE_STOPPED;
      g_atomic_int_set (&self->stopped, TRUE);
      _bubus_task_queue_steal (&self->stop_tasks, &stop_tasks);
    }
  g_mutex_unlock (&self->lock);

  if (!ended)
    return;
  bubus_event_bus_invoke (self, bubus_event_bus_notify_state_cb);
  bubus_event_bus_tell_stopped (&stop_tasks, !self->cut_short);
}

/* ---- the hard end ---- */

static gboolean
bubus_event_bus_fail_cb (gpointer data)
{
  /* Who is told is not part of the handler that happens to be running. */
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);
  BubusEventBus *self = data;

  _bubus_event_bus_free_delayed (self);
  _bubus_scheduler_stop (self);
  _bubus_event_bus_release_holds (self);
  _bubus_seekers_dismiss (self);
  _bubus_event_bus_settle (self);
  _bubus_event_bus_end_stop (self);
  _bubus_invocation_set_current (invocation);
  return G_SOURCE_REMOVE;
}

/* At once, or inside of a handler or a middleware of the bus's thread as soon as that has returned: nothing else runs
 * inside of it. */
static void
bubus_event_bus_fail_unfinished (BubusEventBus *self)
{
  gboolean inside = _bubus_invocation_get_current () != NULL || g_atomic_int_get (&self->n_telling) > 0;

  if (inside && g_main_context_is_owner (self->context))
    bubus_event_bus_invoke_later (self, bubus_event_bus_fail_cb);
  else
    bubus_event_bus_invoke (self, bubus_event_bus_fail_cb);
}

/* Marks the bus as stopping, and turns away who waits for room from outside. */
static void
bubus_event_bus_begin_stop (BubusEventBus *self)
{
  /* Who is told is not part of the handler that happens to be running. */
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);
  GQueue refused = G_QUEUE_INIT;
  gboolean begun = FALSE;
  GTask *task;

  g_mutex_lock (&self->lock);
  if (self->state == BUBUS_EVENT_BUS_STATE_RUNNING)
    {
      begun = TRUE;
      self->state = BUBUS_EVENT_BUS_STATE_STOPPING;
      _bubus_event_bus_refuse_room_locked (self, &refused);
    }
  g_mutex_unlock (&self->lock);

  while ((task = g_queue_pop_head (&refused)) != NULL)
    {
      _bubus_event_bus_dispatch_task (self, task);
      g_object_unref (task);
    }
  if (begun)
    bubus_event_bus_invoke (self, bubus_event_bus_notify_state_cb);
  _bubus_invocation_set_current (invocation);
}

/* From now on no handler is called, and every unfinished event is failed. */
static void
bubus_event_bus_halt (BubusEventBus *self)
{
  gboolean was_stopped;

  g_mutex_lock (&self->lock);
  was_stopped = self->stopped;
  if (!was_stopped)
    self->cut_short = !_bubus_event_bus_is_idle_locked (self);
  g_atomic_int_set (&self->stopped, TRUE);
  g_mutex_unlock (&self->lock);

  if (!was_stopped)
    bubus_event_bus_fail_unfinished (self);
}

/**
 * bubus_event_bus_stop:
 * @self: a bus
 *
 * Stops the bus at once and for good.
 *
 * No handler is called any more, and no event accepted. Every unfinished event gets %BUBUS_ERROR_STOPPED as the result
 * of the handlers that have not finished, and whoever waits is told. To let the bus finish its work first, use
 * [method@EventBus.stop_async].
 *
 * May be called from any thread, and more than once; the events are failed in the bus's main context.
 *
 * Since: 1.0
 */
void
bubus_event_bus_stop (BubusEventBus *self)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  g_object_ref (self);
  bubus_event_bus_begin_stop (self);
  bubus_event_bus_halt (self);
  g_object_unref (self);
}

/* ---- the soft end ---- */

static void
bubus_event_bus_stop_expired_cb (GTask *task)
{
  bubus_event_bus_halt (g_task_get_source_object (task));
}

/* The main context did not run, or a handler blocks it: what is left is failed there if that ever ends. */
static void
bubus_event_bus_stop_given_up_cb (GTask *task)
{
  BubusEventBus *self = g_task_get_source_object (task);
  gboolean removed;

  bubus_event_bus_halt (self);
  bubus_event_bus_fail_unfinished (self);

  g_mutex_lock (&self->lock);
  removed = _bubus_task_queue_remove (&self->stop_tasks, task);
  g_mutex_unlock (&self->lock);
  if (removed)
    {
      g_task_return_boolean (task, FALSE);
      g_object_unref (task);
    }
}

static void
bubus_event_bus_stop_cancelled_cb (GTask *task)
{
  BubusEventBus *self = g_task_get_source_object (task);
  GMainContext *context = g_task_get_context (task);

  bubus_event_bus_halt (self);
  if (context != self->context && !g_task_get_completed (task))
    _bubus_task_remind_after (task, self->clock, GRACE, context, bubus_event_bus_stop_given_up_cb);
}

/* The limit is kept in both main contexts, because each may be the one that does not run. */
static void
bubus_event_bus_limit_stop (BubusEventBus *self,
                            GTask         *task,
                            double         seconds)
{
  GMainContext *context = g_task_get_context (task);

  if (seconds > 0)
    _bubus_task_remind_after (task, self->clock, seconds, self->context, bubus_event_bus_stop_expired_cb);
  if (context == self->context)
    return;

  _bubus_task_remind_after (task, self->clock, seconds, context, bubus_event_bus_stop_expired_cb);
  _bubus_task_remind_after (task, self->clock, seconds + GRACE, context, bubus_event_bus_stop_given_up_cb);
}

/* FALSE when the bus is stopped already. */
static gboolean
bubus_event_bus_queue_stop (BubusEventBus *self,
                            GTask         *task)
{
  gboolean queued = FALSE;

  g_mutex_lock (&self->lock);
  if (self->state != BUBUS_EVENT_BUS_STATE_STOPPED)
    {
      g_queue_push_tail (&self->stop_tasks, g_object_ref (task));
      queued = TRUE;
    }
  g_mutex_unlock (&self->lock);
  return queued;
}

/**
 * bubus_event_bus_stop_async:
 * @self: a bus
 * @seconds: how long the bus may take to finish, on its clock; 0 stops at once, negative is without limit
 * @cancellable: (nullable): ends the time limit now
 * @callback: (scope async) (closure user_data): called when the bus is stopped
 * @user_data: passed to @callback
 *
 * Stops the bus for good, and lets it finish what it has.
 *
 * From now on every event from outside is refused with %BUBUS_ERROR_STOPPED, and so are those that wait for room. What
 * the handlers of an unfinished event of the bus cause is still accepted, directly or by way of other buses, because the
 * event could not finish without.
 *
 * At the time limit, or when @cancellable is cancelled, the bus does what [method@EventBus.stop] does: no handler is
 * called any more, and every unfinished event is failed with %BUBUS_ERROR_STOPPED. Of several stops the first limit
 * counts. An event that other buses have not finished either is complete when they have; the bus does not wait for that.
 * With a limit the stop always ends. When the main context of the bus is run by another thread that does not get to it
 * within a second after the limit, the events are failed there later.
 *
 * May be called from any thread, from handlers, and more than once. A handler that answers only after the stop is
 * waited for until the limit, so it must not stop its bus without one.
 *
 * Since: 1.0
 */
void
bubus_event_bus_stop_async (BubusEventBus       *self,
                            double               seconds,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  /* That it is cancelled does not change what the stop says. */
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_event_bus_stop_async);
  g_task_set_check_cancellable (task, FALSE);

  bubus_event_bus_begin_stop (self);
  if (!bubus_event_bus_queue_stop (self, task))
    {
      g_task_return_boolean (task, !self->cut_short);
      return;
    }

  _bubus_task_remind_when_cancelled (task, bubus_event_bus_stop_cancelled_cb);
  if (seconds >= 0)
    bubus_event_bus_limit_stop (self, task, seconds);
  if (seconds == 0 || g_cancellable_is_cancelled (cancellable))
    bubus_event_bus_halt (self);
  else
    _bubus_event_bus_settle (self);
}

/**
 * bubus_event_bus_stop_finish:
 * @self: a bus
 * @result: what the callback was given
 *
 * Finishes [method@EventBus.stop_async], which cannot fail.
 *
 * Returns: whether the bus had finished every event when it stopped
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_stop_finish (BubusEventBus *self,
                             GAsyncResult  *result)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), NULL);
}

/**
 * bubus_event_bus_get_state: (get-property state)
 * @self: a bus
 *
 * Says how far the bus is in its life. May be called from any thread.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
BubusEventBusState
bubus_event_bus_get_state (BubusEventBus *self)
{
  BubusEventBusState state;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), BUBUS_EVENT_BUS_STATE_STOPPED);

  g_mutex_lock (&self->lock);
  state = self->state;
  g_mutex_unlock (&self->lock);
  return state;
}
