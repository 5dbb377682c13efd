/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

gboolean _bubus_object_is_untouched (gpointer object);

G_END_DECLS
