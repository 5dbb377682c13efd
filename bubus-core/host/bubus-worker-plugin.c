/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-plugin-private.h"

#include "base/bubus-error.h"
#include "bubus-host-private.h"
#include "bubus-plugin-info-private.h"
#include "bubus-plugin-settings-private.h"
#include "bubus-worker-proxy-private.h"

/* A worker that has lasted so long is as good as one that has never crashed. */
#define STABLE_NS (60 * G_GINT64_CONSTANT (1000000000))

/* In seconds. */
#define MAX_RESTART_DELAY 60.0

typedef enum
{
  BUBUS_WORKER_IDLE,
  BUBUS_WORKER_STARTING,
  BUBUS_WORKER_ACTIVE,
  BUBUS_WORKER_WAITING,     /* to be started again */
  BUBUS_WORKER_RESTARTING,
  BUBUS_WORKER_STOPPING,
  BUBUS_WORKER_FAILED,      /* for good */
} BubusWorkerPhase;

struct _BubusWorkerPlugin
{
  GObject parent_instance;

  BubusHost          *host;          /* not owned */
  BubusPluginContext *context;       /* nullable */
  BubusWorkerProxies *proxies;       /* nullable */
  BubusWorkerLink    *link;          /* nullable: there is no process */
  BubusWorkerPhase    phase;
  guint               n_restarts;    /* in a row */
  gint64              active_since;
  guint               timer_id;      /* on the host's clock: the next start */
  gboolean            stopped;       /* the plugin's code has said so */
  GError             *error;         /* nullable: why it has failed, or what it has complained about at its end */
};

static void bubus_worker_plugin_iface_init (BubusPluginInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusWorkerPlugin, _bubus_worker_plugin, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_PLUGIN, bubus_worker_plugin_iface_init))

static void
bubus_worker_plugin_set_link (BubusWorkerPlugin *self,
                              BubusWorkerLink   *link)
{
  self->link = link;
  _bubus_plugin_info_set_process_id (bubus_plugin_context_get_plugin_info (self->context),
                                     link != NULL ? _bubus_worker_link_get_pid (link) : 0);
}

static void
bubus_worker_plugin_drop_link (BubusWorkerPlugin *self)
{
  BubusWorkerLink *link = self->link;

  if (link == NULL)
    return;

  bubus_worker_plugin_set_link (self, NULL);
  _bubus_worker_link_free (link);
}

static void
bubus_worker_plugin_disarm (BubusWorkerPlugin *self)
{
  guint timer_id = self->timer_id;

  self->timer_id = 0;
  if (timer_id != 0)
    bubus_clock_remove_timeout (self->host->clock, timer_id);
}

static void
bubus_worker_plugin_dispose (GObject *object)
{
  BubusWorkerPlugin *self = BUBUS_WORKER_PLUGIN (object);
  BubusWorkerProxies *proxies = g_steal_pointer (&self->proxies);
  g_autoptr (GError) error = NULL;

  if (self->context != NULL)
    {
      bubus_worker_plugin_disarm (self);
      bubus_worker_plugin_drop_link (self);
    }
  error = g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_CANCELLED, "The plugin has been deactivated");
  if (proxies != NULL)
    _bubus_worker_proxies_free (proxies, self->error != NULL ? self->error : error);
  g_clear_object (&self->context);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (_bubus_worker_plugin_parent_class)->dispose (object);
}

static void
_bubus_worker_plugin_class_init (BubusWorkerPluginClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bubus_worker_plugin_dispose;
}

static void
_bubus_worker_plugin_init (BubusWorkerPlugin *self)
{
}

BubusPlugin *
_bubus_worker_plugin_new (BubusHost *host)
{
  BubusWorkerPlugin *self = g_object_new (BUBUS_TYPE_WORKER_PLUGIN, NULL);

  self->host = host;
  return BUBUS_PLUGIN (self);
}

/* ---- crashes ---- */

static gboolean bubus_worker_plugin_start (BubusWorkerPlugin  *self,
                                           GError            **error);

/* Nothing helps: what waits fails, and the host lets go of the plugin. */
static void
bubus_worker_plugin_give_up (BubusWorkerPlugin *self,
                             const GError      *error)
{
  BubusWorkerProxies *proxies = g_steal_pointer (&self->proxies);

  self->phase = BUBUS_WORKER_FAILED;
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  if (self->n_restarts > 0)
    g_prefix_error (&self->error, "It has been started again %u times in vain: ", self->n_restarts);
  bubus_worker_plugin_drop_link (self);
  _bubus_worker_proxies_free (proxies, self->error);
  bubus_plugin_context_deactivate (self->context);
}

static void
bubus_worker_plugin_restart_cb (gpointer user_data)
{
  BubusWorkerPlugin *self = user_data;
  g_autoptr (GError) error = NULL;

  self->timer_id = 0;
  self->phase = BUBUS_WORKER_RESTARTING;
  if (!bubus_worker_plugin_start (self, &error))
    bubus_worker_plugin_give_up (self, error);
}

/* Each start in a row comes after twice the time of the one before. */
static void
bubus_worker_plugin_restart_later (BubusWorkerPlugin *self)
{
  double seconds = self->host->worker.restart_delay;

  for (guint i = 0; i < self->n_restarts && seconds < MAX_RESTART_DELAY; i++)
    seconds *= 2;
  seconds = MIN (seconds, MAX (MAX_RESTART_DELAY, self->host->worker.restart_delay));
  self->n_restarts++;
  self->phase = BUBUS_WORKER_WAITING;
  self->timer_id = bubus_clock_add_timeout (self->host->clock, (gint64) (MIN (seconds, 1e9) * 1e9),
                                            bubus_event_bus_get_main_context (self->host->main_bus),
                                            bubus_worker_plugin_restart_cb, self, NULL);
}

static void
bubus_worker_plugin_crashed (BubusWorkerPlugin *self,
                             const GError      *error)
{
  const char *name = bubus_plugin_info_get_name (bubus_plugin_context_get_plugin_info (self->context));

  if (self->phase == BUBUS_WORKER_ACTIVE
      && bubus_clock_get_time (self->host->clock) - self->active_since >= STABLE_NS)
    self->n_restarts = 0;
  if (self->n_restarts >= self->host->worker.restart_limit)
    {
      bubus_worker_plugin_give_up (self, error);
      return;
    }

  g_message ("The process of the plugin “%s” is started again: %s", name, error->message);
  bubus_worker_plugin_restart_later (self);
}

static void
bubus_worker_plugin_finish_stop (BubusWorkerPlugin *self,
                                 const GError      *error)
{
  if (self->error != NULL)
    bubus_plugin_context_return_error (self->context, self->error);
  else if (self->stopped)
    bubus_plugin_context_return_done (self->context);
  else
    bubus_plugin_context_return_error (self->context, error);
}

static void
bubus_worker_plugin_ended (gpointer      user_data,
                           const GError *error)
{
  g_autoptr (BubusWorkerPlugin) self = g_object_ref (user_data);

  bubus_worker_plugin_drop_link (self);
  _bubus_worker_proxies_detach (self->proxies, error);
  switch (self->phase)
    {
    case BUBUS_WORKER_STARTING:
      self->phase = BUBUS_WORKER_FAILED;
      bubus_plugin_context_return_error (self->context, self->error != NULL ? self->error : error);
      break;
    case BUBUS_WORKER_ACTIVE:
    case BUBUS_WORKER_RESTARTING:
      bubus_worker_plugin_crashed (self, error);
      break;
    case BUBUS_WORKER_STOPPING:
      bubus_worker_plugin_finish_stop (self, error);
      break;
    case BUBUS_WORKER_IDLE:
    case BUBUS_WORKER_WAITING:
    case BUBUS_WORKER_FAILED:
    default:
      break;
    }
}

/* ---- messages ---- */

/* The code of the plugin has been activated, or could not be; then the process ends. */
static void
bubus_worker_plugin_take_active (BubusWorkerPlugin        *self,
                                 const BubusWorkerMessage *message)
{
  g_autoptr (GError) error = _bubus_worker_message_dup_error (message);
  BubusWorkerPhase before = self->phase;

  if (error != NULL)
    {
      if (before == BUBUS_WORKER_STARTING && self->error == NULL)
        self->error = g_steal_pointer (&error);
      return;
    }

  self->phase = BUBUS_WORKER_ACTIVE;
  self->active_since = bubus_clock_get_time (self->host->clock);
  _bubus_worker_link_watch (self->link);
  _bubus_worker_proxies_resume (self->proxies);
  if (before == BUBUS_WORKER_STARTING)
    bubus_plugin_context_return_done (self->context);
}

static void
bubus_worker_plugin_take_stopped (BubusWorkerPlugin        *self,
                                  const BubusWorkerMessage *message)
{
  self->stopped = TRUE;
  g_clear_error (&self->error);
  self->error = _bubus_worker_message_dup_error (message);
}

static gboolean
bubus_worker_plugin_message (gpointer                   user_data,
                             const BubusWorkerMessage  *message,
                             GError                   **error)
{
  g_autoptr (BubusWorkerPlugin) self = g_object_ref (user_data);

  if (message->op == BUBUS_WORKER_OP_ACTIVE
      && (self->phase == BUBUS_WORKER_STARTING || self->phase == BUBUS_WORKER_RESTARTING))
    bubus_worker_plugin_take_active (self, message);
  else if (message->op == BUBUS_WORKER_OP_STOPPED && self->phase == BUBUS_WORKER_STOPPING)
    bubus_worker_plugin_take_stopped (self, message);
  else if (message->op == BUBUS_WORKER_OP_LEAVE)
    bubus_plugin_context_deactivate (self->context);
  else
    return _bubus_worker_proxies_take (self->proxies, message, error);
  return TRUE;
}

static const BubusWorkerLinkFuncs link_funcs = {
  bubus_worker_plugin_message,
  bubus_worker_plugin_ended,
};

/* ---- life ---- */

/* The plugin's own settings, as the text of a key file; NULL on error. */
static char *
bubus_worker_plugin_dup_settings (BubusWorkerPlugin          *self,
                                  const BubusPluginManifest  *manifest,
                                  GError                    **error)
{
  g_autoptr (GKeyFile) all = _bubus_host_read_settings (self->host, error);
  g_autoptr (GKeyFile) own = g_key_file_new ();
  g_autofree char *group = _bubus_plugin_settings_name (manifest->module);
  g_auto (GStrv) keys = NULL;

  if (all == NULL)
    return NULL;

  keys = g_key_file_get_keys (all, group, NULL, NULL);
  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *value = g_key_file_get_value (all, group, keys[i], NULL);

      g_key_file_set_value (own, BUBUS_WORKER_SETTINGS_GROUP, keys[i], value);
    }
  return g_key_file_to_data (own, NULL, NULL);
}

static gboolean
bubus_worker_plugin_start (BubusWorkerPlugin  *self,
                           GError            **error)
{
  const BubusPluginManifest *manifest =
    _bubus_plugin_info_get_manifest (bubus_plugin_context_get_plugin_info (self->context));
  g_autofree char *settings = bubus_worker_plugin_dup_settings (self, manifest, error);
  BubusWorkerLink *link = settings != NULL ? _bubus_worker_link_new (self->host, &link_funcs, self, error) : NULL;
  g_autofree char *file = g_path_get_basename (manifest->path);
  GString *out;

  if (link == NULL)
    return FALSE;

  bubus_worker_plugin_set_link (self, link);
  _bubus_worker_proxies_attach (self->proxies, link);
  out = _bubus_worker_link_begin (link, BUBUS_WORKER_OP_START);
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_BUS, bubus_event_bus_get_name (self->host->main_bus));
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_DIRECTORY, manifest->directory);
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_FILE, file);
  _bubus_worker_message_add_text (out, BUBUS_WORKER_KEY_SETTINGS, settings);
  return _bubus_worker_link_end (link, error);
}

static gboolean
bubus_worker_plugin_activate (BubusPlugin         *plugin,
                              BubusPluginContext  *context,
                              GError             **error)
{
  BubusWorkerPlugin *self = BUBUS_WORKER_PLUGIN (plugin);

  self->context = g_object_ref (context);
  self->proxies = _bubus_worker_proxies_new (self->host, context);
  self->phase = BUBUS_WORKER_STARTING;
  bubus_plugin_context_defer (context);
  return bubus_worker_plugin_start (self, error);
}

static gboolean
bubus_worker_plugin_deactivate (BubusPlugin         *plugin,
                                BubusPluginContext  *context,
                                GError             **error)
{
  BubusWorkerPlugin *self = BUBUS_WORKER_PLUGIN (plugin);

  if (self->phase == BUBUS_WORKER_FAILED)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }

  bubus_worker_plugin_disarm (self);
  if (self->phase == BUBUS_WORKER_ACTIVE)
    {
      bubus_plugin_context_defer (context);
      _bubus_worker_link_send_id (self->link, BUBUS_WORKER_OP_STOP, BUBUS_WORKER_KEY_CALL, 0);
    }
  else
    {
      bubus_worker_plugin_drop_link (self);
    }
  self->phase = BUBUS_WORKER_STOPPING;
  return TRUE;
}

static void
bubus_worker_plugin_iface_init (BubusPluginInterface *iface)
{
  iface->activate = bubus_worker_plugin_activate;
  iface->deactivate = bubus_worker_plugin_deactivate;
}
