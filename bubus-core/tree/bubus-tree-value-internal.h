/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "tree/bubus-tree.h"

G_BEGIN_DECLS

void _bubus_tree_append_value (GString        *out,
                               BubusTreeFlags  flags,
                               const GValue   *value);

G_END_DECLS
