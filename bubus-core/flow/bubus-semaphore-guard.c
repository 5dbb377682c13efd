/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-semaphore-private.h"

#include "bubus-operation-private.h"

/* Something that is done while a place is held. */
typedef struct
{
  BubusAttempt     *outer;
  BubusGuardedFunc  func;
  gpointer          data;
  GDestroyNotify    notify;
} BubusGuarded;

static void
bubus_guarded_free (BubusGuarded *self)
{
  if (self->notify != NULL)
    self->notify (self->data);
  g_object_unref (self->outer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusGuarded, bubus_guarded_free)

static void
bubus_guarded_done_cb (BubusAttempt *attempt,
                       gpointer      data)
{
  g_autoptr (BubusGuarded) self = data;
  BubusPermit *permit = bubus_attempt_get_permit (attempt);

  bubus_permit_release (permit);
  _bubus_attempt_pass_on (attempt, self->outer);
}

static void
bubus_guarded_acquired_cb (GObject      *source,
                           GAsyncResult *result,
                           gpointer      data)
{
  g_autoptr (BubusGuarded) self = data;
  g_autoptr (BubusAttempt) inner = NULL;
  g_autoptr (BubusPermit) permit = NULL;
  g_autoptr (GError) error = NULL;
  BubusGuarded *guarded = self;

  permit = bubus_semaphore_acquire_finish (BUBUS_SEMAPHORE (source), result, &error);
  if (permit == NULL)
    {
      bubus_attempt_return_error (self->outer, error);
      return;
    }
  if (_bubus_attempt_is_answered (self->outer))
    {
      bubus_permit_release (permit);
      return;
    }

  inner = _bubus_attempt_new_inner (guarded->outer, bubus_attempt_get_number (guarded->outer), bubus_guarded_done_cb,
                                    g_steal_pointer (&self));
  _bubus_attempt_set_permit (inner, permit);
  guarded->func (inner, guarded->data);
}

/* Answers @attempt with what @func answers to an inner attempt, while a place is held. @default_timeout is for a
 * semaphore that has none of its own. */
void
_bubus_semaphore_guard (BubusSemaphore   *self,
                        GObject          *owner,
                        double            default_timeout,
                        BubusAttempt     *attempt,
                        BubusGuardedFunc  func,
                        gpointer          data,
                        GDestroyNotify    notify)
{
  BubusGuarded *guarded = g_new0 (BubusGuarded, 1);
  g_autoptr (GTask) task = NULL;

  guarded->outer = g_object_ref (attempt);
  guarded->func = func;
  guarded->data = data;
  guarded->notify = notify;
  task = g_task_new (self, bubus_attempt_get_cancellable (attempt), bubus_guarded_acquired_cb, guarded);
  g_task_set_source_tag (task, bubus_semaphore_acquire_async);
  _bubus_semaphore_acquire (self, owner, bubus_attempt_get_permit (attempt), bubus_attempt_get_clock (attempt),
                            default_timeout, task);
}

static void
bubus_semaphore_start_cb (BubusAttempt *attempt,
                          gpointer      data)
{
  _bubus_operation_start (data, attempt);
}

void
_bubus_semaphore_execute (BubusPolicy    *policy,
                          BubusOperation *operation,
                          BubusAttempt   *attempt)
{
  g_autoptr (GObject) owner = bubus_operation_ref_owner (operation);

  _bubus_semaphore_guard (BUBUS_SEMAPHORE (policy), owner, 0, attempt, bubus_semaphore_start_cb,
                          g_object_ref (operation), g_object_unref);
}
