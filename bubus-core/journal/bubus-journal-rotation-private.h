/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-journal-writer-private.h"

G_BEGIN_DECLS

/* When a journal's file is put aside, and what becomes of it. Used by the writer's thread. */
typedef struct
{
  const BubusJournalOptions *options;
  gint64                     began_at;    /* when the first event of the file was made; 0: not known yet */
  guint                      n_opened;     /* the file that this is about */
  GArray                    *last_records; /* of BubusRotated, in order: what was put aside in this life */
  GThread                   *compressor;  /* nullable */
} BubusJournalRotation;

void     _bubus_journal_rotation_init   (BubusJournalRotation      *self,
                                         const BubusJournalOptions *options);
void     _bubus_journal_rotation_clear  (BubusJournalRotation      *self);
gboolean _bubus_journal_rotation_rotate (BubusJournalRotation      *self,
                                         BubusJournalFile          *file,
                                         gsize                      length,
                                         guint64                    last_record,
                                         GError                   **error);

G_END_DECLS
