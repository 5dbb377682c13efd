/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-recorder-private.h"

/* Somebody who waits for events: the task's data. */
typedef struct
{
  GPatternSpec *pattern;
  guint         n_missing;
  GSource      *cancelled;  /* nullable */
} BubusRecorderWait;

static void
bubus_recorder_wait_free (BubusRecorderWait *self)
{
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_pattern_spec_free (self->pattern);
  g_free (self);
}

/* Takes over the queue's reference to @task, which has left it. */
static void
bubus_recorder_tell (GTask *task)
{
  BubusRecorderWait *wait = g_task_get_task_data (task);

  if (wait->cancelled != NULL)
    g_source_destroy (wait->cancelled);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

void
_bubus_recorder_tell_waiters (BubusRecorder *self,
                              BubusEvent    *event)
{
  GList *l = self->waiters.head;

  while (l != NULL)
    {
      GTask *task = l->data;
      BubusRecorderWait *wait = g_task_get_task_data (task);
      GList *next = l->next;

      if (_bubus_recorder_matches (wait->pattern, event) && --wait->n_missing == 0)
        {
          g_queue_delete_link (&self->waiters, l);
          bubus_recorder_tell (task);
        }
      l = next;
    }
}

static gboolean
bubus_recorder_wait_cancelled_cb (GCancellable *cancellable,
                                  gpointer      data)
{
  GTask *task = data;
  BubusRecorder *self = g_task_get_source_object (task);

  if (g_queue_remove (&self->waiters, task))
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
  return G_SOURCE_REMOVE;
}

static void
bubus_recorder_queue_wait (BubusRecorder *self,
                           GTask         *task)
{
  BubusRecorderWait *wait = g_task_get_task_data (task);

  g_queue_push_tail (&self->waiters, g_object_ref (task));
  if (g_task_get_cancellable (task) == NULL)
    return;

  wait->cancelled = g_cancellable_source_new (g_task_get_cancellable (task));
  g_task_attach_source (task, wait->cancelled, G_SOURCE_FUNC (bubus_recorder_wait_cancelled_cb));
}

/**
 * bubus_recorder_wait_async:
 * @self: a recorder
 * @pattern: (nullable): an event type, a glob, or %NULL for everything
 * @n_events: how many
 * @cancellable: (nullable): gives up
 * @callback: (scope async) (closure user_data): called when there are as many
 * @user_data: passed to @callback
 *
 * Waits until so many events have been recorded, those that are there already included.
 *
 * Since: 1.0
 */
void
bubus_recorder_wait_async (BubusRecorder       *self,
                           const char          *pattern,
                           guint                n_events,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  BubusRecorderWait *wait;
  guint n_there;

  g_return_if_fail (BUBUS_IS_RECORDER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_recorder_wait_async);
  wait = g_new0 (BubusRecorderWait, 1);
  wait->pattern = g_pattern_spec_new (pattern != NULL ? pattern : "*");
  g_task_set_task_data (task, wait, (GDestroyNotify) bubus_recorder_wait_free);

  n_there = bubus_recorder_count (self, pattern);
  wait->n_missing = n_events > n_there ? n_events - n_there : 0;
  if (g_task_return_error_if_cancelled (task))
    return;
  if (wait->n_missing == 0)
    g_task_return_boolean (task, TRUE);
  else
    bubus_recorder_queue_wait (self, task);
}

/**
 * bubus_recorder_wait_finish:
 * @self: a recorder
 * @result: what the callback was given
 * @error: (nullable): where to put why the wait ended early
 *
 * Finishes [method@Recorder.wait_async].
 *
 * Returns: whether there were as many events
 *
 * Since: 1.0
 */
gboolean
bubus_recorder_wait_finish (BubusRecorder  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  g_return_val_if_fail (BUBUS_IS_RECORDER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
