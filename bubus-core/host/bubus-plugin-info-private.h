/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-context.h"
#include "bubus-plugin-info.h"
#include "bubus-plugin-manifest-private.h"

G_BEGIN_DECLS

BubusPluginInfo           *_bubus_plugin_info_new          (BubusPluginManifest *manifest);
const BubusPluginManifest *_bubus_plugin_info_get_manifest (BubusPluginInfo     *self);
void                       _bubus_plugin_info_set_context  (BubusPluginInfo     *self,
                                                            BubusPluginContext  *context);
gboolean                   _bubus_plugin_info_is_in_use    (BubusPluginInfo     *self);
gboolean                   _bubus_plugin_info_is_broken    (BubusPluginInfo     *self);
void                       _bubus_plugin_info_set_state    (BubusPluginInfo     *self,
                                                            BubusPluginState     state);
void                       _bubus_plugin_info_fail         (BubusPluginInfo     *self,
                                                            BubusPluginState     state,
                                                            const GError        *error);
void                       _bubus_plugin_info_set_process_id (BubusPluginInfo   *self,
                                                            guint                process_id);
void                       _bubus_plugin_info_break        (BubusPluginInfo     *self,
                                                            const GError        *error);

G_END_DECLS
