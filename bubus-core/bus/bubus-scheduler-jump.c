/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-scheduler-private.h"

#include "bubus-visit-run-private.h"

/* How an event that a handler awaits is handled in place. */

static gboolean
bubus_scheduler_take_if_waiting (BubusVisit   *visit,
                                 GMainContext *context)
{
  BubusEventBus *bus = visit->bus;
  gboolean taken = FALSE;

  if (bus == NULL || bus->context != context)
    return FALSE;

  g_mutex_lock (&bus->lock);
  if (visit->state == BUBUS_VISIT_QUEUED || visit->state == BUBUS_VISIT_URGENT)
    {
      _bubus_visit_take_locked (bus, visit);
      taken = TRUE;
    }
  g_mutex_unlock (&bus->lock);
  return taken;
}

static gboolean
bubus_scheduler_all_handled (BubusEvent *event)
{
  for (const BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    if (visit->bus != NULL && visit->state < BUBUS_VISIT_HANDLED)
      return FALSE;
  return TRUE;
}

static void
bubus_scheduler_jump_children (BubusEvent   *event,
                               GMainContext *context)
{
  g_autoptr (GPtrArray) children = _bubus_event_list_blocking_children (event);

  for (guint i = 0; children != NULL && i < children->len; i++)
    _bubus_scheduler_jump (children->pdata[i], context);
}

/* Lets the event's turn come now, on every bus of the main context on which it waits for it. */
void
_bubus_scheduler_start_waiting (BubusEvent   *event,
                                GMainContext *context)
{
  BubusVisit *visit = &_bubus_event_get_private (event)->first;

  for (; visit != NULL; visit = visit->next)
    if (bubus_scheduler_take_if_waiting (visit, context))
      _bubus_visit_start (visit->bus, visit);
}

/* Handles an event in place, on every bus of the main context on which it waits for its turn, and then what its
 * completion waits for: children that nobody awaits (R-2, B-4.4, B-4.8). Nothing else runs. */
void
_bubus_scheduler_jump (BubusEvent   *event,
                       GMainContext *context)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  if (_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED))
    return;

  _bubus_event_set_flags (priv, BUBUS_EVENT_JUMPED);
  _bubus_scheduler_start_waiting (event, context);
  if (bubus_scheduler_all_handled (event))
    bubus_scheduler_jump_children (event, context);
}
