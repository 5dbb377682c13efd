/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-guest-private.h"

#include "base/bubus-error.h"

/* How a handler in a worker waits in place for what it has dispatched. The host runs the event, and all that is
 * left to do here is what it asks for meanwhile: handlers of the event itself, and of those that it waits for, are
 * called on the stack of the one that waits, as if there were no other process. Nothing else is, and what would call
 * other code of the plugin is put off until nobody waits. */
typedef struct _BubusWorkerBlock BubusWorkerBlock;

struct _BubusWorkerBlock
{
  BubusWorkerBlock *outer;     /* nullable */
  guint             child_id;  /* what is waited for */
};

/* Whether @child_id is @within, or waits for it. */
static gboolean
bubus_worker_guest_is_within (BubusWorkerGuest *self,
                              guint             within,
                              guint             child_id)
{
  while (within != 0 && within != child_id)
    {
      const BubusWorkerGuestChild *child = g_hash_table_lookup (self->children, GUINT_TO_POINTER (within));

      within = child != NULL && child->within < within ? child->within : 0;
    }
  return within != 0;
}

static BubusWorkerGuestCall *
bubus_worker_guest_find_call_within (BubusWorkerGuest *self,
                                     guint             child_id)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (bubus_worker_guest_is_within (self, ((BubusWorkerGuestCall *) value)->within, child_id))
      return value;
  return NULL;
}

static gboolean
bubus_worker_guest_check_called (BubusWorkerGuestCall  *call,
                                 BubusInvocation       *invocation,
                                 GError               **error)
{
  if (call->invocation == NULL)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_WOULD_BLOCK,
               "A handler of “%s” answers later: that of “%s” must be deferred to wait for it",
               bubus_event_get_event_type (call->event),
               bubus_event_get_event_type (bubus_invocation_get_event (invocation)));
  return FALSE;
}

/* Calls the handlers that the host has asked for. One that answers later could do so only in the main loop. */
static gboolean
bubus_worker_guest_run_within (BubusWorkerGuest  *self,
                               BubusInvocation   *invocation,
                               guint              child_id,
                               GError           **error)
{
  BubusWorkerGuestCall *call;

  while ((call = bubus_worker_guest_find_call_within (self, child_id)) != NULL)
    {
      g_autoptr (BubusEvent) event = g_object_ref (call->event);

      if (!bubus_worker_guest_check_called (call, invocation, error)
          || !bubus_invocation_run (invocation, event, error))
        return FALSE;
    }
  return TRUE;
}

static void
bubus_worker_guest_ask (BubusWorkerGuest           *self,
                        const BubusWorkerGuestCall *call,
                        guint                       child_id)
{
  GString *out = _bubus_worker_guest_begin (self, BUBUS_WORKER_OP_AWAIT);

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CHILD, child_id);
  if (call != NULL)
    _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CALL, call->id);
  _bubus_worker_guest_end (self, NULL);
}

static gboolean
bubus_worker_guest_check_wanted (const BubusWorkerGuestCall  *call,
                                 BubusEvent                  *event,
                                 GError                     **error)
{
  if (call == NULL || !call->cancelled)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED, "The handler of “%s” is given up while it waits for “%s”",
               bubus_event_get_event_type (call->event), bubus_event_get_event_type (event));
  return FALSE;
}

/* What is to be called may have come before. */
static void
bubus_worker_guest_wait_for (BubusWorkerGuest  *self,
                             BubusInvocation   *invocation,
                             BubusEvent        *event,
                             GError           **error)
{
  const BubusWorkerGuestCall *call = _bubus_worker_guest_get_call (bubus_invocation_get_event (invocation));
  const guint child_id = self->block->child_id;

  bubus_worker_guest_ask (self, call, child_id);
  while (bubus_worker_guest_run_within (self, invocation, child_id, error)
         && g_hash_table_contains (self->children, GUINT_TO_POINTER (child_id))
         && bubus_worker_guest_check_wanted (call, event, error))
    _bubus_worker_pipe_exchange (self->pipe);
}

/* ---- what is put off ---- */

/* Whether a handler has returned, and is to answer. */
static gboolean
bubus_worker_guest_is_deferred (BubusWorkerGuest *self,
                                guint             call_id)
{
  const BubusWorkerGuestCall *call = g_hash_table_lookup (self->calls, GUINT_TO_POINTER (call_id));

  return call != NULL && call->invocation != NULL && bubus_invocation_is_deferred (call->invocation);
}

/* Events wait for their turn in any case. */
static gboolean
bubus_worker_guest_is_due (BubusWorkerGuest         *self,
                           const BubusWorkerMessage *message)
{
  if (message->op == BUBUS_WORKER_OP_COMPLETED)
    return _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CHILD) == self->block->child_id;
  if (message->op == BUBUS_WORKER_OP_CANCEL)
    return !bubus_worker_guest_is_deferred (self, _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CALL));
  return TRUE;
}

/* A handler waits in place, and @message might call another one that does not. */
gboolean
_bubus_worker_guest_put_off (BubusWorkerGuest         *self,
                             const BubusWorkerMessage *message,
                             gsize                     length)
{
  if (bubus_worker_guest_is_due (self, message))
    return FALSE;

  g_queue_push_tail (&self->late, g_bytes_new (message->text, length));
  return TRUE;
}

/* What is too early still is put off again. */
static void
bubus_worker_guest_take_late (BubusWorkerGuest *self)
{
  for (guint n = self->late.length; n > 0; n--)
    {
      g_autoptr (GBytes) bytes = g_queue_pop_head (&self->late);
      gsize length;
      const char *text = g_bytes_get_data (bytes, &length);
      BubusWorkerMessage message;

      if (bytes != NULL && _bubus_worker_message_parse (&message, text, length, NULL))
        _bubus_worker_guest_take (self, &message, length);
    }
}

static gboolean
bubus_worker_guest_late_cb (gpointer user_data)
{
  bubus_worker_guest_take_late (user_data);
  return G_SOURCE_REMOVE;
}

static void
bubus_worker_guest_leave_block (BubusWorkerGuest *self)
{
  self->block = self->block->outer;
  if (self->block != NULL)
    bubus_worker_guest_take_late (self);
  else if (self->late.length > 0)
    g_idle_add_full (G_PRIORITY_HIGH, bubus_worker_guest_late_cb, self, NULL);
}

/* As a BubusBlockFunc. */
gboolean
_bubus_worker_guest_block (BubusInvocation  *invocation,
                           BubusEvent       *event,
                           gpointer          guest,
                           GError          **error)
{
  BubusWorkerGuest *self = guest;
  const BubusWorkerGuestChild *child = _bubus_worker_guest_get_child (self, event);
  BubusWorkerBlock block = { self->block, 0 };
  GError *reason = NULL;

  /* What has come from the host, or is on a bus that the host does not know. */
  if (child == NULL)
    return TRUE;

  block.child_id = child->id;
  self->block = &block;
  bubus_worker_guest_wait_for (self, invocation, event, &reason);
  bubus_worker_guest_leave_block (self);
  if (reason == NULL)
    return TRUE;

  g_propagate_error (error, reason);
  return FALSE;
}
