/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-watch.h"

#include <glib/gi18n.h>

#include "bubus-console.h"

/* Editors write a file in several steps: it is read when it has been left alone for so long, in milliseconds. */
#define SETTLING_TIME 100

/* One plugin. */
typedef struct
{
  BubusHost    *host;       /* not owned */
  char         *name;
  GFileMonitor *monitor;    /* of its directory */
  guint         timeout_id; /* a change has been seen */
} BubusWatched;

struct _BubusWatch
{
  GPtrArray *plugins; /* of BubusWatched */
};

static void
bubus_watched_free (gpointer data)
{
  BubusWatched *self = data;

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_file_monitor_cancel (self->monitor);
  g_object_unref (self->monitor);
  g_free (self->name);
  g_free (self);
}

static void
bubus_watch_reloaded_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autofree char *name = user_data;
  g_autoptr (GError) error = NULL;

  if (bubus_host_reload_plugin_finish (BUBUS_HOST (source), result, &error))
    bubus_console_report (_("%s: “%s” has been reloaded"), g_get_prgname (), name);
  else
    bubus_console_report ("%s: %s", g_get_prgname (), error->message);
}

static gboolean
bubus_watched_settled_cb (gpointer user_data)
{
  BubusWatched *self = user_data;

  self->timeout_id = 0;
  bubus_host_reload_plugin_async (self->host, self->name, NULL, bubus_watch_reloaded_cb, g_strdup (self->name));
  return G_SOURCE_REMOVE;
}

static gboolean
bubus_watched_is_module (BubusWatched *self,
                         GFile        *file)
{
  g_autofree char *python = g_strconcat (self->name, ".py", NULL);
  g_autofree char *js = g_strconcat (self->name, ".js", NULL);
  g_autofree char *base = g_file_get_basename (file);

  return g_str_equal (base, python) || g_str_equal (base, js);
}

static void
bubus_watched_changed_cb (GFileMonitor      *monitor,
                          GFile             *file,
                          GFile             *other_file,
                          GFileMonitorEvent  event,
                          gpointer           user_data)
{
  BubusWatched *self = user_data;

  if (!bubus_watched_is_module (self, file) && (other_file == NULL || !bubus_watched_is_module (self, other_file)))
    return;

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  self->timeout_id = g_timeout_add (SETTLING_TIME, bubus_watched_settled_cb, self);
}

static void
bubus_watch_add (BubusWatch      *self,
                 BubusHost       *host,
                 BubusPluginInfo *info)
{
  g_autoptr (GFile) directory = g_file_new_for_path (bubus_plugin_info_get_directory (info));
  g_autoptr (GError) error = NULL;
  GFileMonitor *monitor = g_file_monitor_directory (directory, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
  BubusWatched *plugin;

  if (monitor == NULL)
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      return;
    }

  plugin = g_new0 (BubusWatched, 1);
  plugin->host = host;
  plugin->name = g_strdup (bubus_plugin_info_get_name (info));
  plugin->monitor = monitor;
  g_signal_connect (monitor, "changed", G_CALLBACK (bubus_watched_changed_cb), plugin);
  g_ptr_array_add (self->plugins, plugin);
}

/* Modules in C cannot be replaced while the program runs. */
static gboolean
bubus_watch_can_reload (BubusPluginInfo *info)
{
  return bubus_plugin_info_get_state (info) == BUBUS_PLUGIN_STATE_ACTIVE
         && g_ascii_strcasecmp (bubus_plugin_info_get_loader (info), "c") != 0;
}

BubusWatch *
bubus_watch_new (BubusHost *host)
{
  BubusWatch *self = g_new0 (BubusWatch, 1);
  GListModel *model = G_LIST_MODEL (host);

  self->plugins = g_ptr_array_new_with_free_func (bubus_watched_free);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (BubusPluginInfo) info = g_list_model_get_item (model, i);

      if (bubus_watch_can_reload (info))
        bubus_watch_add (self, host, info);
    }
  return self;
}

/* Before its host. */
void
bubus_watch_free (BubusWatch *self)
{
  g_ptr_array_unref (self->plugins);
  g_free (self);
}
