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
