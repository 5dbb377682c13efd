/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-uuid-internal.h"
#include "bubus-journal-lines-private.h"

G_BEGIN_DECLS

/* Members that a journal adds to those of an event. */
#define BUBUS_JOURNAL_RETRY   "journal_retry"   /* how often the event was dispatched again */
#define BUBUS_JOURNAL_REFUSED "journal_refused" /* why the event was not dispatched after all */

/* What a line says about the life of its event. */
typedef struct
{
  BubusUuid id;
  gboolean  over;  /* complete, or refused */
} BubusJournalEntry;

gboolean _bubus_journal_line_trim  (BubusJournalLine   *line);
gboolean _bubus_journal_line_check (BubusJournalLine   *line,
                                    GError            **error);
gboolean _bubus_journal_line_parse (BubusJournalLine   *line,
                                    BubusJournalEntry  *entry,
                                    GError            **error);

G_END_DECLS
