/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

void orders_warehouse_open (BubusPluginContext *context,
                            BubusEventBus      *bus);

G_END_DECLS
