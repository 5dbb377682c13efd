/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <math.h>

#include "bubus-retry-policy-private.h"

#include "base/bubus-error.h"

/* Whether a failed operation is tried again, and when. */

static gboolean
bubus_retry_policy_is_reason (BubusRetryPolicy *self,
                              const GError     *error)
{
  for (guint i = 0; i < self->reasons->len; i++)
    {
      const BubusRetryReason *reason = &g_array_index (self->reasons, BubusRetryReason, i);

      if (error->domain == reason->domain && (reason->code < 0 || error->code == reason->code))
        return TRUE;
    }
  return FALSE;
}

/* What the user has chosen; without any choice every error will do. */
static gboolean
bubus_retry_policy_accepts (BubusRetryPolicy *self,
                            const GError     *error,
                            guint             attempt)
{
  if (self->reasons == NULL && self->predicate == NULL)
    return TRUE;
  if (self->reasons != NULL && bubus_retry_policy_is_reason (self, error))
    return TRUE;
  return self->predicate != NULL && self->predicate (error, attempt, self->predicate_data);
}

static gboolean
bubus_error_is_final (const GError *error)
{
  return _bubus_error_is_cancellation (error) || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_CANCELLED)
         || g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_ABORTED);
}

gboolean
_bubus_retry_policy_allows (BubusRetryPolicy *self,
                            const GError     *error,
                            guint             attempt)
{
  return attempt <= self->retries && !bubus_error_is_final (error)
         && bubus_retry_policy_accepts (self, error, attempt);
}

/* The wait after failed attempt number @attempt, as chance has it this time. */
gint64
_bubus_retry_policy_draw_ns (BubusRetryPolicy *self,
                             guint             attempt)
{
  double seconds = bubus_retry_policy_get_delay (self, attempt);

  if (self->jitter > 0)
    seconds *= 1 - self->jitter * g_random_double ();
  return _bubus_seconds_to_ns (seconds);
}

void
_bubus_retry_policy_drop_predicate (BubusRetryPolicy *self)
{
  GDestroyNotify notify = self->predicate_notify;
  gpointer data = self->predicate_data;

  self->predicate = NULL;
  self->predicate_data = NULL;
  self->predicate_notify = NULL;
  if (notify != NULL)
    notify (data);
}

/* ---- public ---- */

/**
 * bubus_retry_policy_retry_on:
 * @self: a retry policy
 * @domain: an error domain
 * @code: a code of it, or −1 for all
 *
 * Chooses an error as a reason to try again; errors that are not chosen are final. May be called more than once.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_retry_on (BubusRetryPolicy *self,
                             GQuark            domain,
                             int               code)
{
  BubusRetryReason reason = { domain, code };

  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));
  g_return_if_fail (domain != 0);

  if (self->reasons == NULL)
    self->reasons = g_array_new (FALSE, FALSE, sizeof (BubusRetryReason));
  g_array_append_val (self->reasons, reason);
}

/**
 * bubus_retry_policy_set_predicate:
 * @self: a retry policy
 * @func: (nullable) (scope notified) (closure user_data) (destroy notify): decides whether an error is a reason to try
 *   again
 * @user_data: passed to @func
 * @notify: called when @user_data is not needed any more
 *
 * Has a function decide about errors that [method@RetryPolicy.retry_on] has not chosen.
 *
 * Since: 1.0
 */
void
bubus_retry_policy_set_predicate (BubusRetryPolicy *self,
                                  BubusRetryFunc    func,
                                  gpointer          user_data,
                                  GDestroyNotify    notify)
{
  g_return_if_fail (BUBUS_IS_RETRY_POLICY (self));

  _bubus_retry_policy_drop_predicate (self);
  self->predicate = func;
  self->predicate_data = user_data;
  self->predicate_notify = notify;
}

/**
 * bubus_retry_policy_get_delay:
 * @self: a retry policy
 * @attempt: the number of a failed attempt, from 1
 *
 * Says how long is waited after a failed attempt, before chance makes it shorter.
 *
 * Returns: seconds
 *
 * Since: 1.0
 */
double
bubus_retry_policy_get_delay (BubusRetryPolicy *self,
                              guint             attempt)
{
  double seconds;

  g_return_val_if_fail (BUBUS_IS_RETRY_POLICY (self), 0);
  g_return_val_if_fail (attempt > 0, 0);

  seconds = self->wait > 0 ? self->wait * pow (self->backoff_factor, attempt - 1) : 0;
  return self->max_wait > 0 ? MIN (seconds, self->max_wait) : seconds;
}
