/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus-host.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_PLUGIN_SETTING (bubus_plugin_setting_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusPluginSetting, bubus_plugin_setting, BUBUS, PLUGIN_SETTING, GObject)

BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_setting_get_name          (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_setting_get_summary       (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_plugin_setting_get_type_name     (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
GVariant           *bubus_plugin_setting_get_value         (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
GVariant           *bubus_plugin_setting_get_default_value (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
GVariant           *bubus_plugin_setting_get_minimum       (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
GVariant           *bubus_plugin_setting_get_maximum       (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
const char * const *bubus_plugin_setting_get_choices       (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
gboolean            bubus_plugin_setting_get_given         (BubusPluginSetting *self);
BUBUS_AVAILABLE_IN_ALL
const GError       *bubus_plugin_setting_get_error         (BubusPluginSetting *self);

G_END_DECLS
