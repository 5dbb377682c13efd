/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-guest-private.h"

#include "base/bubus-error.h"
#include "bubus-worker-value-private.h"
#include "bus/bubus-blocking-internal.h"
#include "bus/bubus-event-bus-settings.h"
#include "codec/bubus-event-json.h"

/* There is a local bus for each bus of the host that the plugin uses. On it, two kinds of events are handled. Those that
 * the host has sent are marked with a call, and are seen by the handler that they were sent to. Those that the plugin
 * dispatches are sent to the host as soon as they are there, and are complete when the host says so: a handler of the
 * guest's own answers for all that happens there. */

#define UPLINK_NAME "host"

static void bubus_worker_guest_middleware_iface_init (BubusMiddlewareInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusWorkerGuest, _bubus_worker_guest, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE, bubus_worker_guest_middleware_iface_init))

static G_DEFINE_QUARK (bubus-worker-guest-call, bubus_worker_guest_call)
static G_DEFINE_QUARK (bubus-worker-guest-child, bubus_worker_guest_child)

static void
bubus_worker_guest_child_free (gpointer data)
{
  BubusWorkerGuestChild *self = data;

  g_object_unref (self->event);
  g_clear_object (&self->invocation);
  if (G_IS_VALUE (&self->value))
    g_value_unset (&self->value);
  g_clear_error (&self->error);
  g_free (self);
}

static void
bubus_worker_guest_call_free (gpointer data)
{
  BubusWorkerGuestCall *self = data;

  g_clear_object (&self->invocation);
  g_free (self);
}

static void
_bubus_worker_guest_finalize (GObject *object)
{
  BubusWorkerGuest *self = BUBUS_WORKER_GUEST (object);

  g_hash_table_unref (self->handlers);
  g_hash_table_unref (self->calls);
  g_hash_table_unref (self->children);

  G_OBJECT_CLASS (_bubus_worker_guest_parent_class)->finalize (object);
}

static void
_bubus_worker_guest_class_init (BubusWorkerGuestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = _bubus_worker_guest_finalize;
}

static void
_bubus_worker_guest_init (BubusWorkerGuest *self)
{
  self->handlers = g_hash_table_new (NULL, NULL);
  self->calls = g_hash_table_new (NULL, NULL);
  self->children = g_hash_table_new_full (NULL, NULL, NULL, bubus_worker_guest_child_free);
}

/* ---- sending ---- */

GString *
_bubus_worker_guest_begin (BubusWorkerGuest *self,
                           BubusWorkerOp     op)
{
  self->out = _bubus_worker_pipe_begin (self->pipe);
  _bubus_worker_message_begin (self->out, op);
  return self->out;
}

gboolean
_bubus_worker_guest_end (BubusWorkerGuest  *self,
                         GError           **error)
{
  g_string_append_c (self->out, '}');
  return _bubus_worker_pipe_end (self->pipe, error);
}

/* A message with nothing but an error, or without. */
void
_bubus_worker_guest_send (BubusWorkerGuest *self,
                          BubusWorkerOp     op,
                          const GError     *error)
{
  GString *out = _bubus_worker_guest_begin (self, op);

  if (error != NULL)
    _bubus_worker_message_add_error (out, error);
  _bubus_worker_guest_end (self, NULL);
}

static void
bubus_worker_guest_send_error (BubusWorkerGuest *self,
                               guint             call_id,
                               const GError     *error)
{
  GString *out = _bubus_worker_guest_begin (self, BUBUS_WORKER_OP_RESULT);

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CALL, call_id);
  _bubus_worker_message_add_error (out, error);
  _bubus_worker_guest_end (self, NULL);
}

static void
bubus_worker_guest_send_result (BubusWorkerGuest *self,
                                guint             call_id,
                                BubusEventResult *result)
{
  GString *out = _bubus_worker_guest_begin (self, BUBUS_WORKER_OP_RESULT);
  g_autoptr (GError) error = NULL;

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CALL, call_id);
  _bubus_worker_add_result (out, result);
  if (!_bubus_worker_guest_end (self, &error))
    bubus_worker_guest_send_error (self, call_id, error);
}

/* The main bus is the one without a name. */
void
_bubus_worker_guest_add_bus (BubusWorkerGuest *self,
                             GString          *out,
                             BubusEventBus    *bus)
{
  if (bus != bubus_host_get_main_bus (self->host))
    _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_BUS, bubus_event_bus_get_name (bus));
}

/* ---- handlers ---- */

void
_bubus_worker_guest_add_handler (BubusWorkerGuest   *self,
                                 BubusWorkerHandler *handler)
{
  handler->id = ++self->last_handler;
  g_hash_table_insert (self->handlers, GUINT_TO_POINTER (handler->id), handler);
}

void
_bubus_worker_guest_remove_handler (BubusWorkerGuest   *self,
                                    BubusWorkerHandler *handler)
{
  g_hash_table_remove (self->handlers, GUINT_TO_POINTER (handler->id));
  _bubus_worker_message_add_id (_bubus_worker_guest_begin (self, BUBUS_WORKER_OP_OFF), BUBUS_WORKER_KEY_HANDLER,
                                handler->id);
  _bubus_worker_guest_end (self, NULL);
}

/* ---- events from the host ---- */

/* Nullable. */
BubusWorkerGuestCall *
_bubus_worker_guest_get_call (BubusEvent *event)
{
  return g_object_get_qdata (G_OBJECT (event), bubus_worker_guest_call_quark ());
}

/* When handlers are called, and for how long, is decided by the host. */
static void
bubus_worker_guest_adjust_event (BubusEvent *event)
{
  bubus_event_set_event_concurrency (event, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_set_event_handler_concurrency (event, BUBUS_HANDLER_CONCURRENCY_SERIAL);
  bubus_event_set_event_handler_completion (event, BUBUS_HANDLER_COMPLETION_ALL);
  bubus_event_set_event_timeout (event, 0);
  bubus_event_set_event_deadline (event, 0);
}

static gboolean
bubus_worker_guest_handle (BubusWorkerGuest          *self,
                           const BubusWorkerMessage  *message,
                           guint                      id,
                           GError                   **error)
{
  const BubusJsonSpan *span = &message->members[BUBUS_WORKER_KEY_EVENT];
  guint handler_id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_HANDLER);
  BubusWorkerHandler *handler = g_hash_table_lookup (self->handlers, GUINT_TO_POINTER (handler_id));
  g_autoptr (BubusEvent) event = NULL;
  BubusWorkerGuestCall *call;

  if (handler == NULL)
    {
      g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "The handler has been taken off");
      return FALSE;
    }
  event = bubus_event_new_from_json (span->start, (gssize) span->length, BUBUS_JSON_RESET, error);
  if (event == NULL)
    return FALSE;

  bubus_worker_guest_adjust_event (event);
  call = g_new0 (BubusWorkerGuestCall, 1);
  call->id = id;
  call->handler_id = handler_id;
  call->within = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_WITHIN);
  call->event = event;
  g_object_set_qdata_full (G_OBJECT (event), bubus_worker_guest_call_quark (), call, bubus_worker_guest_call_free);
  g_hash_table_insert (self->calls, GUINT_TO_POINTER (id), call);
  if (bubus_event_bus_dispatch_with_flags (handler->bus, event, BUBUS_DISPATCH_DETACHED, error))
    return TRUE;

  g_hash_table_remove (self->calls, GUINT_TO_POINTER (id));
  return FALSE;
}

static void
bubus_worker_guest_take_event (BubusWorkerGuest         *self,
                               const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CALL);
  g_autoptr (GError) error = NULL;

  if (!bubus_worker_guest_handle (self, message, id, &error))
    bubus_worker_guest_send_error (self, id, error);
}

/* The host has answered already, and wants no answer. */
static void
bubus_worker_guest_take_cancel (BubusWorkerGuest         *self,
                                const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CALL);
  BubusWorkerGuestCall *call = g_hash_table_lookup (self->calls, GUINT_TO_POINTER (id));
  BubusInvocation *invocation = call != NULL ? g_atomic_pointer_get (&call->invocation) : NULL;
  g_autoptr (BubusInvocation) keep = invocation != NULL ? g_object_ref (invocation) : NULL;

  if (call == NULL)
    return;

  call->over = TRUE;
  call->cancelled = TRUE;
  g_hash_table_remove (self->calls, GUINT_TO_POINTER (id));
  if (keep == NULL)
    return;
  if (bubus_invocation_is_deferred (keep))
    bubus_invocation_return_error_literal (keep, BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "The host does not wait any longer");
  g_cancellable_cancel (bubus_invocation_get_cancellable (keep));
}

static gboolean
bubus_worker_guest_is_result_of (BubusWorkerGuest     *self,
                                 BubusWorkerGuestCall *call,
                                 BubusEventResult     *result)
{
  BubusWorkerHandler *handler = g_hash_table_lookup (self->handlers, GUINT_TO_POINTER (call->handler_id));
  g_autofree char *handler_id = bubus_event_result_dup_handler_id (result);

  return handler != NULL && g_strcmp0 (handler->handler_id, handler_id) == 0;
}

static void
bubus_worker_guest_result_changed (BubusMiddleware   *middleware,
                                   BubusEventBus     *bus,
                                   BubusEvent        *event,
                                   BubusEventResult  *result,
                                   BubusResultStatus  status)
{
  BubusWorkerGuest *self = BUBUS_WORKER_GUEST (middleware);
  BubusWorkerGuestCall *call = _bubus_worker_guest_get_call (event);

  if (call == NULL || call->over || (status != BUBUS_RESULT_STATUS_COMPLETED && status != BUBUS_RESULT_STATUS_ERROR)
      || !bubus_worker_guest_is_result_of (self, call, result))
    return;

  call->over = TRUE;
  g_hash_table_remove (self->calls, GUINT_TO_POINTER (call->id));
  bubus_worker_guest_send_result (self, call->id, result);
}

/* No handler has answered: the one that was meant has been taken off meanwhile. */
static void
bubus_worker_guest_end_call (BubusWorkerGuest     *self,
                             BubusWorkerGuestCall *call)
{
  g_autoptr (GError) error = g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "The handler has been taken off");

  call->over = TRUE;
  g_hash_table_remove (self->calls, GUINT_TO_POINTER (call->id));
  bubus_worker_guest_send_error (self, call->id, error);
}

/* ---- events from the plugin ---- */

/* Nullable. */
BubusWorkerGuestChild *
_bubus_worker_guest_get_child (BubusWorkerGuest *self,
                               BubusEvent       *event)
{
  gpointer id = g_object_get_qdata (G_OBJECT (event), bubus_worker_guest_child_quark ());

  return id != NULL ? g_hash_table_lookup (self->children, id) : NULL;
}

/* Lets go of @child once it is answered. */
static void
bubus_worker_guest_answer_child (BubusWorkerGuest      *self,
                                 BubusWorkerGuestChild *child,
                                 BubusInvocation       *invocation)
{
  g_hash_table_steal (self->children, GUINT_TO_POINTER (child->id));
  if (child->error != NULL)
    bubus_invocation_return_error (invocation, child->error);
  else if (G_IS_VALUE (&child->value))
    bubus_invocation_return_value (invocation, &child->value);
  else
    bubus_invocation_return_nothing (invocation);
  bubus_worker_guest_child_free (child);
}

static gboolean
bubus_worker_guest_uplink (BubusEvent       *event,
                           BubusInvocation  *invocation,
                           gpointer          user_data,
                           GError          **error)
{
  BubusWorkerGuest *self = user_data;
  BubusWorkerGuestChild *child = _bubus_worker_guest_get_child (self, event);

  if (child == NULL)
    return TRUE;
  if (child->done)
    {
      bubus_worker_guest_answer_child (self, child, invocation);
      return TRUE;
    }

  bubus_invocation_defer (invocation);
  g_set_object (&child->invocation, invocation);
  return TRUE;
}

static void
bubus_worker_guest_finish_child (BubusWorkerGuest      *self,
                                 BubusWorkerGuestChild *child)
{
  child->done = TRUE;
  if (child->invocation != NULL && bubus_invocation_is_deferred (child->invocation))
    bubus_worker_guest_answer_child (self, child, child->invocation);
}

static void
bubus_worker_guest_take_completed (BubusWorkerGuest         *self,
                                   const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CHILD);
  BubusWorkerGuestChild *child = g_hash_table_lookup (self->children, GUINT_TO_POINTER (id));

  if (child == NULL || child->done)
    return;

  child->error = _bubus_worker_message_dup_error (message);
  if (child->error == NULL)
    _bubus_worker_read_value (message, &child->value, &child->error);
  bubus_worker_guest_finish_child (self, child);
}

static void
bubus_worker_guest_add_parent (GString               *out,
                               BubusWorkerGuestChild *child)
{
  g_autoptr (BubusEvent) parent = bubus_event_ref_parent (child->event);
  BubusWorkerGuestCall *call = parent != NULL ? _bubus_worker_guest_get_call (parent) : NULL;
  gboolean background = !bubus_event_get_event_blocks_parent_completion (child->event);

  if (call == NULL)
    return;
  child->within = background ? 0 : call->within;
  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CALL, call->id);
  _bubus_worker_message_add_flag (out, BUBUS_WORKER_KEY_BACKGROUND, background);
}

static void
bubus_worker_guest_send_child (BubusWorkerGuest *self,
                               BubusEventBus    *bus,
                               BubusEvent       *event)
{
  BubusWorkerGuestChild *child = g_new0 (BubusWorkerGuestChild, 1);
  GString *out = _bubus_worker_guest_begin (self, BUBUS_WORKER_OP_DISPATCH);

  child->id = ++self->last_child;
  child->event = g_object_ref (event);
  g_object_set_qdata (G_OBJECT (event), bubus_worker_guest_child_quark (), GUINT_TO_POINTER (child->id));
  g_hash_table_insert (self->children, GUINT_TO_POINTER (child->id), child);

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CHILD, child->id);
  bubus_worker_guest_add_parent (out, child);
  _bubus_worker_guest_add_bus (self, out, bus);
  _bubus_worker_message_add_key (out, BUBUS_WORKER_KEY_EVENT);
  bubus_event_append_json (event, out);
  if (!_bubus_worker_guest_end (self, &child->error))
    child->done = TRUE;
}

static void
bubus_worker_guest_event_changed (BubusMiddleware  *middleware,
                                  BubusEventBus    *bus,
                                  BubusEvent       *event,
                                  BubusEventStatus  status)
{
  BubusWorkerGuest *self = BUBUS_WORKER_GUEST (middleware);
  BubusWorkerGuestCall *call = _bubus_worker_guest_get_call (event);

  if (call != NULL && !call->over && status == BUBUS_EVENT_STATUS_COMPLETED)
    bubus_worker_guest_end_call (self, call);
  else if (call == NULL && status == BUBUS_EVENT_STATUS_PENDING
           && g_object_get_qdata (G_OBJECT (event), bubus_worker_guest_child_quark ()) == NULL)
    bubus_worker_guest_send_child (self, bus, event);
}

static void
bubus_worker_guest_event_awaited (BubusMiddleware *middleware,
                                  BubusEventBus   *bus,
                                  BubusEvent      *event)
{
  BubusWorkerGuest *self = BUBUS_WORKER_GUEST (middleware);
  BubusWorkerGuestChild *child = _bubus_worker_guest_get_child (self, event);

  if (child == NULL || child->done)
    return;
  _bubus_worker_message_add_id (_bubus_worker_guest_begin (self, BUBUS_WORKER_OP_AWAIT), BUBUS_WORKER_KEY_CHILD,
                                child->id);
  _bubus_worker_guest_end (self, NULL);
}

static void
bubus_worker_guest_middleware_iface_init (BubusMiddlewareInterface *iface)
{
  iface->event_changed = bubus_worker_guest_event_changed;
  iface->result_changed = bubus_worker_guest_result_changed;
  iface->event_awaited = bubus_worker_guest_event_awaited;
}

/* ---- buses ---- */

/* No limits: those of the host hold. */
static void
bubus_worker_guest_set_up_bus (BubusWorkerGuest *self,
                               BubusEventBus    *bus)
{
  BubusHandler *uplink;

  bubus_event_bus_set_max_history_size (bus, 0);
  bubus_event_bus_set_max_pending (bus, 0);
  bubus_event_bus_set_event_concurrency (bus, BUBUS_EVENT_CONCURRENCY_PARALLEL);
  bubus_event_bus_set_event_timeout (bus, 0);
  bubus_event_bus_add_middleware (bus, BUBUS_MIDDLEWARE (self));
  uplink = bubus_event_bus_on_pattern (bus, "*", UPLINK_NAME, bubus_worker_guest_uplink, self, NULL);
  bubus_handler_set_priority (uplink, G_MAXINT);
}

static void
bubus_worker_guest_bus_added_cb (BubusHost     *host,
                                 BubusEventBus *bus,
                                 gpointer       user_data)
{
  bubus_worker_guest_set_up_bus (user_data, bus);
}

/* The guest of a host in a worker, of which there is one in the process. */
BubusWorkerGuest *
_bubus_worker_guest_new (BubusHost       *host,
                         BubusWorkerPipe *pipe)
{
  BubusWorkerGuest *self = g_object_new (BUBUS_TYPE_WORKER_GUEST, NULL);

  self->host = host;
  self->pipe = pipe;
  bubus_worker_guest_set_up_bus (self, bubus_host_get_main_bus (host));
  _bubus_invocation_set_blocker (_bubus_worker_guest_block, self);
  g_signal_connect (host, "bus-added", G_CALLBACK (bubus_worker_guest_bus_added_cb), self);
  return self;
}

/* Takes what the host says about events.
 *
 * Returns: whether it did */
gboolean
_bubus_worker_guest_take (BubusWorkerGuest         *self,
                          const BubusWorkerMessage *message)
{
  switch ((int) message->op)
    {
    case BUBUS_WORKER_OP_EVENT:
      bubus_worker_guest_take_event (self, message);
      return TRUE;
    case BUBUS_WORKER_OP_CANCEL:
      bubus_worker_guest_take_cancel (self, message);
      return TRUE;
    case BUBUS_WORKER_OP_COMPLETED:
      bubus_worker_guest_take_completed (self, message);
      return TRUE;
    default:
      return FALSE;
    }
}
