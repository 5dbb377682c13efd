/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_PERMIT (bubus_permit_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusPermit, bubus_permit, BUBUS, PERMIT, GObject)

BUBUS_AVAILABLE_IN_ALL
gboolean  bubus_permit_is_held  (BubusPermit *self);
BUBUS_AVAILABLE_IN_ALL
void      bubus_permit_release  (BubusPermit *self);

G_END_DECLS
