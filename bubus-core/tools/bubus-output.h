/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text on its way to a file descriptor. It is handed on when there is much of it, when it has waited for long, or as
 * soon as the main context has nothing else to do. */
typedef struct _BubusOutput BubusOutput;

typedef void (*BubusOutputFunc) (const char *reason,
                                 gpointer    user_data);

BubusOutput *bubus_output_new    (int               fd,
                                  BubusOutputFunc   failed,
                                  gpointer          user_data) G_GNUC_WARN_UNUSED_RESULT;
void         bubus_output_free   (BubusOutput      *self);
GString     *bubus_output_begin  (BubusOutput      *self);
void         bubus_output_end    (BubusOutput      *self);
gboolean     bubus_output_flush  (BubusOutput      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusOutput, bubus_output_free)

G_END_DECLS
