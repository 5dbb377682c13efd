/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler-tie-private.h"

#include "base/bubus-queue-internal.h"
#include "bubus-handler-private.h"
#include "bus/bubus-event-bus.h"

/* The ties of one object, which has them as long as it lives. One weak notification serves all of them, and is never
 * taken back: that could not be told apart from one that another thread is just giving. */
typedef struct
{
  BubusQueue ties;     /* owns a reference to each */
  gboolean   watching; /* the object will tell when it goes */
} BubusTieSet;

struct _BubusHandlerTie
{
  gatomicrefcount  ref_count;
  GWeakRef         handler;
  GWeakRef         bus;
  GWeakRef         object;
  BubusLink        link;  /* in the set */
  BubusTieSet     *set;   /* NULL when the object has gone */
};

static GMutex ties_lock;  /* guards all sets and links; a leaf */

static GQuark
bubus_handler_ties_quark (void)
{
  return g_quark_from_static_string ("bubus-handler-ties");
}

static void
bubus_handler_tie_unref (BubusHandlerTie *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_weak_ref_clear (&self->handler);
  g_weak_ref_clear (&self->bus);
  g_weak_ref_clear (&self->object);
  g_free (self);
}

/* In whichever thread the object goes. Neither the handler nor the bus need be there any more. */
static void
bubus_handler_tie_break (BubusHandlerTie *self)
{
  g_autoptr (BubusEventBus) bus = g_weak_ref_get (&self->bus);
  g_autoptr (BubusHandler) handler = g_weak_ref_get (&self->handler);

  if (bus != NULL && handler != NULL)
    bubus_event_bus_off (bus, handler);
}

static BubusHandlerTie *
bubus_tie_set_steal (BubusTieSet *self)
{
  BubusHandlerTie *tie = NULL;
  BubusLink *link;

  g_mutex_lock (&ties_lock);
  self->watching = FALSE;
  link = _bubus_queue_pop_head (&self->ties);
  if (link != NULL)
    {
      tie = BUBUS_LINK_OWNER (link, BubusHandlerTie, link);
      tie->set = NULL;
    }
  g_mutex_unlock (&ties_lock);
  return tie;
}

static void
bubus_tie_set_object_gone_cb (gpointer  data,
                              GObject  *object)
{
  BubusHandlerTie *tie;

  while ((tie = bubus_tie_set_steal (data)) != NULL)
    {
      bubus_handler_tie_break (tie);
      bubus_handler_tie_unref (tie);
    }
}

static void
bubus_tie_set_free (gpointer data)
{
  BubusTieSet *self = data;

  bubus_tie_set_object_gone_cb (self, NULL);
  g_free (self);
}

static BubusTieSet *
bubus_tie_set_ensure_locked (GObject *object)
{
  BubusTieSet *self = g_object_get_qdata (object, bubus_handler_ties_quark ());

  if (self == NULL)
    {
      self = g_new0 (BubusTieSet, 1);
      _bubus_queue_init (&self->ties);
      g_object_set_qdata_full (object, bubus_handler_ties_quark (), self, bubus_tie_set_free);
    }
  return self;
}

static void
bubus_handler_tie_enter_set (BubusHandlerTie *self,
                             GObject         *object)
{
  gboolean was_watching;
  BubusTieSet *set;

  g_mutex_lock (&ties_lock);
  self->set = set = bubus_tie_set_ensure_locked (object);
  g_atomic_ref_count_inc (&self->ref_count);
  _bubus_queue_push_tail (&set->ties, &self->link);
  was_watching = set->watching;
  set->watching = TRUE;
  g_mutex_unlock (&ties_lock);

  if (!was_watching)
    g_object_weak_ref (object, bubus_tie_set_object_gone_cb, set);
}

static BubusHandlerTie *
bubus_handler_tie_new (BubusHandler  *handler,
                       BubusEventBus *bus,
                       GObject       *object)
{
  BubusHandlerTie *self = g_new0 (BubusHandlerTie, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_weak_ref_init (&self->handler, handler);
  g_weak_ref_init (&self->bus, bus);
  g_weak_ref_init (&self->object, object);
  bubus_handler_tie_enter_set (self, object);
  return self;
}

/* The handler goes. */
void
_bubus_handler_tie_release (BubusHandlerTie *self)
{
  gboolean left = FALSE;

  g_mutex_lock (&ties_lock);
  if (self->set != NULL)
    {
      _bubus_queue_remove (&self->set->ties, &self->link);
      self->set = NULL;
      left = TRUE;
    }
  g_mutex_unlock (&ties_lock);

  if (left)
    bubus_handler_tie_unref (self);
  bubus_handler_tie_unref (self);
}

/* NULL when the object has gone. */
GObject *
_bubus_handler_tie_ref_object (BubusHandlerTie *self)
{
  return g_weak_ref_get (&self->object);
}

/* ---- public ---- */

/**
 * bubus_handler_get_tied: (get-property tied)
 * @self: a handler
 *
 * Says whether the handler is tied to the life of an object, also when the object is gone.
 *
 * Returns: whether [method@Handler.tie] has been called
 *
 * Since: 1.0
 */
gboolean
bubus_handler_get_tied (BubusHandler *self)
{
  g_return_val_if_fail (BUBUS_IS_HANDLER (self), FALSE);

  return _bubus_handler_is_tied (self);
}

/**
 * bubus_handler_tie:
 * @self: a handler that is registered, and is not tied yet
 * @object: an object, such as the one that the handler's data is, or belongs to
 *
 * Ties the handler to the life of an object: when the object is disposed of, in whichever thread, the handler is taken off.
 *
 * The handler does not keep the object alive, nor the object the handler. While the handler's function is called, the
 * object has a reference, so it may be finalized in the thread of the bus. When the object has gone before the function
 * could be called for an event that had selected it, the function is not called, and the result is
 * %BUBUS_ERROR_CANCELLED. A handler that answers later must keep what it still needs.
 *
 * A handler is tied once and for good. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_handler_tie (BubusHandler *self,
                   GObject      *object)
{
  g_return_if_fail (BUBUS_IS_HANDLER (self));
  g_return_if_fail (G_IS_OBJECT (object));
  g_return_if_fail (!_bubus_handler_is_tied (self));

  g_atomic_pointer_set (&self->tie, bubus_handler_tie_new (self, self->bus, object));
  g_object_notify (G_OBJECT (self), "tied");
}
