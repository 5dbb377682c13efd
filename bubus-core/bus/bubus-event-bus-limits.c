/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "bubus-event-bus-private.h"
#include "bubus-turns-private.h"

/* How much a bus takes and remembers, how deep events may cause each other, and how much of its main context is its. */

/**
 * bubus_event_bus_get_max_history_size: (get-property max-history-size)
 * @self: a bus
 *
 * Says how many completed events the bus remembers.
 *
 * Returns: a number of events; -1 is without limit
 *
 * Since: 1.0
 */
int
bubus_event_bus_get_max_history_size (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->history.max_size;
}

/**
 * bubus_event_bus_set_max_history_size: (set-property max-history-size)
 * @self: a bus
 * @size: a number of events; -1 is without limit, 0 remembers none
 *
 * Sets how many completed events the bus remembers; the oldest go first, at once.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_max_history_size (BubusEventBus *self,
                                      int            size)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (size >= -1);

  if (self->history.max_size == size)
    return;

  g_mutex_lock (&self->lock);
  self->history.max_size = size;
  if (!self->max_pending_set)
    self->max_pending = size >= 0 ? BUBUS_DEFAULT_MAX_PENDING : 0;
  g_mutex_unlock (&self->lock);

  _bubus_event_bus_settle (self);
  g_object_notify (G_OBJECT (self), "max-history-size");
}

/**
 * bubus_event_bus_get_max_pending: (get-property max-pending)
 * @self: a bus
 *
 * Says how many unfinished events the bus takes.
 *
 * Returns: a number of events; 0 is without limit
 *
 * Since: 1.0
 */
guint
bubus_event_bus_get_max_pending (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->max_pending;
}

/**
 * bubus_event_bus_set_max_pending: (set-property max-pending)
 * @self: a bus
 * @n_events: a number of events; 0 is without limit
 *
 * Sets how many unfinished events the bus takes. Those that it has stay.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_max_pending (BubusEventBus *self,
                                 guint          n_events)
{
  gboolean changed;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  g_mutex_lock (&self->lock);
  changed = self->max_pending != n_events;
  self->max_pending = n_events;
  self->max_pending_set = TRUE;
  g_mutex_unlock (&self->lock);

  if (!changed)
    return;
  _bubus_event_bus_settle (self);
  g_object_notify (G_OBJECT (self), "max-pending");
}

/**
 * bubus_event_bus_get_max_depth: (get-property max-depth)
 * @self: a bus
 *
 * Says how many ancestors an event may have.
 *
 * Returns: a number of events; 0 is without limit
 *
 * Since: 1.0
 */
guint
bubus_event_bus_get_max_depth (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->max_depth;
}

/**
 * bubus_event_bus_set_max_depth: (set-property max-depth)
 * @self: a bus
 * @depth: a number of events; 0 is without limit
 *
 * Sets how many ancestors an event may have: a guard against events that cause each other without end.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_max_depth (BubusEventBus *self,
                               guint          depth)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  if (self->max_depth == depth)
    return;

  self->max_depth = depth;
  g_object_notify (G_OBJECT (self), "max-depth");
}

/**
 * bubus_event_bus_get_max_handler_recursion: (get-property max-handler-recursion)
 * @self: a bus
 *
 * Says how often a handler may occur among the ancestors of an event.
 *
 * Returns: a number of events; 0 is without limit
 *
 * Since: 1.0
 */
guint
bubus_event_bus_get_max_handler_recursion (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->max_recursion;
}

/**
 * bubus_event_bus_set_max_handler_recursion: (set-property max-handler-recursion)
 * @self: a bus
 * @n_nested: a number of events; 0 is without limit
 *
 * Sets how often a handler may occur among the ancestors of an event: a guard against handlers that cause themselves.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_max_handler_recursion (BubusEventBus *self,
                                           guint          n_nested)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  if (self->max_recursion == n_nested)
    return;

  self->max_recursion = n_nested;
  g_object_notify (G_OBJECT (self), "max-handler-recursion");
}

/**
 * bubus_event_bus_get_time_budget: (get-property time-budget)
 * @self: a bus
 *
 * Says how long the bus may work per iteration of its main context.
 *
 * Returns: a duration in microseconds
 *
 * Since: 1.0
 */
guint
bubus_event_bus_get_time_budget (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->time_budget;
}

/**
 * bubus_event_bus_set_time_budget: (set-property time-budget)
 * @self: a bus
 * @microseconds: a duration in microseconds; 0 handles one event per iteration
 *
 * Sets how long the bus may work per iteration of its main context before other sources get their turn.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_time_budget (BubusEventBus *self,
                                 guint          microseconds)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  if (self->time_budget == microseconds)
    return;

  self->time_budget = microseconds;
  g_object_notify (G_OBJECT (self), "time-budget");
}

/**
 * bubus_event_bus_get_priority: (get-property priority)
 * @self: a bus
 *
 * Gives the priority with which the bus works in its main context. May be called from any thread.
 *
 * Returns: a priority, such as %G_PRIORITY_DEFAULT
 *
 * Since: 1.0
 */
int
bubus_event_bus_get_priority (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return g_atomic_int_get (&self->priority);
}

/**
 * bubus_event_bus_set_priority: (set-property priority)
 * @self: a bus
 * @priority: a priority, such as %G_PRIORITY_DEFAULT; a lower number is served first
 *
 * Sets the priority with which the bus works in its main context.
 *
 * As long as the bus has something to do, sources that are less urgent have to wait; between two of its turns, all that
 * are more urgent are served, and those that are as urgent once. A bus in an application with windows, which is to work
 * only when there is nothing to draw, has a number above that of drawing, such as %G_PRIORITY_DEFAULT_IDLE.
 *
 * This holds for all that the bus has to do, also for the events that it has already, from its next turn on. What
 * was asked for is told with the priority of who asked, and time limits have the default one. May be called from any
 * thread.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_priority (BubusEventBus *self,
                              int            priority)
{
  gboolean changed;

  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  g_mutex_lock (&self->lock);
  changed = g_atomic_int_exchange (&self->priority, priority) != priority;
  if (changed && self->source != NULL)
    _bubus_turns_move (self, priority);
  g_mutex_unlock (&self->lock);

  if (changed)
    g_object_notify (G_OBJECT (self), "priority");
}
