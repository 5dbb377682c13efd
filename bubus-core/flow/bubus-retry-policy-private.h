/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-attempt-internal.h"
#include "flow/bubus-retry-policy.h"

G_BEGIN_DECLS

gboolean _bubus_retry_policy_allows   (BubusRetryPolicy *self,
                                       const GError     *error,
                                       guint             attempt);
gint64   _bubus_retry_policy_draw_ns  (BubusRetryPolicy *self,
                                       guint             attempt);
void     _bubus_retry_policy_execute  (BubusPolicy      *policy,
                                       BubusOperation   *operation,
                                       BubusAttempt     *attempt);

G_END_DECLS
