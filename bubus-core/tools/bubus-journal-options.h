/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus.h>

G_BEGIN_DECLS

/* What the verbs take that read a journal: its file, and which of its events are wanted. */
typedef struct
{
  char **files;
  char  *type;
  char  *since;
  char  *until;
  char  *id;
  char  *parent;
  char  *status;
} BubusJournalOptions;

void                bubus_journal_options_add   (BubusJournalOptions *self,
                                                 GOptionContext      *context);
void                bubus_journal_options_clear (BubusJournalOptions *self);
gboolean            bubus_journal_options_check (BubusJournalOptions *self,
                                                 gboolean             must_exist,
                                                 gint64              *since,
                                                 gint64              *until);
BubusJournalReader *bubus_journal_options_open  (BubusJournalOptions *self,
                                                 gboolean             must_exist) G_GNUC_WARN_UNUSED_RESULT;
BubusEvent         *bubus_journal_options_read  (BubusJournalReader  *reader,
                                                 guint64             *n_malformed,
                                                 gboolean            *failed) G_GNUC_WARN_UNUSED_RESULT;
void                bubus_journal_options_tell_torn (BubusJournalReader *reader);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusJournalOptions, bubus_journal_options_clear)

G_END_DECLS
