/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gint64 _bubus_clock_now_real (void);
gint64 _bubus_clock_pass     (_Atomic gint64 *last_ns,
                              gint64          now_ns);

G_END_DECLS
