/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* What the command says to a person. Except for bubus_console_write(), on standard error: standard output holds only
 * what was asked for. */
gboolean  bubus_console_is_utf8       (void);
gboolean  bubus_console_has_colours   (int         fd);
BubusTreeFlags
          bubus_console_get_tree_flags (int        fd);
gboolean  bubus_console_is_terminal   (int         fd);
char     *bubus_console_to_locale     (const char *text,
                                       gssize      length) G_GNUC_WARN_UNUSED_RESULT;
void      bubus_console_write         (const char *text,
                                       gboolean    as_is);
void      bubus_console_print         (const char *text);
void      bubus_console_report        (const char *format,
                                       ...) G_GNUC_PRINTF (1, 2);
void      bubus_console_show_progress (const char *text);
void      bubus_console_hide_progress (void);

G_END_DECLS
