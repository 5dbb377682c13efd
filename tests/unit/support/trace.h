/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

/* What happened, in words with spaces between them. */
void trace_valist (GString    *trace,
                   const char *format,
                   va_list     args) G_GNUC_PRINTF (2, 0);

/* Lets the main context do what there is to do. */
void settle       (void);
