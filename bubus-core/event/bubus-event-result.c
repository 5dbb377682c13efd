/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-result.h"

#include "bubus-event-internal.h"

/**
 * BubusEventResult:
 *
 * What one handler did with one event.
 *
 * There is one result for every handler that was selected for an event, from the moment the event's turn comes.
 * A result can be read at any time; what it holds is settled when its status is
 * %BUBUS_RESULT_STATUS_COMPLETED or %BUBUS_RESULT_STATUS_ERROR. A reference to a result keeps its event alive.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (BubusEventResult, bubus_event_result, bubus_event_result_ref, bubus_event_result_unref)

G_DEFINE_ENUM_TYPE (BubusResultStatus, bubus_result_status,
                    G_DEFINE_ENUM_VALUE (BUBUS_RESULT_STATUS_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (BUBUS_RESULT_STATUS_STARTED, "started"),
                    G_DEFINE_ENUM_VALUE (BUBUS_RESULT_STATUS_COMPLETED, "completed"),
                    G_DEFINE_ENUM_VALUE (BUBUS_RESULT_STATUS_ERROR, "error"))

/**
 * bubus_event_result_ref:
 * @self: a result
 *
 * Keeps a result, and so its event, alive. May be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
BubusEventResult *
bubus_event_result_ref (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_object_ref (_bubus_result_get_event (self));
  return self;
}

/**
 * bubus_event_result_unref:
 * @self: (transfer full): a result
 *
 * Gives back a reference. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_event_result_unref (BubusEventResult *self)
{
  g_return_if_fail (self != NULL);

  g_object_unref (_bubus_result_get_event (self));
}

/**
 * bubus_event_result_get_status:
 * @self: a result
 *
 * Says how far the handler has come.
 *
 * Returns: the status
 *
 * Since: 1.0
 */
BubusResultStatus
bubus_event_result_get_status (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, BUBUS_RESULT_STATUS_PENDING);

  return self->status;
}

/**
 * bubus_event_result_get_value:
 * @self: a result
 *
 * Gives what the handler returned.
 *
 * Returns: (transfer none) (nullable): the value, or %NULL when nothing was returned, or not yet
 *
 * Since: 1.0
 */
const GValue *
bubus_event_result_get_value (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->status != BUBUS_RESULT_STATUS_COMPLETED || !_bubus_value_is_set (&self->value))
    return NULL;
  return &self->value;
}

/**
 * bubus_event_result_get_error:
 * @self: a result
 *
 * Says why the handler failed.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL when the handler has not failed
 *
 * Since: 1.0
 */
const GError *
bubus_event_result_get_error (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->status != BUBUS_RESULT_STATUS_ERROR)
    return NULL;
  return g_value_get_boxed (&self->value);
}

/**
 * bubus_event_result_get_event:
 * @self: a result
 *
 * Gives the event that was handled.
 *
 * Returns: (transfer none): the event
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_result_get_event (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _bubus_result_get_event (self);
}

/**
 * bubus_event_result_dup_id:
 * @self: a result
 *
 * Gives the result's id, a UUIDv7 (RFC 9562).
 *
 * Returns: (transfer full): the id
 *
 * Since: 1.0
 */
char *
bubus_event_result_dup_id (BubusEventResult *self)
{
  char text[BUBUS_UUID_TEXT_SIZE];
  BubusUuid id;

  g_return_val_if_fail (self != NULL, NULL);

  _bubus_event_result_get_id (self, &id);
  _bubus_uuid_format (&id, text);
  return g_strdup (text);
}

/**
 * bubus_event_result_dup_handler_id:
 * @self: a result
 *
 * Gives the id of the handler's registration, a UUIDv5 (RFC 9562).
 *
 * Returns: (transfer full): the id
 *
 * Since: 1.0
 */
char *
bubus_event_result_dup_handler_id (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_strdup (_bubus_handler_info_get_id_text (self->handler));
}

/**
 * bubus_event_result_get_handler_name:
 * @self: a result
 *
 * Gives the name that the handler was registered with.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_event_result_get_handler_name (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->handler->name;
}

/**
 * bubus_event_result_get_eventbus_name:
 * @self: a result
 *
 * Gives the name of the bus that ran the handler.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_event_result_get_eventbus_name (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _bubus_result_get_visit (self)->bus_info->name;
}

/**
 * bubus_event_result_get_eventbus_id:
 * @self: a result
 *
 * Gives the id of the bus that ran the handler, a UUIDv7 (RFC 9562).
 *
 * Returns: the id
 *
 * Since: 1.0
 */
const char *
bubus_event_result_get_eventbus_id (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _bubus_result_get_visit (self)->bus_info->id_text;
}

/**
 * bubus_event_result_get_started_at:
 * @self: a result
 *
 * Says when the handler started.
 *
 * Returns: nanoseconds since the Unix epoch, or 0 when it has not started
 *
 * Since: 1.0
 */
gint64
bubus_event_result_get_started_at (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->started_at;
}

/**
 * bubus_event_result_get_completed_at:
 * @self: a result
 *
 * Says when the handler finished.
 *
 * Returns: nanoseconds since the Unix epoch, or 0 when it has not finished
 *
 * Since: 1.0
 */
gint64
bubus_event_result_get_completed_at (BubusEventResult *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->completed_at;
}

static void
bubus_event_result_collect_children (BubusEventResult *self,
                                     GListStore       *store)
{
  BubusChild *child = _bubus_children_get_first (self->children);

  for (; child != NULL; child = _bubus_children_get_next (self->children, child))
    if (child->event != NULL)
      g_list_store_append (store, child->event);
}

/**
 * bubus_event_result_list_children:
 * @self: a result
 *
 * Lists the events that the handler dispatched, in order of dispatch.
 *
 * Only those that still exist are listed: a parent does not keep its children alive.
 *
 * Returns: (transfer full): a list of [class@Event]
 *
 * Since: 1.0
 */
GListModel *
bubus_event_result_list_children (BubusEventResult *self)
{
  GListStore *store;
  BubusEventPrivate *priv;

  g_return_val_if_fail (self != NULL, NULL);

  store = g_list_store_new (BUBUS_TYPE_EVENT);
  priv = _bubus_event_get_private (_bubus_result_get_event (self));
  _bubus_event_lock (priv);
  bubus_event_result_collect_children (self, store);
  _bubus_event_unlock (priv);
  return G_LIST_MODEL (store);
}
