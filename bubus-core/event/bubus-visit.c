/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-visit-internal.h"

#include "bubus-event-internal.h"

BubusChild *
_bubus_children_append (BubusChild      **children,
                        const BubusUuid  *id)
{
  BubusChild *child = g_new (BubusChild, 1);

  *child = (BubusChild) { .id = *id, .next = child };
  if (*children != NULL)
    {
      child->next = (*children)->next;
      (*children)->next = child;
    }
  __atomic_store_n (children, child, __ATOMIC_RELEASE); /* whether there are any is looked at without the lock, too */
  return child;
}

/* Nullable. */
void
_bubus_children_free (BubusChild *children)
{
  BubusChild *child = _bubus_children_get_first (children);

  while (child != NULL)
    {
      BubusChild *next = _bubus_children_get_next (children, child);

      g_free (child);
      child = next;
    }
}

void
_bubus_visit_allocate_results (BubusVisit *self,
                               guint       n_results)
{
  g_assert (self->n_results == 0);

  if (n_results > 1)
    {
      self->several = g_malloc0 (sizeof (BubusResultBlock) + n_results * sizeof (BubusEventResult));
      self->several->visit = self;
    }
  self->n_results = n_results;
}

static void
bubus_event_result_clear (BubusEventResult *self)
{
  g_clear_pointer (&self->handler, _bubus_handler_info_unref);
  g_clear_pointer (&self->children, _bubus_children_free);
  if (_bubus_value_is_set (&self->value) && !_bubus_value_is_number (&self->value))
    g_value_unset (&self->value);
}

void
_bubus_visit_clear (BubusVisit *self)
{
  for (guint i = 0; i < self->n_results; i++)
    bubus_event_result_clear (_bubus_visit_get_result (self, i));
  if (self->n_results > 1)
    g_free (self->several);
  self->n_results = 0;
  g_clear_pointer (&self->bus_info, _bubus_bus_info_unref);
}

BubusEventResult *
_bubus_visit_init_result (BubusVisit       *visit,
                          guint             index,
                          BubusHandlerInfo *handler)
{
  BubusEventResult *self = _bubus_visit_get_result (visit, index);

  self->index = index;
  self->is_only = visit->n_results == 1;
  self->handler = _bubus_handler_info_ref (handler);
  _bubus_event_result_set_status (self, BUBUS_RESULT_STATUS_PENDING);
  return self;
}

/* The id of a result is made of those of its event and its handler, so that it needs no room. */
void
_bubus_event_result_get_id (BubusEventResult *self,
                            BubusUuid        *id)
{
  BubusEventPrivate *priv = _bubus_event_get_private (_bubus_result_get_event (self));
  const BubusUuid *restored = _bubus_event_result_get_restored (self);

  if (restored != NULL)
    *id = *restored;
  else
    _bubus_uuid_init_derived (id, priv->created_at, &priv->id, _bubus_handler_info_get_id (self->handler));
}

static void
bubus_visit_init (BubusVisit   *visit,
                  BubusBusInfo *bus_info)
{
  visit->bus_info = _bubus_bus_info_ref (bus_info);
  _bubus_visit_set_state (visit, BUBUS_VISIT_QUEUED);
}

/* Others walk along the visits without the lock: one is whole before it can be seen. */
static BubusVisit *
bubus_event_append_visit_locked (BubusEvent   *self,
                                 BubusBusInfo *bus_info,
                                 gboolean      afterwards)
{
  BubusVisit *last = &_bubus_event_get_private (self)->first;
  BubusLaterVisit *later;
  BubusVisit *visit = last;

  if (last->bus_info != NULL)
    {
      later = g_new0 (BubusLaterVisit, 1);
      later->event = self;
      visit = &later->visit;
      visit->is_later = TRUE;
    }
  visit->afterwards = afterwards;
  bubus_visit_init (visit, bus_info);
  if (visit == last)
    return visit;

  while (last->next != NULL)
    last = last->next;
  atomic_store_explicit (&last->next, visit, memory_order_release);
  return visit;
}

/* A visit in another life, which is over. */
BubusVisit *
_bubus_event_add_visit (BubusEvent   *self,
                        BubusBusInfo *bus_info)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusVisit *visit;

  _bubus_event_lock (priv);
  visit = bubus_event_append_visit_locked (self, bus_info, FALSE);
  _bubus_event_unlock (priv);
  return visit;
}

/* Once nothing is pending any more, the event's completion waits for no bus, so that one thread completes it, and may
 * touch the buses that have it. */
static G_NO_INLINE BubusVisit *
bubus_event_begin_later_visit_locked (BubusEvent   *self,
                                      BubusBusInfo *bus_info)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  const BubusVisit *visit = &priv->first;
  gboolean waits = !_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED);

  if (_bubus_event_find_visit (self, bus_info) != NULL)
    return NULL;

  while (visit != NULL && _bubus_visit_get_bus (visit) == NULL)
    visit = visit->next;
  if (waits && visit != NULL)
    waits = _bubus_event_add_pending (priv);
  else if (waits)
    g_atomic_int_inc (&priv->pending);
  return bubus_event_append_visit_locked (self, bus_info, !waits);
}

/* NULL when the event has been on the bus before: it visits each bus at most once (B-17.8). */
BubusVisit *
_bubus_event_begin_visit (BubusEvent   *self,
                          BubusBusInfo *bus_info)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusVisit *visit = &priv->first;

  _bubus_event_lock (priv);
  if (G_LIKELY (visit->bus_info == NULL) && !_bubus_event_has_flags (priv, BUBUS_EVENT_COMPLETED))
    {
      bubus_visit_init (visit, bus_info);
      g_atomic_int_inc (&priv->pending);
    }
  else
    visit = bubus_event_begin_later_visit_locked (self, bus_info);
  _bubus_event_unlock (priv);
  return visit;
}

/* NULL when the event has not been on the bus. Visits are only ever added, at the end. */
BubusVisit *
_bubus_event_find_visit (BubusEvent   *self,
                         BubusBusInfo *bus_info)
{
  BubusVisit *visit = &_bubus_event_get_private (self)->first;

  while (visit != NULL && visit->bus_info != bus_info)
    visit = visit->next;
  return visit;
}
