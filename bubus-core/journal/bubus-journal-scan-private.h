/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-file-private.h"
#include "bubus-journal-live-private.h"

G_BEGIN_DECLS

/* What an earlier life has left in a journal. */
typedef struct
{
  GQueue     unfinished;  /* of lines (GBytes): the last of each event, in the order in which they were accepted */
  GPtrArray *damages;     /* of texts: what was wrong, and where */
} BubusJournalScan;

BubusJournalScan *_bubus_journal_scan_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void              _bubus_journal_scan_free (BubusJournalScan  *self);
gboolean          _bubus_journal_scan_run  (BubusJournalScan  *self,
                                            BubusJournalFile  *file,
                                            BubusJournalLive  *live,
                                            GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusJournalScan, _bubus_journal_scan_free)

G_END_DECLS
