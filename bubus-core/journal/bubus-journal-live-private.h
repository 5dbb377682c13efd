/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-uuid-internal.h"

G_BEGIN_DECLS

/* The events that a journal has recorded as accepted and not yet as complete, with the number of the record that
 * accepted each. May be used from any thread. */
typedef struct
{
  GMutex      lock;
  gboolean    recovered; /* what earlier lives have left is in the table */
  GHashTable *events;  /* BubusUuid -> guint64 */
} BubusJournalLive;

void     _bubus_journal_live_init      (BubusJournalLive *self);
void     _bubus_journal_live_clear     (BubusJournalLive *self);
gboolean _bubus_journal_live_add       (BubusJournalLive *self,
                                        const BubusUuid  *id,
                                        gboolean          waited_for);
void     _bubus_journal_live_set       (BubusJournalLive *self,
                                        const BubusUuid  *id,
                                        guint64           record);
gboolean _bubus_journal_live_is_waited_for  (BubusJournalLive *self,
                                             const BubusUuid  *id);
gboolean _bubus_journal_live_is_lost (BubusJournalLive *self,
                                      const BubusUuid  *id);
void     _bubus_journal_live_remove    (BubusJournalLive *self,
                                        const BubusUuid  *id);
gboolean _bubus_journal_live_contains  (BubusJournalLive *self,
                                        const BubusUuid  *id);
void     _bubus_journal_live_set_recovered (BubusJournalLive *self);
guint    _bubus_journal_live_count     (BubusJournalLive *self);
guint64  _bubus_journal_live_get_first (BubusJournalLive *self);

G_END_DECLS
