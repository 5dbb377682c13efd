/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-ambient-private.h"

/* What is around the work: a request that is served, a trace, the context variables of a language. An event remembers
 * what was around its dispatch, and its handlers find it around them (R-20, B-2.23). */

_Thread_local BubusAmbientFrame *_bubus_ambient_top;

static void
bubus_ambient_pop_frame (void)
{
  BubusAmbientFrame *frame = _bubus_ambient_top;

  _bubus_ambient_top = frame->below;
  g_object_unref (frame->object);
  g_free (frame);
}

void
_bubus_ambient_drop_above (BubusInvocation *invocation)
{
  while (_bubus_ambient_top != NULL && _bubus_ambient_top->invocation == invocation)
    bubus_ambient_pop_frame ();
}

/* Kept by the event until it is complete. */
static GObject *
bubus_event_peek_ambient (BubusEvent *event)
{
  const BubusEventExtras *extras = _bubus_event_get_private (event)->extras;

  return extras != NULL ? extras->ambient : NULL;
}

void
_bubus_event_set_ambient (BubusEvent       *event,
                          BubusEventResult *emitter)
{
  GObject *current = bubus_ambient_get_current ();
  g_autoptr (GObject) object = NULL;

  if (current != NULL)
    object = g_object_ref (current);
  else if (emitter != NULL && _bubus_event_get_private (_bubus_result_get_event (emitter))->extras != NULL)
    object = bubus_event_ref_ambient (_bubus_result_get_event (emitter)); /* it may be complete by now */
  if (object != NULL)
    g_set_object (&_bubus_event_ensure_extras (event)->ambient, object);
}

/* The event is complete, or was not taken. */
void
_bubus_event_drop_ambient (BubusEvent *event)
{
  BubusEventPrivate *priv = _bubus_event_get_private (event);
  GObject *object = NULL;

  _bubus_event_lock (priv);
  if (priv->extras != NULL)
    object = g_steal_pointer (&priv->extras->ambient);
  _bubus_event_unlock (priv);
  g_clear_object (&object);
}

/**
 * bubus_ambient_push:
 * @object: what is around the work from now on
 *
 * Puts an object around what is done in this thread, until [func@ambient_pop]: events that are dispatched meanwhile
 * remember it, and it is around their handlers too, wherever and whenever they run.
 *
 * This is for what is not part of an event, but of the circumstances: a request, a trace, the context variables of a
 * language. It is passed on from an event to those that its handlers dispatch, and to other buses. An event remembers
 * what was around when it was dispatched first, and forgets it when it is complete.
 *
 * What a handler pushes and does not pop goes when it returns. Calls may be nested.
 *
 * Since: 1.0
 */
void
bubus_ambient_push (GObject *object)
{
  BubusAmbientFrame *frame;

  g_return_if_fail (G_IS_OBJECT (object));

  frame = g_new (BubusAmbientFrame, 1);
  frame->below = _bubus_ambient_top;
  frame->invocation = _bubus_invocation_get_current ();
  frame->object = g_object_ref (object);
  _bubus_ambient_top = frame;
}

/**
 * bubus_ambient_pop:
 * @object: what was pushed last in this thread
 *
 * Takes back what [func@ambient_push] has put around what is done in this thread.
 *
 * Since: 1.0
 */
void
bubus_ambient_pop (GObject *object)
{
  g_return_if_fail (_bubus_ambient_top != NULL && _bubus_ambient_top->object == object);
  g_return_if_fail (_bubus_ambient_top->invocation == _bubus_invocation_get_current ());

  bubus_ambient_pop_frame ();
}

/**
 * bubus_ambient_get_current:
 *
 * Gives what is around what is done in this thread: in a handler what was around when its event was dispatched, unless
 * the handler has pushed something else.
 *
 * In the callbacks of a handler that answers later nothing is around; it may ask the event
 * ([method@Event.ref_ambient]).
 *
 * Returns: (transfer none) (nullable): the object
 *
 * Since: 1.0
 */
GObject *
bubus_ambient_get_current (void)
{
  BubusInvocation *invocation = _bubus_invocation_get_current ();

  if (_bubus_ambient_top != NULL && _bubus_ambient_top->invocation == invocation)
    return _bubus_ambient_top->object;
  return invocation != NULL ? bubus_event_peek_ambient (invocation->event) : NULL;
}

/**
 * bubus_event_ref_ambient:
 * @self: an event
 *
 * Gives what was around when the event was dispatched, see [func@ambient_push]; nothing when the event is complete. May
 * be called from any thread.
 *
 * Returns: (transfer full) (nullable): the object
 *
 * Since: 1.0
 */
GObject *
bubus_event_ref_ambient (BubusEvent *self)
{
  BubusEventPrivate *priv;
  GObject *object = NULL;

  g_return_val_if_fail (BUBUS_IS_EVENT (self), NULL);

  priv = _bubus_event_get_private (self);
  _bubus_event_lock (priv);
  if (priv->extras != NULL && priv->extras->ambient != NULL)
    object = g_object_ref (priv->extras->ambient);
  _bubus_event_unlock (priv);
  return object;
}
