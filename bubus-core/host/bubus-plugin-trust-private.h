/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

gboolean _bubus_plugin_trust_is_privileged (void);
gboolean _bubus_plugin_trust_check_status  (const char         *path,
                                            const struct stat  *status,
                                            GError            **error);
gboolean _bubus_plugin_trust_check         (const char         *path,
                                            GError            **error);

G_END_DECLS
