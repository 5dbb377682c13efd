/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-event-bus.h"

#include "base/bubus-uuid-internal.h"
#include "bubus-event-bus-private.h"
#include "bubus-handler-private.h"

#include <string.h>

/* Taking off handlers by what they are (R-9, B-3.9). What is registered while that goes on stays. */

static guint
bubus_event_bus_off_those (BubusEventBus    *self,
                           BubusHandlerTest  test,
                           gconstpointer     wanted)
{
  g_autoptr (GPtrArray) handlers = NULL;
  guint n_removed = 0;

  g_mutex_lock (&self->lock);
  handlers = _bubus_dispatch_table_list (&self->table, test, wanted);
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < handlers->len; i++)
    n_removed += bubus_event_bus_off (self, handlers->pdata[i]) ? 1 : 0;
  return n_removed;
}

static gboolean
bubus_handler_has_id (BubusHandler  *handler,
                      gconstpointer  wanted)
{
  return _bubus_uuid_equal (_bubus_handler_info_get_id (handler->info), wanted);
}

/**
 * bubus_event_bus_off_by_id:
 * @self: a bus
 * @id: the id of a handler
 *
 * Takes the handler with an id off the bus. See [method@EventBus.off]. May be called from any thread.
 *
 * Returns: how many handlers were taken off: 0 when none has the id, or it is no id
 *
 * Since: 1.0
 */
guint
bubus_event_bus_off_by_id (BubusEventBus *self,
                           const char    *id)
{
  BubusUuid uuid;

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);
  g_return_val_if_fail (id != NULL, 0);

  return _bubus_uuid_parse (&uuid, id) ? bubus_event_bus_off_those (self, bubus_handler_has_id, &uuid) : 0;
}

typedef struct
{
  BubusHandlerFunc func;
  gpointer         user_data;
} BubusCallback;

static gboolean
bubus_handler_has_func (BubusHandler  *handler,
                        gconstpointer  wanted)
{
  const BubusCallback *callback = wanted;

  return handler->func == callback->func && handler->user_data == callback->user_data;
}

/**
 * bubus_event_bus_off_by_func: (skip)
 * @self: a bus
 * @func: the function of a handler
 * @user_data: what it is called with
 *
 * Takes all handlers off the bus that have a function and its data. See [method@EventBus.off]. May be called from any
 * thread.
 *
 * Returns: how many handlers were taken off
 *
 * Since: 1.0
 */
guint
bubus_event_bus_off_by_func (BubusEventBus    *self,
                             BubusHandlerFunc  func,
                             gpointer          user_data)
{
  const BubusCallback callback = { func, user_data };

  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  return bubus_event_bus_off_those (self, bubus_handler_has_func, &callback);
}

static gboolean
bubus_handler_has_pattern (BubusHandler  *handler,
                           gconstpointer  wanted)
{
  return strcmp (handler->info->pattern, wanted) == 0;
}

/**
 * bubus_event_bus_off_by_pattern:
 * @self: a bus
 * @pattern: an event type, a glob, or `*`
 *
 * Takes all handlers off the bus that were registered for a pattern: those whose [property@Handler:pattern] is the same
 * text. A handler for a class has the event type of the class as its pattern. A glob is no wildcard here: `*` takes
 * those off that were registered for `*`. See [method@EventBus.off]. May be called from any thread.
 *
 * Returns: how many handlers were taken off
 *
 * Since: 1.0
 */
guint
bubus_event_bus_off_by_pattern (BubusEventBus *self,
                                const char    *pattern)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);
  g_return_val_if_fail (pattern != NULL, 0);

  return bubus_event_bus_off_those (self, bubus_handler_has_pattern, pattern);
}

static gboolean
bubus_handler_has_type (BubusHandler  *handler,
                        gconstpointer  wanted)
{
  return handler->event_type == *(const GType *) wanted;
}

/**
 * bubus_event_bus_off_by_type:
 * @self: a bus
 * @event_type: a class of events
 *
 * Takes all handlers off the bus that were registered for a class with [method@EventBus.on]: for exactly this one, not for
 * its parents or for those derived from it. See [method@EventBus.off]. May be called from any thread.
 *
 * Returns: how many handlers were taken off
 *
 * Since: 1.0
 */
guint
bubus_event_bus_off_by_type (BubusEventBus *self,
                             GType          event_type)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);
  g_return_val_if_fail (g_type_is_a (event_type, BUBUS_TYPE_EVENT), 0);

  return bubus_event_bus_off_those (self, bubus_handler_has_type, &event_type);
}

static gboolean
bubus_handler_is_any (BubusHandler  *handler,
                      gconstpointer  wanted)
{
  return TRUE;
}

/**
 * bubus_event_bus_off_all:
 * @self: a bus
 *
 * Takes all handlers off the bus. See [method@EventBus.off]. May be called from any thread.
 *
 * Returns: how many handlers were taken off
 *
 * Since: 1.0
 */
guint
bubus_event_bus_off_all (BubusEventBus *self)
{
  g_return_val_if_fail (BUBUS_IS_EVENT_BUS (self), 0);

  return bubus_event_bus_off_those (self, bubus_handler_is_any, NULL);
}

/* An event to which handlers were given that are for one event only: no other event gets them. Right after the
 * selection, before anything else is selected. */
void
_bubus_event_bus_off_once (BubusEventBus    *self,
                           BubusHandlerList *handlers)
{
  for (guint i = 0; i < handlers->n_handlers; i++)
    if (handlers->handlers[i]->once)
      bubus_event_bus_off (self, handlers->handlers[i]);
}
