/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Tasks that wait for something, in a queue that a lock guards. A task whose cancellable is cancelled leaves the queue
 * and returns the error by itself. All functions are called with the lock held; none of them completes a task. */

void   _bubus_task_queue_push      (GQueue *self,
                                    GTask  *task,
                                    GMutex *lock);
void   _bubus_task_queue_push_head (GQueue *self,
                                    GTask  *task,
                                    GMutex *lock);
GTask *_bubus_task_queue_pop       (GQueue *self);
gboolean
       _bubus_task_queue_remove    (GQueue *self,
                                    GTask  *task);
void   _bubus_task_queue_steal     (GQueue *self,
                                    GQueue *tasks);

G_END_DECLS
