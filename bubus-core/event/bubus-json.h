/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-types.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_JSON (bubus_json_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType       bubus_json_get_type (void);
BUBUS_AVAILABLE_IN_ALL
BubusJson  *bubus_json_new      (const char       *text,
                                 gssize            length,
                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusJson  *bubus_json_ref      (BubusJson        *self);
BUBUS_AVAILABLE_IN_ALL
void        bubus_json_unref    (BubusJson        *self);
BUBUS_AVAILABLE_IN_ALL
const char *bubus_json_get_text (const BubusJson  *self);
BUBUS_AVAILABLE_IN_ALL
gsize       bubus_json_get_size (const BubusJson  *self);
BUBUS_AVAILABLE_IN_ALL
gboolean    bubus_json_equal    (const BubusJson  *a,
                                 const BubusJson  *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusJson, bubus_json_unref)

G_END_DECLS
