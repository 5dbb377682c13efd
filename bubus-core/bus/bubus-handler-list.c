/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler-list-private.h"

#include "bubus-handler-private.h"

#include <string.h>

BubusHandlerList *
_bubus_handler_list_ref (BubusHandlerList *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
_bubus_handler_list_unref (BubusHandlerList *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_handlers; i++)
    g_object_unref (self->handlers[i]);
  g_free (self);
}

BubusHandlerList *
_bubus_handler_list_allocate (guint n_allocated)
{
  BubusHandlerList *self = g_malloc0 (sizeof *self + n_allocated * sizeof (BubusHandler *));

  g_atomic_ref_count_init (&self->ref_count);
  self->n_allocated = n_allocated;
  return self;
}

static void
bubus_handler_list_append (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  self->handlers[self->n_handlers++] = g_object_ref (handler);
  self->has_once |= handler->once;
}

/* One that never is in a dispatch table. */
BubusHandlerList *
_bubus_handler_list_new (BubusHandler **handlers,
                         guint          n_handlers)
{
  BubusHandlerList *self = _bubus_handler_list_allocate (n_handlers);

  for (guint i = 0; i < n_handlers; i++)
    bubus_handler_list_append (self, handlers[i]);
  return self;
}

/* Only the table gives lists to others, so one that is the table's alone stays so while the lock is held. */
gboolean
_bubus_handler_list_is_unused (BubusHandlerList *self)
{
  return g_atomic_ref_count_compare (&self->ref_count, 1);
}

/* ---- in a dispatch table ---- */

/* What follows changes references to handlers under the bus's lock. No code of a user runs for that: the handlers in a
 * list of the table are registered, so that the table has a reference too. */

void
_bubus_handler_list_enlist (BubusHandlerList *self,
                            BubusHandler     *handler)
{
  bubus_handler_list_append (self, handler);
  handler->n_lists++;
  handler->list = self;
}

static void
bubus_handler_list_forget (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  handler->n_lists--;
  if (handler->list == self)
    handler->list = NULL;
}

/* Gives the number of handlers when @handler is not among them. */
guint
_bubus_handler_list_find (BubusHandlerList *self,
                          BubusHandler     *handler)
{
  guint index = 0;

  while (index < self->n_handlers && self->handlers[index] != handler)
    index++;
  return index;
}

void
_bubus_handler_list_take_out (BubusHandlerList *self,
                              guint             index)
{
  BubusHandler *handler = self->handlers[index];

  self->n_handlers--;
  memmove (&self->handlers[index], &self->handlers[index + 1], (self->n_handlers - index) * sizeof (BubusHandler *));
  bubus_handler_list_forget (self, handler);
  g_object_unref (handler);
}

void
_bubus_handler_list_clear (BubusHandlerList *self)
{
  for (guint i = 0; i < self->n_handlers; i++)
    {
      bubus_handler_list_forget (self, self->handlers[i]);
      g_object_unref (self->handlers[i]);
    }
  self->n_handlers = 0;
  self->has_once = FALSE;
}

/* Leaves the table, which gives its reference back. Who else has the list keeps it as it is. */
void
_bubus_handler_list_retire (BubusHandlerList *self)
{
  for (guint i = 0; i < self->n_handlers; i++)
    bubus_handler_list_forget (self, self->handlers[i]);
  _bubus_handler_list_unref (self);
}
