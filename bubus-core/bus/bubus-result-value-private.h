/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-visit-internal.h"

G_BEGIN_DECLS

gboolean _bubus_result_check_value (BubusEventResult  *self,
                                    const GValue      *value,
                                    GError           **error);

/* Holds a pointer type, and nothing. */
static inline gboolean
_bubus_value_is_null (const GValue *value)
{
  return !_bubus_value_is_number (value) && g_value_fits_pointer (value) && g_value_peek_pointer (value) == NULL;
}

G_END_DECLS
