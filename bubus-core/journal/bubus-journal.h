/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-event-bus.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_JOURNAL (bubus_journal_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusJournal, bubus_journal, BUBUS, JOURNAL, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusJournal *bubus_journal_new            (GFile         *file) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GFile        *bubus_journal_get_file       (BubusJournal  *self);
BUBUS_AVAILABLE_IN_ALL
guint64       bubus_journal_get_n_written  (BubusJournal  *self);
BUBUS_AVAILABLE_IN_ALL
guint64       bubus_journal_get_n_failed   (BubusJournal  *self);

G_END_DECLS
