/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-handler.h"

#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"

/* Who looks at the failures of one handler. */
struct _BubusErrorObserver
{
  gatomicrefcount        ref_count;
  BubusHandlerErrorFunc  func;
  gpointer               user_data;
  GDestroyNotify         notify;
};

static GMutex observers_lock;  /* guards the observer of every handler; a leaf */

static BubusErrorObserver *
bubus_error_observer_new (BubusHandlerErrorFunc func,
                          gpointer              user_data,
                          GDestroyNotify        notify)
{
  BubusErrorObserver *self = g_new0 (BubusErrorObserver, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

static void
bubus_error_observer_unref (BubusErrorObserver *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self);
}

static BubusErrorObserver *
bubus_handler_ref_error_observer (BubusHandler *self)
{
  BubusErrorObserver *observer;

  g_mutex_lock (&observers_lock);
  observer = self->error_observer;
  if (observer != NULL)
    g_atomic_ref_count_inc (&observer->ref_count);
  g_mutex_unlock (&observers_lock);
  return observer;
}

static void
bubus_handler_take_error_observer (BubusHandler       *self,
                                   BubusErrorObserver *observer)
{
  BubusErrorObserver *before;

  g_mutex_lock (&observers_lock);
  before = self->error_observer;
  g_atomic_pointer_set (&self->error_observer, observer);
  g_mutex_unlock (&observers_lock);
  if (before != NULL)
    bubus_error_observer_unref (before);
}

void
_bubus_handler_clear_error_observer (BubusHandler *self)
{
  bubus_handler_take_error_observer (self, NULL);
}

/* What is called here is not part of the handler that happens to be running. */
static void
bubus_handler_call_error_observer (BubusHandler     *self,
                                   BubusEventResult *result)
{
  BubusErrorObserver *observer = bubus_handler_ref_error_observer (self);
  BubusInvocation *invocation;

  if (observer == NULL)
    return;

  invocation = _bubus_invocation_set_current (NULL);
  observer->func (bubus_event_result_get_event (result), result, bubus_event_result_get_error (result),
                  observer->user_data);
  _bubus_invocation_set_current (invocation);
  bubus_error_observer_unref (observer);
}

/* In the bus's main context, while the event's handlers run. */
void
_bubus_handler_observe_error (BubusHandler     *self,
                              BubusEventResult *result)
{
  g_autoptr (GObject) owner = NULL;

  if (g_atomic_pointer_get (&self->error_observer) == NULL)
    return;
  if (_bubus_handler_is_tied (self) && (owner = _bubus_handler_tie_ref_object (self->tie)) == NULL)
    return;

  bubus_handler_call_error_observer (self, result);
}

/**
 * bubus_handler_set_error_func:
 * @self: a handler
 * @func: (nullable) (scope notified) (closure user_data) (destroy notify): called when the handler has failed, or %NULL for nothing
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Sets a function that sees when the handler has failed.
 *
 * It is called for every result of the handler that is an error: because the handler has failed or returned a value of
 * the wrong type, ran out of time, was interrupted or cancelled, or was not called because the bus was stopped. What it
 * does changes nothing about the result, and is not part of the event; what it dispatches is a root of its own. It is
 * called once per failure in the bus's main context, after the bus's middleware has been told. While the object that the
 * handler is tied to is gone, it is not called.
 *
 * There is one such function; a new one replaces it. May be called from any thread; @notify may be called in any thread.
 *
 * Since: 1.0
 */
void
bubus_handler_set_error_func (BubusHandler          *self,
                              BubusHandlerErrorFunc  func,
                              gpointer               user_data,
                              GDestroyNotify         notify)
{
  g_return_if_fail (BUBUS_IS_HANDLER (self));

  bubus_handler_take_error_observer (self, func != NULL ? bubus_error_observer_new (func, user_data, notify) : NULL);
}
