/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-private.h"

#include "base/bubus-error.h"
#include "bubus-journal-wait-private.h"
#include "event/bubus-event-internal.h"

/* An event on its way through the journal to a bus: the task's data. */
typedef struct
{
  BubusEventBus *bus;
  BubusEvent    *event;
  gboolean       recorded;  /* as accepted, by this task */
} BubusJournalDispatch;

static void
bubus_journal_dispatch_free (BubusJournalDispatch *self)
{
  g_object_unref (self->bus);
  g_object_unref (self->event);
  g_free (self);
}

static void
bubus_journal_dispatch_refuse (GTask  *task,
                               GError *error)
{
  BubusJournalDispatch *self = g_task_get_task_data (task);

  if (self->recorded)
    _bubus_journal_record_refusal (g_task_get_source_object (task), self->event, error->message);
  g_task_return_error (task, error);
}

static void
bubus_journal_dispatched_cb (GObject      *object,
                             GAsyncResult *result,
                             gpointer      data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  g_atomic_int_add (_bubus_journal_get_n_parked (g_task_get_source_object (task)), -1);
  if (bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (object), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    bubus_journal_dispatch_refuse (task, error);
}

/* Waits for room, behind those that do so already. */
static void
bubus_journal_dispatch_park (GTask *task)
{
  BubusJournalDispatch *self = g_task_get_task_data (task);

  g_atomic_int_inc (_bubus_journal_get_n_parked (g_task_get_source_object (task)));
  bubus_event_bus_dispatch_async (self->bus, self->event, g_task_get_cancellable (task), bubus_journal_dispatched_cb,
                                  g_object_ref (task));
}

static void
bubus_journal_dispatch_on_bus (GTask *task)
{
  BubusJournalDispatch *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_atomic_int_get (_bubus_journal_get_n_parked (g_task_get_source_object (task))) > 0
      || g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    bubus_journal_dispatch_park (task);
  else if (bubus_event_bus_dispatch_with_flags (self->bus, self->event, BUBUS_DISPATCH_DETACHED, &error))
    g_task_return_boolean (task, TRUE);
  else if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_FULL))
    {
      g_error_free (error);
      bubus_journal_dispatch_park (task);
    }
  else
    bubus_journal_dispatch_refuse (task, error);
}

static void
bubus_journal_dispatch_recorded (GTask        *task,
                                 const GError *error)
{
  BubusJournal *journal = g_task_get_source_object (task);

  if (error != NULL && _bubus_journal_is_required (journal))
    bubus_journal_dispatch_refuse (task, g_error_copy (error));
  else
    bubus_journal_dispatch_on_bus (task);
}

static void
bubus_journal_dispatch_record (GTask *task)
{
  BubusJournal *journal = g_task_get_source_object (task);
  BubusJournalDispatch *self = g_task_get_task_data (task);
  BubusJournalWaiter *waiter = _bubus_journal_task_waiter_new (task, bubus_journal_dispatch_recorded);

  self->recorded = TRUE;
  _bubus_journal_live_set_waited_for (_bubus_journal_get_live (journal), &_bubus_event_get_private (self->event)->id);
  if (_bubus_journal_record_acceptance (journal, self->event, waiter))
    return;

  _bubus_journal_task_waiter_free (waiter);
  _bubus_journal_live_remove (_bubus_journal_get_live (journal), &_bubus_event_get_private (self->event)->id);
  g_task_return_new_error (task, BUBUS_ERROR, BUBUS_ERROR_FULL,
                           "the journal has no room for the event's record");
}

/**
 * bubus_journal_dispatch_async:
 * @self: a journal in recovery mode
 * @bus: a bus, which has the journal among its middleware
 * @event: an event
 * @cancellable: (nullable): has the event refused, as long as it has not been dispatched
 * @callback: (scope async) (closure user_data): called when the event has been accepted or refused
 * @user_data: passed to @callback
 *
 * Records that an event is accepted, and dispatches it after that, waiting for room if need be.
 *
 * With %BUBUS_JOURNAL_DURABILITY_BEFORE_ACK the record is on the disk before the event is dispatched: an event whose
 * acceptance was told is not lost, not even to a power failure, because [method@Journal.recover_async] dispatches it
 * again. Otherwise it is with the system by then, which survives the end of the process. The event must not be changed
 * meanwhile. It is nobody's child, even when a handler dispatches it.
 *
 * When the record cannot be written, that is reported ([signal@Journal::failed]) and the event dispatched nevertheless;
 * with [property@Journal:require] it is refused with %BUBUS_ERROR_JOURNAL. After a failure it is not known whether the
 * record is on the disk or not. Fails with %BUBUS_ERROR_FULL when there is no room for the record, and as
 * [method@EventBus.dispatch_async] does.
 *
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
bubus_journal_dispatch_async (BubusJournal        *self,
                              BubusEventBus       *bus,
                              BubusEvent          *event,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  BubusJournalDispatch *dispatch;
  GError *error = NULL;

  g_return_if_fail (BUBUS_IS_JOURNAL (self));
  g_return_if_fail (_bubus_journal_is_recovering (self));
  g_return_if_fail (BUBUS_IS_EVENT_BUS (bus));
  g_return_if_fail (BUBUS_IS_EVENT (event));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, bubus_journal_dispatch_async);
  dispatch = g_new0 (BubusJournalDispatch, 1);
  dispatch->bus = g_object_ref (bus);
  dispatch->event = g_object_ref (event);
  g_task_set_task_data (task, dispatch, (GDestroyNotify) bubus_journal_dispatch_free);

  if (!bubus_event_is_sealed (event) && !bubus_event_validate (event, &error))
    g_task_return_error (task, error);
  else if (_bubus_journal_live_add (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id))
    bubus_journal_dispatch_record (task);
  else
    bubus_journal_dispatch_on_bus (task);
}

/**
 * bubus_journal_dispatch_finish:
 * @self: a journal
 * @result: what the callback was given
 * @error: (nullable): where to put why the event was refused
 *
 * Finishes [method@Journal.dispatch_async].
 *
 * Returns: whether the event was accepted
 *
 * Since: 1.0
 */
gboolean
bubus_journal_dispatch_finish (BubusJournal  *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
