/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "flow/bubus-policy.h"
#include "flow/bubus-semaphore.h"

G_BEGIN_DECLS

/**
 * BubusRetryFunc:
 * @error: why the attempt failed
 * @attempt: which attempt, the first is 1
 * @user_data: (closure): what was given with the function
 *
 * Decides whether a failed operation is tried again. It is not asked about cancellations, which are final.
 *
 * Returns: whether to try again
 *
 * Since: 1.0
 */
typedef gboolean (*BubusRetryFunc) (const GError *error,
                                    guint         attempt,
                                    gpointer      user_data);

#define BUBUS_TYPE_RETRY_POLICY (bubus_retry_policy_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusRetryPolicy, bubus_retry_policy, BUBUS, RETRY_POLICY, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusRetryPolicy *bubus_retry_policy_new                (void) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
double            bubus_retry_policy_get_timeout        (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_timeout        (BubusRetryPolicy *self,
                                                         double            seconds);
BUBUS_AVAILABLE_IN_ALL
guint             bubus_retry_policy_get_retries        (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_retries        (BubusRetryPolicy *self,
                                                         guint             n_retries);
BUBUS_AVAILABLE_IN_ALL
double            bubus_retry_policy_get_wait           (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_wait           (BubusRetryPolicy *self,
                                                         double            seconds);
BUBUS_AVAILABLE_IN_ALL
double            bubus_retry_policy_get_backoff_factor (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_backoff_factor (BubusRetryPolicy *self,
                                                         double            factor);
BUBUS_AVAILABLE_IN_ALL
double            bubus_retry_policy_get_max_wait       (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_max_wait       (BubusRetryPolicy *self,
                                                         double            seconds);
BUBUS_AVAILABLE_IN_ALL
double            bubus_retry_policy_get_jitter         (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_jitter         (BubusRetryPolicy *self,
                                                         double            part);
BUBUS_AVAILABLE_IN_ALL
double            bubus_retry_policy_get_slow_timeout   (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_slow_timeout   (BubusRetryPolicy *self,
                                                         double            seconds);
BUBUS_AVAILABLE_IN_ALL
BubusSemaphore   *bubus_retry_policy_get_semaphore      (BubusRetryPolicy *self);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_semaphore      (BubusRetryPolicy *self,
                                                         BubusSemaphore   *semaphore);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_retry_on           (BubusRetryPolicy *self,
                                                         GQuark            domain,
                                                         int               code);
BUBUS_AVAILABLE_IN_ALL
void              bubus_retry_policy_set_predicate      (BubusRetryPolicy *self,
                                                         BubusRetryFunc    func,
                                                         gpointer          user_data,
                                                         GDestroyNotify    notify);
BUBUS_AVAILABLE_IN_ALL
double            bubus_retry_policy_get_delay          (BubusRetryPolicy *self,
                                                         guint             attempt);

G_END_DECLS
