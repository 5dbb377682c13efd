/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus-settings.h"

#include "bubus-event-bus-private.h"

/* How a bus handles events that do not say it themselves. */

static const BubusEventSettings default_settings = {
  .times = {
    [BUBUS_EVENT_TIME_HANDLER] = 60,
    [BUBUS_EVENT_TIME_SLOW_HANDLER] = 15,
  },
};

void
_bubus_event_bus_init_settings (BubusEventBus *self)
{
  self->settings = default_settings;
}

void
_bubus_event_bus_make_setting_properties (GParamSpec  **properties,
                                          GParamFlags   flags)
{
  _bubus_event_settings_make_properties (properties, 0, &default_settings, flags);
}

void
_bubus_event_bus_get_setting (BubusEventBus *self,
                              guint          index,
                              GValue        *value)
{
  if (index < BUBUS_N_EVENT_TIMES)
    g_value_set_double (value, self->settings.times[index]);
  else
    g_value_set_enum (value, self->settings.modes[index - BUBUS_N_EVENT_TIMES]);
}

static void
bubus_event_bus_change_time (BubusEventBus  *self,
                             BubusEventTime  time,
                             double          seconds)
{
  if (self->settings.times[time] == seconds)
    return;

  g_mutex_lock (&self->lock);
  self->settings.times[time] = seconds;
  g_mutex_unlock (&self->lock);
  g_object_notify (G_OBJECT (self), _bubus_event_time_names[time]);
}

static void
bubus_event_bus_change_mode (BubusEventBus  *self,
                             BubusEventMode  mode,
                             int             value)
{
  if (self->settings.modes[mode] == value)
    return;

  g_mutex_lock (&self->lock);
  self->settings.modes[mode] = value;
  g_mutex_unlock (&self->lock);
  g_object_notify (G_OBJECT (self), _bubus_event_mode_names[mode]);
}

void
_bubus_event_bus_set_setting (BubusEventBus *self,
                              guint          index,
                              const GValue  *value)
{
  if (index < BUBUS_N_EVENT_TIMES)
    bubus_event_bus_change_time (self, index, g_value_get_double (value));
  else
    bubus_event_bus_change_mode (self, index - BUBUS_N_EVENT_TIMES, g_value_get_enum (value));
}

/* ---- public ---- */

/**
 * BubusEventBus:event-timeout: (getter get_event_timeout) (setter set_event_timeout)
 *
 * How long each handler may take, in seconds, when nothing nearer says otherwise; 0 is without limit. The default is
 * 60. It concerns handlers that answer later, and those that run in threads; a handler that answers at once cannot be
 * interrupted.
 *
 * Since: 1.0
 */

/**
 * bubus_event_bus_get_event_timeout: (get-property event-timeout)
 * @self: a bus
 *
 * Says how long each handler may take.
 *
 * Returns: a duration in seconds; 0 is without limit
 *
 * Since: 1.0
 */
double
bubus_event_bus_get_event_timeout (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->settings.times[BUBUS_EVENT_TIME_HANDLER];
}

/**
 * bubus_event_bus_set_event_timeout: (set-property event-timeout)
 * @self: a bus
 * @seconds: a duration in seconds; 0 is without limit
 *
 * Sets how long each handler may take, from the next that starts on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_event_timeout (BubusEventBus *self,
                                   double         seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (seconds >= 0);

  bubus_event_bus_change_time (self, BUBUS_EVENT_TIME_HANDLER, seconds);
}

/**
 * BubusEventBus:event-deadline: (getter get_event_deadline) (setter set_event_deadline)
 *
 * How long the handlers of an event may take together, in seconds, when nothing nearer says otherwise; 0 is without
 * limit. The default is 0.
 *
 * Since: 1.0
 */

/**
 * bubus_event_bus_get_event_deadline: (get-property event-deadline)
 * @self: a bus
 *
 * Says how long the handlers of an event may take together.
 *
 * Returns: a duration in seconds; 0 is without limit
 *
 * Since: 1.0
 */
double
bubus_event_bus_get_event_deadline (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->settings.times[BUBUS_EVENT_TIME_EVENT];
}

/**
 * bubus_event_bus_set_event_deadline: (set-property event-deadline)
 * @self: a bus
 * @seconds: a duration in seconds; 0 is without limit
 *
 * Sets how long the handlers of an event may take together, from the next that starts on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_event_deadline (BubusEventBus *self,
                                    double         seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (seconds >= 0);

  bubus_event_bus_change_time (self, BUBUS_EVENT_TIME_EVENT, seconds);
}

/**
 * BubusEventBus:event-handler-slow-timeout: (getter get_event_handler_slow_timeout) (setter set_event_handler_slow_timeout)
 *
 * After how long a handler that has not finished is reported as slow, in seconds, when nothing nearer says otherwise; 0
 * never reports it. The default is 15.
 *
 * Since: 1.0
 */

/**
 * bubus_event_bus_get_event_handler_slow_timeout: (get-property event-handler-slow-timeout)
 * @self: a bus
 *
 * Says after how long a handler that has not finished is reported as slow.
 *
 * Returns: a duration in seconds; 0 never reports it
 *
 * Since: 1.0
 */
double
bubus_event_bus_get_event_handler_slow_timeout (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->settings.times[BUBUS_EVENT_TIME_SLOW_HANDLER];
}

/**
 * bubus_event_bus_set_event_handler_slow_timeout: (set-property event-handler-slow-timeout)
 * @self: a bus
 * @seconds: a duration in seconds; 0 never reports it
 *
 * Sets after how long a handler that has not finished is reported as slow, from the next that starts on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_event_handler_slow_timeout (BubusEventBus *self,
                                                double         seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (seconds >= 0);

  bubus_event_bus_change_time (self, BUBUS_EVENT_TIME_SLOW_HANDLER, seconds);
}

/**
 * BubusEventBus:event-slow-timeout: (getter get_event_slow_timeout) (setter set_event_slow_timeout)
 *
 * After how long an event is reported as slow when its handlers have not finished, in seconds, when nothing nearer says
 * otherwise; 0 never reports it. The default is 0.
 *
 * Since: 1.0
 */

/**
 * bubus_event_bus_get_event_slow_timeout: (get-property event-slow-timeout)
 * @self: a bus
 *
 * Says after how long an event is reported as slow when its handlers have not finished.
 *
 * Returns: a duration in seconds; 0 never reports it
 *
 * Since: 1.0
 */
double
bubus_event_bus_get_event_slow_timeout (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return self->settings.times[BUBUS_EVENT_TIME_SLOW_EVENT];
}

/**
 * bubus_event_bus_set_event_slow_timeout: (set-property event-slow-timeout)
 * @self: a bus
 * @seconds: a duration in seconds; 0 never reports it
 *
 * Sets after how long an event is reported as slow when its handlers have not finished, from the next that starts on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_event_slow_timeout (BubusEventBus *self,
                                        double         seconds)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));
  g_return_if_fail (seconds >= 0);

  bubus_event_bus_change_time (self, BUBUS_EVENT_TIME_SLOW_EVENT, seconds);
}

/**
 * BubusEventBus:event-concurrency: (getter get_event_concurrency) (setter set_event_concurrency)
 *
 * Which events are handled at the same time, when they do not say it themselves. The default is bus-serial.
 *
 * Since: 1.0
 */

/**
 * bubus_event_bus_get_event_concurrency: (get-property event-concurrency)
 * @self: a bus
 *
 * Says which events are handled at the same time.
 *
 * Returns: a mode; %BUBUS_EVENT_CONCURRENCY_INHERIT stands for the default
 *
 * Since: 1.0
 */
BubusEventConcurrency
bubus_event_bus_get_event_concurrency (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), BUBUS_EVENT_CONCURRENCY_INHERIT);

  return self->settings.modes[BUBUS_EVENT_MODE_EVENTS];
}

/**
 * bubus_event_bus_set_event_concurrency: (set-property event-concurrency)
 * @self: a bus
 * @concurrency: a mode; %BUBUS_EVENT_CONCURRENCY_INHERIT stands for the default
 *
 * Sets which events are handled at the same time, from the next that is dispatched on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_event_concurrency (BubusEventBus         *self,
                                       BubusEventConcurrency  concurrency)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  bubus_event_bus_change_mode (self, BUBUS_EVENT_MODE_EVENTS, concurrency);
}

/**
 * BubusEventBus:event-handler-concurrency: (getter get_event_handler_concurrency) (setter set_event_handler_concurrency)
 *
 * Whether the handlers of an event run at the same time, when they do not say it themselves. The default is serial.
 *
 * Since: 1.0
 */

/**
 * bubus_event_bus_get_event_handler_concurrency: (get-property event-handler-concurrency)
 * @self: a bus
 *
 * Says whether the handlers of an event run at the same time.
 *
 * Returns: a mode; %BUBUS_HANDLER_CONCURRENCY_INHERIT stands for the default
 *
 * Since: 1.0
 */
BubusHandlerConcurrency
bubus_event_bus_get_event_handler_concurrency (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), BUBUS_HANDLER_CONCURRENCY_INHERIT);

  return self->settings.modes[BUBUS_EVENT_MODE_HANDLERS];
}

/**
 * bubus_event_bus_set_event_handler_concurrency: (set-property event-handler-concurrency)
 * @self: a bus
 * @handler_concurrency: a mode; %BUBUS_HANDLER_CONCURRENCY_INHERIT stands for the default
 *
 * Sets whether the handlers of an event run at the same time, from the next that is handled on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_event_handler_concurrency (BubusEventBus           *self,
                                               BubusHandlerConcurrency  handler_concurrency)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  bubus_event_bus_change_mode (self, BUBUS_EVENT_MODE_HANDLERS, handler_concurrency);
}

/**
 * BubusEventBus:event-handler-completion: (getter get_event_handler_completion) (setter set_event_handler_completion)
 *
 * Whose answer an event waits for, when they do not say it themselves. The default is all.
 *
 * Since: 1.0
 */

/**
 * bubus_event_bus_get_event_handler_completion: (get-property event-handler-completion)
 * @self: a bus
 *
 * Says whose answer an event waits for.
 *
 * Returns: a mode; %BUBUS_HANDLER_COMPLETION_INHERIT stands for the default
 *
 * Since: 1.0
 */
BubusHandlerCompletion
bubus_event_bus_get_event_handler_completion (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), BUBUS_HANDLER_COMPLETION_INHERIT);

  return self->settings.modes[BUBUS_EVENT_MODE_COMPLETION];
}

/**
 * bubus_event_bus_set_event_handler_completion: (set-property event-handler-completion)
 * @self: a bus
 * @handler_completion: a mode; %BUBUS_HANDLER_COMPLETION_INHERIT stands for the default
 *
 * Sets whose answer an event waits for, from the next that is handled on.
 *
 * Since: 1.0
 */
void
bubus_event_bus_set_event_handler_completion (BubusEventBus          *self,
                                              BubusHandlerCompletion  handler_completion)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  bubus_event_bus_change_mode (self, BUBUS_EVENT_MODE_COMPLETION, handler_completion);
}
