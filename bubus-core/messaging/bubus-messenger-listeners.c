/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-messenger-private.h"

#include "base/bubus-error.h"

/* Somebody who listens to what is published: a handler of the bus. */
typedef struct
{
  BubusLink         link;       /* in the messenger's list, as long as there is one */
  BubusMessenger   *messenger;  /* not owned; NULL when it is gone */
  BubusHandler     *handler;    /* not owned, it owns this */
  BubusHandlerFunc  func;
  gpointer          user_data;
  GDestroyNotify    notify;
} BubusListener;

static void
bubus_listener_free (gpointer data)
{
  BubusListener *self = data;

  if (_bubus_link_is_linked (&self->link))
    _bubus_queue_remove (&self->messenger->listeners, &self->link);
  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self);
}

static gboolean
bubus_listener_handle_cb (BubusEvent       *event,
                          BubusInvocation  *invocation,
                          gpointer          data,
                          GError          **error)
{
  BubusListener *self = data;
  BubusMessage *message = BUBUS_IS_MESSAGE (event) ? BUBUS_MESSAGE (event) : NULL;

  if (message == NULL || self->messenger == NULL || message->messenger != self->messenger
      || message->delivery != BUBUS_DELIVERY_PUBLISH)
    return TRUE;
  return _bubus_messenger_intercept (self->messenger, message, BUBUS_DIRECTION_INBOUND, error)
         && self->func (event, invocation, self->user_data, error);
}

void
_bubus_messenger_close_listeners (BubusMessenger *self)
{
  BubusLink *link;

  while ((link = _bubus_queue_pop_head (&self->listeners)) != NULL)
    {
      BubusListener *listener = BUBUS_LINK_OWNER (link, BubusListener, link);

      listener->messenger = NULL;
      bubus_event_bus_off (self->bus, listener->handler);
    }
}

/**
 * bubus_messenger_on:
 * @self: a messenger
 * @pattern: an address, a glob such as `user.*`, or `*` for everything
 * @name: (nullable): what to call the listener in results and logs
 * @func: (scope notified) (closure user_data) (destroy notify): called for everything that is published at such an
 *   address
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Listens to what is published.
 *
 * Listeners are called one after the other; one that fails changes nothing for the others, nor for who has published.
 *
 * Returns: (transfer none): the handler, which belongs to the bus until it is taken off with [method@EventBus.off], or
 *   the
 *   messenger is freed
 *
 * Since: 1.0
 */
BubusHandler *
bubus_messenger_on (BubusMessenger   *self,
                    const char       *pattern,
                    const char       *name,
                    BubusHandlerFunc  func,
                    gpointer          user_data,
                    GDestroyNotify    notify)
{
  BubusListener *listener;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), NULL);
  g_return_val_if_fail (pattern != NULL && *pattern != '\0', NULL);
  g_return_val_if_fail (func != NULL, NULL);

  listener = g_new0 (BubusListener, 1);
  listener->messenger = self;
  listener->func = func;
  listener->user_data = user_data;
  listener->notify = notify;
  listener->handler = bubus_event_bus_on_pattern (self->bus, pattern, name, bubus_listener_handle_cb, listener,
                                                  bubus_listener_free);
  _bubus_queue_push_tail (&self->listeners, &listener->link);
  return listener->handler;
}

/* ---- interceptors ---- */

typedef struct
{
  int                          ref_count;  /* in how many copies of the list it stands */
  guint                        id;
  BubusDirection               direction;
  BubusMessageInterceptorFunc  func;
  gpointer                     user_data;
  GDestroyNotify               notify;
} BubusInterceptor;

static void
bubus_interceptor_unref (gpointer data)
{
  BubusInterceptor *self = data;

  if (--self->ref_count > 0)
    return;

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self);
}

/* Without the one of that id; 0 is none. */
static GPtrArray *
bubus_messenger_copy_interceptors (BubusMessenger *self,
                                   guint           without)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (bubus_interceptor_unref);

  for (guint i = 0; self->interceptors != NULL && i < self->interceptors->len; i++)
    {
      BubusInterceptor *interceptor = self->interceptors->pdata[i];

      if (interceptor->id == without)
        continue;
      interceptor->ref_count++;
      g_ptr_array_add (copy, interceptor);
    }
  return copy;
}

static gboolean
bubus_interceptor_call (BubusInterceptor  *self,
                        BubusMessage      *message,
                        GError           **error)
{
  g_autoptr (GError) reason = NULL;

  if (self->func (message, self->user_data, &reason))
    return TRUE;

  if (reason == NULL)
    reason = g_error_new (BUBUS_ERROR, BUBUS_ERROR_FAILED, "The message to “%s” was stopped without a reason",
                          bubus_message_get_address (message));
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

/* Interceptors may come and go while they are called: this message meets those of now. */
gboolean
_bubus_messenger_intercept (BubusMessenger  *self,
                            BubusMessage    *message,
                            BubusDirection   direction,
                            GError         **error)
{
  g_autoptr (GPtrArray) interceptors = NULL;

  if (G_LIKELY (self->interceptors == NULL))
    return TRUE;

  interceptors = g_ptr_array_ref (self->interceptors);
  for (guint i = 0; i < interceptors->len; i++)
    {
      BubusInterceptor *interceptor = interceptors->pdata[i];

      if (interceptor->direction == direction && !bubus_interceptor_call (interceptor, message, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * bubus_messenger_add_interceptor:
 * @self: a messenger
 * @direction: which way the messages go
 * @func: (scope notified) (closure user_data) (destroy notify): looks at every message
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Has every message looked at, after the interceptors that were added before.
 *
 * Outbound, a message is not sealed yet: its body and headers can be changed. What is stopped outbound leaves no trace
 * on the bus.
 *
 * Returns: an id for [method@Messenger.remove_interceptor], never 0
 *
 * Since: 1.0
 */
guint
bubus_messenger_add_interceptor (BubusMessenger              *self,
                                 BubusDirection               direction,
                                 BubusMessageInterceptorFunc  func,
                                 gpointer                     user_data,
                                 GDestroyNotify               notify)
{
  g_autoptr (GPtrArray) before = NULL;
  BubusInterceptor *interceptor;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), 0);
  g_return_val_if_fail (func != NULL, 0);

  interceptor = g_new0 (BubusInterceptor, 1);
  interceptor->ref_count = 1;
  interceptor->id = ++self->last_interceptor_id;
  interceptor->direction = direction;
  interceptor->func = func;
  interceptor->user_data = user_data;
  interceptor->notify = notify;

  before = self->interceptors;
  self->interceptors = bubus_messenger_copy_interceptors (self, 0);
  g_ptr_array_add (self->interceptors, interceptor);
  return interceptor->id;
}

/**
 * bubus_messenger_remove_interceptor:
 * @self: a messenger
 * @interceptor_id: an id that [method@Messenger.add_interceptor] returned
 *
 * Removes an interceptor. It may still be called for a message that is being looked at.
 *
 * Returns: whether there was one of that id
 *
 * Since: 1.0
 */
gboolean
bubus_messenger_remove_interceptor (BubusMessenger *self,
                                    guint           interceptor_id)
{
  g_autoptr (GPtrArray) before = NULL;
  GPtrArray *copy;
  guint n_before;

  g_return_val_if_fail (BUBUS_IS_MESSENGER (self), FALSE);
  g_return_val_if_fail (interceptor_id != 0, FALSE);

  n_before = self->interceptors != NULL ? self->interceptors->len : 0;
  copy = bubus_messenger_copy_interceptors (self, interceptor_id);
  before = self->interceptors;
  self->interceptors = copy;
  if (copy->len == 0)
    g_clear_pointer (&self->interceptors, g_ptr_array_unref);
  return before != NULL && n_before != (self->interceptors != NULL ? self->interceptors->len : 0);
}
