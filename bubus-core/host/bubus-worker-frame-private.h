/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a worker has the socket as. */
#define BUBUS_WORKER_FD 3

/* One end of the socket between a host and a worker: texts go in and come out whole, each with its length in front, in
 * four bytes, the highest first. Both sides use it. */
typedef struct _BubusWorkerPipe BubusWorkerPipe;

typedef struct
{
  /* A text has come; it is not terminated. */
  void (*frame)  (gpointer      user_data,
                  const char   *text,
                  gsize         length);

  /* Nothing comes any more: the other side has closed its end, or @error has happened. */
  void (*closed) (gpointer      user_data,
                  const GError *error);
} BubusWorkerPipeFuncs;

BubusWorkerPipe *_bubus_worker_pipe_new        (int                         fd,
                                                gsize                       max_size,
                                                GMainContext               *context,
                                                const BubusWorkerPipeFuncs *funcs,
                                                gpointer                    user_data);
void             _bubus_worker_pipe_close      (BubusWorkerPipe            *self);
GString         *_bubus_worker_pipe_begin      (BubusWorkerPipe            *self);
gboolean         _bubus_worker_pipe_end        (BubusWorkerPipe            *self,
                                                GError                    **error);
void             _bubus_worker_pipe_cancel     (BubusWorkerPipe            *self);
void             _bubus_worker_pipe_drain      (BubusWorkerPipe            *self);
void             _bubus_worker_pipe_exchange   (BubusWorkerPipe            *self);
gboolean         _bubus_worker_pipe_flush      (BubusWorkerPipe            *self);

G_END_DECLS
