/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-wait-private.h"

#include "bubus-journal-caller-private.h"
#include "bubus-journal-private.h"

/* A task that goes on in its own main context. */
typedef struct
{
  BubusJournalCaller    caller;
  GTask                *task;
  BubusJournalTaskFunc  func;
} BubusJournalTaskWaiter;

static void
bubus_journal_task_waiter_end (BubusJournalCaller *caller)
{
  BubusJournalTaskWaiter *self = (BubusJournalTaskWaiter *) caller;

  g_object_unref (self->task);
  g_clear_error (&caller->waiter.error);
  g_free (self);
}

static void
bubus_journal_task_waiter_go_on (BubusJournalCaller *caller)
{
  BubusJournalTaskWaiter *self = (BubusJournalTaskWaiter *) caller;

  self->func (self->task, caller->waiter.error);
}

BubusJournalWaiter *
_bubus_journal_task_waiter_new (GTask                *task,
                                BubusJournalTaskFunc  func)
{
  BubusJournalTaskWaiter *self = g_new0 (BubusJournalTaskWaiter, 1);

  _bubus_journal_caller_init (&self->caller, _bubus_journal_get_mailbox (g_task_get_source_object (task)),
                              g_task_get_context (task), g_task_get_priority (task));
  self->caller.go_on = bubus_journal_task_waiter_go_on;
  self->caller.end = bubus_journal_task_waiter_end;
  self->task = g_object_ref (task);
  self->func = func;
  return &self->caller.waiter;
}

/* ---- flush ---- */

typedef struct
{
  BubusJournalWaiter waiter;
  GMutex             lock;
  GCond              wake;
  gboolean           done;   /* guarded by @lock */
} BubusJournalThreadWaiter;

static void
bubus_journal_thread_waiter_done (BubusJournalWaiter *waiter)
{
  BubusJournalThreadWaiter *self = (BubusJournalThreadWaiter *) waiter;

  g_mutex_lock (&self->lock);
  self->done = TRUE;
  g_cond_signal (&self->wake);
  g_mutex_unlock (&self->lock);
}

/**
 * bubus_journal_flush:
 * @self: a journal
 * @error: (nullable): where to put why it failed
 *
 * Waits, without running a main context, until all that has been recorded so far is on the disk, whatever the journal's
 * durability.
 *
 * Lines that could not be written are tried again at once. When that fails, they are kept as
 * [property@Journal:retry-limit] says. Fails with %BUBUS_ERROR_JOURNAL. May be called from any thread.
 *
 * Returns: whether everything is on the disk
 *
 * Since: 1.0
 */
gboolean
bubus_journal_flush (BubusJournal  *self,
                     GError       **error)
{
  BubusJournalThreadWaiter waiter = { .waiter.done = bubus_journal_thread_waiter_done };

  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_mutex_init (&waiter.lock);
  g_cond_init (&waiter.wake);
  _bubus_journal_writer_flush (_bubus_journal_get_writer (self), &waiter.waiter);

  g_mutex_lock (&waiter.lock);
  while (!waiter.done)
    g_cond_wait (&waiter.wake, &waiter.lock);
  g_mutex_unlock (&waiter.lock);
  g_cond_clear (&waiter.wake);
  g_mutex_clear (&waiter.lock);

  if (waiter.waiter.error == NULL)
    return TRUE;
  g_propagate_error (error, waiter.waiter.error);
  return FALSE;
}

static void
bubus_journal_flushed (GTask        *task,
                       const GError *error)
{
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * bubus_journal_flush_async:
 * @self: a journal
 * @cancellable: (nullable): makes it fail in the end; what was recorded is written nevertheless
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: passed to @callback
 *
 * Waits until all that has been recorded so far is on the disk, whatever the journal's durability. After that an event
 * that was complete before survives a power failure.
 *
 * See [method@Journal.flush]. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_journal_flush_async (BubusJournal        *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (BUBUS_IS_JOURNAL (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_journal_flush_async);
  _bubus_journal_writer_flush (_bubus_journal_get_writer (self),
                               _bubus_journal_task_waiter_new (task, bubus_journal_flushed));
}

/**
 * bubus_journal_flush_finish:
 * @self: a journal
 * @result: what the callback was given
 * @error: (nullable): where to put why it failed
 *
 * Finishes [method@Journal.flush_async].
 *
 * Returns: whether everything is on the disk
 *
 * Since: 1.0
 */
gboolean
bubus_journal_flush_finish (BubusJournal  *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
