/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-host.h"
#include "bubus-worker-message-private.h"

G_BEGIN_DECLS

/* A worker process, as its host sees it, from its start to its end. */
typedef struct _BubusWorkerLink BubusWorkerLink;

typedef struct
{
  /* A message has come. */
  gboolean (*message) (gpointer                   user_data,
                       const BubusWorkerMessage  *message,
                       GError                   **error);

  /* The process is no more: how it came to its end. Nothing is called after this. */
  void     (*ended)   (gpointer                   user_data,
                       const GError              *error);
} BubusWorkerLinkFuncs;

BubusWorkerLink *_bubus_worker_link_new         (BubusHost                   *host,
                                                 const BubusWorkerLinkFuncs  *funcs,
                                                 gpointer                     user_data,
                                                 GError                     **error);
void             _bubus_worker_link_free        (BubusWorkerLink             *self);
guint            _bubus_worker_link_get_pid     (BubusWorkerLink             *self);
GString         *_bubus_worker_link_begin       (BubusWorkerLink             *self,
                                                 BubusWorkerOp                op);
gboolean         _bubus_worker_link_end         (BubusWorkerLink             *self,
                                                 GError                     **error);
void             _bubus_worker_link_send_id     (BubusWorkerLink             *self,
                                                 BubusWorkerOp                op,
                                                 BubusWorkerKey               key,
                                                 guint                        id);
void             _bubus_worker_link_watch       (BubusWorkerLink             *self);
void             _bubus_worker_link_kill        (BubusWorkerLink             *self,
                                                 GError                      *reason);

G_END_DECLS
