/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "flow/bubus-permit.h"
#include "flow/bubus-policy.h"

G_BEGIN_DECLS

/**
 * BubusScope:
 * @BUBUS_SCOPE_GLOBAL: everybody in the process who names the semaphore
 * @BUBUS_SCOPE_CLASS: all objects of the owner's class
 * @BUBUS_SCOPE_SELF: each owner on its own
 * @BUBUS_SCOPE_MULTIPROCESS: all processes of the user
 *
 * Who shares the places of a semaphore.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_SCOPE_GLOBAL,
  BUBUS_SCOPE_CLASS,
  BUBUS_SCOPE_SELF,
  BUBUS_SCOPE_MULTIPROCESS,
} BubusScope;

#define BUBUS_TYPE_SCOPE (bubus_scope_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_scope_get_type (void);

#define BUBUS_TYPE_SEMAPHORE (bubus_semaphore_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusSemaphore, bubus_semaphore, BUBUS, SEMAPHORE, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusSemaphore *bubus_semaphore_new             (const char           *name,
                                                 guint                 limit,
                                                 BubusScope            scope) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
const char     *bubus_semaphore_get_name        (BubusSemaphore       *self);
BUBUS_AVAILABLE_IN_ALL
guint           bubus_semaphore_get_limit       (BubusSemaphore       *self);
BUBUS_AVAILABLE_IN_ALL
BubusScope      bubus_semaphore_get_scope       (BubusSemaphore       *self);
BUBUS_AVAILABLE_IN_ALL
gboolean        bubus_semaphore_get_lax         (BubusSemaphore       *self);
BUBUS_AVAILABLE_IN_ALL
double          bubus_semaphore_get_timeout     (BubusSemaphore       *self);
BUBUS_AVAILABLE_IN_ALL
int             bubus_semaphore_get_max_waiting (BubusSemaphore       *self);
BUBUS_AVAILABLE_IN_ALL
void            bubus_semaphore_acquire_async   (BubusSemaphore       *self,
                                                 GObject              *owner,
                                                 BubusPermit          *held,
                                                 GCancellable         *cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
BubusPermit    *bubus_semaphore_acquire_finish  (BubusSemaphore       *self,
                                                 GAsyncResult         *result,
                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
BubusPermit    *bubus_semaphore_try_acquire     (BubusSemaphore       *self,
                                                 GObject              *owner,
                                                 BubusPermit          *held,
                                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
