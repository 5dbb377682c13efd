/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event.h"

#include "bubus-event-internal.h"

static const char *
bubus_event_intern_text_locked (char            **text,
                                const BubusUuid  *id)
{
  if (*text == NULL)
    {
      *text = g_malloc (BUBUS_UUID_TEXT_SIZE);
      _bubus_uuid_format (id, *text);
    }
  return *text;
}

/**
 * bubus_event_get_event_id: (get-property event-id)
 * @self: an event
 *
 * Gives the event's id as text. Asking for it allocates the text, once.
 *
 * Returns: the id
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_id (BubusEvent *self)
{
  BubusEventPrivate *priv;
  const char *text;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  _bubus_event_lock (priv);
  text = bubus_event_intern_text_locked (&_bubus_event_ensure_extras_locked (priv)->id_text, &priv->id);
  _bubus_event_unlock (priv);
  return text;
}

/**
 * bubus_event_get_event_type: (get-property event-type)
 * @self: an event
 *
 * Gives the name by which the event is routed, and known on the wire.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_type (BubusEvent *self)
{
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  if (priv->extras != NULL && priv->extras->event_type != NULL)
    return priv->extras->event_type;
  return _bubus_event_get_description (self)->name;
}

/**
 * bubus_event_get_event_version: (get-property event-version)
 * @self: an event
 *
 * Gives the version of the event's payload.
 *
 * Returns: the version
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_version (BubusEvent *self)
{
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  if (priv->extras != NULL && priv->extras->event_version != NULL)
    return priv->extras->event_version;
  return _bubus_event_get_description (self)->version;
}

/**
 * bubus_event_get_event_result_type: (get-property event-result-type)
 * @self: an event
 *
 * Says what handlers must return.
 *
 * Returns: the type, or %G_TYPE_INVALID when they may return anything
 *
 * Since: 1.0
 */
GType
bubus_event_get_event_result_type (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), G_TYPE_INVALID);

  return _bubus_event_get_result_gtype (self);
}

/**
 * bubus_event_get_event_created_at: (get-property event-created-at)
 * @self: an event
 *
 * Says when the event was made.
 *
 * Returns: nanoseconds since the Unix epoch
 *
 * Since: 1.0
 */
gint64
bubus_event_get_event_created_at (BubusEvent *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT (self), 0);

  return _bubus_event_get_private (self)->created_at;
}

/**
 * bubus_event_get_event_parent_id: (get-property event-parent-id)
 * @self: an event
 *
 * Gives the id of the event in whose handler this one was dispatched.
 *
 * Returns: (nullable): the id, or %NULL for a root
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_parent_id (BubusEvent *self)
{
  BubusEventPrivate *priv;
  const char *text;
  BubusUuid id;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  if (!_bubus_event_has_parent (self))
    return NULL;

  priv = _bubus_event_get_private (self);
  _bubus_event_get_parent_uuid (self, &id);
  _bubus_event_lock (priv);
  text = bubus_event_intern_text_locked (&_bubus_event_ensure_extras_locked (priv)->parent_id_text, &id);
  _bubus_event_unlock (priv);
  return text;
}

/**
 * bubus_event_ref_parent:
 * @self: an event
 *
 * Gives the event in whose handler this one was dispatched.
 *
 * Returns: (transfer full) (nullable): the parent; %NULL for a root, and when only the parent's id is known
 *
 * Since: 1.0
 */
BubusEvent *
bubus_event_ref_parent (BubusEvent *self)
{
  BubusEvent *parent;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  parent = _bubus_event_get_parent (self);
  return parent != NULL ? g_object_ref (parent) : NULL;
}

/**
 * bubus_event_get_event_emitted_by_handler_id: (get-property event-emitted-by-handler-id)
 * @self: an event
 *
 * Gives the id of the handler that dispatched the event.
 *
 * Returns: (nullable): the id, or %NULL when no handler did
 *
 * Since: 1.0
 */
const char *
bubus_event_get_event_emitted_by_handler_id (BubusEvent *self)
{
  const BubusEventResult *emitter;
  BubusEventPrivate *priv;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  emitter = _bubus_event_get_emitter (self);
  if (emitter != NULL)
    return _bubus_handler_info_get_id_text (emitter->handler);
  return priv->extras != NULL ? priv->extras->emitted_by : NULL;
}
