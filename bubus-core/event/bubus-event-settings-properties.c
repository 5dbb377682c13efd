/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-settings.h"

#include "bubus-event-internal.h"

/* The properties of an event that say how it is handled, and what a class says for all its events. */

static void
bubus_event_change_time (BubusEvent     *self,
                         BubusEventTime  time,
                         double          seconds)
{
  const char *name = _bubus_event_time_names[time];

  if (_bubus_event_get_time (self, time) == seconds || !_bubus_event_check_unsealed (self, name))
    return;

  _bubus_event_set_time (self, time, seconds);
  g_object_notify (G_OBJECT (self), name);
}

static void
bubus_event_change_mode (BubusEvent     *self,
                         BubusEventMode  mode,
                         int             value)
{
  const char *name = _bubus_event_mode_names[mode];

  if (_bubus_event_get_mode (self, mode) == value || !_bubus_event_check_unsealed (self, name))
    return;

  _bubus_event_set_mode (self, mode, value);
  g_object_notify (G_OBJECT (self), name);
}

void
_bubus_event_get_setting (BubusEvent *event,
                          guint       index,
                          GValue     *value)
{
  if (index < BUBUS_N_EVENT_TIMES)
    g_value_set_double (value, _bubus_event_get_time (event, index));
  else
    g_value_set_enum (value, _bubus_event_get_mode (event, index - BUBUS_N_EVENT_TIMES));
}

void
_bubus_event_set_setting (BubusEvent   *event,
                          guint         index,
                          const GValue *value)
{
  if (index < BUBUS_N_EVENT_TIMES)
    bubus_event_change_time (event, index, g_value_get_double (value));
  else
    bubus_event_change_mode (event, index - BUBUS_N_EVENT_TIMES, g_value_get_enum (value));
}

static void
bubus_event_type_set_time (BubusEventType *type,
                           BubusEventTime  time,
                           double          seconds)
{
  type->settings.times[time] = seconds < 0 ? -1 : seconds;
  type->configured = TRUE;
  _bubus_event_type_changed (type);
}

static void
bubus_event_type_set_mode (BubusEventType *type,
                           BubusEventMode  mode,
                           int             value)
{
  type->settings.modes[mode] = value;
  type->configured = TRUE;
  _bubus_event_type_changed (type);
}

/**
 * BubusEvent:event-timeout: (getter get_event_timeout) (setter set_event_timeout)
 *
 * How long each handler may take, in seconds; 0 is without limit, a negative value leaves it to the bus.
 *
 * Since: 1.0
 */

/**
 * bubus_event_class_set_timeout:
 * @klass: an event class, during its initialization
 * @seconds: a duration in seconds; 0 is without limit, a negative value leaves it to the bus
 *
 * Declares how long each handler may take, for events of a class that do not say it themselves. It is inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_timeout (BubusEventClass *klass,
                               double           seconds)
{
  bubus_event_type_set_time (klass->_type, BUBUS_EVENT_TIME_HANDLER, seconds);
}

/**
 * bubus_event_get_event_timeout: (get-property event-timeout)
 * @self: an event
 *
 * Says how long each handler may take: what the event says itself, else its class.
 *
 * Returns: a duration in seconds; 0 is without limit, a negative value leaves it to the bus
 *
 * Since: 1.0
 */
double
bubus_event_get_event_timeout (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), -1);

  return _bubus_event_get_time (self, BUBUS_EVENT_TIME_HANDLER);
}

/**
 * bubus_event_set_event_timeout: (set-property event-timeout)
 * @self: an event that has not been dispatched
 * @seconds: a duration in seconds; 0 is without limit, a negative value leaves it to the class and the bus
 *
 * Sets how long each handler may take.
 *
 * Since: 1.0
 */
void
bubus_event_set_event_timeout (BubusEvent *self,
                               double      seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));

  bubus_event_change_time (self, BUBUS_EVENT_TIME_HANDLER, seconds);
}

/**
 * BubusEvent:event-deadline: (getter get_event_deadline) (setter set_event_deadline)
 *
 * How long the handlers of the event may take together, on each bus, in seconds; 0 is without limit, a negative value
 * leaves it to the bus.
 *
 * The time runs from when the event's turn comes on a bus. Then handlers that have not answered are aborted, those that
 * have not started are cancelled, and so is what they wait for; results that are there stay. It is not part of the JSON
 * of an event.
 *
 * Since: 1.0
 */

/**
 * bubus_event_class_set_deadline:
 * @klass: an event class, during its initialization
 * @seconds: a duration in seconds; 0 is without limit, a negative value leaves it to the bus
 *
 * Declares how long the handlers of an event may take together, on each bus, for events of a class that do not say it
 * themselves. It is inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_deadline (BubusEventClass *klass,
                                double           seconds)
{
  bubus_event_type_set_time (klass->_type, BUBUS_EVENT_TIME_EVENT, seconds);
}

/**
 * bubus_event_get_event_deadline: (get-property event-deadline)
 * @self: an event
 *
 * Says how long the handlers of the event may take together, on each bus: what the event says itself, else its class.
 *
 * Returns: a duration in seconds; 0 is without limit, a negative value leaves it to the bus
 *
 * Since: 1.0
 */
double
bubus_event_get_event_deadline (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), -1);

  return _bubus_event_get_time (self, BUBUS_EVENT_TIME_EVENT);
}

/**
 * bubus_event_set_event_deadline: (set-property event-deadline)
 * @self: an event that has not been dispatched
 * @seconds: a duration in seconds; 0 is without limit, a negative value leaves it to the class and the bus
 *
 * Sets how long the handlers of the event may take together, on each bus.
 *
 * Since: 1.0
 */
void
bubus_event_set_event_deadline (BubusEvent *self,
                                double      seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));

  bubus_event_change_time (self, BUBUS_EVENT_TIME_EVENT, seconds);
}

/**
 * BubusEvent:event-handler-slow-timeout: (getter get_event_handler_slow_timeout) (setter set_event_handler_slow_timeout)
 *
 * After how long a handler that has not finished is reported as slow, in seconds; 0 never reports it, a negative value
 * leaves it to the bus.
 *
 * The report is a warning in the log, at most one a minute for each handler; the handler goes on.
 *
 * Since: 1.0
 */

/**
 * bubus_event_class_set_handler_slow_timeout:
 * @klass: an event class, during its initialization
 * @seconds: a duration in seconds; 0 never reports it, a negative value leaves it to the bus
 *
 * Declares after how long a handler that has not finished is reported as slow, for events of a class that do not say it
 * themselves. It is inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_handler_slow_timeout (BubusEventClass *klass,
                                            double           seconds)
{
  bubus_event_type_set_time (klass->_type, BUBUS_EVENT_TIME_SLOW_HANDLER, seconds);
}

/**
 * bubus_event_get_event_handler_slow_timeout: (get-property event-handler-slow-timeout)
 * @self: an event
 *
 * Says after how long a handler that has not finished is reported as slow: what the event says itself, else its class.
 *
 * Returns: a duration in seconds; 0 never reports it, a negative value leaves it to the bus
 *
 * Since: 1.0
 */
double
bubus_event_get_event_handler_slow_timeout (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), -1);

  return _bubus_event_get_time (self, BUBUS_EVENT_TIME_SLOW_HANDLER);
}

/**
 * bubus_event_set_event_handler_slow_timeout: (set-property event-handler-slow-timeout)
 * @self: an event that has not been dispatched
 * @seconds: a duration in seconds; 0 never reports it, a negative value leaves it to the class and the bus
 *
 * Sets after how long a handler that has not finished is reported as slow.
 *
 * Since: 1.0
 */
void
bubus_event_set_event_handler_slow_timeout (BubusEvent *self,
                                            double      seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));

  bubus_event_change_time (self, BUBUS_EVENT_TIME_SLOW_HANDLER, seconds);
}

/**
 * BubusEvent:event-slow-timeout: (getter get_event_slow_timeout) (setter set_event_slow_timeout)
 *
 * After how long the event is reported as slow when its handlers have not finished, in seconds; 0 never reports it, a
 * negative value leaves it to the bus.
 *
 * The report is a warning in the log; the event goes on.
 *
 * Since: 1.0
 */

/**
 * bubus_event_class_set_slow_timeout:
 * @klass: an event class, during its initialization
 * @seconds: a duration in seconds; 0 never reports it, a negative value leaves it to the bus
 *
 * Declares after how long an event is reported as slow when its handlers have not finished, for events of a class that
 * do not say it themselves. It is inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_slow_timeout (BubusEventClass *klass,
                                    double           seconds)
{
  bubus_event_type_set_time (klass->_type, BUBUS_EVENT_TIME_SLOW_EVENT, seconds);
}

/**
 * bubus_event_get_event_slow_timeout: (get-property event-slow-timeout)
 * @self: an event
 *
 * Says after how long the event is reported as slow when its handlers have not finished: what the event says itself,
 * else its class.
 *
 * Returns: a duration in seconds; 0 never reports it, a negative value leaves it to the bus
 *
 * Since: 1.0
 */
double
bubus_event_get_event_slow_timeout (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), -1);

  return _bubus_event_get_time (self, BUBUS_EVENT_TIME_SLOW_EVENT);
}

/**
 * bubus_event_set_event_slow_timeout: (set-property event-slow-timeout)
 * @self: an event that has not been dispatched
 * @seconds: a duration in seconds; 0 never reports it, a negative value leaves it to the class and the bus
 *
 * Sets after how long the event is reported as slow when its handlers have not finished.
 *
 * Since: 1.0
 */
void
bubus_event_set_event_slow_timeout (BubusEvent *self,
                                    double      seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));

  bubus_event_change_time (self, BUBUS_EVENT_TIME_SLOW_EVENT, seconds);
}

/**
 * BubusEvent:event-concurrency: (getter get_event_concurrency) (setter set_event_concurrency)
 *
 * Which other events are handled at the same time.
 *
 * Since: 1.0
 */

/**
 * bubus_event_class_set_concurrency:
 * @klass: an event class, during its initialization
 * @concurrency: a mode, or %BUBUS_EVENT_CONCURRENCY_INHERIT to leave it to the bus
 *
 * Declares which other events are handled at the same time, for events of a class that do not say it themselves. It is
 * inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_concurrency (BubusEventClass       *klass,
                                   BubusEventConcurrency  concurrency)
{
  bubus_event_type_set_mode (klass->_type, BUBUS_EVENT_MODE_EVENTS, concurrency);
}

/**
 * bubus_event_get_event_concurrency: (get-property event-concurrency)
 * @self: an event
 *
 * Says which other events are handled at the same time: what the event says itself, else its class.
 *
 * Returns: a mode, or %BUBUS_EVENT_CONCURRENCY_INHERIT to leave it to the bus
 *
 * Since: 1.0
 */
BubusEventConcurrency
bubus_event_get_event_concurrency (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), BUBUS_EVENT_CONCURRENCY_INHERIT);

  return _bubus_event_get_mode (self, BUBUS_EVENT_MODE_EVENTS);
}

/**
 * bubus_event_set_event_concurrency: (set-property event-concurrency)
 * @self: an event that has not been dispatched
 * @concurrency: a mode, or %BUBUS_EVENT_CONCURRENCY_INHERIT to leave it to the class and the bus
 *
 * Sets which other events are handled at the same time.
 *
 * Since: 1.0
 */
void
bubus_event_set_event_concurrency (BubusEvent            *self,
                                   BubusEventConcurrency  concurrency)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));

  bubus_event_change_mode (self, BUBUS_EVENT_MODE_EVENTS, concurrency);
}

/**
 * BubusEvent:event-handler-concurrency: (getter get_event_handler_concurrency) (setter set_event_handler_concurrency)
 *
 * Whether the handlers of the event run at the same time.
 *
 * Since: 1.0
 */

/**
 * bubus_event_class_set_handler_concurrency:
 * @klass: an event class, during its initialization
 * @handler_concurrency: a mode, or %BUBUS_HANDLER_CONCURRENCY_INHERIT to leave it to the bus
 *
 * Declares whether the handlers of an event run at the same time, for events of a class that do not say it themselves.
 * It is inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_handler_concurrency (BubusEventClass         *klass,
                                           BubusHandlerConcurrency  handler_concurrency)
{
  bubus_event_type_set_mode (klass->_type, BUBUS_EVENT_MODE_HANDLERS, handler_concurrency);
}

/**
 * bubus_event_get_event_handler_concurrency: (get-property event-handler-concurrency)
 * @self: an event
 *
 * Says whether the handlers of the event run at the same time: what the event says itself, else its class.
 *
 * Returns: a mode, or %BUBUS_HANDLER_CONCURRENCY_INHERIT to leave it to the bus
 *
 * Since: 1.0
 */
BubusHandlerConcurrency
bubus_event_get_event_handler_concurrency (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), BUBUS_HANDLER_CONCURRENCY_INHERIT);

  return _bubus_event_get_mode (self, BUBUS_EVENT_MODE_HANDLERS);
}

/**
 * bubus_event_set_event_handler_concurrency: (set-property event-handler-concurrency)
 * @self: an event that has not been dispatched
 * @handler_concurrency: a mode, or %BUBUS_HANDLER_CONCURRENCY_INHERIT to leave it to the class and the bus
 *
 * Sets whether the handlers of the event run at the same time.
 *
 * Since: 1.0
 */
void
bubus_event_set_event_handler_concurrency (BubusEvent              *self,
                                           BubusHandlerConcurrency  handler_concurrency)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));

  bubus_event_change_mode (self, BUBUS_EVENT_MODE_HANDLERS, handler_concurrency);
}

/**
 * BubusEvent:event-handler-completion: (getter get_event_handler_completion) (setter set_event_handler_completion)
 *
 * Whose answer the event waits for.
 *
 * Since: 1.0
 */

/**
 * bubus_event_class_set_handler_completion:
 * @klass: an event class, during its initialization
 * @handler_completion: a mode, or %BUBUS_HANDLER_COMPLETION_INHERIT to leave it to the bus
 *
 * Declares whose answer an event waits for, for events of a class that do not say it themselves. It is inherited.
 *
 * Since: 1.0
 */
void
bubus_event_class_set_handler_completion (BubusEventClass        *klass,
                                          BubusHandlerCompletion  handler_completion)
{
  bubus_event_type_set_mode (klass->_type, BUBUS_EVENT_MODE_COMPLETION, handler_completion);
}

/**
 * bubus_event_get_event_handler_completion: (get-property event-handler-completion)
 * @self: an event
 *
 * Says whose answer the event waits for: what the event says itself, else its class.
 *
 * Returns: a mode, or %BUBUS_HANDLER_COMPLETION_INHERIT to leave it to the bus
 *
 * Since: 1.0
 */
BubusHandlerCompletion
bubus_event_get_event_handler_completion (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), BUBUS_HANDLER_COMPLETION_INHERIT);

  return _bubus_event_get_mode (self, BUBUS_EVENT_MODE_COMPLETION);
}

/**
 * bubus_event_set_event_handler_completion: (set-property event-handler-completion)
 * @self: an event that has not been dispatched
 * @handler_completion: a mode, or %BUBUS_HANDLER_COMPLETION_INHERIT to leave it to the class and the bus
 *
 * Sets whose answer the event waits for.
 *
 * Since: 1.0
 */
void
bubus_event_set_event_handler_completion (BubusEvent             *self,
                                          BubusHandlerCompletion  handler_completion)
{
  g_return_if_fail (BUBUS_IS_EVENT (self));

  bubus_event_change_mode (self, BUBUS_EVENT_MODE_COMPLETION, handler_completion);
}
