/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-guest-private.h"

/* A handler of the plugin, in the worker. It is registered on a local bus, but only called for the events that the host
 * has sent to it: which handler an event is for is decided there. */

BubusWorkerHandler *
_bubus_worker_handler_new (BubusWorkerGuest *guest,
                           BubusHandlerFunc  func,
                           gpointer          user_data,
                           GDestroyNotify    notify)
{
  BubusWorkerHandler *self = g_new0 (BubusWorkerHandler, 1);

  self->guest = guest;
  self->func = func;
  self->user_data = user_data;
  self->notify = notify;
  return self;
}

/* The handler is taken off, or has never been registered. */
void
_bubus_worker_handler_free (gpointer data)
{
  BubusWorkerHandler *self = data;

  if (self->handler != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->handler, self);
      _bubus_worker_guest_remove_handler (self->guest, self);
      g_object_unref (self->handler);
      g_object_unref (self->bus);
    }
  if (self->notify != NULL)
    self->notify (self->user_data);
  g_free (self->handler_id);
  g_free (self);
}

gboolean
_bubus_worker_handler_call (BubusEvent       *event,
                            BubusInvocation  *invocation,
                            gpointer          data,
                            GError          **error)
{
  BubusWorkerHandler *self = data;
  BubusWorkerGuestCall *call = _bubus_worker_guest_get_call (event);

  if (call == NULL || call->handler_id != self->id || self->func == NULL)
    return TRUE;

  g_atomic_pointer_set (&call->invocation, g_object_ref (invocation));
  return self->func (event, invocation, self->user_data, error);
}

static void
bubus_worker_handler_send (BubusWorkerHandler *self,
                           BubusWorkerOp       op,
                           gboolean            typed,
                           BubusEventBus      *target)
{
  GString *out = _bubus_worker_guest_begin (self->guest, op);

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_HANDLER, self->id);
  _bubus_worker_guest_add_bus (self->guest, out, self->bus);
  if (target != NULL)
    _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_TARGET, bubus_event_bus_get_name (target));
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_PATTERN, bubus_handler_get_pattern (self->handler));
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_NAME, bubus_handler_get_name (self->handler));
  _bubus_worker_message_add_flag (out, BUBUS_WORKER_KEY_TYPED, typed);
  _bubus_worker_message_add_int (out, BUBUS_WORKER_KEY_PRIORITY, bubus_handler_get_priority (self->handler));
  _bubus_worker_message_add_double (out, BUBUS_WORKER_KEY_TIMEOUT, bubus_handler_get_timeout (self->handler));
  _bubus_worker_message_add_double (out, BUBUS_WORKER_KEY_SLOW_TIMEOUT, bubus_handler_get_slow_timeout (self->handler));
  _bubus_worker_message_add_flag (out, BUBUS_WORKER_KEY_ONCE, bubus_handler_get_once (self->handler));
  _bubus_worker_guest_end (self->guest, NULL);
}

static void
bubus_worker_handler_changed_cb (GObject    *object,
                                 GParamSpec *pspec,
                                 gpointer    user_data)
{
  bubus_worker_handler_send (user_data, BUBUS_WORKER_OP_CHANGE, FALSE, NULL);
}

/* The handler is registered: the host is told, also of what changes later. */
void
_bubus_worker_handler_enter (BubusWorkerHandler *self,
                             BubusEventBus      *bus,
                             BubusHandler       *handler,
                             gboolean            typed,
                             BubusEventBus      *target)
{
  self->bus = g_object_ref (bus);
  self->handler = g_object_ref (handler);
  self->handler_id = g_strdup (bubus_handler_get_id (handler));
  _bubus_worker_guest_add_handler (self->guest, self);
  bubus_worker_handler_send (self, BUBUS_WORKER_OP_ON, typed, target);
  g_signal_connect (handler, "notify::priority", G_CALLBACK (bubus_worker_handler_changed_cb), self);
  g_signal_connect (handler, "notify::timeout", G_CALLBACK (bubus_worker_handler_changed_cb), self);
  g_signal_connect (handler, "notify::slow-timeout", G_CALLBACK (bubus_worker_handler_changed_cb), self);
  g_signal_connect (handler, "notify::once", G_CALLBACK (bubus_worker_handler_changed_cb), self);
}
