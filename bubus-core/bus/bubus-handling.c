/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handling-internal.h"

#include "bubus-global-turn-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"

/* Whether a handler is being called in this thread: then what it waits for is handled in place. */
gboolean
_bubus_is_handling (void)
{
  return _bubus_invocation_get_current () != NULL;
}

/* Before somebody is called who is not part of the handler that happens to be running. To be given back to
 * _bubus_handling_take_up() after that. */
gpointer
_bubus_handling_set_aside (void)
{
  return _bubus_invocation_set_current (NULL);
}

void
_bubus_handling_take_up (gpointer handling)
{
  _bubus_invocation_set_current (handling);
}

/* The event has had its turn, and from now on lets others pass although it is not done. In the bus's main context. */
void
_bubus_invocation_leave_turn (BubusInvocation *self)
{
  BubusVisit *visit = _bubus_result_get_visit (self->result);
  BubusEventBus *bus = _bubus_visit_get_bus (visit);

  g_mutex_lock (&bus->lock);
  if (visit->state == BUBUS_VISIT_RUNNING && visit->mode != BUBUS_EVENT_CONCURRENCY_PARALLEL)
    {
      bus->n_busy--;
      if (visit->mode == BUBUS_EVENT_CONCURRENCY_GLOBAL_SERIAL)
        _bubus_global_turn_release (_bubus_visit_get_event (visit));
      visit->mode = BUBUS_EVENT_CONCURRENCY_PARALLEL;
      _bubus_scheduler_wake_locked (bus);
    }
  g_mutex_unlock (&bus->lock);
}

/* Whether what answers @event for the handler of that id, one of its visits' results, is still expected to. Invocations
 * are used again, so this one may have become another's. */
gboolean
_bubus_invocation_is_open (BubusInvocation *self,
                           BubusEvent      *event,
                           const char      *handler_id)
{
  BubusInvocationState state = _bubus_invocation_get_state (self);

  return self->event == event && (state == BUBUS_INVOCATION_CALLING || state == BUBUS_INVOCATION_DEFERRED)
         && _bubus_handler_info_get_id_text (self->result->handler) == handler_id;
}

/* The answer is not wanted any more: it is @error, and what runs for it is over. In the bus's main context. */
void
_bubus_invocation_give_up (BubusInvocation *self,
                           const GError    *error)
{
  gpointer handling = _bubus_handling_set_aside ();

  _bubus_scheduler_give_up (self, error);
  _bubus_handling_take_up (handling);
}
