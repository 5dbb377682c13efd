/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <stdatomic.h>

#include "bubus-attempt-internal.h"
#include "flow/bubus-retry-policy.h"

G_BEGIN_DECLS

typedef struct
{
  GQuark domain;
  int    code;   /* negative: all of the domain */
} BubusRetryReason;

struct _BubusRetryPolicy
{
  GObject         parent_instance;

  double          timeout;         /* durations are in seconds */
  guint           retries;
  double          wait;
  double          backoff_factor;
  double          max_wait;
  double          jitter;
  double          slow_timeout;
  _Atomic gint64  warned_at;       /* when it was said of an operation that it is slow; G_MININT64: never */
  BubusSemaphore *semaphore;       /* nullable */
  GArray         *reasons;         /* nullable, of BubusRetryReason */
  BubusRetryFunc  predicate;       /* nullable */
  gpointer        predicate_data;
  GDestroyNotify  predicate_notify;
};

gboolean _bubus_retry_policy_allows   (BubusRetryPolicy *self,
                                       const GError     *error,
                                       guint             attempt);
gint64   _bubus_retry_policy_draw_ns  (BubusRetryPolicy *self,
                                       guint             attempt);
void     _bubus_retry_policy_drop_predicate (BubusRetryPolicy *self);
void     _bubus_retry_policy_execute  (BubusPolicy      *policy,
                                       BubusOperation   *operation,
                                       BubusAttempt     *attempt);

G_END_DECLS
