/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler-list-private.h"

#include "bubus-handler-private.h"

#include <string.h>

void
_bubus_handler_list_free (BubusHandlerList *self)
{
  for (guint i = 0; self->owns_handlers && i < self->n_handlers; i++)
    g_object_unref (self->handlers[i]);
  g_free (self);
}

BubusHandlerList *
_bubus_handler_list_allocate (guint n_allocated)
{
  BubusHandlerList *self = g_malloc0 (sizeof *self + n_allocated * sizeof (BubusHandler *));

  self->ref_count = 1;
  self->n_allocated = n_allocated;
  return self;
}

static void
bubus_handler_list_append (BubusHandlerList *self,
                           BubusHandler     *handler)
{
  self->handlers[self->n_handlers++] = handler;
  self->has_once |= handler->once;
}

/* Under the bus's lock when the list was in the table: as that has a reference to each handler, no code of a user runs for
 * another one. */
static void
bubus_handler_list_own_handlers (BubusHandlerList *self)
{
  for (guint i = 0; i < self->n_handlers; i++)
    g_object_ref (self->handlers[i]);
  self->owns_handlers = TRUE;
}

/* One that never is in a dispatch table. */
BubusHandlerList *
_bubus_handler_list_new (BubusHandler **handlers,
                         guint          n_handlers)
{
  BubusHandlerList *self = _bubus_handler_list_allocate (n_handlers);

  for (guint i = 0; i < n_handlers; i++)
    bubus_handler_list_append (self, handlers[i]);
  bubus_handler_list_own_handlers (self);
  return self;
}

/* ---- in a dispatch table ---- */

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
}

void
_bubus_handler_list_clear (BubusHandlerList *self)
{
  for (guint i = 0; i < self->n_handlers; i++)
    bubus_handler_list_forget (self, self->handlers[i]);
  self->n_handlers = 0;
  self->has_once = FALSE;
}

/* Leaves the table, which gives its reference back. Who else has the list keeps it as it is, and with it the handlers,
 * which may be taken off from now on without the list's being asked. */
void
_bubus_handler_list_retire (BubusHandlerList *self)
{
  for (guint i = 0; i < self->n_handlers; i++)
    bubus_handler_list_forget (self, self->handlers[i]);
  if (!_bubus_handler_list_is_unused (self))
    bubus_handler_list_own_handlers (self);
  _bubus_handler_list_unref (self);
}
