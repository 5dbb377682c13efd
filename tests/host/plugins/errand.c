/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include <bubus-host.h>

/* Sends events of its own, in the ways in which a handler can. Built twice, with another answer. */

#ifndef ERRAND_ANSWER
# define ERRAND_ANSWER "first"
#endif

typedef struct
{
  GObject         parent_instance;
  BubusEventBus  *bus;
  int             n_counted;
} ErrandPlugin;

static gboolean
errand_plugin_answer (BubusEvent       *event,
                      BubusInvocation  *invocation,
                      gpointer          user_data,
                      GError          **error)
{
  bubus_invocation_return_string (invocation, ERRAND_ANSWER);
  return TRUE;
}

static gboolean
errand_plugin_fail (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          user_data,
                    GError          **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "no time");
  return FALSE;
}

static gboolean
errand_plugin_return_all (BubusEvent       *event,
                          BubusInvocation  *invocation,
                          gpointer          user_data,
                          GError          **error)
{
  const char *kind = user_data;

  if (g_str_equal (kind, "int"))
    bubus_invocation_return_int (invocation, 42);
  else if (g_str_equal (kind, "variant"))
    bubus_invocation_return_variant (invocation, g_variant_new ("(us)", 1, "one"));
  else if (g_str_equal (kind, "object"))
    bubus_invocation_return_object (invocation, G_OBJECT (event));
  else
    bubus_invocation_return_nothing (invocation);
  return TRUE;
}

static void
errand_plugin_awaited_cb (GObject      *source,
                          GAsyncResult *result,
                          gpointer      user_data)
{
  BubusInvocation *invocation = BUBUS_INVOCATION (source);
  g_autoptr (BubusEvent) child = user_data;
  g_autoptr (BubusResults) results = bubus_results_new (child);
  g_autoptr (GError) error = NULL;
  const GValue *value = NULL;

  if (bubus_invocation_run_finish (invocation, result, &error))
    value = bubus_results_get_first (results, &error);
  if (value != NULL)
    bubus_invocation_return_value (invocation, value);
  else
    bubus_invocation_return_error (invocation, error);
}

/* Dispatches a child and awaits it. */
static gboolean
errand_plugin_ask (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          user_data,
                   GError          **error)
{
  BubusEvent *child = bubus_generic_event_new (user_data, NULL);

  if (!bubus_invocation_dispatch (invocation, NULL, child, error))
    {
      g_object_unref (child);
      return FALSE;
    }
  bubus_invocation_defer (invocation);
  bubus_invocation_run_async (invocation, child, NULL, errand_plugin_awaited_cb, child);
  return TRUE;
}

/* Dispatches a child and runs it in place. */
static gboolean
errand_plugin_run (BubusEvent       *event,
                   BubusInvocation  *invocation,
                   gpointer          user_data,
                   GError          **error)
{
  g_autoptr (BubusEvent) child = bubus_generic_event_new (user_data, NULL);
  g_autoptr (BubusResults) results = bubus_results_new (child);
  const GValue *value;

  if (!bubus_invocation_dispatch (invocation, NULL, child, error) || !bubus_invocation_run (invocation, child, error))
    return FALSE;

  bubus_results_set_raise_if_none (results, FALSE);
  value = bubus_results_get_first (results, error);
  if (value != NULL)
    bubus_invocation_return_value (invocation, value);
  return value != NULL || *error == NULL;
}

/* Dispatches two children, and runs one after the other in place. */
static gboolean
errand_plugin_run_both (BubusEvent       *event,
                        BubusInvocation  *invocation,
                        gpointer          user_data,
                        GError          **error)
{
  static const char *const types[] = { "Late", "HostRelay" };
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      BubusEvent *child = bubus_generic_event_new (types[i], NULL);

      g_ptr_array_add (children, child);
      bubus_event_set_event_concurrency (child, BUBUS_EVENT_CONCURRENCY_PARALLEL);
      if (!bubus_invocation_dispatch (invocation, NULL, child, error))
        return FALSE;
    }
  for (guint i = 0; i < children->len; i++)
    if (!bubus_invocation_run (invocation, g_ptr_array_index (children, i), error))
      return FALSE;

  bubus_invocation_return_string (invocation, "both");
  return TRUE;
}

static gboolean
errand_plugin_count (BubusEvent       *event,
                     BubusInvocation  *invocation,
                     gpointer          user_data,
                     GError          **error)
{
  ErrandPlugin *self = user_data;

  bubus_invocation_return_int (invocation, ++self->n_counted);
  return TRUE;
}

/* Dispatches three events, of which two are children. */
static gboolean
errand_plugin_send (BubusEvent       *event,
                    BubusInvocation  *invocation,
                    gpointer          user_data,
                    GError          **error)
{
  static const struct { const char *type; BubusDispatchFlags flags; } kinds[] = {
    { "Child", BUBUS_DISPATCH_NONE },
    { "Background", BUBUS_DISPATCH_BACKGROUND },
    { "Detached", BUBUS_DISPATCH_DETACHED },
  };
  ErrandPlugin *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (BubusEvent) child = bubus_generic_event_new (kinds[i].type, NULL);

      if (!bubus_event_bus_dispatch_with_flags (self->bus, child, kinds[i].flags, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
errand_plugin_activate (ErrandPlugin        *self,
                        BubusPluginContext  *context,
                        GError             **error)
{
  BubusHandler *handler;

  self->bus = bubus_plugin_context_get_bus (context, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Answer", "answer", errand_plugin_answer, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Busy", "busy", errand_plugin_fail, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Int", "int", errand_plugin_return_all, (gpointer) "int", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Variant", "variant", errand_plugin_return_all, (gpointer) "variant",
                                   NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Object", "object", errand_plugin_return_all, (gpointer) "object",
                                   NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Nothing", "nothing", errand_plugin_return_all, (gpointer) "", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "AskOwn", "ask", errand_plugin_ask, (gpointer) "Answer", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "AskHost", "ask", errand_plugin_ask, (gpointer) "FromHost", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "AskBusy", "ask", errand_plugin_ask, (gpointer) "Busy", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "AskLate", "ask", errand_plugin_ask, (gpointer) "Late", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunOwn", "run", errand_plugin_run, (gpointer) "Answer", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunHost", "run", errand_plugin_run, (gpointer) "FromHost", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunBusy", "run", errand_plugin_run, (gpointer) "Busy", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunNobody", "run", errand_plugin_run, (gpointer) "Nobody", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunRun", "run", errand_plugin_run, (gpointer) "RunOwn", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunRelay", "run", errand_plugin_run, (gpointer) "HostRelay", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunLater", "run", errand_plugin_run, (gpointer) "AskHost", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunNever", "run", errand_plugin_run, (gpointer) "Never", NULL);
  bubus_plugin_context_on_pattern (context, NULL, "RunBoth", "run_both", errand_plugin_run_both, NULL, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Count", "count", errand_plugin_count, self, NULL);
  bubus_plugin_context_on_pattern (context, NULL, "Send", "send", errand_plugin_send, self, NULL);
  handler = bubus_plugin_context_on_pattern (context, NULL, "Settings", "settings", errand_plugin_answer, NULL, NULL);
  bubus_handler_set_priority (handler, 17);
  bubus_handler_set_timeout (handler, 3.5);
  handler = bubus_plugin_context_on_pattern (context, NULL, "Once", "once", errand_plugin_answer, NULL, NULL);
  bubus_handler_set_once (handler, TRUE);
  bubus_plugin_context_forward (context, NULL, "Forwarded", "forward", bubus_plugin_context_get_bus (context, "Side"));
  bubus_plugin_context_on_pattern (context, bubus_plugin_context_get_bus (context, "Side"), "Forwarded", "side",
                                   errand_plugin_answer, NULL, NULL);
  return TRUE;
}

static gboolean
errand_plugin_deactivate (ErrandPlugin        *self,
                          BubusPluginContext  *context,
                          GError             **error)
{
  return TRUE;
}

BUBUS_DEFINE_PLUGIN (ErrandPlugin, errand_plugin)
