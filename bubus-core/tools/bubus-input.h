/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A file of lines that has been named on the command line; “-” is standard input. */
typedef struct
{
  char         *label;  /* as it stands in messages */
  GInputStream *stream;
} BubusInput;

BubusInput *bubus_input_open (const char  *name,
                              GError     **error) G_GNUC_WARN_UNUSED_RESULT;
void        bubus_input_free (BubusInput  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusInput, bubus_input_free)

G_END_DECLS
