/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-event.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
void     bubus_event_wait_async  (BubusEvent           *self,
                                  GCancellable         *cancellable,
                                  GAsyncReadyCallback   callback,
                                  gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean bubus_event_wait_finish (BubusEvent           *self,
                                  GAsyncResult         *result,
                                  GError              **error);
BUBUS_AVAILABLE_IN_ALL
void     bubus_event_wait_for_async  (BubusEvent           *self,
                                      double                seconds,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean bubus_event_wait_for_finish (BubusEvent           *self,
                                      GAsyncResult         *result,
                                      GError              **error);

G_END_DECLS
