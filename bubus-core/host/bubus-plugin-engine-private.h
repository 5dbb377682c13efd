/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-info.h"
#include "bubus-plugin.h"

G_BEGIN_DECLS

/* Loads modules through libpeas, of which nothing is to be seen outside. */
typedef struct _BubusPluginEngine BubusPluginEngine;

BubusPluginEngine *_bubus_plugin_engine_new    (void);
void               _bubus_plugin_engine_free   (BubusPluginEngine  *self);
void               _bubus_plugin_engine_renew  (BubusPluginEngine  *self);
BubusPlugin       *_bubus_plugin_engine_load   (BubusPluginEngine  *self,
                                                BubusPluginInfo    *info,
                                                GError            **error);
void               _bubus_plugin_engine_unload (BubusPluginEngine  *self,
                                                BubusPluginInfo    *info);

G_END_DECLS
