/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-context-private.h"

#include "bubus-host-private.h"
#include "bubus-plugin-calls-private.h"

/**
 * BubusPluginContext:
 *
 * The door through which a plugin reaches its host.
 *
 * A plugin gets a context when it is activated and has it until it is deactivated. Whatever the plugin acquires here
 * is entered in a ledger, and the host gives it back in reverse order when the plugin is deactivated, or when it
 * fails to activate: also if the plugin's own code fails, and whether or not the plugin has given some of it back
 * itself.
 *
 * A plugin that cannot take up or end its work at once says so with [method@PluginContext.defer], and when it is done
 * with [method@PluginContext.return_done] or [method@PluginContext.return_error].
 *
 * When the plugin is deactivated, its handlers are taken off first, and what it asks for is refused. After that, the
 * context is closed. A plugin that still has it can call everything, without any effect: functions
 * return %NULL or %FALSE.
 *
 * Everything belongs to the thread of the host.
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (BubusPluginContext, bubus_plugin_context, G_TYPE_OBJECT)

static void
bubus_plugin_context_dispose (GObject *object)
{
  BubusPluginContext *self = BUBUS_PLUGIN_CONTEXT (object);

  _bubus_plugin_context_close (self);

  G_OBJECT_CLASS (bubus_plugin_context_parent_class)->dispose (object);
}

static void
bubus_plugin_context_finalize (GObject *object)
{
  BubusPluginContext *self = BUBUS_PLUGIN_CONTEXT (object);

  g_clear_object (&self->info);
  g_clear_object (&self->calls);
  g_clear_pointer (&self->settings, g_variant_unref);
  g_clear_error (&self->answer.error);
  g_clear_error (&self->refusal);
  g_clear_pointer (&self->ledger, _bubus_plugin_ledger_free);

  G_OBJECT_CLASS (bubus_plugin_context_parent_class)->finalize (object);
}

static void
bubus_plugin_context_class_init (BubusPluginContextClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bubus_plugin_context_dispose;
  object_class->finalize = bubus_plugin_context_finalize;
}

static void
bubus_plugin_context_init (BubusPluginContext *self)
{
  self->ledger = _bubus_plugin_ledger_new ();
  self->calls = _bubus_plugin_calls_new ();
  self->settings = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
}

BubusPluginContext *
_bubus_plugin_context_new (BubusHost       *host,
                           BubusPluginInfo *info)
{
  BubusPluginContext *self = g_object_new (BUBUS_TYPE_PLUGIN_CONTEXT, NULL);

  self->host = host;
  self->info = g_object_ref (info);
  return self;
}

/* Before the plugin gets the context. */
void
_bubus_plugin_context_take_settings (BubusPluginContext *self,
                                     GVariant           *settings)
{
  g_variant_unref (self->settings);
  self->settings = settings;
}

/* Closed first, so that code which runs while things are given back cannot acquire new ones. */
void
_bubus_plugin_context_close (BubusPluginContext *self)
{
  self->host = NULL;
  self->draining = TRUE;
  _bubus_plugin_calls_set_waiter (self->calls, NULL, NULL);
  _bubus_plugin_calls_refuse (self->calls);
  _bubus_plugin_calls_cancel (self->calls);
  _bubus_plugin_ledger_release_all (self->ledger);
}

/* No new event reaches the plugin; what its handlers have begun goes on. */
void
_bubus_plugin_context_drain (BubusPluginContext *self)
{
  self->draining = TRUE;
  _bubus_plugin_ledger_retire_all (self->ledger);
  _bubus_plugin_calls_refuse (self->calls);
}

BubusPluginCalls *
_bubus_plugin_context_get_calls (BubusPluginContext *self)
{
  return self->calls;
}

/* From now on the plugin may answer, once. */
BubusPluginAnswer *
_bubus_plugin_context_ask (BubusPluginContext *self)
{
  g_clear_error (&self->answer.error);
  self->answer = (BubusPluginAnswer) { .wanted = TRUE };
  return &self->answer;
}

/* Returns: (transfer full) (nullable): what the plugin was refused while it was activated */
GError *
_bubus_plugin_context_steal_refusal (BubusPluginContext *self)
{
  return g_steal_pointer (&self->refusal);
}

char **
_bubus_plugin_context_list_registrations (BubusPluginContext *self)
{
  return _bubus_plugin_ledger_describe (self->ledger);
}

static void
bubus_plugin_context_answer (BubusPluginContext *self,
                             GError             *error)
{
  if (!self->answer.wanted || self->answer.given)
    {
      g_clear_error (&error);
      return;
    }

  self->answer.given = TRUE;
  self->answer.error = error;
  if (self->host != NULL)
    _bubus_host_wake (self->host);
}

/**
 * bubus_plugin_context_get_plugin_info:
 * @self: a context
 *
 * Gives what the host knows of the plugin. This works when the context is closed, too.
 *
 * Returns: (transfer none): the plugin's info
 *
 * Since: 1.0
 */
BubusPluginInfo *
bubus_plugin_context_get_plugin_info (BubusPluginContext *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), NULL);

  return self->info;
}

/**
 * bubus_plugin_context_get_settings:
 * @self: a context
 *
 * Gives the settings of the plugin, as they were when it was activated: a dictionary of type `a{sv}` with all settings
 * that the schema in the plugin's manifest declares, each with the value that it was given or else its default. The
 * host has checked them. See [method@Host.set_plugin_setting].
 *
 * A boolean is of type `b`, an integer `x`, a double `d`, a string `s` and a list of strings `as`. Without a schema,
 * the dictionary is empty. This works when the context is closed, too.
 *
 * ```c
 * gint64 limit;
 *
 * g_variant_lookup (bubus_plugin_context_get_settings (context), "limit", "x", &limit);
 * ```
 *
 * Returns: (transfer none): the settings
 *
 * Since: 1.0
 */
GVariant *
bubus_plugin_context_get_settings (BubusPluginContext *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), NULL);

  return self->settings;
}

/**
 * bubus_plugin_context_is_closed:
 * @self: a context
 *
 * Tells whether the host has taken back everything.
 *
 * Returns: whether the context is without effect
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_context_is_closed (BubusPluginContext *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), TRUE);

  return self->host == NULL;
}

/**
 * bubus_plugin_context_get_bus:
 * @self: a context
 * @name: (nullable): the name of a bus, or %NULL for the host's main bus
 *
 * Gives a bus of the host, which makes it if it has none of that name. See [method@Host.get_bus].
 *
 * A bus stays when the plugin is deactivated, since others may use it.
 *
 * Returns: (transfer none) (nullable): the bus, or %NULL when the context is closed
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_plugin_context_get_bus (BubusPluginContext *self,
                              const char         *name)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), NULL);

  if (self->host == NULL)
    return NULL;
  return name != NULL ? bubus_host_get_bus (self->host, name) : bubus_host_get_main_bus (self->host);
}

/**
 * bubus_plugin_context_register_event_type:
 * @self: a context
 * @event_type: the #GType of an event class
 *
 * Makes an event class known by the name of its events, so that what is read from JSON becomes an instance of it.
 * See [func@Bubus.Event.register_type].
 *
 * Types are for ever: the class stays known when the plugin is deactivated.
 *
 * Returns: whether it is known now, which it is unless the context is closed
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_context_register_event_type (BubusPluginContext *self,
                                          GType               event_type)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self), FALSE);
  g_return_val_if_fail (g_type_is_a (event_type, BUBUS_TYPE_EVENT), FALSE);

  if (self->host == NULL)
    return FALSE;

  bubus_event_register_type (event_type);
  return TRUE;
}

/**
 * bubus_plugin_context_defer:
 * @self: a context, while the plugin is being activated or deactivated
 *
 * Says that the plugin has more to do before it is active, or before it can be let go of: it calls
 * [method@PluginContext.return_done] or [method@PluginContext.return_error] later.
 *
 * The function that calls this returns %TRUE. The host gives the plugin as much time as
 * [property@Host:activation-timeout] or [property@Host:deactivation-timeout] says.
 *
 * Since: 1.0
 */
void
bubus_plugin_context_defer (BubusPluginContext *self)
{
  g_return_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self));

  self->answer.deferred = TRUE;
}

/**
 * bubus_plugin_context_return_done:
 * @self: a context
 *
 * Says that the plugin has done what it was asked for. Only the first answer counts.
 *
 * A plugin that does it at once just returns %TRUE.
 *
 * Since: 1.0
 */
void
bubus_plugin_context_return_done (BubusPluginContext *self)
{
  g_return_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self));

  bubus_plugin_context_answer (self, NULL);
}

/**
 * bubus_plugin_context_return_error:
 * @self: a context
 * @error: what went wrong
 *
 * Says that the plugin could not do what it was asked for. Only the first answer counts.
 *
 * Since: 1.0
 */
void
bubus_plugin_context_return_error (BubusPluginContext *self,
                                   const GError       *error)
{
  g_return_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self));
  g_return_if_fail (error != NULL);

  bubus_plugin_context_answer (self, g_error_copy (error));
}

/**
 * bubus_plugin_context_return_error_literal:
 * @self: a context
 * @domain: an error domain
 * @code: a code of that domain
 * @message: what went wrong
 *
 * Says that the plugin could not do what it was asked for. See [method@PluginContext.return_error].
 *
 * Since: 1.0
 */
void
bubus_plugin_context_return_error_literal (BubusPluginContext *self,
                                           GQuark              domain,
                                           int                 code,
                                           const char         *message)
{
  g_return_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self));
  g_return_if_fail (domain != 0);
  g_return_if_fail (message != NULL);

  bubus_plugin_context_answer (self, g_error_new_literal (domain, code, message));
}

/**
 * bubus_plugin_context_deactivate:
 * @self: a context
 *
 * Asks the host to deactivate the plugin, and what depends on it, as soon as the functions of the plugin that are
 * running have returned. A handler may call this.
 *
 * Since: 1.0
 */
void
bubus_plugin_context_deactivate (BubusPluginContext *self)
{
  g_return_if_fail (BUBUS_IS_PLUGIN_CONTEXT (self));

  if (!self->draining)
    bubus_host_deactivate_plugin_async (self->host, bubus_plugin_info_get_name (self->info), NULL, NULL, NULL);
}
