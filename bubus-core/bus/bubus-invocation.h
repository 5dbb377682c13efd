/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "bus/bubus-handler.h"

G_BEGIN_DECLS

/**
 * BubusDispatchFlags:
 * @BUBUS_DISPATCH_NONE: what a handler dispatches is a child, and its parent waits for it
 * @BUBUS_DISPATCH_BACKGROUND: a child that its parent does not wait for
 * @BUBUS_DISPATCH_DETACHED: no child, but a root of its own
 *
 * What an event that a handler dispatches is to the event that is handled.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_DISPATCH_NONE       = 0,
  BUBUS_DISPATCH_BACKGROUND = 1 << 0,
  BUBUS_DISPATCH_DETACHED   = 1 << 1,
} BubusDispatchFlags;

#define BUBUS_TYPE_DISPATCH_FLAGS (bubus_dispatch_flags_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_dispatch_flags_get_type (void);

#define BUBUS_TYPE_INVOCATION (bubus_invocation_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusInvocation, bubus_invocation, BUBUS, INVOCATION, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusEvent    *bubus_invocation_get_event            (BubusInvocation      *self);
BUBUS_AVAILABLE_IN_ALL
BubusEventBus *bubus_invocation_get_bus              (BubusInvocation      *self);
BUBUS_AVAILABLE_IN_ALL
const char    *bubus_invocation_get_handler_id       (BubusInvocation      *self);
BUBUS_AVAILABLE_IN_ALL
GCancellable  *bubus_invocation_get_cancellable      (BubusInvocation      *self);

BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_defer                (BubusInvocation      *self);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_invocation_is_deferred          (BubusInvocation      *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_nothing       (BubusInvocation      *self);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_value         (BubusInvocation      *self,
                                                      const GValue         *value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_boolean       (BubusInvocation      *self,
                                                      gboolean              value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_int           (BubusInvocation      *self,
                                                      int                   value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_int64         (BubusInvocation      *self,
                                                      gint64                value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_double        (BubusInvocation      *self,
                                                      double                value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_number        (BubusInvocation      *self,
                                                      double                value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_string        (BubusInvocation      *self,
                                                      const char           *value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_variant       (BubusInvocation      *self,
                                                      GVariant             *value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_json          (BubusInvocation      *self,
                                                      BubusJson            *value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_object        (BubusInvocation      *self,
                                                      GObject              *value);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_error         (BubusInvocation      *self,
                                                      const GError         *error);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_return_error_literal (BubusInvocation      *self,
                                                      GQuark                domain,
                                                      int                   code,
                                                      const char           *message);

BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_invocation_dispatch             (BubusInvocation      *self,
                                                      BubusEventBus        *bus,
                                                      BubusEvent           *event,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_invocation_dispatch_with_flags  (BubusInvocation      *self,
                                                      BubusEventBus        *bus,
                                                      BubusEvent           *event,
                                                      BubusDispatchFlags    flags,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_invocation_run                  (BubusInvocation      *self,
                                                      BubusEvent           *event,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_invocation_start                (BubusInvocation      *self,
                                                      BubusEvent           *event,
                                                      GError              **error);
BUBUS_AVAILABLE_IN_ALL
void           bubus_invocation_run_async            (BubusInvocation      *self,
                                                      BubusEvent           *event,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean       bubus_invocation_run_finish           (BubusInvocation      *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);

G_END_DECLS
