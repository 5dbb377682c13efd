/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-live-private.h"

typedef struct
{
  BubusUuid id;
  guint64   record;  /* 0: not recorded yet */
  gboolean  waited_for;
} BubusLiveEvent;

void
_bubus_journal_live_init (BubusJournalLive *self)
{
  g_mutex_init (&self->lock);
  self->events = g_hash_table_new_full (_bubus_uuid_hash, _bubus_uuid_equal, g_free, NULL);
}

void
_bubus_journal_live_clear (BubusJournalLive *self)
{
  g_clear_pointer (&self->events, g_hash_table_unref);
  g_mutex_clear (&self->lock);
}

/* @waited_for: the record of the event is on the disk before the event comes to a bus. FALSE when it was there
 * already. */
gboolean
_bubus_journal_live_add (BubusJournalLive *self,
                         const BubusUuid  *id,
                         gboolean          waited_for)
{
  gboolean added;

  g_mutex_lock (&self->lock);
  added = !g_hash_table_contains (self->events, id);
  if (added)
    {
      BubusLiveEvent *event = g_new0 (BubusLiveEvent, 1);

      event->id = *id;
      event->waited_for = waited_for;
      g_hash_table_add (self->events, event);
    }
  g_mutex_unlock (&self->lock);
  return added;
}

void
_bubus_journal_live_set (BubusJournalLive *self,
                         const BubusUuid  *id,
                         guint64           record)
{
  BubusLiveEvent *event;

  g_mutex_lock (&self->lock);
  event = g_hash_table_lookup (self->events, id);
  if (event != NULL)
    event->record = record;
  g_mutex_unlock (&self->lock);
}

gboolean
_bubus_journal_live_is_waited_for (BubusJournalLive *self,
                                   const BubusUuid  *id)
{
  const BubusLiveEvent *event;
  gboolean waited_for;

  g_mutex_lock (&self->lock);
  event = g_hash_table_lookup (self->events, id);
  waited_for = event != NULL && event->waited_for;
  g_mutex_unlock (&self->lock);
  return waited_for;
}

/* Whether there was no room for the record. */
gboolean
_bubus_journal_live_is_lost (BubusJournalLive *self,
                             const BubusUuid  *id)
{
  const BubusLiveEvent *event;
  gboolean lost;

  g_mutex_lock (&self->lock);
  event = g_hash_table_lookup (self->events, id);
  lost = event != NULL && event->record == 0;
  g_mutex_unlock (&self->lock);
  return lost;
}

void
_bubus_journal_live_remove (BubusJournalLive *self,
                            const BubusUuid  *id)
{
  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->events, id);
  g_mutex_unlock (&self->lock);
}

gboolean
_bubus_journal_live_contains (BubusJournalLive *self,
                              const BubusUuid  *id)
{
  gboolean contains;

  g_mutex_lock (&self->lock);
  contains = g_hash_table_contains (self->events, id);
  g_mutex_unlock (&self->lock);
  return contains;
}

void
_bubus_journal_live_set_recovered (BubusJournalLive *self)
{
  g_mutex_lock (&self->lock);
  self->recovered = TRUE;
  g_mutex_unlock (&self->lock);
}

guint
_bubus_journal_live_count (BubusJournalLive *self)
{
  guint count;

  g_mutex_lock (&self->lock);
  count = g_hash_table_size (self->events);
  g_mutex_unlock (&self->lock);
  return count;
}

/* The number of the oldest record that is still needed; 0 when it may be one of an earlier life, G_MAXUINT64 when none
 * is. */
guint64
_bubus_journal_live_get_first (BubusJournalLive *self)
{
  guint64 first;
  GHashTableIter iter;
  gpointer event;

  g_mutex_lock (&self->lock);
  first = self->recovered ? G_MAXUINT64 : 0;
  g_hash_table_iter_init (&iter, self->events);
  while (g_hash_table_iter_next (&iter, &event, NULL))
    first = MIN (first, ((BubusLiveEvent *) event)->record);
  g_mutex_unlock (&self->lock);
  return first;
}
