/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-queue-internal.h"

G_BEGIN_DECLS

/* Calls that are to be made in a main context. The writer's thread writes the letters, and sends all that it has at
 * once: what goes out together comes together, in one iteration. */
typedef struct _BubusJournalMailbox BubusJournalMailbox;

typedef struct _BubusJournalLetter BubusJournalLetter;
struct _BubusJournalLetter
{
  BubusLink link;
  void    (*open) (BubusJournalLetter *self);  /* once, in the main context; @self is the function's then */
};

BubusJournalMailbox *_bubus_journal_mailbox_new         (GMainContext        *context) G_GNUC_WARN_UNUSED_RESULT;
void                 _bubus_journal_mailbox_unref       (BubusJournalMailbox *self);
GMainContext        *_bubus_journal_mailbox_get_context (BubusJournalMailbox *self);
void                 _bubus_journal_mailbox_put         (BubusJournalMailbox *self,
                                                         BubusJournalLetter  *letter);
void                 _bubus_journal_mailbox_put_all     (BubusJournalMailbox *self,
                                                         BubusQueue          *letters);
void                 _bubus_journal_mailbox_send        (BubusJournalMailbox *self);

G_END_DECLS
