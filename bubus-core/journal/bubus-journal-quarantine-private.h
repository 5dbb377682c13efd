/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-lines-private.h"

G_BEGIN_DECLS

/* Lines that are no events, beside the journal in PATH.quarantine: one JSON object for each, with the place where it
 * stands, the reason, and its bytes. */
typedef struct
{
  char       *path;
  GHashTable *known;  /* keys of what is there already */
} BubusQuarantine;

void     _bubus_quarantine_init  (BubusQuarantine         *self,
                                  const char              *journal_path);
void     _bubus_quarantine_clear (BubusQuarantine         *self);
gboolean _bubus_quarantine_add   (BubusQuarantine         *self,
                                  const BubusJournalLine  *line,
                                  const char              *reason,
                                  GError                 **error);

G_END_DECLS
