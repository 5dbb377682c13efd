/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-task-queue-private.h"

/* What the source that watches a task's cancellable knows. The task's source object keeps the queue alive. */
typedef struct
{
  GTask  *task;
  GQueue *queue;
  GMutex *lock;
} BubusTaskWatch;

static GQuark bubus_task_source_quark (void);
G_DEFINE_QUARK (bubus-task-source, bubus_task_source)

static void
bubus_task_watch_free (BubusTaskWatch *self)
{
  g_object_unref (self->task);
  g_free (self);
}

static gboolean
bubus_task_queue_cancelled_cb (GCancellable *cancellable,
                               gpointer      data)
{
  BubusTaskWatch *watch = data;
  gboolean removed;

  g_mutex_lock (watch->lock);
  removed = g_queue_remove (watch->queue, watch->task);
  g_mutex_unlock (watch->lock);

  if (removed)
    {
      g_task_return_error_if_cancelled (watch->task);
      g_object_unref (watch->task);
    }
  return G_SOURCE_REMOVE;
}

static void
bubus_task_source_free (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
bubus_task_queue_watch (GQueue *self,
                        GTask  *task,
                        GMutex *lock)
{
  BubusTaskWatch *watch;
  GSource *source;

  if (g_task_get_cancellable (task) == NULL)
    return;

  watch = g_new (BubusTaskWatch, 1);
  *watch = (BubusTaskWatch) { g_object_ref (task), self, lock };
  source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (source, G_SOURCE_FUNC (bubus_task_queue_cancelled_cb), watch,
                         (GDestroyNotify) bubus_task_watch_free);
  g_source_attach (source, g_task_get_context (task));
  g_object_set_qdata_full (G_OBJECT (task), bubus_task_source_quark (), source,
                           (GDestroyNotify) bubus_task_source_free);
}

void
_bubus_task_queue_push (GQueue *self,
                        GTask  *task,
                        GMutex *lock)
{
  bubus_task_queue_watch (self, task, lock);
  g_queue_push_tail (self, g_object_ref (task));
}

void
_bubus_task_queue_push_head (GQueue *self,
                             GTask  *task,
                             GMutex *lock)
{
  bubus_task_queue_watch (self, task, lock);
  g_queue_push_head (self, g_object_ref (task));
}

/* NULL when the queue is empty. */
GTask *
_bubus_task_queue_pop (GQueue *self)
{
  GTask *task = g_queue_pop_head (self);

  if (task != NULL)
    g_object_set_qdata (G_OBJECT (task), bubus_task_source_quark (), NULL);
  return task;
}

/* Whether the task was in the queue; the queue's reference goes to the caller. */
gboolean
_bubus_task_queue_remove (GQueue *self,
                          GTask  *task)
{
  if (!g_queue_remove (self, task))
    return FALSE;

  g_object_set_qdata (G_OBJECT (task), bubus_task_source_quark (), NULL);
  return TRUE;
}

void
_bubus_task_queue_steal (GQueue *self,
                         GQueue *tasks)
{
  GTask *task;

  while ((task = _bubus_task_queue_pop (self)) != NULL)
    g_queue_push_tail (tasks, task);
}
