/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-retry-policy-private.h"

#include "bubus-operation-private.h"
#include "bubus-overload-private.h"
#include "bubus-semaphore-private.h"

#define WARNING_INTERVAL G_GINT64_CONSTANT (2000000000)

/* One operation on its way through its attempts: in turn, an attempt or a wait has it. */
typedef struct
{
  BubusRetryPolicy *policy;
  BubusOperation   *operation;
  BubusAttempt     *outer;
  guint             number;     /* of the attempt; the first is 1 */
  gint64            started_at;
  guint             slow_id;    /* the timeout for calling it slow; 0: none */
} BubusRetryRun;

static void
bubus_retry_run_free (gpointer data)
{
  BubusRetryRun *self = data;

  _bubus_overload_leave ();
  if (self->slow_id != 0)
    bubus_clock_remove_timeout (bubus_attempt_get_clock (self->outer), self->slow_id);
  g_object_unref (self->policy);
  g_object_unref (self->operation);
  g_object_unref (self->outer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusRetryRun, bubus_retry_run_free)

/* A wait between two attempts: both the clock and the cancellable have it; the first that comes takes the run. */
typedef struct
{
  int            ref_count;  /* the main context's only */
  BubusRetryRun *run;        /* NULL when it has been taken */
  guint          timeout_id;
  GSource       *cancelled;
} BubusRetryWait;

static void
bubus_retry_wait_unref (gpointer data)
{
  BubusRetryWait *self = data;

  if (--self->ref_count > 0)
    return;

  g_clear_pointer (&self->run, bubus_retry_run_free);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_free (self);
}

static void bubus_retry_run_try (BubusRetryRun *run);

static void
bubus_retry_wait_over_cb (gpointer data)
{
  BubusRetryWait *self = data;
  BubusRetryRun *run = g_steal_pointer (&self->run);

  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  if (run != NULL)
    bubus_retry_run_try (run);
}

static gboolean
bubus_retry_wait_idle_cb (gpointer data)
{
  bubus_retry_wait_over_cb (data);
  return G_SOURCE_REMOVE;
}

/* The outer attempt has been answered already, or will be presently. */
static gboolean
bubus_retry_wait_cancelled_cb (GCancellable *cancellable,
                               gpointer      data)
{
  BubusRetryWait *self = data;
  g_autoptr (BubusRetryRun) run = g_steal_pointer (&self->run);

  if (run != NULL && self->timeout_id != 0)
    bubus_clock_remove_timeout (bubus_attempt_get_clock (run->outer), self->timeout_id);
  return G_SOURCE_REMOVE;
}

static void
bubus_retry_wait_watch (BubusRetryWait *self,
                        BubusAttempt   *outer)
{
  self->ref_count++;
  self->cancelled = g_cancellable_source_new (bubus_attempt_get_cancellable (outer));
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (bubus_retry_wait_cancelled_cb), self, bubus_retry_wait_unref);
  g_source_attach (self->cancelled, _bubus_attempt_get_context (outer));
}

/* Takes over @run. No wait at all is still a turn of the main loop, so that repetitions do not pile up on the stack. */
static void
bubus_retry_run_wait (BubusRetryRun *run,
                      gint64         duration_ns)
{
  BubusRetryWait *wait = g_new0 (BubusRetryWait, 1);
  g_autoptr (BubusAttempt) outer = g_object_ref (run->outer);
  g_autoptr (GSource) source = NULL;

  wait->ref_count = 1;
  wait->run = run;
  bubus_retry_wait_watch (wait, outer);
  if (duration_ns > 0)
    {
      wait->timeout_id = bubus_clock_add_timeout (bubus_attempt_get_clock (outer), duration_ns,
                                                  _bubus_attempt_get_context (outer), bubus_retry_wait_over_cb, wait,
                                                  bubus_retry_wait_unref);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_retry_wait_idle_cb, wait, bubus_retry_wait_unref);
  g_source_attach (source, _bubus_attempt_get_context (outer));
}

/* Once before the last attempt, and once when it has failed, too (B-9.5); for whoever listens. */
static void
bubus_retry_run_log (BubusRetryRun *self,
                     const GError  *error,
                     gboolean       again)
{
  guint n_attempts = bubus_retry_policy_get_retries (self->policy) + 1;
  gint64 elapsed_ns = bubus_clock_get_time (bubus_attempt_get_clock (self->outer)) - self->started_at;

  if (again && self->number + 1 == n_attempts)
    g_info ("attempt %u of %u failed: %s; one is left", self->number, n_attempts, error->message);
  else if (!again && self->number > 1)
    g_info ("attempt %u of %u failed after %.3f s altogether: %s", self->number, n_attempts, elapsed_ns / 1e9,
            error->message);
}

static void
bubus_retry_run_attempted_cb (BubusAttempt *attempt,
                              gpointer      data)
{
  g_autoptr (BubusRetryRun) self = data;
  const GError *error = _bubus_attempt_get_error (attempt);
  gint64 duration_ns;
  gboolean again;

  if (_bubus_attempt_is_answered (self->outer))
    return;

  again = error != NULL && _bubus_retry_policy_allows (self->policy, error, self->number);
  if (error != NULL)
    bubus_retry_run_log (self, error, again);
  if (!again)
    {
      _bubus_attempt_pass_on (attempt, self->outer);
      return;
    }

  duration_ns = _bubus_retry_policy_draw_ns (self->policy, self->number);
  self->number++;
  bubus_retry_run_wait (g_steal_pointer (&self), duration_ns);
}

/* Takes over @self. */
static void
bubus_retry_run_try (BubusRetryRun *self)
{
  g_autoptr (BubusOperation) operation = g_object_ref (self->operation);
  g_autoptr (BubusAttempt) attempt = NULL;
  double timeout = bubus_retry_policy_get_timeout (self->policy);

  if (_bubus_attempt_is_answered (self->outer))
    {
      bubus_retry_run_free (self);
      return;
    }

  attempt = _bubus_attempt_new_inner (self->outer, self->number, bubus_retry_run_attempted_cb, self);
  _bubus_attempt_set_timeout (attempt, timeout);
  _bubus_operation_start (operation, attempt);
}

/* At most once in two seconds for a policy, however many are slow (B-9.16). A clock of a test may be behind the one that
 * was asked last. */
static gboolean
bubus_retry_policy_may_warn (BubusRetryPolicy *self,
                             gint64            now)
{
  gint64 before = self->warned_at;

  if (before != G_MININT64 && now >= before && now - before < WARNING_INTERVAL)
    return FALSE;
  return atomic_compare_exchange_strong (&self->warned_at, &before, now);
}

static void
bubus_retry_run_slow_cb (gpointer data)
{
  BubusRetryRun *self = data;
  gint64 now = bubus_clock_get_time (bubus_attempt_get_clock (self->outer));
  const char *name = bubus_operation_get_name (self->operation);

  self->slow_id = 0;
  if (_bubus_attempt_is_answered (self->outer) || !bubus_retry_policy_may_warn (self->policy, now))
    return;

  g_warning ("%s is slow: it has been tried for %g seconds, and is at attempt %u of %u",
             name != NULL ? name : "an operation", (now - self->started_at) / 1e9, self->number,
             bubus_retry_policy_get_retries (self->policy) + 1);
}

static void
bubus_retry_run_watch (BubusRetryRun *self)
{
  double slow_timeout = bubus_retry_policy_get_slow_timeout (self->policy);

  if (slow_timeout > 0)
    self->slow_id = bubus_clock_add_timeout (bubus_attempt_get_clock (self->outer), _bubus_seconds_to_ns (slow_timeout),
                                             _bubus_attempt_get_context (self->outer), bubus_retry_run_slow_cb, self,
                                             NULL);
}

static void
bubus_retry_run_start (BubusRetryPolicy *policy,
                       BubusOperation   *operation,
                       BubusAttempt     *outer)
{
  BubusRetryRun *self = g_new0 (BubusRetryRun, 1);

  self->policy = g_object_ref (policy);
  self->operation = g_object_ref (operation);
  self->outer = g_object_ref (outer);
  self->number = 1;
  self->started_at = bubus_clock_get_time (bubus_attempt_get_clock (outer));
  _bubus_overload_enter (bubus_attempt_get_clock (outer));
  bubus_retry_run_watch (self);
  bubus_retry_run_try (self);
}

/* What is done while the policy's semaphore is held. */
typedef struct
{
  BubusRetryPolicy *policy;
  BubusOperation   *operation;
} BubusGuardedRun;

static void
bubus_guarded_run_free (gpointer data)
{
  BubusGuardedRun *self = data;

  g_object_unref (self->policy);
  g_object_unref (self->operation);
  g_free (self);
}

static void
bubus_guarded_run_cb (BubusAttempt *attempt,
                      gpointer      data)
{
  BubusGuardedRun *self = data;

  bubus_retry_run_start (self->policy, self->operation, attempt);
}

/* How long to wait for a place of a semaphore that does not say it (B-9.8). */
static double
bubus_retry_policy_get_place_timeout (BubusRetryPolicy *self,
                                      BubusSemaphore   *semaphore)
{
  guint limit = bubus_semaphore_get_limit (semaphore);

  return bubus_retry_policy_get_timeout (self) * (limit > 2 ? limit - 1 : 1);
}

void
_bubus_retry_policy_execute (BubusPolicy    *policy,
                             BubusOperation *operation,
                             BubusAttempt   *attempt)
{
  BubusRetryPolicy *self = BUBUS_RETRY_POLICY (policy);
  BubusSemaphore *semaphore = bubus_retry_policy_get_semaphore (self);
  g_autoptr (GObject) owner = NULL;
  BubusGuardedRun *run;

  if (semaphore == NULL)
    {
      bubus_retry_run_start (self, operation, attempt);
      return;
    }

  run = g_new0 (BubusGuardedRun, 1);
  run->policy = g_object_ref (self);
  run->operation = g_object_ref (operation);
  owner = bubus_operation_ref_owner (operation);
  _bubus_semaphore_guard (semaphore, owner, bubus_retry_policy_get_place_timeout (self, semaphore), attempt,
                          bubus_guarded_run_cb, run, bubus_guarded_run_free);
}
