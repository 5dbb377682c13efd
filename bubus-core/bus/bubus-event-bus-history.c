/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "bubus-event-bus-private.h"

/* ---- what goes ---- */

/* A visit has been taken out of the history. Its event goes once the lock is released: to the feed, or to @evicted. */
void
_bubus_event_bus_let_go_locked (BubusEventBus  *self,
                                BubusVisit     *visit,
                                BubusVisit    **evicted)
{
  _bubus_footprint_remove_locked (&self->footprint, visit->memory);
  if (G_UNLIKELY (self->feed != NULL))
    {
      _bubus_history_feed_evict_locked (self->feed, visit);
      return;
    }

  visit->link.next = (BubusLink *) *evicted;
  *evicted = visit;
}

void
_bubus_event_bus_forget_evicted (BubusVisit *evicted)
{
  while (evicted != NULL)
    {
      BubusVisit *next = (BubusVisit *) evicted->link.next;

      evicted->link.next = NULL;
      g_object_unref (_bubus_visit_get_event (evicted));
      evicted = next;
    }
}

void
_bubus_event_bus_drop_history (BubusEventBus *self)
{
  BubusVisit *evicted = NULL;
  BubusVisit *visit;

  g_mutex_lock (&self->lock);
  while ((visit = _bubus_history_pop (&self->history)) != NULL)
    _bubus_event_bus_let_go_locked (self, visit, &evicted);
  g_mutex_unlock (&self->lock);

  _bubus_event_bus_forget_evicted (evicted);
}

/**
 * bubus_event_bus_clear:
 * @self: a bus
 *
 * Forgets all completed events, and removes all handlers.
 *
 * May be called in every state of the bus: while it runs, inside of a handler, and after it was stopped. An event that
 * is being handled keeps the handlers that were selected for it; those that wait for their turn have none. Middleware
 * stays. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_event_bus_clear (BubusEventBus *self)
{
  g_return_if_fail (BUBUS_IS_EVENT_BUS (self));

  g_object_ref (self);
  bubus_event_bus_off_all (self);
  _bubus_event_bus_drop_history (self);
  g_object_unref (self);
}

/* ---- what is there ---- */

static void
bubus_event_bus_collect_visits_locked (BubusQueue *queue,
                                       GPtrArray  *visits)
{
  for (BubusLink *link = _bubus_queue_peek_head (queue); link != NULL; link = _bubus_queue_next (queue, link))
    g_ptr_array_add (visits, BUBUS_LINK_OWNER (link, BubusVisit, link));
}

/* For arrays of visits. */
int
_bubus_visit_compare_sequence (gconstpointer left,
                               gconstpointer right)
{
  const BubusVisit *a = *(const BubusVisit *const *) left;
  const BubusVisit *b = *(const BubusVisit *const *) right;

  return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* In the order of dispatch. */
static GPtrArray *
bubus_event_bus_list_visits_locked (BubusEventBus *self)
{
  GPtrArray *visits = g_ptr_array_new ();

  bubus_event_bus_collect_visits_locked (&self->queue, visits);
  bubus_event_bus_collect_visits_locked (&self->urgent, visits);
  bubus_event_bus_collect_visits_locked (&self->delayed, visits);
  bubus_event_bus_collect_visits_locked (&self->running, visits);
  bubus_event_bus_collect_visits_locked (&self->history.visits, visits);
  g_ptr_array_sort (visits, _bubus_visit_compare_sequence);
  return visits;
}

/**
 * bubus_event_bus_list_history:
 * @self: a bus
 *
 * Lists the events that the bus knows, in the order in which they were dispatched: those that are unfinished, and those
 * that it remembers. May be called from any thread.
 *
 * Returns: (transfer container) (element-type BubusEvent): the events
 *
 * Since: 1.0
 */
GPtrArray *
bubus_event_bus_list_history (BubusEventBus *self)
{
  g_autoptr (GPtrArray) visits = NULL;
  GPtrArray *events;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  events = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_lock (&self->lock);
  visits = bubus_event_bus_list_visits_locked (self);
  for (guint i = 0; i < visits->len; i++)
    g_ptr_array_add (events, g_object_ref (_bubus_visit_get_event (visits->pdata[i])));
  g_mutex_unlock (&self->lock);
  return events;
}

static BubusEvent *
bubus_queue_peek_event (const BubusQueue *queue,
                        const BubusUuid  *id)
{
  for (BubusLink *link = queue->root.prev; link != &queue->root; link = link->prev)
    {
      BubusEvent *event = _bubus_visit_get_event (BUBUS_LINK_OWNER (link, BubusVisit, link));

      if (memcmp (&_bubus_event_get_private (event)->id, id, sizeof *id) == 0)
        return event;
    }
  return NULL;
}

/**
 * bubus_event_bus_get_event:
 * @self: a bus
 * @event_id: the id of an event, a UUID as text
 *
 * Finds an event by its id among those that the bus has not finished and those that it remembers. It looks at one after
 * the other, the latest first. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): the event, or %NULL when the bus does not know it
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_bus_get_event (BubusEventBus *self,
                           const char    *event_id)
{
  BubusEvent *event;
  BubusUuid id;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);
  g_return_val_if_fail (event_id != NULL, NULL);

  if (!_bubus_uuid_parse (&id, event_id))
    return NULL;

  g_mutex_lock (&self->lock);
  event = bubus_queue_peek_event (&self->running, &id);
  if (event == NULL)
    event = bubus_queue_peek_event (&self->urgent, &id);
  if (event == NULL)
    event = bubus_queue_peek_event (&self->delayed, &id);
  if (event == NULL)
    event = bubus_queue_peek_event (&self->queue, &id);
  if (event == NULL)
    event = bubus_queue_peek_event (&self->history.visits, &id);
  if (event != NULL)
    g_object_ref (event);
  g_mutex_unlock (&self->lock);
  return event;
}

/**
 * bubus_event_bus_get_memory_used: (get-property memory-used)
 * @self: a bus
 *
 * Estimates the memory that the unfinished and the remembered events of the bus take; see [func@get_memory_used].
 *
 * May be called from any thread.
 *
 * Returns: a number of bytes
 *
 * Since: 1.0
 */
guint64
bubus_event_bus_get_memory_used (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return _bubus_footprint_get (&self->footprint);
}

/* ---- views ---- */

static void
bubus_event_bus_ensure_feed (BubusEventBus *self)
{
  BubusHistoryFeed *feed = _bubus_history_feed_new (self, &self->lock);
  gboolean attached = FALSE;

  g_mutex_lock (&self->lock);
  if (self->feed == NULL)
    {
      self->feed = feed;
      _bubus_history_feed_attach (feed, self->context);
      attached = TRUE;
    }
  g_mutex_unlock (&self->lock);

  if (!attached)
    _bubus_history_feed_discard (feed);
}

static GListModel *
bubus_event_bus_find_view (BubusEventBus     *self,
                           BubusHistoryStage  stages)
{
  GListModel *view = NULL;

  g_mutex_lock (&self->lock);
  if (self->feed != NULL)
    view = _bubus_history_feed_find_view_locked (self->feed, stages);
  g_mutex_unlock (&self->lock);
  return view;
}

/* Makes @view known, unless another thread was faster. When the main context is not the caller's, what the view shows
 * comes there with the next iteration. Else gives back what it has to show. */
static GArray *
bubus_event_bus_take_view (BubusEventBus     *self,
                           BubusHistoryStage  stages,
                           GListModel        *view,
                           gboolean           acquired)
{
  g_autoptr (GPtrArray) visits = NULL;
  GArray *changes = NULL;

  g_mutex_lock (&self->lock);
  if (_bubus_history_feed_find_view_locked (self->feed, stages) == NULL)
    {
      visits = bubus_event_bus_list_visits_locked (self);
      _bubus_history_feed_take_view_locked (self->feed, g_object_ref (view));
      if (acquired)
        changes = _bubus_history_view_describe_locked (visits);
      for (guint i = 0; !acquired && i < visits->len; i++)
        _bubus_history_feed_touch_locked (self->feed, visits->pdata[i]);
    }
  g_mutex_unlock (&self->lock);
  return changes;
}

static GListModel *
bubus_event_bus_get_view (BubusEventBus     *self,
                          BubusHistoryStage  stages)
{
  GListModel *view = bubus_event_bus_find_view (self, stages);
  g_autoptr (GListModel) made = NULL;
  g_autoptr (GArray) changes = NULL;
  gboolean acquired;

  if (view != NULL)
    return view;

  bubus_event_bus_ensure_feed (self);
  made = _bubus_history_view_new (stages);
  acquired = g_main_context_acquire (self->context);
  changes = bubus_event_bus_take_view (self, stages, made, acquired);
  if (changes != NULL)
    _bubus_history_view_fill (made, changes);
  if (acquired)
    g_main_context_release (self->context);
  return bubus_event_bus_find_view (self, stages);
}

/**
 * bubus_event_bus_get_history: (get-property history)
 * @self: a bus
 *
 * Gives a list model of the events that the bus knows, in the order in which they were dispatched on it: those that are
 * unfinished, and those that it remembers.
 *
 * The model is made when it is first asked for. It changes in the main context of the bus only, once per iteration and
 * never while a handler runs, and may be used there only; it can follow by one iteration. A model that outlives its bus
 * keeps what it shows. [method@EventBus.list_history] says from any thread what is there now.
 *
 * Returns: (transfer none): a list model of [class@Event]
 *
 * Since: 1.0
 */
GListModel *
bubus_event_bus_get_history (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return bubus_event_bus_get_view (self, BUBUS_HISTORY_ALL);
}

/**
 * bubus_event_bus_get_pending_events: (get-property pending-events)
 * @self: a bus
 *
 * Gives a list model of the events whose turn on this bus has not come, in the order in which
 * they were dispatched on it. See [method@EventBus.get_history].
 *
 * Returns: (transfer none): a list model of [class@Event]
 *
 * Since: 1.0
 */
GListModel *
bubus_event_bus_get_pending_events (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return bubus_event_bus_get_view (self, BUBUS_HISTORY_PENDING);
}

/**
 * bubus_event_bus_get_started_events: (get-property started-events)
 * @self: a bus
 *
 * Gives a list model of the events whose turn on this bus has come, and that are not complete, in the order in which
 * they were dispatched on it. See [method@EventBus.get_history].
 *
 * Returns: (transfer none): a list model of [class@Event]
 *
 * Since: 1.0
 */
GListModel *
bubus_event_bus_get_started_events (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return bubus_event_bus_get_view (self, BUBUS_HISTORY_STARTED);
}

/**
 * bubus_event_bus_get_completed_events: (get-property completed-events)
 * @self: a bus
 *
 * Gives a list model of the events that are complete, and that the bus remembers, in the order in which
 * they were dispatched on it. See [method@EventBus.get_history].
 *
 * Returns: (transfer none): a list model of [class@Event]
 *
 * Since: 1.0
 */
GListModel *
bubus_event_bus_get_completed_events (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), NULL);

  return bubus_event_bus_get_view (self, BUBUS_HISTORY_COMPLETED);
}
