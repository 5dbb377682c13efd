/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined (BUBUS_INSIDE) && !defined (BUBUS_COMPILATION)
# error "Only <bubus.h> can be included directly."
#endif

#include "flow/bubus-policy.h"

G_BEGIN_DECLS

/**
 * BubusCircuitState:
 * @BUBUS_CIRCUIT_STATE_CLOSED: every operation is let through
 * @BUBUS_CIRCUIT_STATE_OPEN: none is
 * @BUBUS_CIRCUIT_STATE_HALF_OPEN: one is, as a test
 *
 * Whether a circuit breaker lets operations through.
 *
 * Since: 1.0
 */
typedef enum
{
  BUBUS_CIRCUIT_STATE_CLOSED,
  BUBUS_CIRCUIT_STATE_OPEN,
  BUBUS_CIRCUIT_STATE_HALF_OPEN,
} BubusCircuitState;

#define BUBUS_TYPE_CIRCUIT_STATE (bubus_circuit_state_get_type ())

BUBUS_AVAILABLE_IN_ALL
GType bubus_circuit_state_get_type (void);

#define BUBUS_TYPE_CIRCUIT_BREAKER (bubus_circuit_breaker_get_type ())

BUBUS_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (BubusCircuitBreaker, bubus_circuit_breaker, BUBUS, CIRCUIT_BREAKER, GObject)

BUBUS_AVAILABLE_IN_ALL
BubusCircuitBreaker *bubus_circuit_breaker_new                   (void) G_GNUC_WARN_UNUSED_RESULT;
BUBUS_AVAILABLE_IN_ALL
guint                bubus_circuit_breaker_get_failure_threshold (BubusCircuitBreaker *self);
BUBUS_AVAILABLE_IN_ALL
void                 bubus_circuit_breaker_set_failure_threshold (BubusCircuitBreaker *self,
                                                                  guint                n_failures);
BUBUS_AVAILABLE_IN_ALL
double               bubus_circuit_breaker_get_reset_timeout     (BubusCircuitBreaker *self);
BUBUS_AVAILABLE_IN_ALL
void                 bubus_circuit_breaker_set_reset_timeout     (BubusCircuitBreaker *self,
                                                                  double               seconds);
BUBUS_AVAILABLE_IN_ALL
BubusCircuitState    bubus_circuit_breaker_get_state             (BubusCircuitBreaker *self);

G_END_DECLS
