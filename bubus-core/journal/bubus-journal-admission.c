/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-admission-private.h"

#include "base/bubus-object-internal.h"
#include "bubus-journal-private.h"

/* As many as are mostly in flight at once. */
#define MAX_SPARE_ADMISSIONS 512

static gpointer
bubus_journal_admission_get_user_data (GAsyncResult *result)
{
  return BUBUS_JOURNAL_ADMISSION (result)->user_data;
}

static GObject *
bubus_journal_admission_get_source_object (GAsyncResult *result)
{
  return g_object_ref (G_OBJECT (BUBUS_JOURNAL_ADMISSION (result)->journal));
}

static gboolean
bubus_journal_admission_is_tagged (GAsyncResult *result,
                                   gpointer      tag)
{
  return tag == bubus_journal_dispatch_async;
}

static void
bubus_journal_admission_result_init (GAsyncResultIface *iface)
{
  iface->get_user_data = bubus_journal_admission_get_user_data;
  iface->get_source_object = bubus_journal_admission_get_source_object;
  iface->is_tagged = bubus_journal_admission_is_tagged;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BubusJournalAdmission, _bubus_journal_admission, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, bubus_journal_admission_result_init))

/* Of all but the journal. */
static void
bubus_journal_admission_clear (BubusJournalAdmission *self)
{
  g_clear_object (&self->bus);
  g_clear_object (&self->event);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_error (&self->caller.waiter.error);
  g_clear_error (&self->error);
}

static void
_bubus_journal_admission_finalize (GObject *object)
{
  BubusJournalAdmission *self = BUBUS_JOURNAL_ADMISSION (object);

  bubus_journal_admission_clear (self);
  g_clear_object (&self->journal);

  G_OBJECT_CLASS (_bubus_journal_admission_parent_class)->finalize (object);
}

static void
_bubus_journal_admission_class_init (BubusJournalAdmissionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = _bubus_journal_admission_finalize;
}

static void
_bubus_journal_admission_init (BubusJournalAdmission *self)
{
}

/* ---- those to use again ---- */

void
_bubus_journal_admissions_init (BubusJournalAdmissions *self)
{
  g_mutex_init (&self->lock);
  _bubus_queue_init (&self->spare);
}

void
_bubus_journal_admissions_clear (BubusJournalAdmissions *self)
{
  BubusLink *link;

  while ((link = _bubus_queue_pop_head (&self->spare)) != NULL)
    g_object_unref (BUBUS_LINK_OWNER (link, BubusJournalAdmission, link));
  g_mutex_clear (&self->lock);
}

static BubusJournalAdmission *
bubus_journal_admissions_take (BubusJournalAdmissions *self)
{
  BubusLink *link;

  g_mutex_lock (&self->lock);
  link = _bubus_queue_pop_head (&self->spare);
  g_mutex_unlock (&self->lock);
  if (link == NULL)
    return g_object_new (BUBUS_TYPE_JOURNAL_ADMISSION, NULL);
  return BUBUS_LINK_OWNER (link, BubusJournalAdmission, link);
}

/* FALSE when there are enough. */
static gboolean
bubus_journal_admissions_add (BubusJournalAdmissions *self,
                              BubusJournalAdmission  *admission)
{
  gboolean added;

  g_mutex_lock (&self->lock);
  added = self->spare.length < MAX_SPARE_ADMISSIONS;
  if (added)
    _bubus_queue_push_head (&self->spare, &admission->link);
  g_mutex_unlock (&self->lock);
  return added;
}

/* ---- one ---- */

BubusJournalAdmission *
_bubus_journal_admission_new (BubusJournal        *journal,
                              BubusEventBus       *bus,
                              BubusEvent          *event,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  BubusJournalAdmission *self = bubus_journal_admissions_take (_bubus_journal_get_admissions (journal));

  self->journal = g_object_ref (journal);
  self->bus = g_object_ref (bus);
  self->event = g_object_ref (event);
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->context = g_main_context_ref_thread_default ();
  self->callback = callback;
  self->user_data = user_data;
  self->recorded = self->waited = FALSE;
  _bubus_journal_caller_init (&self->caller, _bubus_journal_get_mailbox (journal), self->context, G_PRIORITY_DEFAULT);
  return self;
}

/* Takes the reference. */
void
_bubus_journal_admission_give_back (BubusJournalAdmission *self)
{
  g_autoptr (BubusJournal) journal = NULL;

  if (!_bubus_object_is_untouched (self))
    {
      g_object_unref (self);
      return;
    }

  journal = g_steal_pointer (&self->journal);
  bubus_journal_admission_clear (self);
  if (!bubus_journal_admissions_add (_bubus_journal_get_admissions (journal), self))
    g_object_unref (self);
}

static gboolean
bubus_journal_admission_return_cb (gpointer data)
{
  BubusJournalAdmission *self = data;

  if (self->callback != NULL)
    self->callback (G_OBJECT (self->journal), G_ASYNC_RESULT (self), self->user_data);
  return G_SOURCE_REMOVE;
}

static void
bubus_journal_admission_give_back_cb (gpointer data)
{
  _bubus_journal_admission_give_back (data);
}

/* Calls back: at once, if somebody has waited before, and otherwise with the next iteration. Takes @error, which is
 * nullable. */
void
_bubus_journal_admission_return (BubusJournalAdmission *self,
                                 GError                *error)
{
  g_autoptr (GSource) source = NULL;

  self->error = error;
  if (self->waited)
    {
      bubus_journal_admission_return_cb (self);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_journal_admission_return_cb, g_object_ref (self),
                         bubus_journal_admission_give_back_cb);
  g_source_attach (source, self->context);
}
