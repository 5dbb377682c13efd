/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host.h"

G_BEGIN_DECLS

/* Several operations that one task waits for. */
void _bubus_host_begin_round  (GTask        *task);
void _bubus_host_activate_too (GTask        *task,
                               const char   *name);
void _bubus_host_end_round    (GTask        *task,
                               GError       *error);

G_END_DECLS
