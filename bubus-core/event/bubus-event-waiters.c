/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-internal.h"

/* FALSE when the event is complete already: then the waiter is not kept, and will not be told. */
gboolean
_bubus_event_add_waiter (BubusEvent  *self,
                         BubusWaiter *waiter)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  gboolean added = FALSE;

  _bubus_event_lock (priv);
  if (!_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED))
    {
      waiter->next = priv->waiters;
      waiter->link = &priv->waiters;
      if (waiter->next != NULL)
        waiter->next->link = &waiter->next;
      priv->waiters = waiter;
      added = TRUE;
    }
  _bubus_event_unlock (priv);
  return added;
}

/* FALSE when the waiter has been told, or is being told. */
gboolean
_bubus_event_remove_waiter (BubusEvent  *self,
                            BubusWaiter *waiter)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  gboolean removed;

  _bubus_event_lock (priv);
  removed = waiter->link != NULL && !_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED);
  if (removed)
    {
      *waiter->link = waiter->next;
      if (waiter->next != NULL)
        waiter->next->link = waiter->link;
      waiter->link = NULL;
    }
  _bubus_event_unlock (priv);
  return removed;
}

static BubusWaiter *
bubus_waiter_reverse (BubusWaiter *waiters)
{
  BubusWaiter *reversed = NULL;

  while (waiters != NULL)
    {
      BubusWaiter *next = waiters->next;

      waiters->next = reversed;
      reversed = waiters;
      waiters = next;
    }
  return reversed;
}

/* Marks the event complete and gives who waited for it, in the order in which they came. */
BubusWaiter *
_bubus_event_complete (BubusEvent *self,
                       gint64      time)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusWaiter *waiters;

  _bubus_event_lock (priv);
  waiters = priv->waiters;
  priv->completed_at = time;
  _bubus_event_set_flags (priv, BUBUS_EVENT_COMPLETED);
  _bubus_event_unlock (priv);
  return bubus_waiter_reverse (waiters);
}
