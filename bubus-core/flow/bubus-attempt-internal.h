/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "flow/bubus-attempt.h"

G_BEGIN_DECLS

/* Called once, in the attempt's main context, when the attempt has been answered. */
typedef void (*BubusAttemptDoneFunc) (BubusAttempt *attempt,
                                      gpointer      data);

BubusAttempt *_bubus_attempt_new         (BubusClock           *clock,
                                          GCancellable         *outer,
                                          BubusAttemptDoneFunc  done,
                                          gpointer              data) G_GNUC_WARN_UNUSED_RESULT;
BubusAttempt *_bubus_attempt_new_inner   (BubusAttempt         *parent,
                                          guint                 number,
                                          BubusAttemptDoneFunc  done,
                                          gpointer              data) G_GNUC_WARN_UNUSED_RESULT;
GMainContext *_bubus_attempt_get_context (BubusAttempt         *self);
gboolean      _bubus_attempt_is_answered (BubusAttempt         *self);
const GError *_bubus_attempt_get_error   (BubusAttempt         *self);
const GError *_bubus_attempt_get_reason  (BubusAttempt         *self);
const GValue *_bubus_attempt_get_value   (BubusAttempt         *self);
void          _bubus_attempt_set_timeout (BubusAttempt         *self,
                                          double                seconds);
void          _bubus_attempt_pass_on     (BubusAttempt         *self,
                                          BubusAttempt         *outer);
void          _bubus_attempt_set_permit  (BubusAttempt         *self,
                                          BubusPermit          *permit);

/* Cannot be counted in nanoseconds beyond a hundred years. */
static inline gint64
_bubus_seconds_to_ns (double seconds)
{
  return (gint64) (CLAMP (seconds, 0, 3155760000.0) * 1e9 + 0.5);
}

static inline gboolean
_bubus_error_is_cancellation (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

G_END_DECLS
