/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-attempt-internal.h"

#include "base/bubus-error.h"

/**
 * BubusAttempt:
 *
 * One try to do something: what an operation works with.
 *
 * An operation answers its attempt with one of the `return_` functions, at once or later. Only the first answer counts;
 * what comes after the attempt has timed out or was cancelled is dropped.
 *
 * The `return_` functions may be called from any thread; everything else belongs to the thread that runs the main
 * context in which the operation was started.
 *
 * Since: 1.0
 */

struct _BubusAttempt
{
  GObject               parent_instance;

  guint                 number;       /* the first is 1 */
  BubusClock           *clock;
  GMainContext         *context;
  GCancellable         *cancellable;
  BubusAttempt         *parent;       /* nullable: the one that this is a part of */
  BubusPermit          *permit;       /* nullable: what was acquired for it */
  BubusAttemptDoneFunc  done;
  gpointer              data;
  GSource              *outer_watch;  /* nullable: of the cancellable of whoever waits for the answer */
  guint                 timeout_id;
  double                timeout;      /* seconds; 0: none */
  int                   answered;     /* atomic */
  GValue                value;        /* unset: nothing; written once, before the answer is told */
  GError               *error;
};

G_DEFINE_FINAL_TYPE (BubusAttempt, bubus_attempt, G_TYPE_OBJECT)

static void
bubus_attempt_stop_watching (BubusAttempt *self)
{
  guint timeout_id = self->timeout_id;

  self->timeout_id = 0;
  if (timeout_id != 0)
    bubus_clock_remove_timeout (self->clock, timeout_id);
  if (self->outer_watch != NULL)
    g_source_destroy (self->outer_watch);
  g_clear_pointer (&self->outer_watch, g_source_unref);
}

static void
bubus_attempt_finalize (GObject *object)
{
  BubusAttempt *self = BUBUS_ATTEMPT (object);

  if (G_IS_VALUE (&self->value))
    g_value_unset (&self->value);
  g_clear_error (&self->error);
  g_clear_object (&self->permit);
  g_clear_object (&self->parent);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (bubus_attempt_parent_class)->finalize (object);
}

static void
bubus_attempt_class_init (BubusAttemptClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_attempt_finalize;
}

static void
bubus_attempt_init (BubusAttempt *self)
{
}

/* ---- answering ---- */

static gboolean
bubus_attempt_tell_cb (gpointer data)
{
  BubusAttempt *self = data;

  bubus_attempt_stop_watching (self);
  self->done (self, self->data);
  return G_SOURCE_REMOVE;
}

/* Whether the answer is the first one; the caller stores it then, and tells. */
static gboolean
bubus_attempt_claim (BubusAttempt *self)
{
  return g_atomic_int_compare_and_exchange (&self->answered, FALSE, TRUE);
}

static void
bubus_attempt_tell (BubusAttempt *self)
{
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, bubus_attempt_tell_cb,
                              g_object_ref (self), g_object_unref);
}

/* Takes over @error. What still works for the attempt is told to stop once the answer stands, so that its own word
 * about the cancellation comes too late. */
static void
bubus_attempt_give_up (BubusAttempt *self,
                       GError       *error)
{
  g_autoptr (BubusAttempt) alive = g_object_ref (self);

  if (!bubus_attempt_claim (alive))
    {
      g_error_free (error);
      return;
    }

  alive->error = error;
  g_cancellable_cancel (alive->cancellable);
  bubus_attempt_tell (alive);
}

static void
bubus_attempt_timed_out_cb (gpointer data)
{
  BubusAttempt *self = data;

  self->timeout_id = 0;
  bubus_attempt_give_up (self, g_error_new (BUBUS_ERROR, BUBUS_ERROR_TIMED_OUT,
                                            "Attempt %u took longer than %g s", self->number, self->timeout));
}

static gboolean
bubus_attempt_outer_cancelled_cb (GCancellable *cancellable,
                                  gpointer      data)
{
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  bubus_attempt_give_up (data, error);
  return G_SOURCE_REMOVE;
}

static void
bubus_attempt_watch (BubusAttempt *self,
                     GCancellable *outer)
{
  if (outer == NULL)
    return;

  self->outer_watch = g_cancellable_source_new (outer);
  g_source_set_callback (self->outer_watch, G_SOURCE_FUNC (bubus_attempt_outer_cancelled_cb),
                         g_object_ref (self), g_object_unref);
  g_source_attach (self->outer_watch, self->context);
}

/* The main context is the one that is thread-default now; @outer, nullable, ends the attempt. */
BubusAttempt *
_bubus_attempt_new (BubusClock           *clock,
                    GCancellable         *outer,
                    BubusAttemptDoneFunc  done,
                    gpointer              data)
{
  BubusAttempt *self = g_object_new (BUBUS_TYPE_ATTEMPT, NULL);

  self->number = 1;
  self->clock = g_object_ref (clock);
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->done = done;
  self->data = data;
  bubus_attempt_watch (self, outer);
  return self;
}

/* A part of @parent, which ends when @parent is given up. */
BubusAttempt *
_bubus_attempt_new_inner (BubusAttempt         *parent,
                          guint                 number,
                          BubusAttemptDoneFunc  done,
                          gpointer              data)
{
  BubusAttempt *self = g_object_new (BUBUS_TYPE_ATTEMPT, NULL);

  self->number = number;
  self->clock = g_object_ref (parent->clock);
  self->context = g_main_context_ref (parent->context);
  self->cancellable = g_cancellable_new ();
  self->parent = g_object_ref (parent);
  self->done = done;
  self->data = data;
  bubus_attempt_watch (self, parent->cancellable);
  return self;
}

GMainContext *
_bubus_attempt_get_context (BubusAttempt *self)
{
  return self->context;
}

gboolean
_bubus_attempt_is_answered (BubusAttempt *self)
{
  return g_atomic_int_get (&self->answered);
}

/* After the answer has been told. */
const GError *
_bubus_attempt_get_error (BubusAttempt *self)
{
  return self->error;
}

/* As _bubus_attempt_get_error(), but of an attempt that was cancelled because the one around it failed, why
 * that did. */
const GError *
_bubus_attempt_get_reason (BubusAttempt *self)
{
  const GError *error = self->error;

  for (BubusAttempt *outer = self->parent; outer != NULL && error != NULL; outer = outer->parent)
    if (_bubus_error_is_cancellation (error) && _bubus_attempt_is_answered (outer) && outer->error != NULL)
      error = outer->error;
  return error;
}

/* After the answer has been told; NULL when it is nothing, or an error. */
const GValue *
_bubus_attempt_get_value (BubusAttempt *self)
{
  return G_IS_VALUE (&self->value) ? &self->value : NULL;
}

void
_bubus_attempt_set_timeout (BubusAttempt *self,
                            double        seconds)
{
  if (seconds <= 0)
    return;

  self->timeout = seconds;
  self->timeout_id = bubus_clock_add_timeout (self->clock, _bubus_seconds_to_ns (seconds), self->context,
                                              bubus_attempt_timed_out_cb, g_object_ref (self), g_object_unref);
}

/* Answers @outer with the answer of @self. */
void
_bubus_attempt_pass_on (BubusAttempt *self,
                        BubusAttempt *outer)
{
  if (self->error != NULL)
    bubus_attempt_return_error (outer, self->error);
  else if (G_IS_VALUE (&self->value))
    bubus_attempt_return_value (outer, &self->value);
  else
    bubus_attempt_return_nothing (outer);
}

void
_bubus_attempt_set_permit (BubusAttempt *self,
                           BubusPermit  *permit)
{
  g_set_object (&self->permit, permit);
}

/* ---- public ---- */

/**
 * bubus_attempt_get_number:
 * @self: an attempt
 *
 * Says which attempt this is.
 *
 * Returns: 1 for the first attempt, 2 for the first repetition, and so on
 *
 * Since: 1.0
 */
guint
bubus_attempt_get_number (BubusAttempt *self)
{
  g_return_val_if_fail (BUBUS_IS_ATTEMPT (self), 0);

  return self->number;
}

/**
 * bubus_attempt_get_clock:
 * @self: an attempt
 *
 * Gives what tells the time.
 *
 * Returns: (transfer none): the clock
 *
 * Since: 1.0
 */
BubusClock *
bubus_attempt_get_clock (BubusAttempt *self)
{
  g_return_val_if_fail (BUBUS_IS_ATTEMPT (self), NULL);

  return self->clock;
}

/**
 * bubus_attempt_get_cancellable:
 * @self: an attempt
 *
 * Gives what is cancelled when the answer is not wanted any more: pass it to what the operation waits for.
 *
 * Returns: (transfer none): a cancellable
 *
 * Since: 1.0
 */
GCancellable *
bubus_attempt_get_cancellable (BubusAttempt *self)
{
  g_return_val_if_fail (BUBUS_IS_ATTEMPT (self), NULL);

  return self->cancellable;
}

/**
 * bubus_attempt_get_permit:
 * @self: an attempt
 *
 * Gives the token of the chain of calls that this attempt is a part of: pass it on to what is started in it and may need
 * a place of a semaphore as well ([method@Operation.set_held], [method@Semaphore.acquire_async]).
 *
 * Returns: (transfer none) (nullable): the permit that was acquired last, or %NULL when there is none
 *
 * Since: 1.0
 */
BubusPermit *
bubus_attempt_get_permit (BubusAttempt *self)
{
  g_return_val_if_fail (BUBUS_IS_ATTEMPT (self), NULL);

  while (self != NULL && self->permit == NULL)
    self = self->parent;
  return self != NULL ? self->permit : NULL;
}

/**
 * bubus_attempt_return_nothing:
 * @self: an attempt
 *
 * Answers that the attempt has succeeded and gives nothing. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_attempt_return_nothing (BubusAttempt *self)
{
  g_return_if_fail (BUBUS_IS_ATTEMPT (self));

  if (bubus_attempt_claim (self))
    bubus_attempt_tell (self);
}

/**
 * bubus_attempt_return_value:
 * @self: an attempt
 * @value: what the operation gives
 *
 * Answers with a value. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_attempt_return_value (BubusAttempt *self,
                            const GValue *value)
{
  g_return_if_fail (BUBUS_IS_ATTEMPT (self));
  g_return_if_fail (G_IS_VALUE (value));

  if (!bubus_attempt_claim (self))
    return;

  g_value_init (&self->value, G_VALUE_TYPE (value));
  g_value_copy (value, &self->value);
  bubus_attempt_tell (self);
}

/**
 * bubus_attempt_return_error:
 * @self: an attempt
 * @error: why the attempt failed
 *
 * Answers that the attempt has failed. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_attempt_return_error (BubusAttempt *self,
                            const GError *error)
{
  g_return_if_fail (BUBUS_IS_ATTEMPT (self));
  g_return_if_fail (error != NULL);

  if (!bubus_attempt_claim (self))
    return;

  self->error = g_error_copy (error);
  bubus_attempt_tell (self);
}

/**
 * bubus_attempt_return_error_literal:
 * @self: an attempt
 * @domain: an error domain
 * @code: a code of that domain
 * @message: why the attempt failed
 *
 * Answers that the attempt has failed. May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_attempt_return_error_literal (BubusAttempt *self,
                                    GQuark        domain,
                                    int           code,
                                    const char   *message)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (BUBUS_IS_ATTEMPT (self));
  g_return_if_fail (domain != 0 && message != NULL);

  error = g_error_new_literal (domain, code, message);
  bubus_attempt_return_error (self, error);
}
