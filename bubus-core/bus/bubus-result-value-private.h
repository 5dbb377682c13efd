/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-visit-internal.h"

G_BEGIN_DECLS

gboolean _bubus_value_is_null      (const GValue      *value);
gboolean _bubus_result_check_value (BubusEventResult  *self,
                                    const GValue      *value,
                                    GError           **error);

G_END_DECLS
