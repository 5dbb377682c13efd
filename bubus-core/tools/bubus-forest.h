/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* The first trees of a run: what every root event has led to. */
typedef struct _BubusForest BubusForest;

BubusForest *bubus_forest_new      (guint           max_roots,
                                    BubusTreeFlags  flags) G_GNUC_WARN_UNUSED_RESULT;
void         bubus_forest_free     (BubusForest    *self);
void         bubus_forest_add_root (BubusForest    *self,
                                    BubusEvent     *root);
void         bubus_forest_append   (BubusForest    *self,
                                    const char     *bus_name,
                                    GString        *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusForest, bubus_forest_free)

G_END_DECLS
