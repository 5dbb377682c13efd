/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

gboolean plugin_buses_add_middleware (BubusPluginContext  *context,
                                      BubusMiddleware     *middleware,
                                      GError             **error);

G_END_DECLS
