/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-invocation.h"

#include "base/bubus-error.h"
#include "bubus-ambient-private.h"
#include "bubus-event-bus-private.h"
#include "bubus-handler-limits-private.h"
#include "bubus-handler-private.h"
#include "bubus-invocation-private.h"
#include "bubus-result-value-private.h"
#include "bubus-scheduler-private.h"
#include "bubus-time-limit-private.h"
#include "bubus-wait-owner-private.h"

/**
 * BubusInvocation:
 *
 * One call of a handler for one event.
 *
 * It is what a [callback@HandlerFunc] works with: it takes what the handler returns, now or later; it dispatches
 * events as children of the one that is handled; and it runs them at once when the handler needs to know their
 * outcome.
 *
 * A handler that answers at once calls one of the `return_` functions, or none when it has nothing to return, and
 * returns %TRUE. A handler that answers later calls [method@Invocation.defer] and one of the `return_` functions
 * when it is done; the bus keeps the invocation until then. Only the first answer counts.
 *
 * The `return_` functions may be called from any thread; everything else belongs to the main context of the bus.
 * A handler that keeps an invocation without deferring it must take a reference.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (BubusInvocation, bubus_invocation, G_TYPE_OBJECT)

_Thread_local BubusInvocation *_bubus_current_invocation;

static void
bubus_invocation_finalize (GObject *object)
{
  BubusInvocation *self = BUBUS_INVOCATION (object);

  _bubus_invocation_recycle (self);

  G_OBJECT_CLASS (bubus_invocation_parent_class)->finalize (object);
}

static void
bubus_invocation_class_init (BubusInvocationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_invocation_finalize;
}

static void
bubus_invocation_init (BubusInvocation *self)
{
}

void
_bubus_invocation_recycle (BubusInvocation *self)
{
  g_clear_object (&self->cancellable);
  g_clear_object (&self->handler);
  if (self->owns)
    {
      g_object_unref (_bubus_result_get_bus (self->result));
      g_object_unref (self->event);
    }
  self->owns = FALSE;
  self->event = NULL;
  self->result = NULL;
  self->deferred = self->hinted = FALSE;
  self->thread = BUBUS_INVOCATION_HERE;
  _bubus_invocation_set_state (self, BUBUS_INVOCATION_IDLE);
}

/* From now on it is good for as long as somebody has it. */
void
_bubus_invocation_keep (BubusInvocation *self)
{
  if (self->owns)
    return;

  g_object_ref (self->event);
  g_object_ref (_bubus_result_get_bus (self->result));
  self->owns = TRUE;
}

/* ---- the result ---- */

static gint64
bubus_result_get_time (BubusEventResult *result)
{
  return _bubus_event_bus_get_time (_bubus_result_get_bus (result));
}

/* Takes over the contents of @value; the result has none. The caller holds the event's lock, or nobody else can know the
 * result yet. */
static void
bubus_result_settle (BubusEventResult  *result,
                     GValue            *value,
                     BubusResultStatus  status,
                     gint64             time)
{
  result->value = *value;
  result->completed_at = time;
  _bubus_event_result_set_status (result, status);
}

static void
bubus_value_init_error (GValue       *value,
                        const GError *error)
{
  g_value_init (value, G_TYPE_ERROR);
  g_value_set_boxed (value, error);
}

/* For a result whose handler has not been called. */
void
_bubus_result_fail (BubusEventResult *result,
                    const GError     *error)
{
  GValue value = G_VALUE_INIT;

  bubus_value_init_error (&value, error);
  bubus_result_settle (result, &value, BUBUS_RESULT_STATUS_ERROR, bubus_result_get_time (result));
}

/* ---- time ---- */

static void bubus_invocation_arm    (BubusInvocation *self,
                                     gint64           duration);
static void bubus_invocation_disarm (BubusInvocation *self);

static void
bubus_invocation_call_slow (BubusInvocation *self)
{
  self->warns = FALSE;
  _bubus_handler_warn_slow (self->handler, self->result,
                            bubus_result_get_time (self->result) - self->result->started_at);
  if (self->after_slow <= 0)
    return;

  bubus_invocation_arm (self, self->after_slow);
  if (_bubus_invocation_get_state (self) == BUBUS_INVOCATION_ANSWERED)
    bubus_invocation_disarm (self); /* another thread has answered when there was no timer */
}

static void
bubus_invocation_expired_cb (gpointer data)
{
  BubusInvocation *self = data;

  if (g_atomic_int_exchange (&self->timeout_id, 0) == 0)
    return;
  if (self->warns)
    bubus_invocation_call_slow (self);
  else
    _bubus_scheduler_expire (self);
}

static void
bubus_invocation_disarm (BubusInvocation *self)
{
  guint timeout_id = g_atomic_int_exchange (&self->timeout_id, 0);

  if (timeout_id != 0)
    bubus_clock_remove_timeout (_bubus_result_get_bus (self->result)->clock, timeout_id);
}

/* The timer has a reference. */
static void
bubus_invocation_arm (BubusInvocation *self,
                      gint64           duration)
{
  BubusEventBus *bus = _bubus_result_get_bus (self->result);
  guint timeout_id = bubus_clock_add_timeout (bus->clock, duration, bus->context, bubus_invocation_expired_cb,
                                              g_object_ref (self), g_object_unref);

  g_atomic_int_set (&self->timeout_id, timeout_id);
}

/* One timer for two limits: first the handler is called slow, then its time is up. */
static void
bubus_invocation_arm_limits (BubusInvocation *self,
                             BubusHandler    *handler)
{
  gint64 limit = _bubus_time_limit_to_ns (_bubus_handler_get_limit (handler, self->result, BUBUS_EVENT_TIME_HANDLER));
  gint64 slow = _bubus_time_limit_to_ns (_bubus_handler_get_limit (handler, self->result, BUBUS_EVENT_TIME_SLOW_HANDLER));

  self->warns = slow > 0 && (limit == 0 || slow < limit);
  self->after_slow = limit > 0 ? limit - slow : 0;
  if (self->warns || limit > 0)
    bubus_invocation_arm (self, self->warns ? slow : limit);
}

/* ---- answering ---- */

static gboolean
bubus_value_may_win (const GValue      *value,
                     BubusResultStatus  status)
{
  return status == BUBUS_RESULT_STATUS_COMPLETED && _bubus_value_is_set (value)
         && !(G_VALUE_HOLDS_OBJECT (value) && BUBUS_IS_EVENT (g_value_get_object (value)));
}

/* Where the first value wins (B-3.33): FALSE when another handler was faster. */
static gboolean
bubus_invocation_race_locked (BubusInvocation   *self,
                              const GValue      *value,
                              BubusResultStatus  status)
{
  BubusVisit *visit = _bubus_result_get_visit (self->result);

  if (G_LIKELY (visit->winner == 0) || !bubus_value_may_win (value, status))
    return TRUE;
  if (visit->winner != BUBUS_VISIT_NO_WINNER)
    return FALSE;

  g_atomic_int_set (&visit->winner, self->result->index + 1);
  return TRUE;
}

static void
bubus_invocation_answer_too_late (BubusInvocation *self,
                                  GValue          *value)
{
  g_autoptr (GError) error = g_error_new (BUBUS_ERROR, BUBUS_ERROR_ABORTED, "Another handler has answered first");

  g_value_unset (value);
  _bubus_invocation_answer_error (self, error);
}

/* The first answer counts; a later one, or one that comes after the event has been failed, is dropped. */
void
_bubus_invocation_answer (BubusInvocation   *self,
                          GValue            *value,
                          BubusResultStatus  status)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self->event);
  gint64 time = bubus_result_get_time (self->result);
  BubusInvocationState state;
  gboolean in_time = TRUE;

  _bubus_event_lock (priv);
  state = _bubus_invocation_get_state (self);
  if (state < BUBUS_INVOCATION_ANSWERED && (in_time = bubus_invocation_race_locked (self, value, status)))
    {
      bubus_result_settle (self->result, value, status, time);
      _bubus_invocation_set_state (self, BUBUS_INVOCATION_ANSWERED);
    }
  _bubus_event_unlock (priv);

  if (G_UNLIKELY (!in_time))
    {
      bubus_invocation_answer_too_late (self, value);
      return;
    }
  if (state == BUBUS_INVOCATION_ANSWERED && _bubus_value_is_set (value))
    g_value_unset (value);
  if (state == BUBUS_INVOCATION_DEFERRED)
    {
      bubus_invocation_disarm (self);
      _bubus_scheduler_answer (self);
    }
}

void
_bubus_invocation_answer_error (BubusInvocation *self,
                                const GError    *error)
{
  GValue value = G_VALUE_INIT;

  bubus_value_init_error (&value, error);
  _bubus_invocation_answer (self, &value, BUBUS_RESULT_STATUS_ERROR);
}

/* Takes over the contents of @value. */
void
_bubus_invocation_answer_value (BubusInvocation *self,
                                GValue          *value)
{
  g_autoptr (GError) error = NULL;

  if (!_bubus_result_check_value (self->result, value, &error))
    {
      g_value_unset (value);
      _bubus_invocation_answer_error (self, error);
      return;
    }

  if (_bubus_value_is_null (value))
    g_value_unset (value);
  _bubus_invocation_answer (self, value, BUBUS_RESULT_STATUS_COMPLETED);
}

void
_bubus_invocation_abandon (BubusInvocation *self,
                           const GError    *error)
{
  g_autoptr (GCancellable) cancellable = NULL;

  if (self->result->status == BUBUS_RESULT_STATUS_STARTED)
    self->result->given_up = TRUE;
  if (!g_atomic_int_compare_and_exchange (&self->thread, BUBUS_INVOCATION_THREADLESS, BUBUS_INVOCATION_RETURNED)
      && g_atomic_int_compare_and_exchange (&self->thread, BUBUS_INVOCATION_ELSEWHERE, BUBUS_INVOCATION_GIVEN_UP))
    g_atomic_int_inc (&_bubus_result_get_bus (self->result)->n_abandoned);
  _bubus_invocation_answer_error (self, error);
  if (g_set_object (&cancellable, self->cancellable))
    g_cancellable_cancel (cancellable);
}

static void
bubus_invocation_begin (BubusInvocation  *self,
                        BubusEventResult *result)
{
  self->result = result;
  self->event = _bubus_result_get_event (result);
  _bubus_invocation_set_state (self, BUBUS_INVOCATION_CALLING);
  self->caller = _bubus_invocation_set_current (self);
}

/* The handler, or somebody while it ran, has stopped the bus: nobody will ask for its answer. */
static void
bubus_invocation_abandon_stopped (BubusInvocation *self)
{
  g_autoptr (GError) error = g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_STOPPED, "The bus has been stopped");

  _bubus_invocation_abandon (self, error);
}

/* The bus keeps the invocation from now on, until it is answered or its time is up. */
void
_bubus_invocation_begin_deferred (BubusInvocation *self,
                                  BubusHandler    *handler)
{
  _bubus_invocation_keep (self);
  self->handler = g_object_ref (handler);
  _bubus_scheduler_defer (self);
  bubus_invocation_arm_limits (self, handler);
}

/* The handler has returned: FALSE when it will answer later. */
static gboolean
bubus_invocation_end (BubusInvocation *self,
                      BubusHandler    *handler)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self->event);
  GValue nothing = G_VALUE_INIT;
  gboolean answered;

  _bubus_ambient_leave (self);
  _bubus_invocation_set_current (g_steal_pointer (&self->caller));
  if (!self->deferred)
    {
      if (_bubus_invocation_get_state (self) != BUBUS_INVOCATION_ANSWERED)
        _bubus_invocation_answer (self, &nothing, BUBUS_RESULT_STATUS_COMPLETED);
      return TRUE;
    }

  _bubus_invocation_begin_deferred (self, handler);
  _bubus_event_lock (priv);
  answered = _bubus_invocation_get_state (self) == BUBUS_INVOCATION_ANSWERED;
  if (!answered)
    _bubus_invocation_set_state (self, BUBUS_INVOCATION_DEFERRED);
  _bubus_event_unlock (priv);
  if (answered)
    {
      bubus_invocation_disarm (self);
      _bubus_scheduler_undefer (self);
    }
  else if (g_atomic_int_get (&_bubus_result_get_bus (self->result)->stopped))
    bubus_invocation_abandon_stopped (self);
  return answered;
}

/* A handler that answers and then fails has failed. */
static void
bubus_invocation_withdraw_answer (BubusInvocation *self)
{
  BubusEventPrivate *priv = _bubus_event_get_private (self->event);
  BubusVisit *visit = _bubus_result_get_visit (self->result);
  GValue nothing = G_VALUE_INIT;
  GValue withdrawn = G_VALUE_INIT;

  _bubus_event_lock (priv);
  if (_bubus_invocation_get_state (self) == BUBUS_INVOCATION_ANSWERED)
    {
      withdrawn = self->result->value;
      bubus_result_settle (self->result, &nothing, BUBUS_RESULT_STATUS_STARTED, 0);
      _bubus_invocation_set_state (self, BUBUS_INVOCATION_CALLING);
      if (visit->winner == self->result->index + 1)
        g_atomic_int_set (&visit->winner, BUBUS_VISIT_NO_WINNER);
    }
  self->deferred = FALSE;
  _bubus_event_unlock (priv);
  if (_bubus_value_is_set (&withdrawn))
    g_value_unset (&withdrawn);
}

static void
bubus_invocation_fail (BubusInvocation *self,
                       BubusHandler    *handler,
                       GError          *error)
{
  g_autoptr (GError) unsaid = NULL;

  if (error == NULL)
    error = unsaid = g_error_new (BUBUS_ERROR, BUBUS_ERROR_HANDLER_FAILED,
                                  "%s of “%s” failed without giving a reason", handler->info->name,
                                  bubus_event_get_event_type (self->event));
  _bubus_invocation_answer_error (self, error);
}

/* A handler has returned in its own thread. Nothing is left to do when it was given up. */
void
_bubus_invocation_finish_threaded (BubusInvocation *self,
                                   BubusHandler    *handler,
                                   gboolean         succeeded,
                                   GError          *error)
{
  GValue nothing = G_VALUE_INIT;

  if (!succeeded)
    bubus_invocation_fail (self, handler, error);
  else if (!self->deferred)
    _bubus_invocation_answer (self, &nothing, BUBUS_RESULT_STATUS_COMPLETED);
}

/* Calls the handler; FALSE when it will answer later. The bus has the invocation then. */
gboolean
_bubus_invocation_call (BubusInvocation  *self,
                        BubusEventResult *result,
                        BubusHandler     *handler)
{
  g_autoptr (GError) error = NULL;

  bubus_invocation_begin (self, result);
  if (!_bubus_handler_call (handler, self->event, self, &error))
    {
      bubus_invocation_withdraw_answer (self);
      bubus_invocation_fail (self, handler, error);
    }
  return bubus_invocation_end (self, handler);
}

/* ---- public ---- */

/**
 * bubus_invocation_get_event:
 * @self: an invocation
 *
 * Gives the event that is handled.
 *
 * Returns: (transfer none): the event
 *
 * Since: 1.0
 */
BubusEvent *
bubus_invocation_get_event (BubusInvocation *self)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self), NULL);

  return self->event;
}

/**
 * bubus_invocation_get_bus:
 * @self: an invocation
 *
 * Gives the bus whose handler was called.
 *
 * Returns: (transfer none): the bus
 *
 * Since: 1.0
 */
BubusEventBus *
bubus_invocation_get_bus (BubusInvocation *self)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self), NULL);

  return _bubus_result_get_bus (self->result);
}

/**
 * bubus_invocation_get_handler_id:
 * @self: an invocation
 *
 * Gives the id of the handler that was called, as it stands in its result.
 *
 * Returns: the id
 *
 * Since: 1.0
 */
const char *
bubus_invocation_get_handler_id (BubusInvocation *self)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self), NULL);

  return _bubus_handler_info_get_id_text (self->result->handler);
}

/**
 * bubus_invocation_get_cancellable:
 * @self: an invocation
 *
 * Gives what is cancelled when the answer is not wanted any more: pass it to what the handler waits for.
 *
 * Returns: (transfer none): a cancellable
 *
 * Since: 1.0
 */
GCancellable *
bubus_invocation_get_cancellable (BubusInvocation *self)
{
  g_return_val_if_fail (BUBUS_IS_INVOCATION (self), NULL);

  if (self->cancellable == NULL)
    {
      self->cancellable = g_cancellable_new ();
      if (self->result != NULL && self->result->given_up)
        g_cancellable_cancel (self->cancellable);
    }
  return self->cancellable;
}

/**
 * bubus_invocation_defer:
 * @self: an invocation, while its handler is being called
 *
 * Says that the handler will answer later, with one of the `return_` functions.
 *
 * The bus keeps the invocation until then, and handles no other event in between unless it is configured to.
 *
 * Since: 1.0
 */
void
bubus_invocation_defer (BubusInvocation *self)
{
  g_return_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self));

  self->deferred = TRUE;
}

/**
 * bubus_invocation_is_deferred:
 * @self: an invocation
 *
 * Tells whether an answer is still to come: the handler has said that it will answer later, and nobody has answered
 * yet, neither the handler nor the bus when it has given up waiting.
 *
 * Returns: whether the answer is to come
 *
 * Since: 1.0
 */
gboolean
bubus_invocation_is_deferred (BubusInvocation *self)
{
  BubusEventPrivate *priv;
  gboolean deferred;

  g_return_val_if_fail (BUBUS_IS_INVOCATION (self) && _bubus_invocation_is_in_use (self), FALSE);

  if (!self->deferred)
    return FALSE;

  priv = _bubus_event_get_private (self->event);
  _bubus_event_lock (priv);
  deferred = self->state < BUBUS_INVOCATION_ANSWERED;
  _bubus_event_unlock (priv);
  return deferred;
}
