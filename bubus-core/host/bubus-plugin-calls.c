/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-calls-private.h"

#include "base/bubus-error.h"

/* A handler that answers at once costs two counters. Those that answer later are remembered until they have, which a
 * middleware is told by the bus: it is on the bus only as long as there is one. */
typedef struct
{
  BubusInvocation *invocation; /* owned */
  BubusEventBus   *bus;        /* owned */
} BubusPluginCall;

struct _BubusPluginCalls
{
  GObject parent_instance;

  GArray          *deferred;  /* of BubusPluginCall */
  guint            depth;     /* handlers on the stack */
  gboolean         refused;   /* no handler is called any more */
  GObject         *kept;      /* nullable: until no handler is on the stack */
  GSourceOnceFunc  waiter;    /* nullable: called whenever all may be done */
  gpointer         user_data;
};

static void bubus_plugin_calls_result_changed (BubusMiddleware   *middleware,
                                               BubusEventBus     *bus,
                                               BubusEvent        *event,
                                               BubusEventResult  *result,
                                               BubusResultStatus  status);

static void
bubus_plugin_calls_middleware_iface_init (BubusMiddlewareInterface *iface)
{
  iface->result_changed = bubus_plugin_calls_result_changed;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusPluginCalls, _bubus_plugin_calls, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_MIDDLEWARE,
                                                      bubus_plugin_calls_middleware_iface_init))

static void
bubus_plugin_call_clear (gpointer data)
{
  BubusPluginCall *self = data;

  g_object_unref (self->invocation);
  g_object_unref (self->bus);
}

static void
_bubus_plugin_calls_finalize (GObject *object)
{
  BubusPluginCalls *self = BUBUS_PLUGIN_CALLS (object);

  g_array_unref (self->deferred);

  G_OBJECT_CLASS (_bubus_plugin_calls_parent_class)->finalize (object);
}

static void
_bubus_plugin_calls_class_init (BubusPluginCallsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = _bubus_plugin_calls_finalize;
}

static void
_bubus_plugin_calls_init (BubusPluginCalls *self)
{
  self->deferred = g_array_new (FALSE, FALSE, sizeof (BubusPluginCall));
  g_array_set_clear_func (self->deferred, bubus_plugin_call_clear);
}

BubusPluginCalls *
_bubus_plugin_calls_new (void)
{
  return g_object_new (BUBUS_TYPE_PLUGIN_CALLS, NULL);
}

static void
bubus_plugin_calls_tell (BubusPluginCalls *self)
{
  if (self->depth == 0)
    g_clear_object (&self->kept);
  if (self->waiter != NULL && _bubus_plugin_calls_are_done (self))
    self->waiter (self->user_data);
}

/* ---- those that answer later ---- */

static gboolean
bubus_plugin_calls_has_bus (BubusPluginCalls *self,
                            BubusEventBus    *bus)
{
  for (guint i = 0; i < self->deferred->len; i++)
    if (g_array_index (self->deferred, BubusPluginCall, i).bus == bus)
      return TRUE;
  return FALSE;
}

static void
bubus_plugin_calls_remember (BubusPluginCalls *self,
                             BubusInvocation  *invocation)
{
  BubusPluginCall call = { g_object_ref (invocation), g_object_ref (bubus_invocation_get_bus (invocation)) };

  if (!bubus_plugin_calls_has_bus (self, call.bus))
    bubus_event_bus_add_middleware (call.bus, BUBUS_MIDDLEWARE (self));
  g_array_append_val (self->deferred, call);
}

static void
bubus_plugin_calls_forget (BubusPluginCalls *self,
                           guint             position)
{
  g_autoptr (BubusEventBus) bus = g_object_ref (g_array_index (self->deferred, BubusPluginCall, position).bus);

  g_array_remove_index_fast (self->deferred, position);
  if (!bubus_plugin_calls_has_bus (self, bus))
    bubus_event_bus_remove_middleware (bus, BUBUS_MIDDLEWARE (self));
}

static void
bubus_plugin_calls_result_changed (BubusMiddleware   *middleware,
                                   BubusEventBus     *bus,
                                   BubusEvent        *event,
                                   BubusEventResult  *result,
                                   BubusResultStatus  status)
{
  BubusPluginCalls *self = BUBUS_PLUGIN_CALLS (middleware);
  guint n_before = self->deferred->len;

  for (guint i = self->deferred->len; i-- > 0;)
    if (!bubus_invocation_is_deferred (g_array_index (self->deferred, BubusPluginCall, i).invocation))
      bubus_plugin_calls_forget (self, i);
  if (self->deferred->len < n_before)
    bubus_plugin_calls_tell (self);
}

/* ---- calling ---- */

/* Returns: (transfer full): what to register _bubus_plugin_callee_call() with */
BubusPluginCallee *
_bubus_plugin_calls_add_callee (BubusPluginCalls *self,
                                BubusHandlerFunc  func,
                                gpointer          user_data,
                                GDestroyNotify    notify)
{
  BubusPluginCallee *callee = g_new (BubusPluginCallee, 1);

  *callee = (BubusPluginCallee) { g_object_ref (self), func, user_data, notify };
  return callee;
}

void
_bubus_plugin_callee_free (gpointer data)
{
  BubusPluginCallee *self = data;

  if (self->notify != NULL)
    self->notify (self->user_data);
  g_object_unref (self->calls);
  g_free (self);
}

gboolean
_bubus_plugin_callee_call (BubusEvent       *event,
                           BubusInvocation  *invocation,
                           gpointer          data,
                           GError          **error)
{
  BubusPluginCallee *self = data;
  BubusPluginCalls *calls = self->calls;
  gboolean succeeded;

  /* The event had its handlers selected before the plugin was deactivated. */
  if (G_UNLIKELY (calls->refused))
    {
      g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "The plugin has been deactivated");
      return FALSE;
    }

  calls->depth++;
  succeeded = self->func (event, invocation, self->user_data, error);
  calls->depth--;
  if (succeeded && bubus_invocation_is_deferred (invocation))
    bubus_plugin_calls_remember (calls, invocation);
  else
    bubus_plugin_calls_tell (calls);
  return succeeded;
}

/* ---- the end ---- */

gboolean
_bubus_plugin_calls_are_done (BubusPluginCalls *self)
{
  return self->depth == 0 && self->deferred->len == 0;
}

gboolean
_bubus_plugin_calls_on_stack (BubusPluginCalls *self)
{
  return self->depth > 0;
}

/* Calls @func, from wherever that happens, each time all calls are done. */
void
_bubus_plugin_calls_set_waiter (BubusPluginCalls *self,
                                GSourceOnceFunc   func,
                                gpointer          user_data)
{
  self->waiter = func;
  self->user_data = user_data;
}

/* From now on no handler is called any more. */
void
_bubus_plugin_calls_refuse (BubusPluginCalls *self)
{
  self->refused = TRUE;
}

/* Answers for all those that are to answer later, and tells them. */
void
_bubus_plugin_calls_cancel (BubusPluginCalls *self)
{
  while (self->deferred->len > 0)
    {
      g_autoptr (BubusInvocation) invocation =
        g_object_ref (g_array_index (self->deferred, BubusPluginCall, self->deferred->len - 1).invocation);

      bubus_plugin_calls_forget (self, self->deferred->len - 1);
      bubus_invocation_return_error_literal (invocation, BUBUS_ERROR, BUBUS_ERROR_CANCELLED,
                                             "The plugin has been deactivated before its handler was done");
      g_cancellable_cancel (bubus_invocation_get_cancellable (invocation));
    }
}

/* Keeps a reference of @object until no handler is on the stack. */
void
_bubus_plugin_calls_keep (BubusPluginCalls *self,
                          gpointer          object)
{
  if (self->depth > 0)
    g_set_object (&self->kept, object);
}
