/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-json.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
BubusJson *bubus_json_new_from_variant (GVariant            *value) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GVariant  *bubus_json_to_variant       (BubusJson           *self,
                                        const GVariantType  *type,
                                        GError             **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusJson *bubus_json_new_from_value   (const GValue        *value) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
gboolean   bubus_json_to_value         (BubusJson           *self,
                                        GType                type,
                                        const GVariantType  *variant_type,
                                        GValue              *value,
                                        GError             **error);

G_END_DECLS
