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
  if (priv->parent != NULL)
    *id = _bubus_event_get_private (priv->parent)->id;
  else if (priv->extras != NULL && priv->extras->parent_id_text != NULL)
    _bubus_uuid_parse (id, priv->extras->parent_id_text);
}

gboolean
_bubus_event_has_parent (BubusEvent *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);

  return priv->parent != NULL || (priv->extras != NULL && priv->extras->parent_id_text != NULL);
}

/* Makes the event a child of what @emitter's handler handles, unless it has a parent already (B-1.39) or is that event
 * itself (B-1.42). Before it is sealed. */
gboolean
_bubus_event_adopt (BubusEvent       *self,
                    BubusEventResult *emitter,
                    gboolean          blocking)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusEvent *parent = emitter->visit->event;
  BubusEventPrivate *parent_priv = _bubus_event_get_private (parent);
  BubusChild child = { priv->id, self };

  if (parent == self || _bubus_event_has_parent (self))
    return FALSE;

  priv->parent = g_object_ref (parent);
  priv->emitter = emitter;

  _bubus_event_lock (parent_priv);
  if (emitter->children == NULL)
    emitter->children = g_array_new (FALSE, FALSE, sizeof (BubusChild));
  priv->child_index = emitter->children->len;
  g_array_append_val (emitter->children, child);
  if (blocking && !_bubus_event_has_flags (parent_priv, BUBUS_EVENT_COMPLETED))
    {
      _bubus_event_set_flags (priv, BUBUS_EVENT_BLOCKING);
      g_atomic_int_inc (&parent_priv->pending);
    }
  _bubus_event_unlock (parent_priv);
  return TRUE;
}

/* The parent remembers the id, and forgets the object. */
void
_bubus_event_leave_parent (BubusEvent *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self);
  BubusEventResult *emitter = priv->emitter;
  BubusEventPrivate *parent_priv;

  if (emitter == NULL)
    return;

  parent_priv = _bubus_event_get_private (priv->parent);
  _bubus_event_lock (parent_priv);
  g_array_index (emitter->children, BubusChild, priv->child_index).event = NULL;
  _bubus_event_unlock (parent_priv);
}

static void
bubus_event_result_collect_blocking (const BubusEventResult  *result,
                                     GPtrArray              **children)
{
  for (guint i = 0; result->children != NULL && i < result->children->len; i++)
    {
      BubusEvent *child = g_array_index (result->children, BubusChild, i).event;

      if (child == NULL || !_bubus_event_has_flags (_bubus_event_get_private (child), BUBUS_EVENT_BLOCKING))
        continue;
      if (*children == NULL)
        *children = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (*children, g_object_ref (child));
    }
}

/* Those of the event's blocking children that one handler has dispatched; NULL when there are none. */
GPtrArray *
_bubus_event_result_list_blocking_children (BubusEventResult *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self->visit->event);
  GPtrArray *children = NULL;

  _bubus_event_lock (priv);
  bubus_event_result_collect_blocking (self, &children);
  _bubus_event_unlock (priv);
  return children;
}

/* What is in the event's place is no child of a handler of it, but is waited for like one. */
static void
bubus_event_collect_replacement (BubusEvent  *self,
                                 GPtrArray  **children)
{
  BubusDiversion *diversion = _bubus_event_get_diversion (self);
  BubusEvent *replacement = diversion != NULL ? g_weak_ref_get (&diversion->replacement) : NULL;

  if (replacement == NULL)
    return;
  if (*children == NULL)
    *children = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (*children, replacement);
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
      bubus_event_result_collect_blocking (&visit->results[i], &children);
  _bubus_event_unlock (priv);
  bubus_event_collect_replacement (self, &children);
  return children;
}
