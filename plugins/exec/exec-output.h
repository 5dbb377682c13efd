/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads one of the outputs of a program to its end, but no more than a limit, and keeps the last part of it. */
typedef struct _ExecOutput ExecOutput;

/* Called once, when there is nothing more to read. */
typedef void (*ExecOutputFunc) (ExecOutput *output,
                                gboolean    too_much,
                                gpointer    user_data);

ExecOutput *exec_output_new  (gsize           max_size,
                              gsize           max_kept);
void        exec_output_free (ExecOutput     *self);
void        exec_output_read (ExecOutput     *self,
                              GInputStream   *stream,
                              GCancellable   *cancellable,
                              ExecOutputFunc  func,
                              gpointer        user_data);
GByteArray *exec_output_get_bytes (ExecOutput *self);

G_END_DECLS
