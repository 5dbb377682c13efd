/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-circuit-breaker.h"

#include "base/bubus-error.h"
#include "bubus-attempt-internal.h"
#include "bubus-operation-private.h"

/**
 * BubusCircuitBreaker:
 *
 * Stops asking for a while when the answer has been an error too often.
 *
 * A closed circuit lets every operation through. After [property@CircuitBreaker:failure-threshold] failures in a row it
 * opens: operations fail at once with %BUBUS_ERROR_CIRCUIT_OPEN. After [property@CircuitBreaker:reset-timeout] it is
 * half open: one operation is let through, the others still fail at once. When that one succeeds the circuit is closed
 * again; when it fails it is open for another while; when it has said nothing for as long as that, another one is let
 * through. A cancelled operation says nothing in either direction.
 *
 * Under a [class@RetryPolicy] the breaker belongs inside, so that every attempt counts: wrap the operation with the
 * breaker and run it with the retry policy.
 *
 * May be used from any thread; its properties are to be set before it is used.
 *
 * Since: 1.0
 */

struct _BubusCircuitBreaker
{
  GObject            parent_instance;

  guint              failure_threshold;
  double             reset_timeout;      /* seconds */

  GMutex             mutex;              /* guards what follows */
  BubusCircuitState  state;
  guint              n_failures;         /* in a row, while closed */
  gint64             opened_at;
  gboolean           testing;            /* half open, and the one operation is on its way */
  gint64             tested_at;          /* since when */
};

typedef enum
{
  PROP_FAILURE_THRESHOLD = 1,
  PROP_RESET_TIMEOUT,
  PROP_STATE,
} BubusCircuitBreakerProperty;

static GParamSpec *properties[PROP_STATE + 1];

static void bubus_circuit_breaker_policy_init (BubusPolicyInterface *iface);

G_DEFINE_ENUM_TYPE (BubusCircuitState, bubus_circuit_state,
                    G_DEFINE_ENUM_VALUE (BUBUS_CIRCUIT_STATE_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (BUBUS_CIRCUIT_STATE_OPEN, "open"),
                    G_DEFINE_ENUM_VALUE (BUBUS_CIRCUIT_STATE_HALF_OPEN, "half-open"))

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusCircuitBreaker, bubus_circuit_breaker, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_POLICY, bubus_circuit_breaker_policy_init))

/* ---- the circuit ---- */

static void
bubus_circuit_breaker_announce (BubusCircuitBreaker *self,
                                BubusCircuitState    before)
{
  if (bubus_circuit_breaker_get_state (self) != before)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* How an operation is let through: not at all, as any, or as the test of a half open circuit. */
typedef enum
{
  BUBUS_PASSAGE_REFUSED,
  BUBUS_PASSAGE_NORMAL,
  BUBUS_PASSAGE_TEST,
} BubusPassage;

static BubusPassage
bubus_circuit_breaker_ask_locked (BubusCircuitBreaker *self,
                                  gint64               now)
{
  if (self->state == BUBUS_CIRCUIT_STATE_CLOSED)
    return BUBUS_PASSAGE_NORMAL;
  if (self->state == BUBUS_CIRCUIT_STATE_OPEN && now - self->opened_at < _bubus_seconds_to_ns (self->reset_timeout))
    return BUBUS_PASSAGE_REFUSED;

  self->state = BUBUS_CIRCUIT_STATE_HALF_OPEN;
  if (self->testing && now - self->tested_at < MAX (_bubus_seconds_to_ns (self->reset_timeout), 1))
    return BUBUS_PASSAGE_REFUSED;

  self->testing = TRUE;
  self->tested_at = now;
  return BUBUS_PASSAGE_TEST;
}

static void
bubus_circuit_breaker_open_locked (BubusCircuitBreaker *self,
                                   gint64               now)
{
  self->state = BUBUS_CIRCUIT_STATE_OPEN;
  self->opened_at = now;
  self->n_failures = 0;
}

/* What the outcome of an operation says. One that was let through before the circuit opened says nothing any more. */
static void
bubus_circuit_breaker_note_locked (BubusCircuitBreaker *self,
                                   BubusPassage         passage,
                                   const GError        *error,
                                   gint64               now)
{
  if (passage == BUBUS_PASSAGE_TEST)
    self->testing = FALSE;
  if (error != NULL && _bubus_error_is_cancellation (error))
    return;

  if (passage == BUBUS_PASSAGE_TEST && error == NULL)
    {
      self->state = BUBUS_CIRCUIT_STATE_CLOSED;
      self->n_failures = 0;
    }
  else if (passage == BUBUS_PASSAGE_TEST)
    bubus_circuit_breaker_open_locked (self, now);
  else if (self->state == BUBUS_CIRCUIT_STATE_CLOSED && error == NULL)
    self->n_failures = 0;
  else if (self->state == BUBUS_CIRCUIT_STATE_CLOSED && ++self->n_failures >= self->failure_threshold)
    bubus_circuit_breaker_open_locked (self, now);
}

/* ---- policy ---- */

typedef struct
{
  BubusCircuitBreaker *breaker;
  BubusAttempt        *outer;
  BubusPassage         passage;
} BubusPassing;

static void
bubus_passing_free (BubusPassing *self)
{
  g_object_unref (self->breaker);
  g_object_unref (self->outer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusPassing, bubus_passing_free)

static void
bubus_circuit_breaker_passed_cb (BubusAttempt *attempt,
                                 gpointer      data)
{
  g_autoptr (BubusPassing) passing = data;
  BubusCircuitBreaker *self = passing->breaker;
  gint64 now = bubus_clock_get_time (bubus_attempt_get_clock (attempt));
  const GError *error = _bubus_attempt_get_reason (attempt);
  BubusCircuitState before;

  g_mutex_lock (&self->mutex);
  before = self->state;
  bubus_circuit_breaker_note_locked (self, passing->passage, error, now);
  g_mutex_unlock (&self->mutex);

  bubus_circuit_breaker_announce (self, before);
  _bubus_attempt_pass_on (attempt, passing->outer);
}

static void
bubus_circuit_breaker_let_through (BubusCircuitBreaker *self,
                                   BubusPassage         passage,
                                   BubusOperation      *operation,
                                   BubusAttempt        *attempt)
{
  BubusPassing *passing = g_new0 (BubusPassing, 1);
  g_autoptr (BubusAttempt) inner = NULL;

  passing->breaker = g_object_ref (self);
  passing->outer = g_object_ref (attempt);
  passing->passage = passage;
  inner = _bubus_attempt_new_inner (attempt, bubus_attempt_get_number (attempt), bubus_circuit_breaker_passed_cb,
                                    passing);
  _bubus_operation_start (operation, inner);
}

static void
bubus_circuit_breaker_execute (BubusPolicy    *policy,
                               BubusOperation *operation,
                               BubusAttempt   *attempt)
{
  BubusCircuitBreaker *self = BUBUS_CIRCUIT_BREAKER (policy);
  gint64 now = bubus_clock_get_time (bubus_attempt_get_clock (attempt));
  BubusCircuitState before;
  BubusPassage passage;

  g_mutex_lock (&self->mutex);
  before = self->state;
  passage = bubus_circuit_breaker_ask_locked (self, now);
  g_mutex_unlock (&self->mutex);

  bubus_circuit_breaker_announce (self, before);
  if (passage == BUBUS_PASSAGE_REFUSED)
    bubus_attempt_return_error_literal (attempt, BUBUS_ERROR, BUBUS_ERROR_CIRCUIT_OPEN,
                                        "The circuit is open: it has failed too often of late");
  else
    bubus_circuit_breaker_let_through (self, passage, operation, attempt);
}

static void
bubus_circuit_breaker_policy_init (BubusPolicyInterface *iface)
{
  iface->execute = bubus_circuit_breaker_execute;
}

/* ---- object ---- */

static void
bubus_circuit_breaker_finalize (GObject *object)
{
  g_mutex_clear (&BUBUS_CIRCUIT_BREAKER (object)->mutex);

  G_OBJECT_CLASS (bubus_circuit_breaker_parent_class)->finalize (object);
}

static void
bubus_circuit_breaker_get_property (GObject    *object,
                                    guint       prop_id,
                                    GValue     *value,
                                    GParamSpec *pspec)
{
  BubusCircuitBreaker *self = BUBUS_CIRCUIT_BREAKER (object);

  switch ((BubusCircuitBreakerProperty) prop_id)
    {
    case PROP_FAILURE_THRESHOLD:
      g_value_set_uint (value, bubus_circuit_breaker_get_failure_threshold (self));
      break;
    case PROP_RESET_TIMEOUT:
      g_value_set_double (value, bubus_circuit_breaker_get_reset_timeout (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, bubus_circuit_breaker_get_state (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_circuit_breaker_set_property (GObject      *object,
                                    guint         prop_id,
                                    const GValue *value,
                                    GParamSpec   *pspec)
{
  BubusCircuitBreaker *self = BUBUS_CIRCUIT_BREAKER (object);

  switch (prop_id)
    {
    case PROP_FAILURE_THRESHOLD:
      bubus_circuit_breaker_set_failure_threshold (self, g_value_get_uint (value));
      break;
    case PROP_RESET_TIMEOUT:
      bubus_circuit_breaker_set_reset_timeout (self, g_value_get_double (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_circuit_breaker_class_init (BubusCircuitBreakerClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_circuit_breaker_finalize;
  object_class->get_property = bubus_circuit_breaker_get_property;
  object_class->set_property = bubus_circuit_breaker_set_property;

  /**
   * BubusCircuitBreaker:failure-threshold: (getter get_failure_threshold) (setter set_failure_threshold)
   *
   * How many failures in a row open the circuit.
   *
   * Since: 1.0
   */
  properties[PROP_FAILURE_THRESHOLD] =
    g_param_spec_uint ("failure-threshold", NULL, NULL, 1, G_MAXUINT, 5, flags);

  /**
   * BubusCircuitBreaker:reset-timeout: (getter get_reset_timeout) (setter set_reset_timeout)
   *
   * How long the circuit stays open before an operation is let through as a test, in seconds.
   *
   * Since: 1.0
   */
  properties[PROP_RESET_TIMEOUT] =
    g_param_spec_double ("reset-timeout", NULL, NULL, 0, G_MAXDOUBLE, 30, flags);

  /**
   * BubusCircuitBreaker:state: (getter get_state)
   *
   * Whether operations are let through. It is told in the thread of the operation that changed it. An open circuit is
   * found to be half open by the next operation.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, BUBUS_TYPE_CIRCUIT_STATE, BUBUS_CIRCUIT_STATE_CLOSED,
                       (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_circuit_breaker_init (BubusCircuitBreaker *self)
{
  g_mutex_init (&self->mutex);
  self->failure_threshold = 5;
  self->reset_timeout = 30;
}

/* ---- public ---- */

/**
 * bubus_circuit_breaker_new:
 *
 * Makes a circuit breaker that opens after five failures in a row, for thirty seconds.
 *
 * Returns: (transfer full): a new circuit breaker
 *
 * Since: 1.0
 */
BubusCircuitBreaker *
bubus_circuit_breaker_new (void)
{
  return g_object_new (BUBUS_TYPE_CIRCUIT_BREAKER, NULL);
}

/**
 * bubus_circuit_breaker_get_failure_threshold: (get-property failure-threshold)
 * @self: a circuit breaker
 *
 * Says how many failures in a row open the circuit.
 *
 * Returns: how many
 *
 * Since: 1.0
 */
guint
bubus_circuit_breaker_get_failure_threshold (BubusCircuitBreaker *self)
{
  g_return_val_if_fail (BUBUS_IS_CIRCUIT_BREAKER (self), 0);

  return self->failure_threshold;
}

/**
 * bubus_circuit_breaker_set_failure_threshold: (set-property failure-threshold)
 * @self: a circuit breaker
 * @n_failures: how many; at least 1
 *
 * Says how many failures in a row open the circuit.
 *
 * Since: 1.0
 */
void
bubus_circuit_breaker_set_failure_threshold (BubusCircuitBreaker *self,
                                             guint                n_failures)
{
  g_return_if_fail (BUBUS_IS_CIRCUIT_BREAKER (self));
  g_return_if_fail (n_failures > 0);

  if (self->failure_threshold == n_failures)
    return;

  self->failure_threshold = n_failures;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FAILURE_THRESHOLD]);
}

/**
 * bubus_circuit_breaker_get_reset_timeout: (get-property reset-timeout)
 * @self: a circuit breaker
 *
 * Says how long the circuit stays open.
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
double
bubus_circuit_breaker_get_reset_timeout (BubusCircuitBreaker *self)
{
  g_return_val_if_fail (BUBUS_IS_CIRCUIT_BREAKER (self), 0);

  return self->reset_timeout;
}

/**
 * bubus_circuit_breaker_set_reset_timeout: (set-property reset-timeout)
 * @self: a circuit breaker
 * @seconds: seconds
 *
 * Says how long the circuit stays open before an operation is let through as a test.
 *
 * Since: 1.0
 */
void
bubus_circuit_breaker_set_reset_timeout (BubusCircuitBreaker *self,
                                         double               seconds)
{
  g_return_if_fail (BUBUS_IS_CIRCUIT_BREAKER (self));
  g_return_if_fail (seconds >= 0);

  if (self->reset_timeout == seconds)
    return;

  self->reset_timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RESET_TIMEOUT]);
}

/**
 * bubus_circuit_breaker_get_state: (get-property state)
 * @self: a circuit breaker
 *
 * Says whether operations are let through.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
BubusCircuitState
bubus_circuit_breaker_get_state (BubusCircuitBreaker *self)
{
  BubusCircuitState state;

  g_return_val_if_fail (BUBUS_IS_CIRCUIT_BREAKER (self), BUBUS_CIRCUIT_STATE_CLOSED);

  g_mutex_lock (&self->mutex);
  state = self->state;
  g_mutex_unlock (&self->mutex);
  return state;
}
