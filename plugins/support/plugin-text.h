/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void plugin_text_append_safe (GString    *out,
                              const char *text,
                              gssize      length,
                              guint       max_chars);

G_END_DECLS
