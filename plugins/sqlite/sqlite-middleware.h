/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

#define SQLITE_TYPE_MIDDLEWARE (sqlite_middleware_get_type ())

G_DECLARE_FINAL_TYPE (SqliteMiddleware, sqlite_middleware, SQLITE, MIDDLEWARE, GObject)

SqliteMiddleware *sqlite_middleware_new   (GVariant          *settings,
                                           GMainContext      *main_context,
                                           GError           **error);
void              sqlite_middleware_close (SqliteMiddleware  *self);

G_END_DECLS
