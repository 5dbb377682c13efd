/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event.h"

#include "bubus-event-internal.h"

G_DEFINE_ENUM_TYPE (BubusEventStatus, bubus_event_status,
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_STATUS_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_STATUS_STARTED, "started"),
                    G_DEFINE_ENUM_VALUE (BUBUS_EVENT_STATUS_COMPLETED, "completed"))

/**
 * bubus_event_get_event_status: (get-property event-status)
 * @self: an event
 *
 * Says how far the event has come. May be called from any thread.
 *
 * Returns: the status
 *
 * Since: 1.0
 */
BubusEventStatus
bubus_event_get_event_status (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), BUBUS_EVENT_STATUS_PENDING);

  return _bubus_event_get_status (self);
}

/**
 * bubus_event_get_event_started_at: (get-property event-started-at)
 * @self: an event
 *
 * Says when the first handler started.
 *
 * Returns: nanoseconds since the Unix epoch, or 0 before that
 *
 * Since: 1.0
 */
gint64
bubus_event_get_event_started_at (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  return _bubus_event_get_private (self)->started_at;
}

/**
 * bubus_event_get_event_completed_at: (get-property event-completed-at)
 * @self: an event
 *
 * Says when the event was complete.
 *
 * Returns: nanoseconds since the Unix epoch, or 0 before that
 *
 * Since: 1.0
 */
gint64
bubus_event_get_event_completed_at (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  return _bubus_event_get_completed_at (_bubus_event_get_private (self));
}

/**
 * bubus_event_get_event_blocks_parent_completion: (get-property event-blocks-parent-completion)
 * @self: an event
 *
 * Says whether the event's parent is not complete before it is.
 *
 * Returns: whether the event blocks its parent
 *
 * Since: 1.0
 */
gboolean
bubus_event_get_event_blocks_parent_completion (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), FALSE);

  return _bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_BLOCKING);
}

/**
 * bubus_event_dup_event_path:
 * @self: an event
 *
 * Gives the labels of the buses that the event has visited, in order. May be called from any thread.
 *
 * Returns: (transfer full): the labels
 *
 * Since: 1.0
 */
char **
bubus_event_dup_event_path (BubusEvent *self)
{
  g_autoptr (GStrvBuilder) path = g_strv_builder_new ();
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  if (priv->extras != NULL && priv->extras->path != NULL)
    g_strv_builder_addv (path, (const char **) priv->extras->path);

  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    if (_bubus_visit_get_bus (visit) != NULL)
      g_strv_builder_add (path, visit->bus_info->label);
  _bubus_event_unlock (priv);
  return g_strv_builder_end (path);
}

/**
 * bubus_event_get_event_pending_bus_count: (get-property event-pending-bus-count)
 * @self: an event
 *
 * Says on how many buses the event is queued or being handled. May be called from any thread.
 *
 * Returns: the number of buses
 *
 * Since: 1.0
 */
guint
bubus_event_get_event_pending_bus_count (BubusEvent *self)
{
  BubusEventPrivate *priv;
  guint n_pending = 0;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  priv = _bubus_event_get_private (self);
  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    n_pending += _bubus_visit_is_pending (visit);
  _bubus_event_unlock (priv);
  return n_pending;
}

/**
 * bubus_event_is_sealed:
 * @self: an event
 *
 * Says whether the event has been dispatched, and so cannot be changed any more.
 *
 * Returns: whether the event is sealed
 *
 * Since: 1.0
 */
gboolean
bubus_event_is_sealed (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), FALSE);

  return _bubus_event_has_flags (_bubus_event_get_private (self), BUBUS_EVENT_SEALED);
}

static void
bubus_event_append_list (GListStore *store,
                         GListModel *added)
{
  for (guint i = 0; i < g_list_model_get_n_items (added); i++)
    {
      g_autoptr (BubusEvent) event = g_list_model_get_item (added, i);

      g_list_store_append (store, event);
    }
}

/**
 * bubus_event_list_children:
 * @self: an event
 *
 * Lists the events that the event's handlers dispatched, by handler and in order of dispatch.
 *
 * Only those that still exist are listed: a parent does not keep its children alive.
 *
 * Returns: (transfer full): a list of [class@Event]
 *
 * Since: 1.0
 */
GListModel *
bubus_event_list_children (BubusEvent *self)
{
  g_autoptr (GPtrArray) results = NULL;
  GListStore *store;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  store = g_list_store_new (BUBUS_TYPE_EVENT);
  results = bubus_event_list_results (self);
  for (guint i = 0; i < results->len; i++)
    {
      g_autoptr (GListModel) children = bubus_event_result_list_children (results->pdata[i]);

      bubus_event_append_list (store, children);
    }
  return G_LIST_MODEL (store);
}

/**
 * bubus_event_list_results:
 * @self: an event
 *
 * Lists what each handler did with the event: bus by bus as the event visited them, and on each bus in the order in
 * which the handlers were selected.
 *
 * The results belong to the event and live as long as it does.
 *
 * Returns: (transfer container) (element-type BubusEventResult): the results
 *
 * Since: 1.0
 */
GPtrArray *
bubus_event_list_results (BubusEvent *self)
{
  GPtrArray *results;
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  results = g_ptr_array_new ();
  priv = _bubus_event_get_private (self);
  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    for (guint i = 0; i < visit->n_results; i++)
      g_ptr_array_add (results, _bubus_visit_get_result (visit, i));
  _bubus_event_unlock (priv);
  return results;
}
