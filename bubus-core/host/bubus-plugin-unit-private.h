/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host.h"
#include "bubus-plugin-engine-private.h"

G_BEGIN_DECLS

/* A plugin that is active: its object, and what it has acquired. */
typedef struct _BubusPluginUnit BubusPluginUnit;

BubusPluginUnit *_bubus_plugin_unit_start    (BubusHost          *host,
                                              BubusPluginEngine  *engine,
                                              BubusPluginInfo    *info,
                                              GError            **error);
gboolean         _bubus_plugin_unit_stop     (BubusPluginUnit    *self,
                                              GError            **error);
BubusPluginInfo *_bubus_plugin_unit_get_info (BubusPluginUnit    *self);

G_END_DECLS
