/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "event/bubus-results.h"

G_BEGIN_DECLS

BUBUS_AVAILABLE_IN_ALL
void     bubus_results_wait_async  (BubusResults         *self,
                                    GCancellable         *cancellable,
                                    GAsyncReadyCallback   callback,
                                    gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean bubus_results_wait_finish (BubusResults         *self,
                                    GAsyncResult         *result,
                                    GError              **error);

G_END_DECLS
