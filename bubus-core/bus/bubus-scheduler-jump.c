/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-scheduler-private.h"

#include "bubus-global-turn-private.h"
#include "bubus-visit-run-private.h"
#include "bubus-wait-graph-private.h"

/* How an event that a handler awaits is handled in place. */

static gboolean
bubus_scheduler_take_if_waiting (BubusVisit   *visit,
                                 GMainContext *context)
{
  BubusEventBus *bus = _bubus_visit_get_bus (visit);
  gboolean taken = FALSE;

  if (!_bubus_visit_is_in (visit, context))
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

/* On all buses for which its completion waits. */
static gboolean
bubus_scheduler_all_handled (BubusEvent *event)
{
  for (const BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    if (_bubus_visit_get_bus (visit) != NULL && !visit->afterwards && visit->state < BUBUS_VISIT_HANDLED)
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

/* Lets the event's turn come now, on every bus of the main context on which it waits for it, or go on where it pauses. */
void
_bubus_scheduler_start_waiting (BubusEvent   *event,
                                GMainContext *context)
{
  BubusVisit *visit = &_bubus_event_get_private (event)->first;

  for (; visit != NULL; visit = visit->next)
    if (bubus_scheduler_take_if_waiting (visit, context))
      _bubus_visit_start (_bubus_visit_get_bus (visit), visit, G_MAXINT64);
    else if (_bubus_visit_is_in (visit, context) && _bubus_visit_is_paused (_bubus_visit_get_bus (visit), visit))
      _bubus_visit_continue (_bubus_visit_get_bus (visit), visit, G_MAXINT64);
}

/* ---- where nobody can be run in place ---- */

static void
bubus_scheduler_hurry_locked (BubusEventBus *bus,
                              BubusVisit    *visit)
{
  if (visit->state != BUBUS_VISIT_QUEUED)
    return;

  _bubus_queue_remove (&bus->queue, &visit->link);
  _bubus_visit_set_state (visit, BUBUS_VISIT_URGENT);
  _bubus_queue_push_tail (&bus->urgent, &visit->link);
  _bubus_scheduler_wake_locked (bus);
}

/* An event that what the bus is busy with waits for would have to wait for itself. It passes the queue. */
static void
bubus_scheduler_let_visit_pass (BubusVisit *visit)
{
  g_autoptr (BubusEventBus) bus = g_weak_ref_get (&visit->bus_info->bus);
  g_autoptr (GPtrArray) busy = NULL;
  gboolean passes = FALSE;

  if (bus == NULL)
    return;

  busy = _bubus_wait_list_before (bus, visit);
  for (guint i = 0; i < busy->len && !passes; i++)
    passes = _bubus_wait_reaches (busy->pdata[i], _bubus_visit_get_event (visit));
  if (!passes)
    return;

  g_mutex_lock (&bus->lock);
  bubus_scheduler_hurry_locked (bus, visit);
  g_mutex_unlock (&bus->lock);
}

/* A visit whose turn has come, which nothing takes back, has nobody to pass: to look for those costs as much as an event. */
static void
bubus_scheduler_let_event_pass (BubusEvent *event)
{
  for (BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    if (_bubus_visit_get_bus (visit) != NULL && visit->state < BUBUS_VISIT_RUNNING)
      bubus_scheduler_let_visit_pass (visit);
}

/* A handler has begun to wait for @event, which cannot be handled in place: it, or something that it waits for, is on a
 * bus of another main context, which is asked to let it pass. May be called from any thread. */
void
_bubus_scheduler_let_pass (BubusEvent *event)
{
  g_autoptr (GPtrArray) events = _bubus_wait_list (event);

  for (guint i = 0; i < events->len; i++)
    bubus_scheduler_let_event_pass (events->pdata[i]);
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
  if (_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED))
    return;

  bubus_scheduler_let_event_pass (event);
  if (bubus_scheduler_all_handled (event))
    bubus_scheduler_jump_children (event, context);
}

/* ---- by message ---- */

typedef struct
{
  BubusEvent    *event;
  BubusEventBus *bus;
  gboolean       is_wait;
} BubusJumpMessage;

static void
bubus_jump_message_free (BubusJumpMessage *self)
{
  g_object_unref (self->event);
  g_object_unref (self->bus);
  g_free (self);
}

static gboolean
bubus_jump_message_cb (gpointer data)
{
  BubusJumpMessage *self = data;

  if (self->is_wait)
    _bubus_event_bus_tell_wait (self->bus, self->event);
  _bubus_scheduler_jump (self->event, self->bus->context);
  return G_SOURCE_REMOVE;
}

/* The event is handled where it always is, but not from here: from another thread, or inside of a handler that does not
 * wait for it. @is_wait when a handler begins to. */
void
_bubus_scheduler_send_jump (BubusEvent    *event,
                            BubusEventBus *bus,
                            gboolean       is_wait)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  BubusJumpMessage *message = g_new (BubusJumpMessage, 1);

  *message = (BubusJumpMessage) { g_object_ref (event), g_object_ref (bus), is_wait };
  g_source_set_priority (source, _bubus_event_bus_get_message_priority (bus));
  g_source_set_callback (source, bubus_jump_message_cb, message, (GDestroyNotify) bubus_jump_message_free);
  g_source_attach (source, bus->context);
}
