/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler-limits-private.h"

#include "bubus-event-bus-private.h"
#include "bubus-handler-private.h"
#include "bubus-time-limit-private.h"

/* How long a handler may take, and after how long it is called slow. */

/* One warning a minute for each handler is enough (B-13.6). */
#define SECONDS_BETWEEN_WARNINGS 60

/* The handler's own word goes before that of the event, and that before the bus's (B-1.17). In seconds; 0: none. */
double
_bubus_handler_get_limit (BubusHandler     *handler,
                          BubusEventResult *result,
                          BubusEventTime    time)
{
  double own = time == BUBUS_EVENT_TIME_HANDLER ? handler->timeout : handler->slow_timeout;
  double seconds;

  if (own >= 0)
    return own;

  seconds = _bubus_event_get_time (_bubus_result_get_event (result), time);
  return seconds >= 0 ? seconds : _bubus_result_get_bus (result)->settings.times[time];
}

static gboolean
bubus_handler_may_warn (BubusHandler *handler,
                        gint64        now)
{
  if (handler->warned_at != 0 && now - handler->warned_at < SECONDS_BETWEEN_WARNINGS * G_GINT64_CONSTANT (1000000000))
    {
      handler->n_unsaid++;
      return FALSE;
    }

  handler->warned_at = now;
  return TRUE;
}

void
_bubus_handler_warn_slow (BubusHandler     *handler,
                          BubusEventResult *result,
                          gint64            elapsed)
{
  g_autofree char *unsaid = NULL;

  if (!bubus_handler_may_warn (handler, result->started_at + elapsed))
    return;

  if (handler->n_unsaid > 0)
    unsaid = g_strdup_printf ("; %u times since this was said last", handler->n_unsaid + 1);
  handler->n_unsaid = 0;
  g_warning ("%s is slow: it has been handling “%s” for %g seconds%s", handler->info->name,
             bubus_event_get_event_type (_bubus_result_get_event (result)), elapsed / 1e9,
             unsaid != NULL ? unsaid : "");
}

/* For a handler that has returned. */
void
_bubus_handler_check_slow (BubusHandler     *handler,
                           BubusEventResult *result)
{
  double limit = _bubus_handler_get_limit (handler, result, BUBUS_EVENT_TIME_SLOW_HANDLER);
  gint64 elapsed = result->completed_at - result->started_at;

  if (limit > 0 && elapsed >= _bubus_time_limit_to_ns (limit))
    _bubus_handler_warn_slow (handler, result, elapsed);
}

/* ---- public ---- */

static void
bubus_handler_set_limit (BubusHandler *self,
                         double       *limit,
                         double        seconds,
                         const char   *property)
{
  seconds = seconds < 0 ? -1 : seconds;
  if (*limit == seconds)
    return;

  *limit = seconds;
  g_object_notify (G_OBJECT (self), property);
}

/**
 * bubus_handler_get_timeout: (get-property timeout)
 * @self: a handler
 *
 * Says how long the handler may take.
 *
 * Returns: a duration in seconds; 0 is without limit, a negative value leaves it to the event and the bus
 *
 * Since: 1.0
 */
double
bubus_handler_get_timeout (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), -1);

  return self->timeout;
}

/**
 * bubus_handler_set_timeout: (set-property timeout)
 * @self: a handler
 * @seconds: a duration in seconds; 0 is without limit, a negative value leaves it to the event and the bus
 *
 * Sets how long the handler may take. It goes before what the event and the bus say, and holds for calls that start
 * after that.
 *
 * Since: 1.0
 */
void
bubus_handler_set_timeout (BubusHandler *self,
                           double        seconds)
{
  g_return_if_fail (BUBUS_IS_HANDLER (self));

  bubus_handler_set_limit (self, &self->timeout, seconds, "timeout");
}

/**
 * bubus_handler_get_slow_timeout: (get-property slow-timeout)
 * @self: a handler
 *
 * Says after how long the handler is reported as slow.
 *
 * Returns: a duration in seconds; 0 never reports it, a negative value leaves it to the event and the bus
 *
 * Since: 1.0
 */
double
bubus_handler_get_slow_timeout (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), -1);

  return self->slow_timeout;
}

/**
 * bubus_handler_set_slow_timeout: (set-property slow-timeout)
 * @self: a handler
 * @seconds: a duration in seconds; 0 never reports it, a negative value leaves it to the event and the bus
 *
 * Sets after how long the handler is reported as slow when it has not finished, or has returned late. The report is a
 * warning in the log, at most one a minute.
 *
 * Since: 1.0
 */
void
bubus_handler_set_slow_timeout (BubusHandler *self,
                                double        seconds)
{
  g_return_if_fail (BUBUS_IS_HANDLER (self));

  bubus_handler_set_limit (self, &self->slow_timeout, seconds, "slow-timeout");
}
