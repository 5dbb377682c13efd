/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_JOURNAL_READER (bubus_journal_reader_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusJournalReader, bubus_journal_reader, BUBUS, JOURNAL_READER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusJournalReader *bubus_journal_reader_new         (GFile               *file) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GFile              *bubus_journal_reader_get_file    (BubusJournalReader  *self);
BUBUS_AVAILABLE_IN_ALL
BubusEvent         *bubus_journal_reader_next        (BubusJournalReader  *self,
                                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_journal_reader_get_text    (BubusJournalReader  *self);
BUBUS_AVAILABLE_IN_ALL
const char         *bubus_journal_reader_get_path    (BubusJournalReader  *self);
BUBUS_AVAILABLE_IN_ALL
guint64             bubus_journal_reader_get_line    (BubusJournalReader  *self);
BUBUS_AVAILABLE_IN_ALL
gboolean            bubus_journal_reader_is_checked  (BubusJournalReader  *self);
BUBUS_AVAILABLE_IN_ALL
gboolean            bubus_journal_reader_is_over     (BubusJournalReader  *self);
BUBUS_AVAILABLE_IN_ALL
gboolean            bubus_journal_reader_is_torn     (BubusJournalReader  *self);

G_END_DECLS
