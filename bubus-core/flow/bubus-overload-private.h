/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-clock.h"

G_BEGIN_DECLS

/* How busy the machine is, each from 0 to 1; FALSE when that cannot be known. For tests to replace. */
typedef gboolean (*BubusLoadFunc) (double *processor,
                                   double *memory);

void      _bubus_overload_enter         (BubusClock    *clock);
void      _bubus_overload_leave         (void);
gboolean  _bubus_overload_read_load     (double        *processor,
                                         double        *memory);
void      _bubus_overload_set_load_func (BubusLoadFunc  func);

G_END_DECLS
