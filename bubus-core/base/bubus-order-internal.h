/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one topological sorter of the house. */
typedef struct _BubusOrder BubusOrder;

BubusOrder *_bubus_order_new       (void);
void        _bubus_order_free      (BubusOrder  *self);
void        _bubus_order_add       (BubusOrder  *self,
                                    const char  *name);
void        _bubus_order_add_edge  (BubusOrder  *self,
                                    const char  *earlier,
                                    const char  *later);
char      **_bubus_order_sort      (BubusOrder  *self,
                                    GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusOrder, _bubus_order_free)

G_END_DECLS
