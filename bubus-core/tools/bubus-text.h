/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void bubus_text_append_safe  (GString    *out,
                              const char *string);
void bubus_text_append_lines (GString    *out,
                              const char *string);

G_END_DECLS
