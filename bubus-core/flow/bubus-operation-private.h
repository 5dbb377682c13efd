/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "flow/bubus-operation.h"
#include "flow/bubus-policy.h"

G_BEGIN_DECLS

BubusOperation *_bubus_operation_new_wrapped (BubusPolicy    *policy,
                                              BubusOperation *inner) G_GNUC_WARN_UNUSED_RESULT;
void            _bubus_operation_start       (BubusOperation *self,
                                              BubusAttempt   *attempt);

G_END_DECLS
