/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-types.h"

G_BEGIN_DECLS

gboolean _bubus_is_handling (void);

G_END_DECLS
