/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-gate-private.h"

#include "base/bubus-error.h"
#include "bubus-journal-private.h"
#include "bubus-journal-wait-private.h"
#include "event/bubus-event-internal.h"

/* The events that have come in one iteration of a main context. It belongs to the task whose data it is. */
typedef struct
{
  BubusJournal *journal;
  GMainContext *context;
  GPtrArray    *interceptions;
  GArray       *kept;           /* of BubusKeptHold */
} BubusJournalGate;

typedef struct
{
  BubusEvent *event;
  BubusHold  *hold;
} BubusKeptHold;

void
_bubus_journal_gates_init (BubusJournalGates *self)
{
  g_mutex_init (&self->lock);
  self->open = g_hash_table_new (NULL, NULL);
}

void
_bubus_journal_gates_clear (BubusJournalGates *self)
{
  g_clear_pointer (&self->open, g_hash_table_unref);
  g_mutex_clear (&self->lock);
}

static void
bubus_journal_gate_close (BubusJournalGate *self)
{
  BubusJournalGates *gates = _bubus_journal_get_gates (self->journal);

  g_mutex_lock (&gates->lock);
  if (g_hash_table_lookup (gates->open, self->context) == self)
    g_hash_table_remove (gates->open, self->context);
  g_mutex_unlock (&gates->lock);
}

static void
bubus_kept_hold_clear (gpointer data)
{
  BubusKeptHold *self = data;

  g_object_unref (self->event);
  g_object_unref (self->hold);
}

static void
bubus_journal_gate_free (gpointer data)
{
  BubusJournalGate *self = data;

  bubus_journal_gate_close (self);
  g_ptr_array_unref (self->interceptions);
  g_array_unref (self->kept);
  g_main_context_unref (self->context);
  g_object_unref (self->journal);
  g_free (self);
}

/* Nullable. */
static GError *
bubus_journal_gate_check (BubusJournalGate *self,
                          BubusEvent       *event,
                          const GError     *error)
{
  const BubusUuid *id = &_bubus_event_get_private (event)->id;

  if (!_bubus_journal_is_required (self->journal))
    return NULL;
  if (error != NULL)
    return g_error_copy (error);
  if (_bubus_journal_live_is_lost (_bubus_journal_get_live (self->journal), id))
    return g_error_new (BUBUS_ERROR, BUBUS_ERROR_FULL, "the journal has no room for the event's record");
  return NULL;
}

static void
bubus_journal_gate_admit (BubusJournalGate *self,
                          const GError     *error)
{
  for (guint i = 0; i < self->interceptions->len; i++)
    {
      BubusInterception *interception = self->interceptions->pdata[i];
      g_autoptr (GError) reason = bubus_journal_gate_check (self, bubus_interception_get_event (interception), error);

      if (reason != NULL)
        bubus_interception_drop (interception, reason);
      else
        bubus_interception_resume (interception);
    }
}

static void
bubus_journal_gate_complete (BubusJournalGate *self,
                             const GError     *error)
{
  for (guint i = 0; i < self->kept->len; i++)
    {
      const BubusKeptHold *kept = &g_array_index (self->kept, BubusKeptHold, i);

      _bubus_journal_let_go (self->journal, kept->event, error);
      bubus_hold_release (kept->hold);
    }
}

/* The disk has the records, or has failed. */
static void
bubus_journal_gate_open (GTask        *task,
                         const GError *error)
{
  BubusJournalGate *self = g_task_get_task_data (task);

  bubus_journal_gate_admit (self, error);
  bubus_journal_gate_complete (self, error);
  g_task_return_boolean (task, TRUE);
}

/* By now the bus has the events, and has told the journal, which has recorded them as what they have become. */
static gboolean
bubus_journal_gate_flush_cb (gpointer data)
{
  GTask *task = data;
  BubusJournalGate *self = g_task_get_task_data (task);

  bubus_journal_gate_close (self);
  _bubus_journal_writer_flush (_bubus_journal_get_writer (self->journal),
                               _bubus_journal_task_waiter_new (task, bubus_journal_gate_open));
  return G_SOURCE_REMOVE;
}

static GTask *
bubus_journal_gate_new_task (BubusJournal *journal,
                             GMainContext *context)
{
  BubusJournalGate *self = g_new0 (BubusJournalGate, 1);
  GTask *task;

  g_main_context_push_thread_default (context);
  task = g_task_new (journal, NULL, NULL, NULL);
  g_main_context_pop_thread_default (context);
  g_task_set_source_tag (task, bubus_journal_gate_new_task);

  self->journal = g_object_ref (journal);
  self->context = g_main_context_ref (context);
  self->interceptions = g_ptr_array_new_with_free_func (g_object_unref);
  self->kept = g_array_new (FALSE, FALSE, sizeof (BubusKeptHold));
  g_array_set_clear_func (self->kept, bubus_kept_hold_clear);
  g_task_set_task_data (task, self, bubus_journal_gate_free);
  return task;
}

static BubusJournalGate *
bubus_journal_gate_ensure (BubusJournal *journal,
                           GMainContext *context)
{
  BubusJournalGates *gates = _bubus_journal_get_gates (journal);
  BubusJournalGate *self;
  g_autoptr (GSource) source = NULL;
  GTask *task;

  g_mutex_lock (&gates->lock);
  self = g_hash_table_lookup (gates->open, context);
  g_mutex_unlock (&gates->lock);
  if (self != NULL)
    return self;

  task = bubus_journal_gate_new_task (journal, context);
  self = g_task_get_task_data (task);
  g_mutex_lock (&gates->lock);
  g_hash_table_insert (gates->open, context, self);
  g_mutex_unlock (&gates->lock);

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, bubus_journal_gate_flush_cb, task, g_object_unref);
  g_source_attach (source, context);
  return self;
}

/* The caller owns the main context of the interception's bus: nobody else has to do with its gate. */
void
_bubus_journal_gates_enter (BubusJournal      *journal,
                            BubusInterception *interception)
{
  BubusEventBus *bus = bubus_interception_get_bus (interception);
  BubusJournalGate *gate = bubus_journal_gate_ensure (journal, bubus_event_bus_get_main_context (bus));

  bubus_interception_defer (interception);
  g_ptr_array_add (gate->interceptions, g_object_ref (interception));
}

/* As above. Takes @hold over. */
void
_bubus_journal_gates_hold (BubusJournal  *journal,
                           BubusEventBus *bus,
                           BubusEvent    *event,
                           BubusHold     *hold)
{
  BubusJournalGate *gate = bubus_journal_gate_ensure (journal, bubus_event_bus_get_main_context (bus));
  BubusKeptHold kept = { g_object_ref (event), hold };

  g_array_append_val (gate->kept, kept);
}
