/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-internal.h"

/* Nil when there is none. */
void
_bubus_event_get_parent_uuid (BubusEvent *self,
                              BubusUuid  *id)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);

  *id = (BubusUuid) { { 0 } };
  if (priv->place != NULL)
    *id = _bubus_event_get_private (priv->place->parent)->id;
  else if (priv->extras != NULL && priv->extras->parent_id_text != NULL)
    _bubus_uuid_parse (id, priv->extras->parent_id_text);
}

gboolean
_bubus_event_has_parent (BubusEvent *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);

  return priv->place != NULL || (priv->extras != NULL && priv->extras->parent_id_text != NULL);
}

static void
bubus_event_enter_children_locked (BubusEvent  *self,
                                   BubusEvent  *parent,
                                   BubusChild **children)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);

  priv->place = _bubus_children_append (children, &priv->id);
  priv->place->parent = parent;
  priv->place->event = self;
}

/* Makes the event a child of what @emitter's handler handles, unless it has a parent already (B-1.39) or is that event
 * itself (B-1.42). Before it is sealed. */
gboolean
_bubus_event_adopt (BubusEvent       *self,
                    BubusEventResult *emitter,
                    gboolean          blocking)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusEvent *parent = _bubus_result_get_event (emitter);
  BubusEventPrivate *parent_priv = _bubus_event_get_private (parent);

  if (parent == self || _bubus_event_has_parent (self))
    return FALSE;

  g_object_ref (parent);
  _bubus_event_lock (parent_priv);
  bubus_event_enter_children_locked (self, parent, &emitter->children);
  priv->place->emitter = emitter;
  if (blocking && _bubus_event_add_pending (parent_priv))
    _bubus_event_set_flags (priv, BUBUS_EVENT_BLOCKING);
  _bubus_event_unlock (parent_priv);
  return TRUE;
}

/* The event that is replaced waits for the one in its place, as for a child. */
void
_bubus_event_adopt_replacement (BubusEvent *self,
                                BubusEvent *replaced)
{
  BubusEventPrivate *priv = _bubus_event_get_private (replaced);

  g_object_ref (replaced);
  _bubus_event_lock (priv);
  bubus_event_enter_children_locked (self, replaced, &_bubus_event_ensure_extras_locked (priv)->replacements);
  if (_bubus_event_add_pending (priv))
    _bubus_event_set_flags (_bubus_event_get_private (self), BUBUS_EVENT_BLOCKING);
  _bubus_event_unlock (priv);
}

/* The parent remembers the id, and forgets the object. */
void
_bubus_event_leave_parent (BubusEvent *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusEventPrivate *parent_priv;

  if (priv->place == NULL)
    return;

  parent_priv = _bubus_event_get_private (priv->place->parent);
  _bubus_event_lock (parent_priv);
  priv->place->event = NULL;
  _bubus_event_unlock (parent_priv);
}

static void
bubus_children_collect_blocking (BubusChild  *children,
                                 GPtrArray  **found)
{
  BubusChild *child = _bubus_children_get_first (children);

  for (; child != NULL; child = _bubus_children_get_next (children, child))
    {
      if (child->event == NULL
          || !_bubus_event_has_flags (_bubus_event_get_private (child->event), BUBUS_EVENT_BLOCKING))
        continue;
      if (*found == NULL)
        *found = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (*found, g_object_ref (child->event));
    }
}

/* Those of the event's blocking children that one handler has dispatched; NULL when there are none. */
GPtrArray *
_bubus_event_result_list_blocking_children (BubusEventResult *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (_bubus_result_get_event (self));
  GPtrArray *children = NULL;

  _bubus_event_lock (priv);
  bubus_children_collect_blocking (self->children, &children);
  _bubus_event_unlock (priv);
  return children;
}

/* The children that the event's completion waits for, or has waited for; NULL when there are none. */
GPtrArray *
_bubus_event_list_blocking_children (BubusEvent *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  GPtrArray *children = NULL;

  _bubus_event_lock (priv);
  for (const BubusVisit *visit = &priv->first; visit != NULL; visit = visit->next)
    for (guint i = 0; i < visit->n_results; i++)
      bubus_children_collect_blocking (_bubus_visit_get_result (visit, i)->children, &children);
  if (priv->extras != NULL)
    bubus_children_collect_blocking (priv->extras->replacements, &children);
  _bubus_event_unlock (priv);
  return children;
}
