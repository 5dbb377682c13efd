/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_DEAD_LETTERS (bubus_dead_letters_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusDeadLetters, bubus_dead_letters, BUBUS, DEAD_LETTERS, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusDeadLetters *bubus_dead_letters_new       (BubusEventBus     *target) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint64           bubus_dead_letters_get_n_sent (BubusDeadLetters *self);
BUBUS_AVAILABLE_IN_ALL
guint64           bubus_dead_letters_get_n_lost (BubusDeadLetters *self);
BUBUS_AVAILABLE_IN_ALL
BubusEvent       *bubus_dead_letters_dup_event  (BubusEvent       *letter,
                                                GError          **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
