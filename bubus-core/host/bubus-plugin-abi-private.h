/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean _bubus_plugin_abi_check_version (guint        major,
                                          guint        minor,
                                          GError     **error);
gboolean _bubus_plugin_abi_check_module  (const char  *path,
                                          GError     **error);

G_END_DECLS
