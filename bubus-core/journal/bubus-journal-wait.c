/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-wait-private.h"

#include "bubus-journal-private.h"

/* A task that goes on in its own main context when the writer's thread has done something. That thread never gives a
 * task back: with the last task it could give the journal back, which waits for the thread. */
typedef struct
{
  BubusJournalWaiter    waiter;
  BubusJournalLetter    letter;
  GTask                *task;
  BubusJournalTaskFunc  func;
  GError               *error;
} BubusJournalTaskWaiter;

static void
bubus_journal_task_waiter_free (gpointer data)
{
  BubusJournalTaskWaiter *self = data;

  g_object_unref (self->task);
  g_clear_error (&self->error);
  g_free (self);
}

static void
bubus_journal_task_waiter_open (BubusJournalLetter *letter)
{
  BubusJournalTaskWaiter *self = BUBUS_LINK_OWNER (letter, BubusJournalTaskWaiter, letter);

  self->func (self->task, self->error);
  bubus_journal_task_waiter_free (self);
}

static gboolean
bubus_journal_task_waiter_cb (gpointer data)
{
  BubusJournalTaskWaiter *self = data;

  self->func (self->task, self->error);
  return G_SOURCE_REMOVE;
}

/* For a task of another main context than the journal's. */
static void
bubus_journal_task_waiter_send (BubusJournalTaskWaiter *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (self->task));
  g_source_set_callback (source, bubus_journal_task_waiter_cb, self, bubus_journal_task_waiter_free);
  g_source_attach (source, g_task_get_context (self->task));
}

static void
bubus_journal_task_waiter_done (BubusJournalWaiter *waiter,
                                const GError       *error)
{
  BubusJournalTaskWaiter *self = (BubusJournalTaskWaiter *) waiter;
  BubusJournalMailbox *mailbox = _bubus_journal_get_mailbox (g_task_get_source_object (self->task));

  self->error = error != NULL ? g_error_copy (error) : NULL;
  if (g_task_get_context (self->task) == _bubus_journal_mailbox_get_context (mailbox))
    _bubus_journal_mailbox_post (mailbox, &self->letter);
  else
    bubus_journal_task_waiter_send (self);
}

BubusJournalWaiter *
_bubus_journal_task_waiter_new (GTask                *task,
                                BubusJournalTaskFunc  func)
{
  BubusJournalTaskWaiter *self = g_new0 (BubusJournalTaskWaiter, 1);

  self->letter.open = bubus_journal_task_waiter_open;
  self->waiter.done = bubus_journal_task_waiter_done;
  self->task = g_object_ref (task);
  self->func = func;
  return &self->waiter;
}

/* For one that is not asked for after all. */
void
_bubus_journal_task_waiter_free (BubusJournalWaiter *waiter)
{
  bubus_journal_task_waiter_free (waiter);
}

/* ---- flush ---- */

typedef struct
{
  BubusJournalWaiter waiter;
  GMutex             lock;
  GCond              wake;
  gboolean           done;   /* guarded by @lock */
  GError            *error;
} BubusJournalThreadWaiter;

static void
bubus_journal_thread_waiter_done (BubusJournalWaiter *waiter,
                                  const GError       *error)
{
  BubusJournalThreadWaiter *self = (BubusJournalThreadWaiter *) waiter;

  g_mutex_lock (&self->lock);
  self->error = error != NULL ? g_error_copy (error) : NULL;
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

  if (waiter.error == NULL)
    return TRUE;
  g_propagate_error (error, waiter.error);
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
