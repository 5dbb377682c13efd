/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "journal/bubus-journal.h"

G_BEGIN_DECLS

typedef enum
{
  PROP_FILE = 1,
  PROP_DURABILITY,
  PROP_SYNC_INTERVAL,
  PROP_RECOVERY,
  PROP_REQUIRE,
  PROP_DURABLE_COMPLETION,
  PROP_CHECKSUMS,
  PROP_RETRY_LIMIT,
  PROP_RETRY_DELAY,
  PROP_MAX_BACKLOG,
  PROP_ROTATE_SIZE,
  PROP_ROTATE_AGE,
  PROP_MAX_TOTAL_SIZE,
  PROP_COMPRESS,
  PROP_FAILING,
  PROP_CONGESTED,
} BubusJournalProperty;

void _bubus_journal_make_properties (GParamSpec   **properties);
void _bubus_journal_get_property    (GObject       *object,
                                     guint          prop_id,
                                     GValue        *value,
                                     GParamSpec    *pspec);
void _bubus_journal_set_property    (GObject       *object,
                                     guint          prop_id,
                                     const GValue  *value,
                                     GParamSpec    *pspec);

G_END_DECLS
