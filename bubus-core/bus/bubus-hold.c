/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-hold.h"

#include "bubus-completion-private.h"

/**
 * BubusHold:
 *
 * Keeps an event from being complete, for example until a middleware has written it somewhere.
 *
 * It is made by [method@EventBus.hold_event]. The event's completion waits for [method@Hold.release], or until the hold is
 * finalized, or the bus is stopped.
 *
 * Since: 1.0
 */

struct _BubusHold
{
  GObject        parent_instance;

  BubusLink      link;   /* among the bus's holds, until it is released; guarded by the bus's lock */
  BubusEventBus *bus;    /* owned */
  BubusEvent    *event;  /* owned */
};

G_DEFINE_FINAL_TYPE (BubusHold, bubus_hold, G_TYPE_OBJECT)

static void
bubus_hold_dispose (GObject *object)
{
  BubusHold *self = BUBUS_HOLD (object);

  if (self->bus != NULL)
    bubus_hold_release (self);
  g_clear_object (&self->event);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (bubus_hold_parent_class)->dispose (object);
}

static void
bubus_hold_class_init (BubusHoldClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bubus_hold_dispose;
}

static void
bubus_hold_init (BubusHold *self)
{
}

/**
 * bubus_event_bus_hold_event:
 * @self: a bus
 * @event: an event on the bus
 *
 * Puts off that an event is complete, until [method@Hold.release] is called.
 *
 * Its handlers run, and their results are settled; but its status, those who wait for it and its parents wait for the
 * hold. An event may be held more than once. A handler that runs the event in place gets %BUBUS_ERROR_WOULD_BLOCK.
 * Stopping the bus releases all its holds.
 *
 * May be called from any thread, and from a middleware's event_changed, result_changed and event_completing; when the
 * event is told to be complete, it is too late.
 *
 * Returns: (transfer full) (nullable): the hold; %NULL when the event is complete, or not on the bus, or the bus has been
 *   stopped
 *
 * Since: 1.0
 */
BubusHold *
bubus_event_bus_hold_event (BubusEventBus *self,
                            BubusEvent    *event)
{
  BubusHold *hold;
  gboolean stopped;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (BUBUS_IS_EVENT (event), NULL);

  if (_bubus_event_find_visit (event, self->info) == NULL
      || !_bubus_event_add_pending (_bubus_event_get_private (event)))
    return NULL;

  hold = g_object_new (BUBUS_TYPE_HOLD, NULL);
  hold->bus = g_object_ref (self);
  hold->event = g_object_ref (event);
  g_mutex_lock (&self->lock);
  stopped = self->stopped;
  if (!stopped)
    _bubus_queue_push_tail (&self->holds, &hold->link);
  g_mutex_unlock (&self->lock);
  if (!stopped)
    return hold;

  _bubus_completion_release (event, NULL);
  g_object_unref (hold);
  return NULL;
}

/**
 * bubus_hold_release:
 * @self: a hold
 *
 * Lets the event go. When nothing else holds it, and everything that it waits for is done, it becomes complete in the main
 * context of its bus, with the next iteration. A second call does nothing. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_hold_release (BubusHold *self)
{
  gboolean held;

  g_return_if_fail (BUBUS_IS_HOLD (self));

  g_mutex_lock (&self->bus->lock);
  held = _bubus_link_is_linked (&self->link);
  if (held)
    _bubus_queue_remove (&self->bus->holds, &self->link);
  g_mutex_unlock (&self->bus->lock);
  /* From no context: the bus completes the event in its own. */
  if (held)
    _bubus_completion_release (self->event, NULL);
}

static BubusEvent *
bubus_event_bus_take_first_held (BubusEventBus *self)
{
  BubusEvent *event = NULL;
  BubusLink *link;

  g_mutex_lock (&self->lock);
  link = _bubus_queue_pop_head (&self->holds);
  if (link != NULL)
    event = g_object_ref (BUBUS_LINK_OWNER (link, BubusHold, link)->event);
  g_mutex_unlock (&self->lock);
  return event;
}

/* In the bus's main context. */
void
_bubus_event_bus_release_holds (BubusEventBus *self)
{
  BubusEvent *event;

  while ((event = bubus_event_bus_take_first_held (self)) != NULL)
    {
      _bubus_completion_release (event, self->context);
      g_object_unref (event);
    }
}
