/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-saga-private.h"

void
_bubus_saga_closure_free (gpointer data)
{
  BubusSagaClosure *self = data;

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self);
}

static BubusSagaClosure *
bubus_saga_closure_new (BubusSagaFunc  func,
                        gpointer       user_data,
                        GDestroyNotify notify)
{
  BubusSagaClosure *self = g_new0 (BubusSagaClosure, 1);

  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

void
_bubus_saga_link_unref (gpointer data)
{
  BubusSagaLink *self = data;

  if (--self->ref_count == 0)
    g_free (self);
}

static void
bubus_saga_listen (BubusSaga        *self,
                   const char       *event_type,
                   BubusHandlerFunc  func)
{
  BubusHandler *handler;

  self->link->ref_count++;
  handler = bubus_event_bus_on_pattern (self->bus, event_type, self->name, func, self->link, _bubus_saga_link_unref);
  g_ptr_array_add (self->handlers, g_object_ref (handler));
}

/**
 * bubus_saga_add_step:
 * @self: a saga
 * @event_type: an event type
 *
 * Adds a step: an event of that type belongs to every instance.
 *
 * All steps are to be added before the first event comes.
 *
 * Since: 1.0
 */
void
bubus_saga_add_step (BubusSaga  *self,
                     const char *event_type)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (event_type != NULL && *event_type != '\0');
  g_return_if_fail (!_bubus_saga_has_step (self, event_type));

  g_ptr_array_add (self->steps, g_strdup (event_type));
  bubus_saga_listen (self, event_type, _bubus_saga_step_cb);
}

/**
 * bubus_saga_add_failure:
 * @self: a saga
 * @event_type: an event type
 *
 * Has an event of that type abort the instance of its key.
 *
 * Since: 1.0
 */
void
bubus_saga_add_failure (BubusSaga  *self,
                        const char *event_type)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (event_type != NULL && *event_type != '\0');

  g_hash_table_add (self->failures, g_strdup (event_type));
  bubus_saga_listen (self, event_type, _bubus_saga_failure_cb);
}

/**
 * bubus_saga_set_completion:
 * @self: a saga
 * @func: (scope notified) (closure user_data) (destroy notify): makes what follows when an instance is complete
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Says what follows when all steps have been made.
 *
 * The event is dispatched in the handler of the last step, and becomes a child of that event.
 *
 * Since: 1.0
 */
void
bubus_saga_set_completion (BubusSaga      *self,
                           BubusSagaFunc   func,
                           gpointer        user_data,
                           GDestroyNotify  notify)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (func != NULL);

  g_clear_pointer (&self->completion, _bubus_saga_closure_free);
  self->completion = bubus_saga_closure_new (func, user_data, notify);
}

/**
 * bubus_saga_set_compensation:
 * @self: a saga
 * @event_type: the event type of a step
 * @func: (scope notified) (closure user_data) (destroy notify): makes what makes up for an event of that type
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Says what makes up for a step when its instance is aborted.
 *
 * Since: 1.0
 */
void
bubus_saga_set_compensation (BubusSaga      *self,
                             const char     *event_type,
                             BubusSagaFunc   func,
                             gpointer        user_data,
                             GDestroyNotify  notify)
{
  g_return_if_fail (BUBUS_IS_SAGA (self));
  g_return_if_fail (event_type != NULL);
  g_return_if_fail (func != NULL);

  g_hash_table_replace (self->compensations, g_strdup (event_type), bubus_saga_closure_new (func, user_data, notify));
}
