/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>
#include <sys/auxv.h>

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-options.h"

GOptionContext *
bubus_options_new (const char *parameters,
                   const char *summary)
{
  GOptionContext *context = g_option_context_new (parameters);

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary);
  return context;
}

/* Tells what was wrong with how the command was called. */
void
bubus_options_refuse (const char *format,
                      ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  bubus_console_report ("%s: %s", g_get_prgname (), message);
  bubus_console_report (_("Try “%s --help”"), g_get_prgname ());
}

gboolean
bubus_options_parse (GOptionContext *context,
                     char          **arguments)
{
  g_auto (GStrv) copy = g_strdupv (arguments);
  g_autoptr (GError) error = NULL;

  if (g_option_context_parse_strv (context, &copy, &error))
    return TRUE;

  bubus_options_refuse ("%s", error->message);
  return FALSE;
}

/* ---- plugins ---- */

void
bubus_host_options_add_paths (BubusHostOptions *self,
                              GOptionContext   *context)
{
  const GOptionEntry entries[] = {
    { "plugin-path", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->paths,
      N_("Look for plugins in DIR first; may be repeated"), N_("DIR") },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

void
bubus_host_options_add_plugins (BubusHostOptions *self,
                                GOptionContext   *context)
{
  const GOptionEntry entries[] = {
    { "plugins", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->lists,
      N_("Activate these plugins, in this order; may be repeated"), N_("NAME,…") },
    { "settings", 0, 0, G_OPTION_ARG_FILENAME, &self->settings, N_("Read the settings of plugins from FILE"),
      N_("FILE") },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->values,
      N_("Set a setting of a plugin; may be repeated"), N_("NAME.KEY=VALUE") },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

void
bubus_host_options_clear (BubusHostOptions *self)
{
  g_clear_pointer (&self->paths, g_strfreev);
  g_clear_pointer (&self->lists, g_strfreev);
  g_clear_pointer (&self->settings, g_free);
  g_clear_pointer (&self->values, g_strfreev);
}

/* The environment of a program that runs with more rights than its caller, be it capabilities, is not to be trusted. */
static gboolean
bubus_host_options_is_privileged (void)
{
  return getauxval (AT_SECURE) != 0;
}

/* A directory that nobody asked for by name may be missing, or be refused. */
static void
bubus_host_options_try_path (BubusHost  *host,
                             const char *path)
{
  g_autoptr (GError) error = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return;
  if (!bubus_host_add_search_path (host, path, &error))
    bubus_console_report ("%s: %s", g_get_prgname (), error->message);
}

static void
bubus_host_options_try_environment (BubusHost *host)
{
  const char *list = g_getenv ("BUBUS_PLUGIN_PATH");
  g_auto (GStrv) paths = NULL;

  if (list == NULL || bubus_host_options_is_privileged ())
    return;

  paths = g_strsplit (list, G_SEARCHPATH_SEPARATOR_S, -1);
  for (guint i = 0; paths[i] != NULL; i++)
    bubus_host_options_try_path (host, paths[i]);
}

gboolean
bubus_host_options_apply_paths (BubusHostOptions  *self,
                                BubusHost         *host,
                                GError           **error)
{
  for (guint i = 0; self->paths != NULL && self->paths[i] != NULL; i++)
    {
      /* Whoever types it knows where that is. */
      g_autofree char *path = g_canonicalize_filename (self->paths[i], NULL);

      if (!bubus_host_add_search_path (host, path, error))
        return FALSE;
    }

  bubus_host_options_try_environment (host);
  bubus_host_options_try_path (host, PLUGIN_DIR);
  return bubus_host_scan (host, error);
}

/* Keys have no dots, names may. */
static gboolean
bubus_host_options_apply_value (BubusHost   *host,
                                const char  *text,
                                GError     **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *left = equals != NULL ? g_strndup (text, equals - text) : g_strdup ("");
  char *dot = strrchr (left, '.');

  if (dot == NULL || dot == left || dot[1] == '\0' || strpbrk (left, "[]\n") != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("“%s” is not of the form NAME.KEY=VALUE"), text);
      return FALSE;
    }

  *dot = '\0';
  bubus_host_set_plugin_setting (host, left, dot + 1, equals + 1);
  return TRUE;
}

static gboolean
bubus_host_options_apply_settings (BubusHostOptions  *self,
                                   BubusHost         *host,
                                   GError           **error)
{
  if (self->settings != NULL && !bubus_host_set_settings_file (host, self->settings, error))
    return FALSE;

  for (guint i = 0; self->values != NULL && self->values[i] != NULL; i++)
    if (!bubus_host_options_apply_value (host, self->values[i], error))
      return FALSE;
  return TRUE;
}

static void
bubus_host_options_activated_cb (GObject      *source,
                                 GAsyncResult *result,
                                 gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* A plugin may answer later. */
static gboolean
bubus_host_options_activate (BubusHost   *host,
                             const char  *name,
                             GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  bubus_host_activate_plugin_async (host, name, NULL, bubus_host_options_activated_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return bubus_host_activate_plugin_finish (host, result, error);
}

static gboolean
bubus_host_options_activate_list (BubusHost   *host,
                                  const char  *list,
                                  GError     **error)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (*names[i] != '\0' && !bubus_host_options_activate (host, names[i], error))
        return FALSE;
    }
  return TRUE;
}

gboolean
bubus_host_options_activate_plugins (BubusHostOptions  *self,
                                     BubusHost         *host,
                                     GError           **error)
{
  if (!bubus_host_options_apply_settings (self, host, error))
    return FALSE;

  for (guint i = 0; self->lists != NULL && self->lists[i] != NULL; i++)
    {
      if (!bubus_host_options_activate_list (host, self->lists[i], error))
        return FALSE;
    }
  return TRUE;
}
