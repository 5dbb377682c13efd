/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* The first trees of a run: what every root event has led to. */
typedef struct _BubusTree BubusTree;

BubusTree *bubus_tree_new      (guint           max_roots,
                                BubusTreeFlags  flags) G_GNUC_WARN_UNUSED_RESULT;
void       bubus_tree_free     (BubusTree      *self);
void       bubus_tree_add_root (BubusTree      *self,
                                BubusEvent     *root);
void       bubus_tree_append   (BubusTree      *self,
                                const char     *bus_name,
                                GString        *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusTree, bubus_tree_free)

G_END_DECLS
