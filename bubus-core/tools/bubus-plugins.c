/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-options.h"
#include "bubus-text.h"
#include "bubus-verbs.h"

typedef void (*BubusPluginsFunc) (BubusPluginInfo *info,
                                  GString         *out);

/* The words that stand in JSON as well: they are not translated. */
static const char *
bubus_plugins_get_state (BubusPluginInfo *info)
{
  static const char *const names[] = {
    [BUBUS_PLUGIN_STATE_DISCOVERED] = "discovered",
    [BUBUS_PLUGIN_STATE_RESOLVED] = "resolved",
    [BUBUS_PLUGIN_STATE_LOADING] = "loading",
    [BUBUS_PLUGIN_STATE_ACTIVE] = "active",
    [BUBUS_PLUGIN_STATE_DRAINING] = "draining",
    [BUBUS_PLUGIN_STATE_UNLOADED] = "unloaded",
    [BUBUS_PLUGIN_STATE_FAILED] = "failed",
    [BUBUS_PLUGIN_STATE_SKIPPED] = "skipped",
  };

  return names[bubus_plugin_info_get_state (info)];
}

/* ---- text ---- */

static void
bubus_plugins_append_text_line (GString    *out,
                                const char *line)
{
  if (line == NULL || *line == '\0')
    return;

  g_string_append (out, "    ");
  bubus_text_append_lines (out, line);
  g_string_append_c (out, '\n');
}

static void
bubus_plugins_append_process (BubusPluginInfo *info,
                              GString         *out)
{
  if (bubus_plugin_info_get_process_id (info) != 0)
    g_string_append_printf (out, ", process %u", bubus_plugin_info_get_process_id (info));
  else if (bubus_plugin_info_get_isolated (info))
    g_string_append (out, ", isolated");
}

static void
bubus_plugins_append_text (BubusPluginInfo *info,
                           GString         *out)
{
  const char *version = bubus_plugin_info_get_version (info);
  const GError *error = bubus_plugin_info_get_error (info);
  g_auto (GStrv) registrations = bubus_plugin_info_list_registrations (info);

  bubus_text_append_safe (out, bubus_plugin_info_get_name (info));
  g_string_append_c (out, ' ');
  if (version != NULL && *version != '\0')
    {
      bubus_text_append_safe (out, version);
      g_string_append_c (out, ' ');
    }
  g_string_append_printf (out, "(%s", bubus_plugins_get_state (info));
  bubus_plugins_append_process (info, out);
  g_string_append (out, ")\n");
  bubus_plugins_append_text_line (out, bubus_plugin_info_get_description (info));
  bubus_plugins_append_text_line (out, bubus_plugin_info_get_directory (info));
  bubus_plugins_append_text_line (out, error != NULL ? error->message : NULL);
  for (guint i = 0; registrations[i] != NULL; i++)
    bubus_plugins_append_text_line (out, registrations[i]);
}

/* ---- JSON ---- */

static void
bubus_plugins_add_member (GVariantBuilder *builder,
                          const char      *name,
                          const char      *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;
  GVariant *variant = valid != NULL ? g_variant_new_string (valid) : g_variant_new_maybe (G_VARIANT_TYPE_STRING, NULL);

  g_variant_builder_add (builder, "{sv}", name, variant);
}

static void
bubus_plugins_append_object (GVariantBuilder *builder,
                             GString         *out)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_builder_end (builder));
  g_autoptr (BubusJson) json = bubus_json_new_from_variant (variant);

  g_string_append_printf (out, "%s\n", bubus_json_get_text (json));
}

static void
bubus_plugins_append_json (BubusPluginInfo *info,
                           GString         *out)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const GError *error = bubus_plugin_info_get_error (info);
  g_auto (GStrv) registrations = bubus_plugin_info_list_registrations (info);

  bubus_plugins_add_member (&builder, "name", bubus_plugin_info_get_name (info));
  bubus_plugins_add_member (&builder, "version", bubus_plugin_info_get_version (info));
  bubus_plugins_add_member (&builder, "description", bubus_plugin_info_get_description (info));
  bubus_plugins_add_member (&builder, "state", bubus_plugins_get_state (info));
  bubus_plugins_add_member (&builder, "error", error != NULL ? error->message : NULL);
  bubus_plugins_add_member (&builder, "loader", bubus_plugin_info_get_loader (info));
  bubus_plugins_add_member (&builder, "directory", bubus_plugin_info_get_directory (info));
  g_variant_builder_add (&builder, "{sv}", "isolated",
                         g_variant_new_boolean (bubus_plugin_info_get_isolated (info)));
  g_variant_builder_add (&builder, "{sv}", "process",
                         g_variant_new_uint32 (bubus_plugin_info_get_process_id (info)));
  g_variant_builder_add (&builder, "{sv}", "registrations",
                         g_variant_new_strv ((const char * const *) registrations, -1));
  bubus_plugins_append_object (&builder, out);
}

/* ---- settings ---- */

static const char *
bubus_plugins_get_plain (GVariant *value)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_get_string (value, NULL) : NULL;
}

/* As it is in a settings file, and behind --set. */
static void
bubus_plugins_append_value (GVariant *value,
                            GString  *out)
{
  g_autofree char *text = NULL;

  if (bubus_plugins_get_plain (value) != NULL)
    text = g_strdup (bubus_plugins_get_plain (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autofree const char **list = g_variant_get_strv (value, NULL);

      text = g_strjoinv (";", (char **) list);
    }
  else
    text = g_variant_print (value, FALSE);
  bubus_text_append_safe (out, text);
}

static void
bubus_plugins_append_limits (BubusPluginSetting *setting,
                             GString            *out)
{
  GVariant *minimum = bubus_plugin_setting_get_minimum (setting);
  GVariant *maximum = bubus_plugin_setting_get_maximum (setting);
  const char * const *choices = bubus_plugin_setting_get_choices (setting);

  if (minimum != NULL)
    g_string_append (out, _(", at least "));
  if (minimum != NULL)
    bubus_plugins_append_value (minimum, out);
  if (maximum != NULL)
    g_string_append (out, _(", at most "));
  if (maximum != NULL)
    bubus_plugins_append_value (maximum, out);
  for (guint i = 0; choices != NULL && choices[i] != NULL; i++)
    {
      g_string_append (out, i == 0 ? ": " : " | ");
      bubus_text_append_safe (out, choices[i]);
    }
}

static void
bubus_plugins_append_setting (const char         *plugin,
                              BubusPluginSetting *setting,
                              GString            *out)
{
  const GError *error = bubus_plugin_setting_get_error (setting);

  bubus_text_append_safe (out, plugin);
  g_string_append_c (out, '.');
  bubus_text_append_safe (out, bubus_plugin_setting_get_name (setting));
  if (bubus_plugin_setting_get_value (setting) != NULL)
    {
      g_string_append_c (out, '=');
      bubus_plugins_append_value (bubus_plugin_setting_get_value (setting), out);
    }
  g_string_append_printf (out, " (%s", bubus_plugin_setting_get_type_name (setting));
  bubus_plugins_append_limits (setting, out);
  if (!bubus_plugin_setting_get_given (setting) && error == NULL)
    g_string_append (out, _("; the default"));
  g_string_append (out, ")\n");
  bubus_plugins_append_text_line (out, bubus_plugin_setting_get_summary (setting));
  bubus_plugins_append_text_line (out, error != NULL ? error->message : NULL);
}

static void
bubus_plugins_add_value (GVariantBuilder *builder,
                         const char      *name,
                         GVariant        *value)
{
  g_variant_builder_add (builder, "{sv}", name,
                         value != NULL ? value : g_variant_new_maybe (G_VARIANT_TYPE_STRING, NULL));
}

static void
bubus_plugins_append_json_setting (const char         *plugin,
                                   BubusPluginSetting *setting,
                                   GString            *out)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const GError *error = bubus_plugin_setting_get_error (setting);
  const char * const *choices = bubus_plugin_setting_get_choices (setting);

  bubus_plugins_add_member (&builder, "plugin", plugin);
  bubus_plugins_add_member (&builder, "name", bubus_plugin_setting_get_name (setting));
  bubus_plugins_add_member (&builder, "type", bubus_plugin_setting_get_type_name (setting));
  bubus_plugins_add_member (&builder, "summary", bubus_plugin_setting_get_summary (setting));
  bubus_plugins_add_value (&builder, "value", bubus_plugin_setting_get_value (setting));
  bubus_plugins_add_value (&builder, "default", bubus_plugin_setting_get_default_value (setting));
  bubus_plugins_add_value (&builder, "minimum", bubus_plugin_setting_get_minimum (setting));
  bubus_plugins_add_value (&builder, "maximum", bubus_plugin_setting_get_maximum (setting));
  bubus_plugins_add_value (&builder, "choices", choices != NULL ? g_variant_new_strv (choices, -1) : NULL);
  g_variant_builder_add (&builder, "{sv}", "given",
                         g_variant_new_boolean (bubus_plugin_setting_get_given (setting)));
  bubus_plugins_add_member (&builder, "error", error != NULL ? error->message : NULL);
  bubus_plugins_append_object (&builder, out);
}

static gboolean
bubus_plugins_list_settings (BubusHost   *host,
                             const char  *plugin,
                             gboolean     json,
                             GError     **error)
{
  g_autoptr (GPtrArray) settings = bubus_host_list_plugin_settings (host, plugin, error);
  g_autoptr (GString) out = g_string_new (NULL);

  if (settings == NULL)
    return FALSE;

  for (guint i = 0; i < settings->len; i++)
    (json ? bubus_plugins_append_json_setting : bubus_plugins_append_setting) (plugin, settings->pdata[i], out);
  if (settings->len == 0)
    bubus_console_report (_("%s: “%s” has no settings"), g_get_prgname (), plugin);
  bubus_console_write (out->str, json);
  return TRUE;
}

/* ---- list ---- */

static int
bubus_plugins_compare (gconstpointer a,
                       gconstpointer b)
{
  BubusPluginInfo *info_a = *(BubusPluginInfo **) a;
  BubusPluginInfo *info_b = *(BubusPluginInfo **) b;

  return g_strcmp0 (bubus_plugin_info_get_name (info_a), bubus_plugin_info_get_name (info_b));
}

static GPtrArray *
bubus_plugins_sort (GListModel *model)
{
  GPtrArray *infos = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    g_ptr_array_add (infos, g_list_model_get_item (model, i));
  g_ptr_array_sort (infos, bubus_plugins_compare);
  return infos;
}

static void
bubus_plugins_list (BubusHost        *host,
                    BubusPluginsFunc  append)
{
  g_autoptr (GPtrArray) infos = bubus_plugins_sort (G_LIST_MODEL (host));
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < infos->len; i++)
    append (g_ptr_array_index (infos, i), out);
  if (infos->len == 0)
    bubus_console_report ("%s: %s", g_get_prgname (), _("there are no plugins"));
  bubus_console_write (out->str, append == bubus_plugins_append_json);
}

/* @plugin is the one whose settings are wanted, or %NULL. */
static int
bubus_plugins_execute (BubusHostOptions *options,
                       const char       *plugin,
                       gboolean          json)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("MainBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (GError) error = NULL;
  int status = BUBUS_EXIT_OK;

  if (!bubus_host_options_apply_paths (options, host, &error))
    status = BUBUS_EXIT_USAGE;
  else if (!bubus_host_options_activate_plugins (options, host, &error))
    status = BUBUS_EXIT_FAILED;
  if (plugin == NULL && status != BUBUS_EXIT_USAGE)
    bubus_plugins_list (host, json ? bubus_plugins_append_json : bubus_plugins_append_text);
  if (plugin != NULL && error == NULL && !bubus_plugins_list_settings (host, plugin, json, &error))
    status = BUBUS_EXIT_FAILED;

  if (error != NULL)
    bubus_console_report ("%s: %s", g_get_prgname (), error->message);
  return status;
}

int
bubus_plugins_main (char **arguments)
{
  g_autoptr (GOptionContext) context =
    bubus_options_new (NULL,
                       N_("Lists the plugins that are found, and what is wrong with those that cannot be loaded.\n"
                          "No code of theirs is run, but of those that are to be activated: of these, it shows what\n"
                          "they have registered."));
  g_auto (BubusHostOptions) options = { 0 };
  g_autofree char *plugin = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "list-settings", 0, 0, G_OPTION_ARG_STRING, &plugin, N_("List the settings of a plugin instead"), N_("NAME") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write one JSON object a line"), NULL },
    { NULL },
  };

  bubus_host_options_add_paths (&options, context);
  bubus_host_options_add_plugins (&options, context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!bubus_options_parse (context, arguments))
    return BUBUS_EXIT_USAGE;
  return bubus_plugins_execute (&options, plugin, json);
}
