/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The first SIGINT or SIGTERM is a request that the main context hears of; the second one ends the process at once,
 * whatever it is doing. */
typedef void (*BubusInterruptFunc) (gpointer user_data);

gboolean bubus_interrupt_watch   (BubusInterruptFunc   func,
                                  gpointer             user_data,
                                  GError             **error);
void     bubus_interrupt_unwatch (void);

G_END_DECLS
