/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a pattern of event types means. Types consist of segments with dots between; most have one.
 *
 *   *      alone: every type
 *   **     as a whole segment: one or more segments
 *   *      within a segment: any characters but a dot, also none; as a whole segment, one that is not empty
 *   ?      one character, but not a dot
 *
 * Everything else stands for itself, and there is no escape. */

gboolean _bubus_pattern_is_glob (const char *pattern);
gboolean _bubus_pattern_matches (const char *pattern,
                                 const char *type);

G_END_DECLS
