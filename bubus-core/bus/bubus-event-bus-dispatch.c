/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "base/bubus-error.h"
#include "bubus-ambient-private.h"
#include "bubus-cycle-private.h"
#include "bubus-event-bus-private.h"
#include "bubus-interception-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-seeker-private.h"
#include "bubus-task-queue-private.h"

static guint
bubus_event_count_ancestors (BubusEvent       *event,
                             BubusEventResult *emitter)
{
  BubusEvent *ancestor = _bubus_event_get_parent (event);
  guint depth = 0;

  if (ancestor == NULL && emitter != NULL)
    ancestor = _bubus_result_get_event (emitter);
  for (; ancestor != NULL; ancestor = _bubus_event_get_parent (ancestor))
    depth++;
  return depth;
}

static G_NO_INLINE void
bubus_event_bus_set_depth_error (BubusEventBus     *self,
                                 BubusEvent        *event,
                                 BubusEventResult  *emitter,
                                 GError           **error)
{
  BubusEvent *parent = _bubus_event_get_parent (event);
  BubusEvent *above = parent != NULL ? parent : _bubus_result_get_event (emitter);
  g_autofree char *cycle = _bubus_event_describe_cycle (event, above, NULL);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_TOO_DEEP,
               "An event has more than %u ancestors: events that cause each other without end? %s",
               self->max_depth, cycle);
}

static gboolean
bubus_event_bus_check_depth (BubusEventBus     *self,
                             BubusEvent        *event,
                             BubusEventResult  *emitter,
                             GError           **error)
{
  if (emitter == NULL || self->max_depth == 0 || bubus_event_count_ancestors (event, emitter) <= self->max_depth)
    return TRUE;

  bubus_event_bus_set_depth_error (self, event, emitter, error);
  return FALSE;
}

/* A handler that was given up may go on without knowing; what it dispatches then is refused (B-17.13). */
static gboolean
bubus_event_bus_check_emitter (BubusEventResult  *emitter,
                               GError           **error)
{
  if (emitter == NULL || !emitter->given_up)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED, "%s has been given up, and dispatches too late",
               emitter->handler->name);
  return FALSE;
}

static gboolean
bubus_event_bus_check_open_locked (BubusEventBus     *self,
                                   BubusEvent        *event,
                                   BubusEventResult  *emitter,
                                   GError           **error)
{
  if (_bubus_event_bus_is_open_locked (self, event, emitter))
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_STOPPED, "“%s” has been stopped", self->info->name);
  return FALSE;
}

/* For who waits until there is room: a middleware may refuse an event because something else is full. */
static GQuark bubus_room_quark (void);
G_DEFINE_QUARK (bubus-room, bubus_room)

static gboolean
bubus_event_bus_check_room_locked (BubusEventBus       *self,
                                   gboolean             from_handler,
                                   BubusDispatchFlags   flags,
                                   GError             **error)
{
  if ((flags & BUBUS_DISPATCH_REPLACEMENT) != 0 || _bubus_event_bus_has_room_locked (self, from_handler))
    return TRUE;

  if ((flags & BUBUS_DISPATCH_WAITS) != 0)
    g_set_error_literal (error, bubus_room_quark (), 0, "There is no room");
  else
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL,
                 "EventBus at capacity: “%s” has %u unfinished events%s, which is its limit", self->info->name,
                 self->max_pending, from_handler ? " from handlers" : "");
  return FALSE;
}

/* An event that a handler awaits does not wait for a turn, and neither does what its completion waits for. */
gboolean
_bubus_event_is_awaited (BubusEvent *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  const BubusEventResult *emitter = _bubus_event_get_emitter (event);

  if (_bubus_event_has_flags (priv, BUBUS_EVENT_JUMPED))
    return TRUE;
  return emitter != NULL && _bubus_event_has_flags (priv, BUBUS_EVENT_BLOCKING)
         && _bubus_event_result_is_final (emitter)
         && _bubus_event_has_flags (_bubus_event_get_private (priv->place->parent), BUBUS_EVENT_JUMPED);
}

static BubusEventConcurrency
bubus_event_bus_get_mode_of (BubusEventBus *self,
                             BubusEvent    *event)
{
  BubusEventSettings storage;

  return _bubus_event_resolve_settings (event, &self->settings, &storage)->modes[BUBUS_EVENT_MODE_EVENTS];
}

void
_bubus_event_bus_queue_visit_locked (BubusEventBus *self,
                                     BubusVisit    *visit)
{
  gboolean urgent;

  visit->mode = bubus_event_bus_get_mode_of (self, _bubus_visit_get_event (visit));
  urgent = visit->mode == BUBUS_EVENT_CONCURRENCY_PARALLEL;
  if (_bubus_event_is_awaited (_bubus_visit_get_event (visit)))
    {
      _bubus_event_set_flags (_bubus_event_get_private (_bubus_visit_get_event (visit)), BUBUS_EVENT_JUMPED);
      urgent = urgent || g_main_context_is_owner (self->context);
    }
  _bubus_visit_set_state (visit, urgent ? BUBUS_VISIT_URGENT : BUBUS_VISIT_QUEUED);
  _bubus_queue_push_tail (urgent ? &self->urgent : &self->queue, &visit->link);
  _bubus_event_bus_touch_locked (self, visit);
  _bubus_scheduler_wake_locked (self);
}

static void
bubus_event_bus_delay_visit_locked (BubusEventBus *self,
                                    BubusVisit    *visit)
{
  _bubus_visit_set_state (visit, BUBUS_VISIT_DELAYED);
  _bubus_queue_push_tail (&self->delayed, &visit->link);
  _bubus_event_bus_touch_locked (self, visit);
}

/* Takes over a reference to the event. */
static void
bubus_event_bus_enqueue_locked (BubusEventBus      *self,
                                BubusVisit         *visit,
                                BubusEventResult   *emitter,
                                BubusDispatchFlags  flags)
{
  BubusEventPrivate *priv = _bubus_event_get_private (_bubus_visit_get_event (visit));

  if (emitter != NULL && !_bubus_event_has_flags (priv, BUBUS_EVENT_SEALED) && (flags & BUBUS_DISPATCH_DETACHED) == 0)
    _bubus_event_adopt (_bubus_visit_get_event (visit), emitter, (flags & BUBUS_DISPATCH_BACKGROUND) == 0);
  _bubus_event_set_flags (priv, BUBUS_EVENT_SEALED);

  visit->sequence = self->next_sequence++;
  if (G_UNLIKELY ((flags & BUBUS_DISPATCH_DELAYED) != 0))
    bubus_event_bus_delay_visit_locked (self, visit);
  else
    _bubus_event_bus_queue_visit_locked (self, visit);
}

/* The bus keeps itself alive while it is not idle. The reference for that is taken before the lock, because a binding's
 * code may run when an object is referenced; it is TRUE when there is one to spare. */
static gboolean
bubus_event_bus_take_spare_reference (BubusEventBus *self)
{
  if (g_atomic_int_get (&self->held))
    return FALSE;

  g_object_ref (self);
  return TRUE;
}

static void
bubus_event_bus_hold_locked (BubusEventBus *self,
                             gboolean      *spare)
{
  if (self->held)
    return;

  g_atomic_int_set (&self->held, TRUE);
  if (*spare)
    *spare = FALSE;
  else
    g_object_ref (self); /* what was held a moment ago has not been given back yet */
}

static void
bubus_event_bus_give_spare_reference (BubusEventBus *self,
                                      gboolean       spare)
{
  if (spare)
    g_object_unref (self);
}

typedef enum
{
  BUBUS_ACCEPT_REFUSED,
  BUBUS_ACCEPT_KNOWN,    /* the event has been here already */
  BUBUS_ACCEPT_QUEUED,
} BubusAcceptance;

/* All checks come before the first effect. Takes over a reference to the event when it is queued. */
static BubusAcceptance
bubus_event_bus_accept_locked (BubusEventBus       *self,
                               BubusEvent          *event,
                               BubusEventResult    *emitter,
                               BubusDispatchFlags   flags,
                               gboolean             announce_later,
                               gsize                memory,
                               GError             **error)
{
  gboolean from_handler = emitter != NULL || _bubus_invocation_get_current () != NULL;
  BubusVisit *visit;

  if (!bubus_event_bus_check_open_locked (self, event, emitter, error))
    return BUBUS_ACCEPT_REFUSED;
  if (_bubus_event_find_visit (event, self->info) != NULL)
    return BUBUS_ACCEPT_KNOWN;
  if (!bubus_event_bus_check_room_locked (self, from_handler, flags, error))
    return BUBUS_ACCEPT_REFUSED;

  visit = _bubus_event_begin_visit (event, self->info);
  visit->from_handler = from_handler;
  visit->announce_later = announce_later;
  self->n_from_handlers += from_handler;
  _bubus_event_bus_charge_locked (self, visit, memory);
  bubus_event_bus_enqueue_locked (self, visit, emitter, flags);
  return BUBUS_ACCEPT_QUEUED;
}

/* @emitter is the result of the handler that dispatches, or NULL. May be called from any thread. */
gboolean
_bubus_event_bus_dispatch (BubusEventBus       *self,
                           BubusEvent          *event,
                           BubusEventResult    *emitter,
                           BubusDispatchFlags   flags,
                           GError             **error)
{
  BubusAcceptance acceptance;
  gboolean sealed = _bubus_event_has_flags (_bubus_event_get_private (event), BUBUS_EVENT_SEALED);
  gboolean acquired;
  gboolean spare;
  gsize memory;

  if (!sealed && !_bubus_event_check_payload (event, error))
    return FALSE;
  if (!bubus_event_bus_check_emitter (emitter, error) || !bubus_event_bus_check_depth (self, event, emitter, error))
    return FALSE;
  if (G_UNLIKELY (g_atomic_int_get (&self->intercepts)) && (flags & BUBUS_DISPATCH_INTERCEPTED) == 0)
    return _bubus_event_bus_intercept (self, event, emitter, flags, error);

  g_object_ref (event);
  if (!sealed)
    _bubus_event_capture_ambient (event, emitter);
  memory = sealed ? sizeof (BubusLaterVisit) : _bubus_event_get_memory (event);
  spare = bubus_event_bus_take_spare_reference (self);
  acquired = _bubus_event_bus_acquire_for_middleware (self);
  g_mutex_lock (&self->lock);
  acceptance = bubus_event_bus_accept_locked (self, event, emitter, flags, !acquired, memory, error);
  if (acceptance == BUBUS_ACCEPT_QUEUED)
    bubus_event_bus_hold_locked (self, &spare);
  g_mutex_unlock (&self->lock);

  if (acceptance == BUBUS_ACCEPT_QUEUED
      && G_UNLIKELY (_bubus_event_has_flags (_bubus_event_get_private (event), BUBUS_EVENT_JUMPED)))
    _bubus_scheduler_let_pass (event);
  if (acceptance == BUBUS_ACCEPT_QUEUED && acquired)
    _bubus_event_bus_tell_event (self, event, BUBUS_EVENT_STATUS_PENDING);
  if (acquired)
    g_main_context_release (self->context);
  _bubus_footprint_grown (&self->footprint);
  if (_bubus_event_bus_has_seekers (self) && acceptance == BUBUS_ACCEPT_QUEUED)
    _bubus_seekers_offer (self, event);
  if (acceptance != BUBUS_ACCEPT_QUEUED && !sealed)
    _bubus_event_drop_ambient (event);
  if (acceptance != BUBUS_ACCEPT_QUEUED)
    g_object_unref (event);
  bubus_event_bus_give_spare_reference (self, spare);
  return acceptance != BUBUS_ACCEPT_REFUSED;
}

static BubusEventResult *
bubus_event_bus_get_emitter (void)
{
  BubusInvocation *invocation = _bubus_invocation_get_current ();

  return invocation != NULL ? invocation->result : NULL;
}

/* An event that waits for room: the task's data. */
typedef struct
{
  BubusEvent       *event;
  BubusEventResult *emitter;  /* nullable, with a reference */
} BubusRoomWait;

static void
bubus_room_wait_free (BubusRoomWait *self)
{
  g_object_unref (self->event);
  g_clear_pointer (&self->emitter, bubus_event_result_unref);
  g_free (self);
}

static BubusRoomWait *
bubus_room_wait_new (BubusEvent       *event,
                     BubusEventResult *emitter)
{
  BubusRoomWait *self = g_new0 (BubusRoomWait, 1);

  self->event = g_object_ref (event);
  self->emitter = emitter != NULL ? bubus_event_result_ref (emitter) : NULL;
  return self;
}

/* Whether the task that has waited longest can be given room. */
gboolean
_bubus_event_bus_next_has_room_locked (BubusEventBus *self)
{
  GTask *task = g_queue_peek_head (&self->room_waiters);
  const BubusRoomWait *wait;

  if (task == NULL)
    return FALSE;

  wait = g_task_get_task_data (task);
  return self->stopped || _bubus_event_bus_has_room_locked (self, wait->emitter != NULL);
}

/* Takes out the tasks whose events the bus does not take any more. */
void
_bubus_event_bus_refuse_room_locked (BubusEventBus *self,
                                     GQueue        *refused)
{
  GList *link = self->room_waiters.head;

  while (link != NULL)
    {
      GTask *task = link->data;
      const BubusRoomWait *wait = g_task_get_task_data (task);

      link = link->next;
      if (_bubus_event_bus_is_open_locked (self, wait->event, wait->emitter))
        continue;
      _bubus_task_queue_remove (&self->room_waiters, task);
      g_queue_push_tail (refused, task);
    }
}

/* FALSE when there is room now. Who has waited before stays the first. */
static gboolean
bubus_event_bus_queue_for_room (BubusEventBus *self,
                                GTask         *task,
                                gboolean       first)
{
  const BubusRoomWait *wait = g_task_get_task_data (task);
  gboolean spare = bubus_event_bus_take_spare_reference (self);
  gboolean queued = FALSE;

  g_mutex_lock (&self->lock);
  if (_bubus_event_bus_is_open_locked (self, wait->event, wait->emitter)
      && (!_bubus_event_bus_has_room_locked (self, wait->emitter != NULL)
          || (!first && !g_queue_is_empty (&self->room_waiters))))
    {
      if (first)
        _bubus_task_queue_push_head (&self->room_waiters, task, &self->lock);
      else
        _bubus_task_queue_push (&self->room_waiters, task, &self->lock);
      bubus_event_bus_hold_locked (self, &spare);
      queued = TRUE;
    }
  g_mutex_unlock (&self->lock);

  bubus_event_bus_give_spare_reference (self, spare);
  return queued;
}

/* FALSE when there was no room after all. */
static gboolean
bubus_event_bus_try_task (BubusEventBus *self,
                          GTask         *task)
{
  BubusRoomWait *wait = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return TRUE;

  if (_bubus_event_bus_dispatch (self, wait->event, wait->emitter, BUBUS_DISPATCH_NONE | BUBUS_DISPATCH_WAITS, &error))
    g_task_return_boolean (task, TRUE);
  else if (error->domain == bubus_room_quark ())
    return FALSE;
  else
    g_task_return_error (task, g_steal_pointer (&error));
  return TRUE;
}

/* Dispatches the event of a task that has got room. When another thread was faster, the task waits on, as the first;
 * but when there is room again by then, nobody would tell it. */
void
_bubus_event_bus_dispatch_task (BubusEventBus *self,
                                GTask         *task)
{
  while (!bubus_event_bus_try_task (self, task) && !bubus_event_bus_queue_for_room (self, task, TRUE))
    continue;
}

/**
 * bubus_event_bus_dispatch:
 * @self: a bus
 * @event: an event
 * @error: (nullable): where to put why the event was refused
 *
 * Puts an event in the queue of the bus and returns at once; no handler runs before.
 *
 * The event is sealed. While a handler is being called in this thread, the event becomes a child of the one that the
 * handler handles, on whichever bus it is dispatched. An event that the bus has had before is not handled again. An event
 * that is complete already can be dispatched on another bus: it gathers results there, and stays complete; that bus is
 * done with it when its own handlers are.
 *
 * A refused event is left as it was. Fails with %BUBUS_ERROR_INVALID_EVENT or the error of the event's class when the
 * event is not valid, with %BUBUS_ERROR_FULL, %BUBUS_ERROR_STOPPED or %BUBUS_ERROR_TOO_DEEP. May be called from any
 * thread.
 *
 * Returns: whether the event was accepted
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_dispatch (BubusEventBus  *self,
                          BubusEvent     *event,
                          GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _bubus_event_bus_dispatch (self, event, bubus_event_bus_get_emitter (), BUBUS_DISPATCH_NONE, error);
}

/**
 * bubus_event_bus_dispatch_with_flags:
 * @self: a bus
 * @event: an event
 * @flags: what the event is to the one that is handled
 * @error: (nullable): where to put why the event was refused
 *
 * Does what [method@EventBus.dispatch] does, and says what the event is to the one whose handler is being called in this
 * thread. Outside of a handler the flags mean nothing.
 *
 * Returns: whether the event was accepted
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_dispatch_with_flags (BubusEventBus       *self,
                                     BubusEvent          *event,
                                     BubusDispatchFlags   flags,
                                     GError             **error)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _bubus_event_bus_dispatch (self, event, bubus_event_bus_get_emitter (), flags, error);
}

/**
 * bubus_event_bus_dispatch_async:
 * @self: a bus
 * @event: an event
 * @cancellable: (nullable): gives the wait for room up
 * @callback: (scope async) (closure user_data): called when the event has been accepted or refused
 * @user_data: passed to @callback
 *
 * Puts an event in the queue of the bus, and waits for room there if need be: the way to slow a fast producer down.
 *
 * Events get room in the order in which they came. See [method@EventBus.dispatch] for the errors; this function never
 * fails with %BUBUS_ERROR_FULL.
 *
 * Since: 1.0
 */
void
bubus_event_bus_dispatch_async (BubusEventBus       *self,
                                BubusEvent          *event,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  BubusEventResult *emitter = bubus_event_bus_get_emitter ();
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (BUBUS_IS_EVENT (event));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_event_bus_dispatch_async);
  g_task_set_task_data (task, bubus_room_wait_new (event, emitter), (GDestroyNotify) bubus_room_wait_free);
  if (!bubus_event_bus_queue_for_room (self, task, FALSE))
    _bubus_event_bus_dispatch_task (self, task);
}

/**
 * bubus_event_bus_dispatch_finish:
 * @self: a bus
 * @result: what the callback was given
 * @error: (nullable): where to put why the event was refused
 *
 * Finishes [method@EventBus.dispatch_async].
 *
 * Returns: whether the event was accepted
 *
 * Since: 1.0
 */
gboolean
bubus_event_bus_dispatch_finish (BubusEventBus  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
