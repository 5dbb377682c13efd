/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-info.h"

G_BEGIN_DECLS

/* name → BubusPluginInfo; the first of several that have the same name */
typedef GHashTable BubusPluginTable;

GPtrArray *_bubus_plugin_plan_make     (BubusPluginTable  *plugins,
                                        BubusPluginInfo   *info,
                                        BubusPluginState  *state,
                                        GError           **error);
char     **_bubus_plugin_plan_sort     (BubusPluginTable  *plugins,
                                        GHashTable        *names,
                                        GError           **error);
void       _bubus_plugin_plan_explain  (GError           **error,
                                        BubusPluginInfo   *info,
                                        const char        *needed);

G_END_DECLS
