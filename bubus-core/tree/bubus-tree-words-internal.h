/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "tree/bubus-tree.h"

G_BEGIN_DECLS

/* Longer names, results and errors are cut: they are for a glance. */
#define BUBUS_TREE_MAX_CHARACTERS 72

void _bubus_tree_append_safe       (GString        *out,
                                    BubusTreeFlags  flags,
                                    const char     *text,
                                    gsize           max_characters,
                                    const char     *escaped);
void _bubus_tree_append_name       (GString        *out,
                                    BubusTreeFlags  flags,
                                    const char     *name);
void _bubus_tree_append_tail       (GString        *out,
                                    const char     *id);
void _bubus_tree_append_event_name (GString        *out,
                                    BubusTreeFlags  flags,
                                    BubusEvent     *event);

G_END_DECLS
