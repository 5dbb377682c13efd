/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "bubus-attempt-internal.h"
#include "flow/bubus-semaphore.h"

G_BEGIN_DECLS

/* Does the work that a place was acquired for, and answers @attempt. */
typedef void (*BubusGuardedFunc) (BubusAttempt *attempt,
                                  gpointer      data);

void _bubus_semaphore_acquire (BubusSemaphore   *self,
                               GObject          *owner,
                               BubusPermit      *held,
                               BubusClock       *clock,
                               double            default_timeout,
                               GTask            *task);
void _bubus_semaphore_guard   (BubusSemaphore   *self,
                               GObject          *owner,
                               double            default_timeout,
                               BubusAttempt     *attempt,
                               BubusGuardedFunc  func,
                               gpointer          data,
                               GDestroyNotify    notify);
void _bubus_semaphore_execute (BubusPolicy      *policy,
                               BubusOperation   *operation,
                               BubusAttempt     *attempt);

G_END_DECLS
