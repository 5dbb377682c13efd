/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "flow/bubus-operation.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_POLICY (bubus_policy_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_INTERFACE (BubusPolicy, bubus_policy, BUBUS, POLICY, GObject)

/**
 * BubusPolicyInterface:
 * @g_iface: the parent interface
 *
 * What a policy implements. Only the library does so far.
 *
 * Since: 1.0
 */
struct _BubusPolicyInterface
{
  GTypeInterface g_iface;

  /*< private >*/
  void (*execute) (BubusPolicy    *self,
                   BubusOperation *operation,
                   BubusAttempt   *attempt);
  gpointer _reserved[8];
};

BUBUS_AVAILABLE_IN_ALL
void            bubus_policy_run_async  (BubusPolicy          *self,
                                         BubusOperation       *operation,
                                         GCancellable         *cancellable,
                                         GAsyncReadyCallback   callback,
                                         gpointer              user_data);
BUBUS_AVAILABLE_IN_ALL
gboolean        bubus_policy_run_finish (BubusPolicy          *self,
                                         GAsyncResult         *result,
                                         GValue               *value,
                                         GError              **error);
BUBUS_AVAILABLE_IN_ALL
BubusOperation *bubus_policy_wrap       (BubusPolicy          *self,
                                         BubusOperation       *operation) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
