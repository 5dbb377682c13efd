/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-private.h"

#include "base/bubus-error.h"
#include "event/bubus-event-internal.h"

/* What a bus is being given in this thread. */
static _Thread_local BubusJournalAdmission *current_admission;

/* Whether the event is on its way to a bus behind its record: then the middleware need not look that up. */
gboolean
_bubus_journal_is_admitting (BubusJournal *self,
                             BubusEvent   *event)
{
  const BubusJournalAdmission *admission = current_admission;

  return admission != NULL && admission->event == event && admission->journal == self;
}

static gboolean
bubus_journal_admission_try (BubusJournalAdmission  *self,
                             GError                **error)
{
  BubusJournalAdmission *outer = current_admission;
  gboolean accepted;

  current_admission = self->recorded ? self : NULL;
  accepted = bubus_event_bus_dispatch_with_flags (self->bus, self->event, BUBUS_DISPATCH_DETACHED, error);
  current_admission = outer;
  return accepted;
}

static void
bubus_journal_admission_refuse (BubusJournalAdmission *self,
                                GError                *error)
{
  if (self->recorded)
    _bubus_journal_record_refusal (self->journal, self->event, error->message);
  _bubus_journal_admission_return (self, error);
}

static void
bubus_journal_admission_dispatched_cb (GObject      *object,
                                       GAsyncResult *result,
                                       gpointer      data)
{
  BubusJournalAdmission *self = data;
  GError *error = NULL;

  self->waited = TRUE;
  g_atomic_int_add (_bubus_journal_get_n_parked (self->journal), -1);
  if (bubus_event_bus_dispatch_finish (BUBUS_EVENT_BUS (object), result, &error))
    _bubus_journal_admission_return (self, NULL);
  else
    bubus_journal_admission_refuse (self, error);
  _bubus_journal_admission_give_back (self);
}

/* Waits for room, behind those that do so already. */
static void
bubus_journal_admission_park (BubusJournalAdmission *self)
{
  g_atomic_int_inc (_bubus_journal_get_n_parked (self->journal));
  if (self->waited)
    g_main_context_push_thread_default (self->context);
  bubus_event_bus_dispatch_async (self->bus, self->event, self->cancellable, bubus_journal_admission_dispatched_cb,
                                  g_object_ref (self));
  if (self->waited)
    g_main_context_pop_thread_default (self->context);
}

static void
bubus_journal_admission_dispatch (BubusJournalAdmission *self)
{
  GError *error = NULL;

  if (g_atomic_int_get (_bubus_journal_get_n_parked (self->journal)) > 0
      || g_cancellable_is_cancelled (self->cancellable))
    bubus_journal_admission_park (self);
  else if (bubus_journal_admission_try (self, &error))
    _bubus_journal_admission_return (self, NULL);
  else if (g_error_matches (error, BUBUS_ERROR, BUBUS_ERROR_FULL))
    {
      g_error_free (error);
      bubus_journal_admission_park (self);
    }
  else
    bubus_journal_admission_refuse (self, error);
}

static void
bubus_journal_admission_go_on (BubusJournalCaller *caller)
{
  BubusJournalAdmission *self = BUBUS_LINK_OWNER (caller, BubusJournalAdmission, caller);

  self->waited = TRUE;
  if (caller->waiter.error != NULL && _bubus_journal_is_required (self->journal))
    bubus_journal_admission_refuse (self, g_steal_pointer (&caller->waiter.error));
  else
    bubus_journal_admission_dispatch (self);
}

static void
bubus_journal_admission_end (BubusJournalCaller *caller)
{
  _bubus_journal_admission_give_back (BUBUS_LINK_OWNER (caller, BubusJournalAdmission, caller));
}

static gboolean
bubus_journal_check_event (BubusJournal  *self,
                           BubusEvent    *event,
                           GError       **error)
{
  return _bubus_journal_check_recovering (self, error)
         && (_bubus_event_has_flags (_bubus_event_get_private (event), BUBUS_EVENT_SEALED)
             || bubus_event_validate (event, error));
}

/* FALSE when there is no room for the record; otherwise takes a reference. */
static gboolean
bubus_journal_admission_record (BubusJournalAdmission *self)
{
  self->recorded = TRUE;
  self->caller.go_on = bubus_journal_admission_go_on;
  self->caller.end = bubus_journal_admission_end;
  if (_bubus_journal_record_acceptance (self->journal, self->event, &self->caller.waiter))
    return TRUE;

  _bubus_journal_live_remove (_bubus_journal_get_live (self->journal), &_bubus_event_get_private (self->event)->id);
  return FALSE;
}

/**
 * bubus_journal_dispatch_async:
 * @self: a journal, in recovery mode
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
 * record is on the disk or not. Fails with %BUBUS_ERROR_FULL when there is no room for the record, with
 * %BUBUS_ERROR_JOURNAL when the journal is not in recovery mode, and as [method@EventBus.dispatch_async] does.
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
  BubusJournalAdmission *admission;
  GError *error = NULL;

  g_return_if_fail (BUBUS_IS_JOURNAL (self));
  g_return_if_fail (BUBUS_IS_EVENT_BUS (bus));
  g_return_if_fail (BUBUS_IS_EVENT (event));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  admission = _bubus_journal_admission_new (self, bus, event, cancellable, callback, user_data);
  if (!bubus_journal_check_event (self, event, &error))
    _bubus_journal_admission_return (admission, error);
  else if (!_bubus_journal_live_add (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id, TRUE))
    bubus_journal_admission_dispatch (admission);
  else if (bubus_journal_admission_record (admission))
    return; /* which may be over by now, in another thread */
  else
    _bubus_journal_admission_return (admission, g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_FULL,
                                                                     "the journal has no room for the event's record"));
  _bubus_journal_admission_give_back (admission);
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
  BubusJournalAdmission *admission;

  g_return_val_if_fail (BUBUS_IS_JOURNAL (self), FALSE);
  g_return_val_if_fail (BUBUS_IS_JOURNAL_ADMISSION (result), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  admission = BUBUS_JOURNAL_ADMISSION (result);
  g_return_val_if_fail (admission->journal == self, FALSE);
  if (admission->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (admission->error));
  return FALSE;
}
