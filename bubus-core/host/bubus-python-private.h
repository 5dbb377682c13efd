/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-info.h"

G_BEGIN_DECLS

gboolean _bubus_python_prepare (GError          **error);
gboolean _bubus_python_refresh (BubusPluginInfo  *info,
                                GError          **error);
char     *_bubus_python_read_traceback (const char       *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
