/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host.h"
#include "bubus-plugin.h"

G_BEGIN_DECLS

/* A plugin whose code runs in another process. */
#define BUBUS_TYPE_WORKER_PLUGIN (_bubus_worker_plugin_get_type ())

G_DECLARE_FINAL_TYPE (BubusWorkerPlugin, _bubus_worker_plugin, BUBUS, WORKER_PLUGIN, GObject)

BubusPlugin *_bubus_worker_plugin_new (BubusHost *host);

G_END_DECLS
