/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "event/bubus-event.h"

G_BEGIN_DECLS

/* Which events of a journal are wanted. What is not set is not asked for. */
typedef struct
{
  char         *type_pattern;
  GPatternSpec *glob;
  gint64        since;         /* nanoseconds; 0: any */
  gint64        until;
  char         *event_id;
  char         *parent_id;
  char         *status;
} BubusJournalFilter;

void     _bubus_journal_filter_clear       (BubusJournalFilter *self);
void     _bubus_journal_filter_set_pattern (BubusJournalFilter *self,
                                            const char         *pattern);
gboolean _bubus_journal_filter_matches     (BubusJournalFilter *self,
                                            BubusEvent         *event);

G_END_DECLS
