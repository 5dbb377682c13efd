/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "flow/bubus-attempt.h"
#include "flow/bubus-permit.h"

G_BEGIN_DECLS

/**
 * BubusOperationFunc:
 * @attempt: this attempt: where to put the answer
 * @user_data: (closure): what was given with the function
 * @error: where to put why the attempt failed at once
 *
 * Starts an attempt at something.
 *
 * It answers with one of the `return_` functions of @attempt, before it returns or later; in the latter case it takes a
 * reference to @attempt. Returning %FALSE means that the attempt has failed, also when @error was not set.
 *
 * Returns: whether the attempt has been started
 *
 * Since: 1.0
 */
typedef gboolean (*BubusOperationFunc) (BubusAttempt  *attempt,
                                        gpointer       user_data,
                                        GError       **error);

#define BUBUS_TYPE_OPERATION (bubus_operation_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusOperation, bubus_operation, BUBUS, OPERATION, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusOperation *bubus_operation_new       (BubusOperationFunc   func,
                                           gpointer             user_data,
                                           GDestroyNotify       notify) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
GObject        *bubus_operation_ref_owner (BubusOperation      *self) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
void            bubus_operation_set_owner (BubusOperation      *self,
                                           GObject             *owner);
BUBUS_AVAILABLE_IN_ALL
BubusPermit    *bubus_operation_get_held  (BubusOperation      *self);
BUBUS_AVAILABLE_IN_ALL
void            bubus_operation_set_held  (BubusOperation      *self,
                                           BubusPermit         *held);
BUBUS_AVAILABLE_IN_ALL
const char     *bubus_operation_get_name  (BubusOperation      *self);
BUBUS_AVAILABLE_IN_ALL
void            bubus_operation_set_name  (BubusOperation      *self,
                                           const char          *name);

G_END_DECLS
