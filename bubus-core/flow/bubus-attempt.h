/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "base/bubus-clock.h"
#include "flow/bubus-permit.h"

G_BEGIN_DECLS

#define BUBUS_TYPE_ATTEMPT (bubus_attempt_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusAttempt, bubus_attempt, BUBUS, ATTEMPT, GObject)

BUBUS_AVAILABLE_IN_ALL
guint         bubus_attempt_get_number           (BubusAttempt *self);
BUBUS_AVAILABLE_IN_ALL
BubusClock   *bubus_attempt_get_clock            (BubusAttempt *self);
BUBUS_AVAILABLE_IN_ALL
GCancellable *bubus_attempt_get_cancellable      (BubusAttempt *self);
BUBUS_AVAILABLE_IN_ALL
BubusPermit  *bubus_attempt_get_permit           (BubusAttempt *self);
BUBUS_AVAILABLE_IN_ALL
void          bubus_attempt_return_nothing       (BubusAttempt *self);
BUBUS_AVAILABLE_IN_ALL
void          bubus_attempt_return_value         (BubusAttempt *self,
                                                  const GValue *value);
BUBUS_AVAILABLE_IN_ALL
void          bubus_attempt_return_error         (BubusAttempt *self,
                                                  const GError *error);
BUBUS_AVAILABLE_IN_ALL
void          bubus_attempt_return_error_literal (BubusAttempt *self,
                                                  GQuark        domain,
                                                  int           code,
                                                  const char   *message);

G_END_DECLS
