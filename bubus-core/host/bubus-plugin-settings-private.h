/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-manifest-private.h"

G_BEGIN_DECLS

GVariant  *_bubus_plugin_settings_read (const BubusPluginManifest  *manifest,
                                        GKeyFile                   *values,
                                        GError                    **error);
GPtrArray *_bubus_plugin_settings_list (const BubusPluginManifest  *manifest,
                                        GKeyFile                   *values,
                                        GError                    **error);
gboolean   _bubus_plugin_settings_set  (const BubusPluginManifest  *manifest,
                                        GKeyFile                   *values,
                                        const char                 *key,
                                        GVariant                   *value,
                                        GError                    **error);
char      *_bubus_plugin_settings_name (const char                 *module);

G_END_DECLS
