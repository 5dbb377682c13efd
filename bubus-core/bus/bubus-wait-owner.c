/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-wait-owner-private.h"

#include "bubus-event-bus-private.h"
#include "bubus-turns-private.h"
#include "bubus-wait-graph-private.h"
#include "event/bubus-event-internal.h"

/* Whose wait it is when no handler is being called. A handler that answers later waits in callbacks of which the bus
 * knows nothing, and so does everybody else; but only a handler's wait passes the queue. It is the handler's
 * when it ends with the handler, because it has the cancellable of its invocation; or when it follows, in the same
 * callback, the dispatch by which the handler has made the event its child. A wait with another cancellable is somebody
 * else's. */

/* The last dispatch in this thread by a handler that was not being called. */
static _Thread_local struct
{
  const BubusEventResult *emitter;
  const GSource          *callback;
  gint64                  iteration;
} noted;

void
_bubus_wait_owner_note (BubusInvocation *invocation)
{
  if (_bubus_invocation_get_current () == invocation)
    return;

  noted.emitter = invocation->result;
  noted.callback = g_main_current_source ();
  noted.iteration = _bubus_turns_get_time (_bubus_result_get_bus (invocation->result));
}

static gboolean
bubus_wait_owner_is_noted (BubusInvocation *invocation)
{
  return noted.emitter == invocation->result && noted.callback == g_main_current_source ()
         && noted.iteration == _bubus_turns_get_time (_bubus_result_get_bus (invocation->result));
}

/* The one that has @cancellable, or when that is NULL, whose result is @emitter. */
static BubusInvocation *
bubus_wait_owner_find (BubusEventBus          *bus,
                       const BubusEventResult *emitter,
                       GCancellable           *cancellable)
{
  BubusInvocation *found = NULL;
  BubusLink *link;

  g_mutex_lock (&bus->lock);
  for (link = _bubus_queue_peek_head (&bus->deferred); link != NULL && found == NULL;
       link = _bubus_queue_next (&bus->deferred, link))
    {
      BubusInvocation *invocation = BUBUS_LINK_OWNER (link, BubusInvocation, link);

      if (cancellable != NULL ? invocation->cancellable == cancellable : invocation->result == emitter)
        found = g_object_ref (invocation);
    }
  g_mutex_unlock (&bus->lock);
  return found;
}

static BubusInvocation *
bubus_wait_owner_find_on_visit (const BubusVisit       *visit,
                                const BubusEventResult *emitter,
                                GCancellable           *cancellable,
                                GMainContext           *context)
{
  if (!_bubus_visit_is_in (visit, context))
    return NULL;
  return bubus_wait_owner_find (_bubus_visit_get_bus (visit), emitter, cancellable);
}

/* On the bus whose handler has dispatched the event, or on those that have it. */
static BubusInvocation *
bubus_wait_owner_find_cancellable (BubusEvent   *event,
                                   GCancellable *cancellable,
                                   GMainContext *context)
{
  const BubusEventResult *emitter = _bubus_event_get_emitter (event);
  BubusInvocation *found = NULL;

  if (emitter != NULL)
    found = bubus_wait_owner_find_on_visit (_bubus_result_get_visit (emitter), NULL, cancellable, context);
  for (const BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL && found == NULL; visit = visit->next)
    found = bubus_wait_owner_find_on_visit (visit, NULL, cancellable, context);
  return found;
}

static gboolean
bubus_visit_waits_for (const BubusVisit *visit,
                       BubusEvent       *event)
{
  g_autoptr (GPtrArray) before = _bubus_wait_list_before (_bubus_visit_get_bus (visit), visit);

  return g_ptr_array_find (before, event, NULL);
}

/* Nobody can tell who waits. If it is the handler, the wait does not end before the handler's time does. */
static void
bubus_wait_owner_hint (BubusInvocation *invocation,
                       BubusEvent      *event,
                       GMainContext    *context)
{
  const BubusVisit *visit = &_bubus_event_get_private (event)->first;

  while (visit != NULL && !(_bubus_visit_is_in (visit, context) && visit->state == BUBUS_VISIT_QUEUED
                            && bubus_visit_waits_for (visit, invocation->event)))
    visit = visit->next;
  if (visit == NULL || invocation->hinted)
    return;

  invocation->hinted = TRUE;
  g_message ("“%s” is waited for, but its turn comes after “%s”, for which %s answers later. "
             "If that handler is who waits, it must use bubus_invocation_run_async()",
             bubus_event_get_event_type (event), bubus_event_get_event_type (invocation->event),
             invocation->result->handler->name);
}

static BubusInvocation *
bubus_wait_owner_find_emitter (BubusEvent   *event,
                               GMainContext *context)
{
  const BubusEventResult *emitter = _bubus_event_get_emitter (event);
  const BubusVisit *visit = _bubus_result_get_visit (emitter);
  g_autoptr (BubusInvocation) invocation = bubus_wait_owner_find_on_visit (visit, emitter, NULL, context);

  if (invocation == NULL || bubus_wait_owner_is_noted (invocation))
    return g_steal_pointer (&invocation);
  bubus_wait_owner_hint (invocation, event, context);
  return NULL;
}

/* The invocation of the handler that waits for @event with @cancellable, or NULL when it is somebody else, such as
 * another thread. */
BubusInvocation *
_bubus_wait_owner_ref (BubusEvent   *event,
                       GCancellable *cancellable)
{
  const BubusEventResult *emitter = _bubus_event_get_emitter (event);
  g_autoptr (GMainContext) context = NULL;

  if ((cancellable == NULL && emitter == NULL)
      || _bubus_event_is_completed (event))
    return NULL;

  context = g_main_context_ref_thread_default ();
  if (!g_main_context_is_owner (context) && (emitter == NULL || emitter != noted.emitter))
    return NULL;
  if (cancellable != NULL)
    return bubus_wait_owner_find_cancellable (event, cancellable, context);
  return bubus_wait_owner_find_emitter (event, context);
}

/* The invocation on @bus that has @cancellable, or NULL. */
BubusInvocation *
_bubus_wait_owner_ref_on (BubusEventBus *bus,
                          GCancellable  *cancellable)
{
  if (cancellable == NULL || !g_main_context_is_owner (bus->context))
    return NULL;
  return bubus_wait_owner_find (bus, NULL, cancellable);
}
