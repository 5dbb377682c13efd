/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-keeper-private.h"

#include "base/bubus-error.h"
#include "bubus-journal-private.h"
#include "event/bubus-event-internal.h"
#include "event/bubus-visit-internal.h"

/* The id comes first: it is the key. */
typedef struct
{
  BubusUuid id;
  guint     n_results;  /* as they were recorded */
  gboolean  over;       /* the disk has the record, or has failed */
} BubusKeptEvent;

typedef enum
{
  BUBUS_KEPT_NOT,       /* or something has been added since */
  BUBUS_KEPT_WAITING,
  BUBUS_KEPT_OVER,
} BubusKeptState;

void
_bubus_journal_keeper_init (BubusJournalKeeper *self)
{
  g_mutex_init (&self->lock);
  self->events = g_hash_table_new_full (_bubus_uuid_hash, _bubus_uuid_equal, g_free, NULL);
}

void
_bubus_journal_keeper_clear (BubusJournalKeeper *self)
{
  g_clear_pointer (&self->events, g_hash_table_unref);
  g_mutex_clear (&self->lock);
}

static guint
bubus_event_count_results (BubusEvent *event)
{
  guint n = 0;

  for (const BubusVisit *visit = &_bubus_event_get_private (event)->first; visit != NULL; visit = visit->next)
    n += visit->n_results;
  return n;
}

/* The event may have gone to another bus while it was held. */
static BubusKeptState
bubus_journal_keeper_look_up_locked (BubusJournalKeeper *self,
                                     BubusEvent         *event)
{
  const BubusKeptEvent *kept = g_hash_table_lookup (self->events, &_bubus_event_get_private (event)->id);

  if (kept == NULL || kept->n_results != bubus_event_count_results (event))
    return BUBUS_KEPT_NOT;
  return kept->over ? BUBUS_KEPT_OVER : BUBUS_KEPT_WAITING;
}

static BubusKeptState
bubus_journal_keeper_look_up (BubusJournalKeeper *self,
                              BubusEvent         *event)
{
  BubusKeptState state;

  g_mutex_lock (&self->lock);
  state = bubus_journal_keeper_look_up_locked (self, event);
  g_mutex_unlock (&self->lock);
  return state;
}

static void
bubus_journal_keeper_set (BubusJournalKeeper *self,
                          BubusEvent         *event,
                          gboolean            over)
{
  BubusKeptEvent *kept = g_new0 (BubusKeptEvent, 1);

  kept->id = _bubus_event_get_private (event)->id;
  kept->n_results = bubus_event_count_results (event);
  kept->over = over;
  g_mutex_lock (&self->lock);
  g_hash_table_add (self->events, kept);
  g_mutex_unlock (&self->lock);
}

/* The event is complete. Whether it is recorded so. */
gboolean
_bubus_journal_keeper_forget (BubusJournalKeeper *self,
                              BubusEvent         *event)
{
  gboolean recorded;

  g_mutex_lock (&self->lock);
  recorded = bubus_journal_keeper_look_up_locked (self, event) != BUBUS_KEPT_NOT;
  g_hash_table_remove (self->events, &_bubus_event_get_private (event)->id);
  g_mutex_unlock (&self->lock);
  return recorded;
}

static void
bubus_journal_keeper_note_over (BubusJournalKeeper *self,
                                BubusEvent         *event)
{
  BubusKeptEvent *kept;

  g_mutex_lock (&self->lock);
  kept = g_hash_table_lookup (self->events, &_bubus_event_get_private (event)->id);
  if (kept != NULL)
    kept->over = TRUE;
  g_mutex_unlock (&self->lock);
}

/* The disk has the record, or has failed: then who awaits the event is told so, when that is asked for. */
void
_bubus_journal_let_go (BubusJournal *journal,
                       BubusEvent   *event,
                       const GError *error)
{
  if (error != NULL && _bubus_journal_is_required (journal))
    _bubus_event_set_diversion (event, NULL, g_error_copy (error));
  bubus_journal_keeper_note_over (_bubus_journal_get_keeper (journal), event);
}

/* A bus that is stopped waits for nobody, so that the disk is waited for here. */
static void
bubus_journal_keep_here (BubusJournal *journal,
                         BubusEvent   *event)
{
  g_autoptr (GError) error = NULL;

  bubus_journal_flush (journal, &error);
  _bubus_journal_let_go (journal, event, error);
}

static void
bubus_journal_keep_new (BubusJournal  *journal,
                        BubusEventBus *bus,
                        BubusEvent    *event)
{
  BubusHold *hold;

  bubus_journal_keeper_set (_bubus_journal_get_keeper (journal), event, FALSE);
  if (!_bubus_journal_record_completion (journal, event))
    {
      g_autoptr (GError) error = g_error_new_literal (BUBUS_ERROR, BUBUS_ERROR_FULL,
                                                      "the journal has no room for the event's record");

      _bubus_journal_let_go (journal, event, error);
      return;
    }

  hold = bubus_event_bus_hold_event (bus, event);
  if (hold != NULL)
    _bubus_journal_gates_hold (journal, bus, event, hold);
  else
    bubus_journal_keep_here (journal, event);
}

/* Everything that the event waits for is done. It is recorded as complete, and held until the disk has the record. When
 * it comes again before that, the bus has been stopped. */
void
_bubus_journal_keep (BubusJournal  *journal,
                     BubusEventBus *bus,
                     BubusEvent    *event)
{
  switch (bubus_journal_keeper_look_up (_bubus_journal_get_keeper (journal), event))
    {
    case BUBUS_KEPT_NOT:
      bubus_journal_keep_new (journal, bus, event);
      break;

    case BUBUS_KEPT_WAITING:
      bubus_journal_keep_here (journal, event);
      break;

    case BUBUS_KEPT_OVER:
    default:
      break;
    }
}
