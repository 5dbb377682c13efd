/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-proxy-private.h"

#include "base/bubus-error.h"
#include "bubus-host-private.h"
#include "bubus-worker-value-private.h"
#include "codec/bubus-event-json.h"

/* No plugin has more handlers than this. */
#define MAX_REGISTRATIONS 10000

struct _BubusWorkerProxies
{
  BubusHost           *host;           /* not owned */
  BubusPluginContext  *context;        /* not owned */
  BubusWorkerLink     *link;           /* nullable, not owned: there is no worker */
  BubusWorkerChildren *children;       /* nullable, likewise */
  gboolean             active;         /* the worker takes events */
  GPtrArray           *registrations;  /* of BubusWorkerRegistration */
  GHashTable          *calls;          /* id → BubusWorkerCall */
  guint                last_call;
};

/* A handler in the worker. */
typedef struct
{
  BubusWorkerProxies *proxies;  /* NULL: they are no more */
  guint               id;       /* 0: the worker that it was in is no more, and the next has not claimed it */
  char               *bus;      /* nullable: the main bus */
  char               *target;   /* nullable: where events are forwarded to */
  char               *pattern;
  char               *name;     /* nullable */
  BubusHandler       *handler;  /* owned */
} BubusWorkerRegistration;

/* An event that a handler in the worker has not answered yet. */
typedef struct
{
  BubusWorkerProxies      *proxies;
  guint                    id;
  BubusWorkerRegistration *registration;
  BubusInvocation         *invocation;
  gulong                   cancelled_id;
  gboolean                 sent;         /* to the worker that is there now */
} BubusWorkerCall;

static void
bubus_worker_registration_clear (gpointer data)
{
  BubusWorkerRegistration *self = data;

  g_free (self->bus);
  g_free (self->target);
  g_free (self->pattern);
  g_free (self->name);
  g_clear_object (&self->handler);
}

static void
bubus_worker_registration_unref (gpointer self)
{
  g_rc_box_release_full (self, bubus_worker_registration_clear);
}

static void
bubus_worker_registration_forget (gpointer data)
{
  BubusWorkerRegistration *self = data;

  self->proxies = NULL;
  g_clear_object (&self->handler);
  bubus_worker_registration_unref (self);
}

static void
bubus_worker_call_free (gpointer data)
{
  BubusWorkerCall *self = data;

  g_signal_handler_disconnect (bubus_invocation_get_cancellable (self->invocation), self->cancelled_id);
  bubus_worker_registration_unref (self->registration);
  g_object_unref (self->invocation);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusWorkerCall, bubus_worker_call_free)

BubusWorkerProxies *
_bubus_worker_proxies_new (BubusHost          *host,
                           BubusPluginContext *context)
{
  BubusWorkerProxies *self = g_new0 (BubusWorkerProxies, 1);

  self->host = host;
  self->context = context;
  self->registrations = g_ptr_array_new_with_free_func (bubus_worker_registration_forget);
  self->calls = g_hash_table_new (NULL, NULL);
  return self;
}

/* ---- answers ---- */

static BubusWorkerCall *
bubus_worker_proxies_steal_call (BubusWorkerProxies *self,
                                 guint               id)
{
  gpointer call = NULL;

  g_hash_table_steal_extended (self->calls, GUINT_TO_POINTER (id), NULL, &call);
  return call;
}

static void
bubus_worker_call_fail (BubusWorkerCall *self,
                        const GError    *error)
{
  if (bubus_invocation_is_deferred (self->invocation))
    bubus_invocation_return_error (self->invocation, error);
}

/* Those that the worker was about to answer, or all. */
static void
bubus_worker_proxies_fail_calls (BubusWorkerProxies *self,
                                 gboolean            all,
                                 const GError       *error)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func (bubus_worker_call_free);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (all || ((BubusWorkerCall *) value)->sent)
      {
        g_hash_table_iter_steal (&iter);
        g_ptr_array_add (calls, value);
      }
  for (guint i = 0; i < calls->len; i++)
    bubus_worker_call_fail (g_ptr_array_index (calls, i), error);
}

static void
bubus_worker_call_answer (BubusWorkerCall          *self,
                          const BubusWorkerMessage *message)
{
  g_autoptr (GError) error = _bubus_worker_message_dup_error (message);
  g_auto (GValue) value = G_VALUE_INIT;

  if (!bubus_invocation_is_deferred (self->invocation))
    return;
  if (error != NULL || !_bubus_worker_read_value (message, &value, &error))
    bubus_invocation_return_error (self->invocation, error);
  else if (G_IS_VALUE (&value))
    bubus_invocation_return_value (self->invocation, &value);
  else
    bubus_invocation_return_nothing (self->invocation);
}

static void
bubus_worker_proxies_take_result (BubusWorkerProxies       *self,
                                  const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CALL);
  g_autoptr (BubusWorkerCall) call = bubus_worker_proxies_steal_call (self, id);

  /* It may have been cancelled at the same time. */
  if (call != NULL)
    bubus_worker_call_answer (call, message);
}

/* ---- events ---- */

static gboolean
bubus_worker_call_send (BubusWorkerCall  *self,
                        GError          **error)
{
  BubusWorkerLink *link = self->proxies->link;
  BubusWorkerChildren *children = self->proxies->children;
  BubusEvent *event = bubus_invocation_get_event (self->invocation);
  GString *out = _bubus_worker_link_begin (link, BUBUS_WORKER_OP_EVENT);

  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_CALL, self->id);
  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_HANDLER, self->registration->id);
  _bubus_worker_message_add_id (out, BUBUS_WORKER_KEY_WITHIN, _bubus_worker_children_find (children, event));
  _bubus_worker_message_add_key (out, BUBUS_WORKER_KEY_EVENT);
  bubus_event_append_json (event, out);
  self->sent = _bubus_worker_link_end (link, error);
  return self->sent;
}

/* Whoever cancels has answered already. */
static void
bubus_worker_call_cancelled_cb (GCancellable *cancellable,
                                gpointer      user_data)
{
  BubusWorkerCall *self = user_data;
  BubusWorkerProxies *proxies = self->proxies;

  if (bubus_worker_proxies_steal_call (proxies, self->id) == NULL)
    return;
  if (self->sent && proxies->link != NULL)
    _bubus_worker_link_send_id (proxies->link, BUBUS_WORKER_OP_CANCEL, BUBUS_WORKER_KEY_CALL, self->id);
  bubus_worker_call_free (self);
}

static BubusWorkerCall *
bubus_worker_call_new (BubusWorkerRegistration *registration,
                       BubusInvocation         *invocation)
{
  BubusWorkerCall *self = g_new0 (BubusWorkerCall, 1);

  self->proxies = registration->proxies;
  self->registration = g_rc_box_acquire (registration);
  self->invocation = g_object_ref (invocation);
  do
    self->id = ++self->proxies->last_call;
  while (self->id == 0 || g_hash_table_contains (self->proxies->calls, GUINT_TO_POINTER (self->id)));
  self->cancelled_id = g_signal_connect (bubus_invocation_get_cancellable (invocation), "cancelled",
                                         G_CALLBACK (bubus_worker_call_cancelled_cb), self);
  return self;
}

static gboolean
bubus_worker_proxies_check_room (BubusWorkerProxies  *self,
                                 GError             **error)
{
  if (g_hash_table_size (self->calls) < self->host->worker.max_in_flight || self->host->worker.max_in_flight == 0)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL, "The process of “%s” has %u events in flight, which is its limit",
               bubus_plugin_info_get_name (bubus_plugin_context_get_plugin_info (self->context)),
               self->host->worker.max_in_flight);
  return FALSE;
}

/* The handler that is registered in place of the one in the worker. While there is no worker, events wait for it. */
static gboolean
bubus_worker_registration_call (BubusEvent       *event,
                                BubusInvocation  *invocation,
                                gpointer          user_data,
                                GError          **error)
{
  BubusWorkerRegistration *self = user_data;
  g_autoptr (BubusWorkerCall) call = NULL;
  guint id;

  if (self->proxies == NULL)
    {
      g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED, "The plugin is not there any more");
      return FALSE;
    }
  if (!bubus_worker_proxies_check_room (self->proxies, error))
    return FALSE;

  call = bubus_worker_call_new (self, invocation);
  if (self->proxies->active && self->id != 0 && !bubus_worker_call_send (call, error))
    return FALSE;

  bubus_invocation_defer (invocation);
  id = call->id;
  g_hash_table_insert (self->proxies->calls, GUINT_TO_POINTER (id), g_steal_pointer (&call));
  return TRUE;
}

/* ---- registrations ---- */

static BubusWorkerRegistration *
bubus_worker_proxies_find (BubusWorkerProxies *self,
                           guint               id,
                           guint              *position)
{
  for (guint i = 0; i < self->registrations->len; i++)
    {
      BubusWorkerRegistration *registration = g_ptr_array_index (self->registrations, i);

      if (id != 0 && registration->id == id)
        {
          *position = i;
          return registration;
        }
    }
  return NULL;
}

/* Sets what a plugin may set later, too. */
static void
bubus_worker_registration_apply (BubusWorkerRegistration  *self,
                                 const BubusWorkerMessage *message)
{
  if (self->handler == NULL)
    return;

  bubus_handler_set_priority (self->handler, _bubus_worker_message_get_int (message, BUBUS_WORKER_KEY_PRIORITY));
  bubus_handler_set_timeout (self->handler, _bubus_worker_message_get_double (message, BUBUS_WORKER_KEY_TIMEOUT, -1));
  bubus_handler_set_slow_timeout (self->handler,
                                  _bubus_worker_message_get_double (message, BUBUS_WORKER_KEY_SLOW_TIMEOUT, -1));
  bubus_handler_set_once (self->handler, _bubus_worker_message_get_flag (message, BUBUS_WORKER_KEY_ONCE));
}

static BubusEventBus *
bubus_worker_proxies_get_bus (BubusWorkerProxies *self,
                              const char         *name)
{
  return name != NULL ? bubus_host_get_bus (self->host, name) : bubus_host_get_main_bus (self->host);
}

/* A class that is known here takes its subclasses along. */
static BubusHandler *
bubus_worker_registration_enter (BubusWorkerRegistration *self,
                                 gboolean                 typed)
{
  BubusPluginContext *context = self->proxies->context;
  BubusEventBus *bus = bubus_worker_proxies_get_bus (self->proxies, self->bus);
  GType type = typed ? bubus_event_lookup_type (self->pattern) : G_TYPE_INVALID;

  if (self->target != NULL)
    return bubus_plugin_context_forward (context, bus, self->pattern, self->name,
                                         bubus_host_get_bus (self->proxies->host, self->target));
  if (type != G_TYPE_INVALID)
    return bubus_plugin_context_on (context, bus, type, self->name, bubus_worker_registration_call,
                                    g_rc_box_acquire (self), bubus_worker_registration_unref);
  return bubus_plugin_context_on_pattern (context, bus, self->pattern, self->name, bubus_worker_registration_call,
                                          g_rc_box_acquire (self), bubus_worker_registration_unref);
}

static BubusWorkerRegistration *
bubus_worker_registration_new (BubusWorkerProxies       *proxies,
                               const BubusWorkerMessage *message)
{
  BubusWorkerRegistration *self = g_rc_box_new0 (BubusWorkerRegistration);

  self->proxies = proxies;
  self->id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_HANDLER);
  self->bus = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_BUS);
  self->target = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_TARGET);
  self->pattern = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_PATTERN);
  self->name = _bubus_worker_message_dup (message, BUBUS_WORKER_KEY_NAME);
  return self;
}

static gboolean
bubus_worker_registration_is_like (const BubusWorkerRegistration *self,
                                   const BubusWorkerRegistration *other)
{
  return g_strcmp0 (self->bus, other->bus) == 0 && g_strcmp0 (self->target, other->target) == 0
         && g_strcmp0 (self->pattern, other->pattern) == 0 && g_strcmp0 (self->name, other->name) == 0;
}

/* What the worker before had registered stays where it is when the next one registers the same. */
static BubusWorkerRegistration *
bubus_worker_proxies_claim (BubusWorkerProxies            *self,
                            const BubusWorkerRegistration *wanted)
{
  for (guint i = 0; i < self->registrations->len; i++)
    {
      BubusWorkerRegistration *registration = g_ptr_array_index (self->registrations, i);

      if (registration->id == 0 && bubus_worker_registration_is_like (registration, wanted))
        {
          registration->id = wanted->id;
          return registration;
        }
    }
  return NULL;
}

static gboolean
bubus_worker_proxies_check_registration (BubusWorkerProxies       *self,
                                         const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_HANDLER);
  guint position;

  return id != 0 && bubus_worker_proxies_find (self, id, &position) == NULL
         && self->registrations->len < MAX_REGISTRATIONS;
}

static gboolean
bubus_worker_proxies_register (BubusWorkerProxies       *self,
                               const BubusWorkerMessage *message)
{
  BubusWorkerRegistration *registration = bubus_worker_registration_new (self, message);
  BubusWorkerRegistration *claimed = bubus_worker_proxies_claim (self, registration);
  gboolean good = registration->pattern != NULL && *registration->pattern != '\0';
  BubusHandler *handler;

  if (claimed != NULL || !good)
    {
      bubus_worker_registration_unref (registration);
      if (claimed != NULL)
        bubus_worker_registration_apply (claimed, message);
      return good;
    }

  g_ptr_array_add (self->registrations, registration);
  handler = bubus_worker_registration_enter (registration,
                                             _bubus_worker_message_get_flag (message, BUBUS_WORKER_KEY_TYPED));
  if (handler != NULL)
    registration->handler = g_object_ref (handler);
  bubus_worker_registration_apply (registration, message);
  return TRUE;
}

static void
bubus_worker_proxies_take_off (BubusWorkerProxies *self,
                               guint               position)
{
  BubusWorkerRegistration *registration = g_ptr_array_index (self->registrations, position);
  g_autoptr (BubusHandler) handler = g_steal_pointer (&registration->handler);

  g_ptr_array_remove_index (self->registrations, position);
  if (handler != NULL)
    bubus_plugin_context_off (self->context, handler);
}

/* ---- workers come and go ---- */

void
_bubus_worker_proxies_attach (BubusWorkerProxies *self,
                              BubusWorkerLink    *link)
{
  self->link = link;
  self->children = _bubus_worker_children_new (self->host, link);
}

static int
bubus_worker_call_compare (gconstpointer a,
                           gconstpointer b)
{
  return GPOINTER_TO_UINT (a) < GPOINTER_TO_UINT (b) ? -1 : 1;
}

/* Sends a call that has waited for a worker. */
static void
bubus_worker_proxies_send_again (BubusWorkerProxies *self,
                                 guint               id)
{
  BubusWorkerCall *call = g_hash_table_lookup (self->calls, GUINT_TO_POINTER (id));
  g_autoptr (GError) error = NULL;

  if (call == NULL || call->sent)
    return;
  if (call->registration->id == 0)
    g_set_error_literal (&error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_CRASHED,
                         "The new process of the plugin has not registered the handler again");
  else if (bubus_worker_call_send (call, &error))
    return;

  bubus_worker_proxies_steal_call (self, id);
  bubus_worker_call_fail (call, error);
  bubus_worker_call_free (call);
}

/* The worker takes events now. What it has not registered again is taken off. */
void
_bubus_worker_proxies_resume (BubusWorkerProxies *self)
{
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (self->calls), bubus_worker_call_compare);

  self->active = TRUE;
  for (guint i = self->registrations->len; i-- > 0;)
    if (((BubusWorkerRegistration *) g_ptr_array_index (self->registrations, i))->id == 0)
      bubus_worker_proxies_take_off (self, i);
  for (GList *link = ids; link != NULL; link = link->next)
    bubus_worker_proxies_send_again (self, GPOINTER_TO_UINT (link->data));
}

/* The worker is no more: what it was about to answer fails with @error. */
void
_bubus_worker_proxies_detach (BubusWorkerProxies *self,
                              const GError       *error)
{
  self->active = FALSE;
  self->link = NULL;
  g_clear_pointer (&self->children, _bubus_worker_children_free);
  for (guint i = 0; i < self->registrations->len; i++)
    ((BubusWorkerRegistration *) g_ptr_array_index (self->registrations, i))->id = 0;
  bubus_worker_proxies_fail_calls (self, FALSE, error);
}

/* There will be no worker any more. */
void
_bubus_worker_proxies_free (BubusWorkerProxies *self,
                            const GError       *error)
{
  _bubus_worker_proxies_detach (self, error);
  bubus_worker_proxies_fail_calls (self, TRUE, error);
  g_ptr_array_unref (self->registrations);
  g_hash_table_unref (self->calls);
  g_free (self);
}

/* ---- messages ---- */

static gboolean
bubus_worker_proxies_refuse (const BubusWorkerMessage  *message,
                             GError                   **error)
{
  const BubusJsonSpan *op = &message->members[BUBUS_WORKER_KEY_OP];

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON, "A message with the op %.*s makes no sense",
               (int) op->length, op->start);
  return FALSE;
}

static gboolean
bubus_worker_proxies_take_dispatch (BubusWorkerProxies       *self,
                                    const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CALL);
  BubusWorkerCall *call = g_hash_table_lookup (self->calls, GUINT_TO_POINTER (id));

  if (!_bubus_worker_message_has (message, BUBUS_WORKER_KEY_EVENT)
      || _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CHILD) == 0)
    return FALSE;

  _bubus_worker_children_dispatch (self->children, call != NULL ? call->invocation : NULL, message);
  return TRUE;
}

static void
bubus_worker_proxies_take_await (BubusWorkerProxies       *self,
                                 const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CALL);
  BubusWorkerCall *call = g_hash_table_lookup (self->calls, GUINT_TO_POINTER (id));

  _bubus_worker_children_await (self->children, call != NULL ? call->invocation : NULL,
                                _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_CHILD));
}

static gboolean
bubus_worker_proxies_take_change (BubusWorkerProxies       *self,
                                  const BubusWorkerMessage *message)
{
  guint id = _bubus_worker_message_get_id (message, BUBUS_WORKER_KEY_HANDLER);
  guint position;
  BubusWorkerRegistration *registration = bubus_worker_proxies_find (self, id, &position);

  if (registration == NULL)
    return id != 0;
  if (message->op == BUBUS_WORKER_OP_OFF)
    bubus_worker_proxies_take_off (self, position);
  else
    bubus_worker_registration_apply (registration, message);
  return TRUE;
}

/* Takes what the worker says about handlers and events. */
gboolean
_bubus_worker_proxies_take (BubusWorkerProxies        *self,
                            const BubusWorkerMessage  *message,
                            GError                   **error)
{
  gboolean good = TRUE;

  switch ((int) message->op)
    {
    case BUBUS_WORKER_OP_ON:
      good = bubus_worker_proxies_check_registration (self, message) && bubus_worker_proxies_register (self, message);
      break;
    case BUBUS_WORKER_OP_CHANGE:
    case BUBUS_WORKER_OP_OFF:
      good = bubus_worker_proxies_take_change (self, message);
      break;
    case BUBUS_WORKER_OP_RESULT:
      bubus_worker_proxies_take_result (self, message);
      break;
    case BUBUS_WORKER_OP_DISPATCH:
      good = bubus_worker_proxies_take_dispatch (self, message);
      break;
    case BUBUS_WORKER_OP_AWAIT:
      bubus_worker_proxies_take_await (self, message);
      break;
    default:
      good = FALSE;
    }
  return good || bubus_worker_proxies_refuse (message, error);
}
