/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "tree/bubus-tree.h"

G_BEGIN_DECLS

char *_bubus_timeout_tree_format (BubusEventResult *expired,
                                  BubusTreeFlags    flags) G_GNUC_WARN_UNUSED_RESULT;
void  _bubus_timeout_tree_log    (BubusEventResult *expired);

G_END_DECLS
