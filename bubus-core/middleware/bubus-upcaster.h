/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-middleware.h"

G_BEGIN_DECLS

/**
 * BubusUpcastFunc:
 * @event: an event of an older version
 * @user_data: (closure): what was given with the function
 * @error: where to put why it cannot be converted
 *
 * Makes an event of a newer version from an older one.
 *
 * Returns: (transfer full) (nullable): a new event of the same event type, which has not been dispatched; or %NULL with
 *   @error
 *
 * Since: 1.0
 */
typedef BubusEvent *(*BubusUpcastFunc) (BubusEvent  *event,
                                        gpointer     user_data,
                                        GError     **error);

#define BUBUS_TYPE_UPCASTER (bubus_upcaster_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusUpcaster, bubus_upcaster, BUBUS, UPCASTER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusUpcaster *bubus_upcaster_new      (void) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void           bubus_upcaster_expect   (BubusUpcaster   *self,
                                        const char      *event_type,
                                        const char      *version);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_upcaster_add_step (BubusUpcaster   *self,
                                        const char      *event_type,
                                        const char      *from_version,
                                        const char      *to_version,
                                        BubusUpcastFunc  func,
                                        gpointer         user_data,
                                        GDestroyNotify   notify,
                                        GError         **error);

G_END_DECLS
