/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-tree-words-internal.h"

G_BEGIN_DECLS

typedef enum
{
  BUBUS_TREE_PLAIN,
  BUBUS_TREE_STRONG,
  BUBUS_TREE_FAINT,
  BUBUS_TREE_BAD,
} BubusTreeColor;

/* An icon or a connector in UTF-8, and what stands for it in ASCII. */
typedef struct
{
  const char *utf8;
  const char *ascii;
} BubusTreeSign;

static inline const char *
_bubus_tree_sign_get (BubusTreeSign  sign,
                      BubusTreeFlags flags)
{
  return flags & BUBUS_TREE_ASCII ? sign.ascii : sign.utf8;
}

void        _bubus_tree_begin_color       (GString          *out,
                                           BubusTreeFlags    flags,
                                           BubusTreeColor    color);
void        _bubus_tree_end_color         (GString          *out,
                                           BubusTreeFlags    flags);
void        _bubus_tree_append_rule       (GString          *out);
gint64      _bubus_tree_get_event_start   (BubusEvent       *event);
char       *_bubus_tree_dup_error_name    (const GError     *error) G_GNUC_WARN_UNUSED_RESULT;
void        _bubus_tree_append_event      (GString          *out,
                                           BubusTreeFlags    flags,
                                           BubusEvent       *event);
void        _bubus_tree_append_elsewhere  (GString          *out,
                                           BubusTreeFlags    flags,
                                           BubusEvent       *event);
void        _bubus_tree_append_handler    (GString          *out,
                                           BubusTreeFlags    flags,
                                           BubusEventResult *result);
void        _bubus_tree_append_outcome    (GString          *out,
                                           BubusTreeFlags    flags,
                                           BubusEventResult *result);
void        _bubus_tree_append_result     (GString          *out,
                                           BubusTreeFlags    flags,
                                           BubusEventResult *result);

G_END_DECLS
