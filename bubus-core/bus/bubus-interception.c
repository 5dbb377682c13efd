/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-interception.h"

#include "base/bubus-error.h"
#include "bubus-interception-private.h"

/**
 * BubusInterception:
 *
 * What a middleware works with that sees an event before it is queued.
 *
 * It is given to the intercept function of every [iface@Middleware] that has one, in the order in which they were added. A
 * function that does nothing but return %TRUE lets the event go on. It may put another event in its place
 * ([method@Interception.replace]), drop it ([method@Interception.drop]), or keep it back ([method@Interception.defer])
 * until it calls [method@Interception.resume]. The bus keeps an interception that has been deferred until then.
 *
 * Once an event has been deferred, the bus has taken it: it is sealed, counts as pending, is the child of whose handler
 * dispatched it, and its parent is not complete before it is. When it goes on, it is queued behind what has been queued in
 * the meantime. Stopping the bus fails it like any other.
 *
 * All functions but [method@Interception.get_event] may be called from any thread.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (BubusInterception, bubus_interception, G_TYPE_OBJECT)

/* It is as good as new after that. */
void
_bubus_interception_clear (BubusInterception *self)
{
  g_clear_pointer (&self->middleware, g_ptr_array_unref);
  g_clear_object (&self->replacement);
  g_clear_error (&self->reason);
  g_clear_object (&self->event);
  g_clear_object (&self->bus);
  self->index = 0;
  self->visit = NULL;
  self->state = BUBUS_INTERCEPTION_CALLING;
  self->deferred = self->resumed = FALSE;
}

static void
bubus_interception_finalize (GObject *object)
{
  _bubus_interception_clear (BUBUS_INTERCEPTION (object));

  G_OBJECT_CLASS (bubus_interception_parent_class)->finalize (object);
}

static void
bubus_interception_class_init (BubusInterceptionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_interception_finalize;
}

static void
bubus_interception_init (BubusInterception *self)
{
}

/**
 * bubus_interception_get_event:
 * @self: an interception
 *
 * Gives the event as it stands: what was dispatched, or what has been put in its place.
 *
 * Returns: (transfer none): the event
 *
 * Since: 1.0
 */
BubusEvent *
bubus_interception_get_event (BubusInterception *self)
{
  g_return_val_if_fail (BUBUS_IS_INTERCEPTION (self), NULL);

  return self->replacement != NULL ? self->replacement : self->event;
}

/**
 * bubus_interception_get_bus:
 * @self: an interception
 *
 * Gives the bus on which the event was dispatched.
 *
 * Returns: (transfer none): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_interception_get_bus (BubusInterception *self)
{
  g_return_val_if_fail (BUBUS_IS_INTERCEPTION (self), NULL);

  return self->bus;
}

/**
 * bubus_interception_defer:
 * @self: an interception, while the middleware is being called
 *
 * Keeps the event back until [method@Interception.resume] or [method@Interception.drop] is called.
 *
 * The dispatch succeeds nevertheless, and the event is pending. A handler that runs it in place fails with
 * %BUBUS_ERROR_WOULD_BLOCK; one that waits for it asynchronously waits.
 *
 * Since: 1.0
 */
void
bubus_interception_defer (BubusInterception *self)
{
  g_return_if_fail (BUBUS_IS_INTERCEPTION (self));

  g_mutex_lock (&self->bus->lock);
  self->deferred = TRUE;
  g_mutex_unlock (&self->bus->lock);
}

/* TRUE when the event waited for that. */
static gboolean
bubus_interception_resume_locked (BubusInterception *self)
{
  gboolean waited = self->state == BUBUS_INTERCEPTION_DELAYED;

  self->resumed = TRUE;
  if (waited)
    self->state = BUBUS_INTERCEPTION_RESUMING;
  return waited;
}

/**
 * bubus_interception_resume:
 * @self: an interception that has been deferred
 *
 * Lets the event go on: to the middleware after this one, and then into the queue.
 *
 * That happens with the next iteration of the bus's main context. Nothing happens when the event does not wait any more.
 *
 * Since: 1.0
 */
void
bubus_interception_resume (BubusInterception *self)
{
  gboolean waited;

  g_return_if_fail (BUBUS_IS_INTERCEPTION (self));

  g_mutex_lock (&self->bus->lock);
  waited = bubus_interception_resume_locked (self);
  g_mutex_unlock (&self->bus->lock);
  if (waited)
    _bubus_interception_schedule (self);
}

/**
 * bubus_interception_replace:
 * @self: an interception
 * @event: an event that has not been dispatched, and has no parent
 *
 * Puts another event in the place of the one that was dispatched.
 *
 * The middleware after this one sees @event, and the bus queues it. The original event has no handlers: it is the parent
 * of @event, and complete when that is. See [method@Event.dup_replacement]. When @event is not valid, or not new, the
 * original is refused, or dropped if it has been deferred before.
 *
 * Since: 1.0
 */
void
bubus_interception_replace (BubusInterception *self,
                            BubusEvent        *event)
{
  g_autoptr (BubusEvent) before = NULL;

  g_return_if_fail (BUBUS_IS_INTERCEPTION (self));
  g_return_if_fail (BUBUS_IS_EVENT (event));
  g_return_if_fail (!bubus_event_is_sealed (event) && event != self->event);

  g_object_ref (event);
  g_mutex_lock (&self->bus->lock);
  before = self->replacement;
  self->replacement = event;
  g_mutex_unlock (&self->bus->lock);
}

/**
 * bubus_interception_drop:
 * @self: an interception
 * @reason: (nullable): why, or %NULL for %BUBUS_ERROR_DROPPED
 *
 * Drops the event.
 *
 * The dispatch succeeds, and the event is complete without results. Whoever waits for it gets @reason as an error. No more
 * middleware sees it. To have the dispatch fail instead, return %FALSE from the intercept function. Only the first reason
 * counts, and nothing happens when the event has gone on already.
 *
 * Since: 1.0
 */
void
bubus_interception_drop (BubusInterception *self,
                         const GError      *reason)
{
  GError *copy = NULL;
  gboolean waited = FALSE;

  g_return_if_fail (BUBUS_IS_INTERCEPTION (self));

  copy = reason != NULL ? g_error_copy (reason)
                        : g_error_new (BUBUS_ERROR, BUBUS_ERROR_DROPPED, "“%s” has been dropped",
                                       bubus_event_get_event_type (self->event));
  g_mutex_lock (&self->bus->lock);
  if (self->reason == NULL && self->state <= BUBUS_INTERCEPTION_DELAYED)
    {
      self->reason = g_steal_pointer (&copy);
      waited = bubus_interception_resume_locked (self);
    }
  g_mutex_unlock (&self->bus->lock);
  g_clear_error (&copy);
  if (waited)
    _bubus_interception_schedule (self);
}

/**
 * bubus_event_dup_replacement:
 * @self: an event
 *
 * Gives the event that a middleware has put in the place of this one. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): the event, while it exists; %NULL when there is none
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_dup_replacement (BubusEvent *self)
{
  BubusDiversion *diversion;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  diversion = _bubus_event_get_diversion (self);
  return diversion != NULL ? g_weak_ref_get (&diversion->replacement) : NULL;
}

/**
 * bubus_event_dup_drop_reason:
 * @self: an event
 *
 * Says why a middleware has dropped the event. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): the reason, or %NULL when the event has not been dropped
 *
 * Since: 1.0
 */
GError *
bubus_event_dup_drop_reason (BubusEvent *self)
{
  GError *reason = NULL;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  _bubus_event_check_dropped (self, &reason);
  return reason;
}

gboolean
_bubus_event_check_dropped (BubusEvent  *event,
                            GError     **error)
{
  BubusDiversion *diversion = _bubus_event_get_diversion (event);

  if (G_LIKELY (diversion == NULL || g_atomic_pointer_get (&diversion->drop_reason) == NULL))
    return TRUE;

  g_propagate_error (error, g_error_copy (diversion->drop_reason));
  return FALSE;
}
