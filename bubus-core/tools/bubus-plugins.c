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
  bubus_text_append_safe (out, line);
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
bubus_plugins_append_json (BubusPluginInfo *info,
                           GString         *out)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const GError *error = bubus_plugin_info_get_error (info);
  g_auto (GStrv) registrations = bubus_plugin_info_list_registrations (info);
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (BubusJson) json = NULL;

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

  variant = g_variant_ref_sink (g_variant_builder_end (&builder));
  json = bubus_json_new_from_variant (variant);
  g_string_append_printf (out, "%s\n", bubus_json_get_text (json));
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

static int
bubus_plugins_execute (BubusHostOptions *options,
                       BubusPluginsFunc  append)
{
  g_autoptr (BubusEventBus) bus = bubus_event_bus_new ("MainBus");
  g_autoptr (BubusHost) host = bubus_host_new (bus);
  g_autoptr (GError) error = NULL;
  gboolean active;

  if (!bubus_host_options_apply_paths (options, host, &error))
    {
      bubus_console_report ("%s: %s", g_get_prgname (), error->message);
      return BUBUS_EXIT_USAGE;
    }

  active = bubus_host_options_activate_plugins (options, host, &error);
  if (!active)
    bubus_console_report ("%s: %s", g_get_prgname (), error->message);
  bubus_plugins_list (host, append);
  return active ? BUBUS_EXIT_OK : BUBUS_EXIT_FAILED;
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
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write one JSON object a line"), NULL },
    { NULL },
  };

  bubus_host_options_add_paths (&options, context);
  bubus_host_options_add_plugins (&options, context);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!bubus_options_parse (context, arguments))
    return BUBUS_EXIT_USAGE;
  return bubus_plugins_execute (&options, json ? bubus_plugins_append_json : bubus_plugins_append_text);
}
