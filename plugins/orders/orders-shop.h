/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

void orders_shop_open (BubusPluginContext *context,
                       BubusEventBus      *bus,
                       BubusEventBus      *warehouse_bus);

G_END_DECLS
