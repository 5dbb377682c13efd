/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

gboolean orders_sale_place_order (BubusEvent       *event,
                                  BubusInvocation  *invocation,
                                  gpointer          user_data,
                                  GError          **error);

G_END_DECLS
