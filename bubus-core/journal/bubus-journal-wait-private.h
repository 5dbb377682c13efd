/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "bubus-journal-writer-private.h"

G_BEGIN_DECLS

/* Called in the task's main context; @error is nullable. */
typedef void (*BubusJournalTaskFunc) (GTask        *task,
                                      const GError *error);

BubusJournalWaiter *_bubus_journal_task_waiter_new (GTask                *task,
                                                    BubusJournalTaskFunc  func) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
