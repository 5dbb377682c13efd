/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
guint64 bubus_get_memory_used  (void);
BUBUS_AVAILABLE_IN_ALL
guint64 bubus_get_memory_limit (void);
BUBUS_AVAILABLE_IN_ALL
void    bubus_set_memory_limit (guint64 n_bytes);

G_END_DECLS
