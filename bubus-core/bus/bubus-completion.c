/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-completion-private.h"

#include "bubus-ambient-private.h"
#include "bubus-invocation-private.h"
#include "bubus-scheduler-private.h"

#include <stdatomic.h>

/* What happens when the last thing that an event waits for is over. All functions run in a main context in which one of
 * the event's buses lives. */

static void
bubus_completion_tell_waiters (BubusEvent  *event,
                               BubusWaiter *waiters)
{
  while (waiters != NULL)
    {
      BubusWaiter *next = waiters->next;

      waiters->func (event, waiters->data);
      waiters = next;
    }
}

static void
bubus_completion_retire_event (BubusEvent *event)
{
  BubusVisit *visit = &_bubus_event_get_private (event)->first;

  for (; visit != NULL; visit = visit->next)
    if (_bubus_visit_get_bus (visit) != NULL && !visit->afterwards)
      _bubus_event_bus_retire (visit);
}

/* Where the event completes: the first bus that it was on. None of them is done with it before, so they are all alive. */
static BubusEventBus *
bubus_completion_find_home (BubusEvent *event)
{
  BubusVisit *visit = &_bubus_event_get_private (event)->first;

  while (_bubus_visit_get_bus (visit) == NULL)
    visit = visit->next;
  return _bubus_visit_get_bus (visit);
}

/* @time, or when the last of the children that the event waited for was complete. */
static G_NO_INLINE gint64
bubus_event_get_later_time (BubusEventPrivate *priv,
                            BubusChild       **children,
                            gint64             time)
{
  BubusChild *child;

  _bubus_event_lock (priv);
  child = _bubus_children_get_first (*children);
  for (; child != NULL; child = _bubus_children_get_next (*children, child))
    time = MAX (time, atomic_load_explicit (&child->completed_at, memory_order_relaxed));
  _bubus_event_unlock (priv);
  return time;
}

/* When the last handler of the event finished, or the last child that the event waited for; 0 when it had none. */
static gint64
bubus_event_get_last_time (BubusEvent *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  gint64 time = 0;

  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    for (guint i = 0; !visit->afterwards && i < visit->n_results; i++)
      {
        BubusEventResult *result = _bubus_visit_get_result (visit, i);

        time = MAX (time, result->completed_at);
        if (G_UNLIKELY (g_atomic_pointer_get (&result->children) != NULL))
          time = bubus_event_get_later_time (priv, &result->children, time);
      }
  if (G_UNLIKELY (priv->extras != NULL))
    time = bubus_event_get_later_time (priv, &priv->extras->replacements, MAX (time, priv->extras->completing_at));
  return time;
}

/* An event is complete when the last of its handlers and of its children is (B-1.12). What a middleware has put off keeps
 * its time, unless something was added since. */
static gint64
bubus_completion_find_time (BubusEventBus *home,
                            BubusEvent    *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  gint64 time = bubus_event_get_last_time (event);

  if (time == 0)
    time = _bubus_event_bus_get_time (home);
  if (priv->started_at == 0)
    priv->started_at = time;
  return time;
}

/* FALSE when a middleware holds the event: who asks is told again when it is released. */
static G_NO_INLINE gboolean
bubus_completion_ask (BubusEventBus *home,
                      BubusEvent    *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  _bubus_event_ensure_extras (event)->completing_at = bubus_completion_find_time (home, event);
  g_atomic_int_inc (&priv->pending); /* only what is pending can be held */
  _bubus_event_bus_ask_completion (home, event);
  return g_atomic_int_dec_and_test (&priv->pending);
}

/* A bus that has no middleware may go when it is done with the event. */
static void
bubus_completion_complete_first (BubusEventBus *home,
                                 BubusEvent    *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  g_autoptr (BubusEventBus) told = _bubus_event_bus_has_middleware (home) ? g_object_ref (home) : NULL;
  BubusWaiter *waiters;

  waiters = _bubus_event_complete (event, bubus_completion_find_time (home, event));
  bubus_completion_retire_event (event);
  if (G_UNLIKELY (priv->extras != NULL))
    _bubus_event_drop_ambient (event);
  if (told != NULL)
    _bubus_event_bus_tell_event (told, event, BUBUS_EVENT_STATUS_COMPLETED);
  bubus_completion_tell_waiters (event, waiters);
}

/* The caller holds a reference to the event. FALSE when the event is not complete after all. */
static gboolean
bubus_completion_complete_here (BubusEventBus *home,
                                BubusEvent    *event)
{
  /* Who is told is not part of the handler that happens to be running. */
  BubusInvocation *invocation = _bubus_invocation_set_current (NULL);
  gboolean complete = TRUE;

  if (G_UNLIKELY (g_atomic_int_get (&home->asks)) && !bubus_completion_ask (home, event))
    complete = FALSE;
  else
    bubus_completion_complete_first (home, event);
  _bubus_invocation_set_current (invocation);
  return complete;
}

/* The other thread may be done with the event, and with the bus, before the lock is free. */
static void
bubus_completion_send_home (BubusEventBus *home,
                            BubusEvent    *event)
{
  g_autoptr (BubusEventBus) alive = g_object_ref (home);

  g_mutex_lock (&home->lock);
  g_queue_push_tail (&home->completions, g_object_ref (event));
  _bubus_scheduler_wake_locked (home);
  g_mutex_unlock (&home->lock);
}

static BubusEvent *
bubus_completion_ref_blocked_parent (BubusEvent *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);

  /* An event that was read from JSON may block a parent of which only the id is known. */
  if (priv->place == NULL || !_bubus_event_has_flags (priv, BUBUS_EVENT_BLOCKING))
    return NULL;
  return g_object_ref (priv->place->parent);
}

/* Before @parent learns of it, which is nullable. */
static void
bubus_completion_note_child (BubusEvent *parent,
                             BubusEvent *child)
{
  BubusEventPrivate *priv = _bubus_event_get_private (child);

  if (parent != NULL)
    atomic_store_explicit (&priv->place->completed_at, priv->completed_at, memory_order_relaxed);
}

/* Something that the event's completion waits for is over. When it was the last, the event is complete, and what
 * waits for it may be, all the way up. */
void
_bubus_completion_release (BubusEvent   *event,
                           GMainContext *context)
{
  g_object_ref (event);
  while (event != NULL && g_atomic_int_dec_and_test (&_bubus_event_get_private (event)->pending))
    {
      g_autoptr (BubusEvent) completed = g_steal_pointer (&event);
      g_autoptr (BubusEvent) parent = NULL;
      BubusEventBus *home = bubus_completion_find_home (completed);

      if (home->context != context)
        {
          bubus_completion_send_home (home, completed);
          return;
        }
      parent = bubus_completion_ref_blocked_parent (completed);
      if (!bubus_completion_complete_here (home, completed))
        return;
      bubus_completion_note_child (parent, completed);
      event = g_steal_pointer (&parent);
    }
  g_clear_object (&event);
}

/* A bus has handled an event. When that came to it after everything the event waits for, the bus is done with it at
 * once, and nobody else is concerned. */
void
_bubus_completion_release_visit (BubusEventBus *bus,
                                 BubusVisit    *visit)
{
  BubusInvocation *invocation;

  if (G_LIKELY (!visit->afterwards))
    {
      _bubus_completion_release (_bubus_visit_get_event (visit), bus->context);
      return;
    }

  invocation = _bubus_invocation_set_current (NULL);
  _bubus_event_bus_retire (visit);
  _bubus_invocation_set_current (invocation);
}

void
_bubus_completion_receive (BubusEventBus *bus,
                           BubusEvent    *event)
{
  g_autoptr (BubusEvent) parent = bubus_completion_ref_blocked_parent (event);

  if (bubus_completion_complete_here (bus, event))
    {
      bubus_completion_note_child (parent, event);
      if (parent != NULL)
        _bubus_completion_release (parent, bus->context);
    }
  g_object_unref (event);
}
