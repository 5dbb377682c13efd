/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-retry-policy-private.h"

/**
 * BubusRetryPolicy:
 *
 * Tries an operation again when it has failed.
 *
 * By default there are three repetitions, each three seconds after the failure before it, and an attempt may take five
 * seconds. After attempt k the wait is [property@RetryPolicy:wait] times [property@RetryPolicy:backoff-factor] to the
 * power of k − 1; it does not count in the time limit of the attempt.
 *
 * Every error is a reason to try again, unless some have been chosen with [method@RetryPolicy.retry_on] or
 * [method@RetryPolicy.set_predicate]. A cancelled operation is never tried again. The error of the last attempt is
 * passed on unchanged.
 *
 * With [property@RetryPolicy:semaphore], a place is acquired once and held over all attempts and waits.
 *
 * When more than thirty operations run under retry policies, or the processor or the memory of the machine is nearly used
 * up, a message in the log says so, at most one in five seconds: then attempts may fail for that reason.
 *
 * Since: 1.0
 */

typedef enum
{
  PROP_TIMEOUT = 1,
  PROP_RETRIES,
  PROP_WAIT,
  PROP_BACKOFF_FACTOR,
  PROP_MAX_WAIT,
  PROP_JITTER,
  PROP_SLOW_TIMEOUT,
  PROP_SEMAPHORE,
} BubusRetryPolicyProperty;

static GParamSpec *properties[PROP_SEMAPHORE + 1];

static void
bubus_retry_policy_policy_init (BubusPolicyInterface *iface)
{
  iface->execute = _bubus_retry_policy_execute;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusRetryPolicy, bubus_retry_policy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BUBUS_TYPE_POLICY, bubus_retry_policy_policy_init))

static void
bubus_retry_policy_finalize (GObject *object)
{
  BubusRetryPolicy *self = BUBUS_RETRY_POLICY (object);

  _bubus_retry_policy_drop_predicate (self);
  g_clear_pointer (&self->reasons, g_array_unref);
  g_clear_object (&self->semaphore);

  G_OBJECT_CLASS (bubus_retry_policy_parent_class)->finalize (object);
}

static void
bubus_retry_policy_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  BubusRetryPolicy *self = BUBUS_RETRY_POLICY (object);

  switch ((BubusRetryPolicyProperty) prop_id)
    {
    case PROP_TIMEOUT:
      g_value_set_double (value, bubus_retry_policy_get_timeout (self));
      break;
    case PROP_RETRIES:
      g_value_set_uint (value, bubus_retry_policy_get_retries (self));
      break;
    case PROP_WAIT:
      g_value_set_double (value, bubus_retry_policy_get_wait (self));
      break;
    case PROP_BACKOFF_FACTOR:
      g_value_set_double (value, bubus_retry_policy_get_backoff_factor (self));
      break;
    case PROP_MAX_WAIT:
      g_value_set_double (value, bubus_retry_policy_get_max_wait (self));
      break;
    case PROP_JITTER:
      g_value_set_double (value, bubus_retry_policy_get_jitter (self));
      break;
    case PROP_SLOW_TIMEOUT:
      g_value_set_double (value, bubus_retry_policy_get_slow_timeout (self));
      break;
    case PROP_SEMAPHORE:
      g_value_set_object (value, bubus_retry_policy_get_semaphore (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_retry_policy_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  BubusRetryPolicy *self = BUBUS_RETRY_POLICY (object);

  switch ((BubusRetryPolicyProperty) prop_id)
    {
    case PROP_TIMEOUT:
      bubus_retry_policy_set_timeout (self, g_value_get_double (value));
      break;
    case PROP_RETRIES:
      bubus_retry_policy_set_retries (self, g_value_get_uint (value));
      break;
    case PROP_WAIT:
      bubus_retry_policy_set_wait (self, g_value_get_double (value));
      break;
    case PROP_BACKOFF_FACTOR:
      bubus_retry_policy_set_backoff_factor (self, g_value_get_double (value));
      break;
    case PROP_MAX_WAIT:
      bubus_retry_policy_set_max_wait (self, g_value_get_double (value));
      break;
    case PROP_JITTER:
      bubus_retry_policy_set_jitter (self, g_value_get_double (value));
      break;
    case PROP_SLOW_TIMEOUT:
      bubus_retry_policy_set_slow_timeout (self, g_value_get_double (value));
      break;
    case PROP_SEMAPHORE:
      bubus_retry_policy_set_semaphore (self, g_value_get_object (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bubus_retry_policy_create_attempt_pspecs (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusRetryPolicy:timeout: (getter get_timeout) (setter set_timeout)
   *
   * How long one attempt may take, in seconds; 0 is no limit.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT] = g_param_spec_double ("timeout", NULL, NULL, 0, G_MAXDOUBLE, 5, flags);

  /**
   * BubusRetryPolicy:slow-timeout: (getter get_slow_timeout) (setter set_slow_timeout)
   *
   * After how long an operation is called slow, in seconds; 0 is never.
   *
   * Since: 1.0
   */
  properties[PROP_SLOW_TIMEOUT] = g_param_spec_double ("slow-timeout", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);

  /**
   * BubusRetryPolicy:retries: (getter get_retries) (setter set_retries)
   *
   * How often a failed operation is tried again, beyond the first attempt.
   *
   * Since: 1.0
   */
  properties[PROP_RETRIES] = g_param_spec_uint ("retries", NULL, NULL, 0, G_MAXUINT - 1, 3, flags);

  /**
   * BubusRetryPolicy:semaphore: (getter get_semaphore) (setter set_semaphore)
   *
   * What limits how many run under the policy at a time, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_SEMAPHORE] = g_param_spec_object ("semaphore", NULL, NULL, BUBUS_TYPE_SEMAPHORE, flags);
}

static void
bubus_retry_policy_create_wait_pspecs (void)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * BubusRetryPolicy:wait: (getter get_wait) (setter set_wait)
   *
   * How long to wait before the second attempt, in seconds.
   *
   * Since: 1.0
   */
  properties[PROP_WAIT] = g_param_spec_double ("wait", NULL, NULL, 0, G_MAXDOUBLE, 3, flags);

  /**
   * BubusRetryPolicy:backoff-factor: (getter get_backoff_factor) (setter set_backoff_factor)
   *
   * By what each further wait is longer than the one before.
   *
   * Since: 1.0
   */
  properties[PROP_BACKOFF_FACTOR] = g_param_spec_double ("backoff-factor", NULL, NULL, 0, G_MAXDOUBLE, 1, flags);

  /**
   * BubusRetryPolicy:max-wait: (getter get_max_wait) (setter set_max_wait)
   *
   * How long a wait may become, in seconds; 0 is no limit.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_WAIT] = g_param_spec_double ("max-wait", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);

  /**
   * BubusRetryPolicy:jitter: (getter get_jitter) (setter set_jitter)
   *
   * Up to which part a wait is shorter, at random: 0 is not at all, 1 is down to nothing.
   *
   * Since: 1.0
   */
  properties[PROP_JITTER] = g_param_spec_double ("jitter", NULL, NULL, 0, 1, 0, flags);
}

static void
bubus_retry_policy_class_init (BubusRetryPolicyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = bubus_retry_policy_finalize;
  object_class->get_property = bubus_retry_policy_get_property;
  object_class->set_property = bubus_retry_policy_set_property;

  bubus_retry_policy_create_attempt_pspecs ();
  bubus_retry_policy_create_wait_pspecs ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bubus_retry_policy_init (BubusRetryPolicy *self)
{
  self->timeout = 5;
  self->retries = 3;
  self->wait = 3;
  self->backoff_factor = 1;
  self->warned_at = G_MININT64;
}

/* ---- public ---- */

/**
 * bubus_retry_policy_new:
 *
 * Makes a policy with three repetitions after three seconds each, and five seconds for an attempt.
 *
 * Returns: (transfer full): a new policy
 *
 * Since: 1.0
 */
BubusRetryPolicy *
bubus_retry_policy_new (void)
{
  return g_object_new (BUBUS_TYPE_RETRY_POLICY, NULL);
}

/**
 * bubus_retry_policy_get_timeout: (get-property timeout)
 * @self: a retry policy
 *
 * Says how long one attempt may take.
 *
 * Returns: seconds; 0: no limit
 *
 * Since: 1.0
 */
double
bubus_retry_policy_get_timeout (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 0);

  return self->timeout;
}

/**
 * bubus_retry_policy_set_timeout: (set-property timeout)
 * @self: a retry policy
 * @seconds: seconds; 0 is no limit
 *
 * Says how long one attempt may take. An attempt that takes longer fails with %BUBUS_ERROR_TIMED_OUT.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_timeout (BubusRetryPolicy *self,
                                double            seconds)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (seconds >= 0);

  if (self->timeout == seconds)
    return;

  self->timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT]);
}

/**
 * bubus_retry_policy_get_retries: (get-property retries)
 * @self: a retry policy
 *
 * Says how often a failed operation is tried again.
 *
 * Returns: how often, beyond the first attempt
 *
 * Since: 1.0
 */
guint
bubus_retry_policy_get_retries (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 0);

  return self->retries;
}

/**
 * bubus_retry_policy_set_retries: (set-property retries)
 * @self: a retry policy
 * @n_retries: how often, beyond the first attempt
 *
 * Says how often a failed operation is tried again.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_retries (BubusRetryPolicy *self,
                                guint             n_retries)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));

  if (self->retries == n_retries)
    return;

  self->retries = n_retries;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RETRIES]);
}

/**
 * bubus_retry_policy_get_wait: (get-property wait)
 * @self: a retry policy
 *
 * Says how long is waited before the second attempt.
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
double
bubus_retry_policy_get_wait (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 0);

  return self->wait;
}

/**
 * bubus_retry_policy_set_wait: (set-property wait)
 * @self: a retry policy
 * @seconds: seconds
 *
 * Says how long is waited before the second attempt.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_wait (BubusRetryPolicy *self,
                             double            seconds)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (seconds >= 0);

  if (self->wait == seconds)
    return;

  self->wait = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WAIT]);
}

/**
 * bubus_retry_policy_get_backoff_factor: (get-property backoff-factor)
 * @self: a retry policy
 *
 * Says by what each further wait is longer than the one before.
 *
 * Returns: the factor
 *
 * Since: 1.0
 */
double
bubus_retry_policy_get_backoff_factor (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 1);

  return self->backoff_factor;
}

/**
 * bubus_retry_policy_set_backoff_factor: (set-property backoff-factor)
 * @self: a retry policy
 * @factor: the factor
 *
 * Says by what each further wait is longer than the one before.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_backoff_factor (BubusRetryPolicy *self,
                                       double            factor)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (factor >= 0);

  if (self->backoff_factor == factor)
    return;

  self->backoff_factor = factor;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BACKOFF_FACTOR]);
}

/**
 * bubus_retry_policy_get_max_wait: (get-property max-wait)
 * @self: a retry policy
 *
 * Says how long a wait may become.
 *
 * Returns: seconds; 0: no limit
 *
 * Since: 1.0
 */
double
bubus_retry_policy_get_max_wait (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 0);

  return self->max_wait;
}

/**
 * bubus_retry_policy_set_max_wait: (set-property max-wait)
 * @self: a retry policy
 * @seconds: seconds; 0 is no limit
 *
 * Says how long a wait may become.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_max_wait (BubusRetryPolicy *self,
                                 double            seconds)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (seconds >= 0);

  if (self->max_wait == seconds)
    return;

  self->max_wait = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_WAIT]);
}

/**
 * bubus_retry_policy_get_jitter: (get-property jitter)
 * @self: a retry policy
 *
 * Says how much waits differ at random.
 *
 * Returns: the part of a wait, from 0 to 1
 *
 * Since: 1.0
 */
double
bubus_retry_policy_get_jitter (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 0);

  return self->jitter;
}

/**
 * bubus_retry_policy_set_jitter: (set-property jitter)
 * @self: a retry policy
 * @part: the part of a wait, from 0 to 1
 *
 * Says how much waits differ at random, so that not all who failed together come back together.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_jitter (BubusRetryPolicy *self,
                               double            part)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (part >= 0 && part <= 1);

  if (self->jitter == part)
    return;

  self->jitter = part;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JITTER]);
}

/**
 * bubus_retry_policy_get_slow_timeout: (get-property slow-timeout)
 * @self: a retry policy
 *
 * Says after how long an operation is called slow.
 *
 * Returns: seconds; 0: never
 *
 * Since: 1.0
 */
double
bubus_retry_policy_get_slow_timeout (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 0);

  return self->slow_timeout;
}

/**
 * bubus_retry_policy_set_slow_timeout: (set-property slow-timeout)
 * @self: a retry policy
 * @seconds: seconds; 0 is never
 *
 * Says after how long an operation is called slow, in a warning that names it ([property@Operation:name]).
 *
 * The time is that of all attempts and the waits between them, but not of the wait for the semaphore. There is one
 * warning in two seconds at most, however many operations are slow.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_slow_timeout (BubusRetryPolicy *self,
                                     double            seconds)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (seconds >= 0);

  if (self->slow_timeout == seconds)
    return;

  self->slow_timeout = seconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SLOW_TIMEOUT]);
}

/**
 * bubus_retry_policy_get_semaphore: (get-property semaphore)
 * @self: a retry policy
 *
 * Gives what limits how many run under the policy at a time.
 *
 * Returns: (transfer none) (nullable): the semaphore
 *
 * Since: 1.0
 */
BubusSemaphore *
bubus_retry_policy_get_semaphore (BubusRetryPolicy *self)
{
  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), NULL);

  return self->semaphore;
}

/**
 * bubus_retry_policy_set_semaphore: (set-property semaphore)
 * @self: a retry policy
 * @semaphore: (nullable): a semaphore
 *
 * Limits how many run under the policy at a time.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_semaphore (BubusRetryPolicy *self,
                                  BubusSemaphore   *semaphore)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (semaphore == NULL || BUBUS_IS_SEMAPHORE (semaphore));

  if (g_set_object (&self->semaphore, semaphore))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEMAPHORE]);
}
