/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host.h"
#include "bubus-plugin-engine-private.h"

G_BEGIN_DECLS

/* A plugin that is active, or on its way to or from there: its object, and what it has acquired. */
typedef struct _BubusPluginUnit BubusPluginUnit;

BubusPluginUnit *_bubus_plugin_unit_start       (BubusHost         *host,
                                                 BubusPluginEngine *engine,
                                                 BubusPluginInfo   *info);
void             _bubus_plugin_unit_stop        (BubusPluginUnit   *self,
                                                 GSourceOnceFunc    waiter,
                                                 gpointer           user_data);
gboolean         _bubus_plugin_unit_advance     (BubusPluginUnit   *self);
void             _bubus_plugin_unit_force       (BubusPluginUnit   *self,
                                                 GError            *error);
void             _bubus_plugin_unit_free        (BubusPluginUnit   *self);
gboolean         _bubus_plugin_unit_is_gone     (BubusPluginUnit   *self);
gboolean         _bubus_plugin_unit_is_on_stack (BubusPluginUnit   *self);
const GError    *_bubus_plugin_unit_get_error   (BubusPluginUnit   *self);
BubusPluginInfo *_bubus_plugin_unit_get_info    (BubusPluginUnit   *self);

G_END_DECLS
