/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host.h"
#include "bubus-plugin-context.h"

G_BEGIN_DECLS

BubusPluginContext *_bubus_plugin_context_new   (BubusHost          *host,
                                                 BubusPluginInfo    *info);
void                _bubus_plugin_context_close (BubusPluginContext *self);

G_END_DECLS
