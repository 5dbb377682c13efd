/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-context.h"
#include "bubus-plugin-info.h"
#include "bubus-plugin-manifest-private.h"

G_BEGIN_DECLS

/* In bubus-plugin-info-properties.c. */
typedef enum
{
  BUBUS_PLUGIN_INFO_PROP_NAME = 1,
  BUBUS_PLUGIN_INFO_PROP_DISPLAY_NAME,
  BUBUS_PLUGIN_INFO_PROP_DESCRIPTION,
  BUBUS_PLUGIN_INFO_PROP_VERSION,
  BUBUS_PLUGIN_INFO_PROP_WEBSITE,
  BUBUS_PLUGIN_INFO_PROP_AUTHORS,
  BUBUS_PLUGIN_INFO_PROP_LOADER,
  BUBUS_PLUGIN_INFO_PROP_DIRECTORY,
  BUBUS_PLUGIN_INFO_PROP_PATH,
  BUBUS_PLUGIN_INFO_PROP_DEPENDS,
  BUBUS_PLUGIN_INFO_PROP_STATE,
  BUBUS_PLUGIN_INFO_PROP_ERROR,
  BUBUS_PLUGIN_INFO_PROP_ISOLATED,
  BUBUS_PLUGIN_INFO_PROP_PROCESS_ID,
} BubusPluginInfoProperty;

BubusPluginInfo           *_bubus_plugin_info_new          (BubusPluginManifest *manifest);
const BubusPluginManifest *_bubus_plugin_info_get_manifest (BubusPluginInfo     *self);
void                       _bubus_plugin_info_set_context  (BubusPluginInfo     *self,
                                                            BubusPluginContext  *context);
gboolean                   _bubus_plugin_info_is_in_use    (BubusPluginInfo     *self);
gboolean                   _bubus_plugin_info_is_broken    (BubusPluginInfo     *self);
void                       _bubus_plugin_info_set_state    (BubusPluginInfo     *self,
                                                            BubusPluginState     state);
void                       _bubus_plugin_info_mend_message (GError              *error);
void                       _bubus_plugin_info_fail         (BubusPluginInfo     *self,
                                                            BubusPluginState     state,
                                                            const GError        *error);
void                       _bubus_plugin_info_set_process_id (BubusPluginInfo   *self,
                                                            guint                process_id);
void                       _bubus_plugin_info_break        (BubusPluginInfo     *self,
                                                            const GError        *error);

void                       _bubus_plugin_info_install_properties (GObjectClass       *klass);
void                       _bubus_plugin_info_notify       (BubusPluginInfo         *self,
                                                            BubusPluginInfoProperty  property);

G_END_DECLS
