/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-info-private.h"

static GParamSpec *properties[BUBUS_PLUGIN_INFO_PROP_PROCESS_ID + 1];

static void
bubus_plugin_info_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  BubusPluginInfo *self = BUBUS_PLUGIN_INFO (object);

  switch ((BubusPluginInfoProperty) prop_id)
    {
    case BUBUS_PLUGIN_INFO_PROP_NAME:
      g_value_set_string (value, bubus_plugin_info_get_name (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_DISPLAY_NAME:
      g_value_set_string (value, bubus_plugin_info_get_display_name (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_DESCRIPTION:
      g_value_set_string (value, bubus_plugin_info_get_description (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_VERSION:
      g_value_set_string (value, bubus_plugin_info_get_version (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_WEBSITE:
      g_value_set_string (value, bubus_plugin_info_get_website (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_AUTHORS:
      g_value_set_boxed (value, bubus_plugin_info_get_authors (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_LOADER:
      g_value_set_string (value, bubus_plugin_info_get_loader (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_DIRECTORY:
      g_value_set_string (value, bubus_plugin_info_get_directory (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_PATH:
      g_value_set_string (value, bubus_plugin_info_get_path (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_DEPENDS:
      g_value_set_boxed (value, bubus_plugin_info_get_depends (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_STATE:
      g_value_set_enum (value, bubus_plugin_info_get_state (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_ERROR:
      g_value_set_boxed (value, bubus_plugin_info_get_error (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_ISOLATED:
      g_value_set_boolean (value, bubus_plugin_info_get_isolated (self));
      break;
    case BUBUS_PLUGIN_INFO_PROP_PROCESS_ID:
      g_value_set_uint (value, bubus_plugin_info_get_process_id (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static void
bubus_plugin_info_create_description_pspecs (void)
{
  /**
   * BubusPluginInfo:name:
   *
   * The name by which the plugin is called, which is that of its module.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:display-name:
   *
   * The name to show to people, in their language if the manifest has it.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_DISPLAY_NAME] = g_param_spec_string ("display-name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:description:
   *
   * What the plugin does, in the people's language if the manifest has it.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:version:
   *
   * The version of the plugin.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_VERSION] = g_param_spec_string ("version", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:website:
   *
   * Where there is more about the plugin.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_WEBSITE] = g_param_spec_string ("website", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:authors:
   *
   * Who made the plugin.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_AUTHORS] = g_param_spec_boxed ("authors", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);
}

static void
bubus_plugin_info_create_host_pspecs (void)
{
  /**
   * BubusPluginInfo:loader:
   *
   * Which kind of module it is, as the manifest has it.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_LOADER] = g_param_spec_string ("loader", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:directory:
   *
   * The directory with the manifest and the module, absolute and without symbolic links.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_DIRECTORY] = g_param_spec_string ("directory", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:path:
   *
   * The file of the manifest.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:depends:
   *
   * The names of the plugins that must be active before this one.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_DEPENDS] = g_param_spec_boxed ("depends", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:isolated: (getter get_isolated)
   *
   * Whether the manifest wants a process of its own for the plugin.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_ISOLATED] = g_param_spec_boolean ("isolated", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:process-id: (getter get_process_id)
   *
   * The process in which the plugin works, when that is not the one of the host and there is one just now; else 0.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_PROCESS_ID] = g_param_spec_uint ("process-id", NULL, NULL, 0, G_MAXUINT, 0, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:state:
   *
   * How far the plugin has come.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, BUBUS_TYPE_PLUGIN_STATE,
                                              BUBUS_PLUGIN_STATE_DISCOVERED, PROPERTY_FLAGS);

  /**
   * BubusPluginInfo:error:
   *
   * Why the plugin has failed or been skipped, or what went wrong when it was deactivated.
   *
   * Since: 1.0
   */
  properties[BUBUS_PLUGIN_INFO_PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, PROPERTY_FLAGS);
}

void
_bubus_plugin_info_install_properties (GObjectClass *klass)
{
  klass->get_property = bubus_plugin_info_get_property;
  bubus_plugin_info_create_description_pspecs ();
  bubus_plugin_info_create_host_pspecs ();
  g_object_class_install_properties (klass, G_N_ELEMENTS (properties), properties);
}

void
_bubus_plugin_info_notify (BubusPluginInfo         *self,
                           BubusPluginInfoProperty  property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}
