/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

/**
 * BubusTreeFlags:
 * @BUBUS_TREE_NONE: UTF-8, with line drawing and pictures
 * @BUBUS_TREE_ASCII: ASCII only; other characters of names and values become `\uXXXX`
 * @BUBUS_TREE_COLOR: with the escape sequences that colour text on terminals
 *
 * How events are written as text for people.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_TREE_NONE  = 0,
  BUBUS_TREE_ASCII = 1 << 0,
  BUBUS_TREE_COLOR = 1 << 1,
} BubusTreeFlags;

#define BUBUS_TYPE_TREE_FLAGS (bubus_tree_flags_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType  bubus_tree_flags_get_type (void);

BUBUS_AVAILABLE_IN_ALL
char  *bubus_event_format_tree   (BubusEvent      *self,
                                  BubusTreeFlags   flags) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
char  *bubus_tree_format_events  (GPtrArray       *events,
                                  BubusTreeFlags   flags) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
char  *bubus_event_format_line   (BubusEvent      *self,
                                  BubusTreeFlags   flags) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
