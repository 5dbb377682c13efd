/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-info.h"
#include "bubus-plugin-plan-private.h"

G_BEGIN_DECLS

GPtrArray        *_bubus_plugin_scanner_scan  (GPtrArray *directories,
                                               GPtrArray *old_infos);
BubusPluginTable *_bubus_plugin_scanner_index (GPtrArray *infos);

G_END_DECLS
