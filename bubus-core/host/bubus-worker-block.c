/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-guest-private.h"

#include "base/bubus-error.h"

/* How a handler in a worker waits in place for what it has dispatched. The host runs the event, and all that is
 * left to do here is what it asks for meanwhile: handlers of the event itself, and of those that it waits for, are
 * called on the stack of the one that waits, as if there were no other process. What else comes is answered by the
 * local buses, in the main loop. */

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

static gboolean
bubus_worker_guest_is_pending (BubusWorkerGuest *self,
                               guint             child_id)
{
  const BubusWorkerGuestChild *child = g_hash_table_lookup (self->children, GUINT_TO_POINTER (child_id));

  return child != NULL && !child->done;
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

/* As a BubusBlockFunc. What is to be called may have come before. */
gboolean
_bubus_worker_guest_block (BubusInvocation  *invocation,
                           BubusEvent       *event,
                           gpointer          guest,
                           GError          **error)
{
  BubusWorkerGuest *self = guest;
  const BubusWorkerGuestCall *call = _bubus_worker_guest_get_call (bubus_invocation_get_event (invocation));
  const BubusWorkerGuestChild *child = _bubus_worker_guest_get_child (self, event);
  const guint child_id = child != NULL ? child->id : 0;
  GError *reason = NULL;

  /* It has come from the host, or is on a bus that the host does not know. */
  if (child == NULL)
    return TRUE;

  bubus_worker_guest_ask (self, call, child_id);
  while (bubus_worker_guest_run_within (self, invocation, child_id, &reason)
         && bubus_worker_guest_is_pending (self, child_id)
         && bubus_worker_guest_check_wanted (call, event, &reason))
    _bubus_worker_pipe_exchange (self->pipe);
  if (reason == NULL)
    return TRUE;

  g_propagate_error (error, reason);
  return FALSE;
}
