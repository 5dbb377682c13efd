/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-worker-message-private.h"
#include "event/bubus-event-result.h"

G_BEGIN_DECLS

/* What a handler has answered, on its way between a host and a worker. */
void      _bubus_worker_add_result  (GString                   *out,
                                     BubusEventResult          *result);
gboolean  _bubus_worker_read_value  (const BubusWorkerMessage  *message,
                                     GValue                    *value,
                                     GError                   **error);

G_END_DECLS
