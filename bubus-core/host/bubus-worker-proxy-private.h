/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-plugin-context.h"
#include "bubus-worker-link-private.h"

G_BEGIN_DECLS

/* What stands in the host for the handlers of a plugin in a worker. It outlives the worker: the next one takes over. */
typedef struct _BubusWorkerProxies BubusWorkerProxies;

BubusWorkerProxies *_bubus_worker_proxies_new    (BubusHost                 *host,
                                                  BubusPluginContext        *context);
void                _bubus_worker_proxies_free   (BubusWorkerProxies        *self,
                                                  const GError              *error);
void                _bubus_worker_proxies_attach (BubusWorkerProxies        *self,
                                                  BubusWorkerLink           *link);
void                _bubus_worker_proxies_resume (BubusWorkerProxies        *self);
void                _bubus_worker_proxies_detach (BubusWorkerProxies        *self,
                                                  const GError              *error);
gboolean            _bubus_worker_proxies_take   (BubusWorkerProxies        *self,
                                                  const BubusWorkerMessage  *message,
                                                  GError                   **error);

/* What handlers in a worker dispatch, until it is complete. */
typedef struct _BubusWorkerChildren BubusWorkerChildren;

BubusWorkerChildren *_bubus_worker_children_new      (BubusHost                *host,
                                                      BubusWorkerLink          *link);
void                 _bubus_worker_children_free     (BubusWorkerChildren      *self);
void                 _bubus_worker_children_dispatch (BubusWorkerChildren      *self,
                                                      BubusInvocation          *invocation,
                                                      const BubusWorkerMessage *message);
void                 _bubus_worker_children_await    (BubusWorkerChildren      *self,
                                                      BubusInvocation          *invocation,
                                                      guint                     id);
guint                _bubus_worker_children_find     (BubusWorkerChildren      *self,
                                                      BubusEvent               *event);

G_END_DECLS
