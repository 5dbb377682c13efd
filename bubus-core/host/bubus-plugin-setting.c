/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-plugin-setting-private.h"

/**
 * BubusPluginSetting:
 *
 * What the schema of a plugin declares of one setting, and the value that the host has for it.
 *
 * [method@Host.list_plugin_settings] makes them, for example for a page with preferences. They do not change: to see
 * what has become of a setting that [method@Host.store_plugin_setting] has changed, list them again. They can be used in
 * any thread.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_NAME = 1,
  PROP_SUMMARY,
  PROP_TYPE_NAME,
  PROP_VALUE,
  PROP_DEFAULT_VALUE,
  PROP_MINIMUM,
  PROP_MAXIMUM,
  PROP_CHOICES,
  PROP_GIVEN,
  PROP_ERROR,
} BubusPluginSettingProperty;

G_DEFINE_FINAL_TYPE (BubusPluginSetting, bubus_plugin_setting, G_TYPE_OBJECT)

static GParamSpec *properties[PROP_ERROR + 1];

static void
bubus_plugin_setting_finalize (GObject *object)
{
  BubusPluginSetting *self = BUBUS_PLUGIN_SETTING (object);

  g_free (self->name);
  g_free (self->summary);
  g_clear_pointer (&self->value, g_variant_unref);
  g_clear_pointer (&self->default_value, g_variant_unref);
  g_clear_pointer (&self->minimum, g_variant_unref);
  g_clear_pointer (&self->maximum, g_variant_unref);
  g_strfreev (self->choices);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (bubus_plugin_setting_parent_class)->finalize (object);
}

static void
bubus_plugin_setting_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  BubusPluginSetting *self = BUBUS_PLUGIN_SETTING (object);

  switch ((BubusPluginSettingProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case PROP_TYPE_NAME:
      g_value_set_string (value, self->type_name);
      break;
    case PROP_VALUE:
      g_value_set_variant (value, self->value);
      break;
    case PROP_DEFAULT_VALUE:
      g_value_set_variant (value, self->default_value);
      break;
    case PROP_MINIMUM:
      g_value_set_variant (value, self->minimum);
      break;
    case PROP_MAXIMUM:
      g_value_set_variant (value, self->maximum);
      break;
    case PROP_CHOICES:
      g_value_set_boxed (value, self->choices);
      break;
    case PROP_GIVEN:
      g_value_set_boolean (value, self->given);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

#define PROPERTY_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static void
bubus_plugin_setting_create_schema_pspecs (void)
{
  /**
   * BubusPluginSetting:name: (getter get_name)
   *
   * The name of the setting, by which the plugin asks for it.
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:summary: (getter get_summary)
   *
   * What the setting is, for people, in their language if the schema has it.
   *
   * Since: 1.0
   */
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:type-name: (getter get_type_name)
   *
   * The kind of value: `boolean`, `integer`, `double`, `string` or `string-list`.
   *
   * Since: 1.0
   */
  properties[PROP_TYPE_NAME] = g_param_spec_string ("type-name", NULL, NULL, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:default-value: (getter get_default_value)
   *
   * The value that the setting has when none is given; none when one must be given.
   *
   * Since: 1.0
   */
  properties[PROP_DEFAULT_VALUE] = g_param_spec_variant ("default-value", NULL, NULL,
                                                         G_VARIANT_TYPE_ANY, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:minimum: (getter get_minimum)
   *
   * The least number that the value may be, of its type.
   *
   * Since: 1.0
   */
  properties[PROP_MINIMUM] = g_param_spec_variant ("minimum", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:maximum: (getter get_maximum)
   *
   * The greatest number that the value may be, of its type.
   *
   * Since: 1.0
   */
  properties[PROP_MAXIMUM] = g_param_spec_variant ("maximum", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:choices: (getter get_choices)
   *
   * Which strings the value may be, when not all.
   *
   * Since: 1.0
   */
  properties[PROP_CHOICES] = g_param_spec_boxed ("choices", NULL, NULL, G_TYPE_STRV, PROPERTY_FLAGS);
}

static void
bubus_plugin_setting_create_value_pspecs (void)
{
  /**
   * BubusPluginSetting:value: (getter get_value)
   *
   * The value that the plugin would get if it were activated now, of type `b`, `x`, `d`, `s` or `as`; none when
   * [property@PluginSetting:error] says why.
   *
   * Since: 1.0
   */
  properties[PROP_VALUE] = g_param_spec_variant ("value", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:given: (getter get_given)
   *
   * Whether the host has a value for the setting, so that it is not the default.
   *
   * Since: 1.0
   */
  properties[PROP_GIVEN] = g_param_spec_boolean ("given", NULL, NULL, FALSE, PROPERTY_FLAGS);

  /**
   * BubusPluginSetting:error: (getter get_error)
   *
   * Why the plugin could not be activated with this setting: none is given and there is no default, or it is no good.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, PROPERTY_FLAGS);
}

static void
bubus_plugin_setting_class_init (BubusPluginSettingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_plugin_setting_finalize;
  object_class->get_property = bubus_plugin_setting_get_property;

  bubus_plugin_setting_create_schema_pspecs ();
  bubus_plugin_setting_create_value_pspecs ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_plugin_setting_init (BubusPluginSetting *self)
{
}

/**
 * bubus_plugin_setting_get_name: (get-property name)
 * @self: a setting
 *
 * Gives the name of the setting.
 *
 * Returns: the name
 *
 * Since: 1.0
 */
const char *
bubus_plugin_setting_get_name (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->name;
}

/**
 * bubus_plugin_setting_get_summary: (get-property summary)
 * @self: a setting
 *
 * Gives what the setting is.
 *
 * Returns: (nullable): the summary
 *
 * Since: 1.0
 */
const char *
bubus_plugin_setting_get_summary (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->summary;
}

/**
 * bubus_plugin_setting_get_type_name: (get-property type-name)
 * @self: a setting
 *
 * Gives the kind of value, as the schema has it.
 *
 * Returns: the name of the type
 *
 * Since: 1.0
 */
const char *
bubus_plugin_setting_get_type_name (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->type_name;
}

/**
 * bubus_plugin_setting_get_value: (get-property value)
 * @self: a setting
 *
 * Gives the value that the plugin would get if it were activated now. A plugin that is active has the one of then.
 *
 * Returns: (transfer none) (nullable): the value
 *
 * Since: 1.0
 */
GVariant *
bubus_plugin_setting_get_value (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->value;
}

/**
 * bubus_plugin_setting_get_default_value: (get-property default-value)
 * @self: a setting
 *
 * Gives the value that the setting has when none is given.
 *
 * Returns: (transfer none) (nullable): the default
 *
 * Since: 1.0
 */
GVariant *
bubus_plugin_setting_get_default_value (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->default_value;
}

/**
 * bubus_plugin_setting_get_minimum: (get-property minimum)
 * @self: a setting
 *
 * Gives the least number that the value may be.
 *
 * Returns: (transfer none) (nullable): the limit
 *
 * Since: 1.0
 */
GVariant *
bubus_plugin_setting_get_minimum (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->minimum;
}

/**
 * bubus_plugin_setting_get_maximum: (get-property maximum)
 * @self: a setting
 *
 * Gives the greatest number that the value may be.
 *
 * Returns: (transfer none) (nullable): the limit
 *
 * Since: 1.0
 */
GVariant *
bubus_plugin_setting_get_maximum (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->maximum;
}

/**
 * bubus_plugin_setting_get_choices: (get-property choices)
 * @self: a setting
 *
 * Gives which strings the value may be.
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the strings
 *
 * Since: 1.0
 */
const char * const *
bubus_plugin_setting_get_choices (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return (const char * const *) self->choices;
}

/**
 * bubus_plugin_setting_get_given: (get-property given)
 * @self: a setting
 *
 * Says whether the host has a value for the setting.
 *
 * Returns: whether a value is given
 *
 * Since: 1.0
 */
gboolean
bubus_plugin_setting_get_given (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), FALSE);

  return self->given;
}

/**
 * bubus_plugin_setting_get_error: (get-property error)
 * @self: a setting
 *
 * Gives why the plugin could not be activated with this setting.
 *
 * Returns: (transfer none) (nullable): the error
 *
 * Since: 1.0
 */
const GError *
bubus_plugin_setting_get_error (BubusPluginSetting *self)
{
  g_return_val_if_fail (BUBUS_IS_PLUGIN_SETTING (self), NULL);

  return self->error;
}
