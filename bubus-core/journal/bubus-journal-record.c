/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-private.h"

#include <string.h>

#include "base/bubus-json-writer-internal.h"
#include "bubus-journal-checksum-private.h"
#include "bubus-journal-line-private.h"
#include "codec/bubus-event-json.h"
#include "codec/bubus-event-writer-internal.h"
#include "codec/bubus-result-json-internal.h"
#include "event/bubus-event-internal.h"

/* What a journal says about an event: a line in the wire form. The event's status in it says which of them it is. */

#define BUBUS_RECORD_USUAL_SIZE 2048
#define BUBUS_RECORD_LARGE_SIZE (64 * 1024)

/* Lines are made one after the other: each thread keeps the room of the last one for the next. */
typedef struct
{
  GString *line;
  gboolean taken;
} BubusRecordRoom;

static void
bubus_record_room_free (gpointer data)
{
  BubusRecordRoom *self = data;

  g_string_free (self->line, TRUE);
  g_free (self);
}

static GPrivate bubus_record_room = G_PRIVATE_INIT (bubus_record_room_free);

static BubusRecordRoom *
bubus_record_room_new (void)
{
  BubusRecordRoom *self = g_new0 (BubusRecordRoom, 1);

  self->line = g_string_sized_new (BUBUS_RECORD_USUAL_SIZE);
  return self;
}

/* The thread's own, unless that is taken: a payload may do anything while it is written, also record an event. */
static BubusRecordRoom *
bubus_record_room_take (void)
{
  BubusRecordRoom *self = g_private_get (&bubus_record_room);

  if (G_UNLIKELY (self == NULL))
    {
      self = bubus_record_room_new ();
      g_private_set (&bubus_record_room, self);
    }
  else if (G_UNLIKELY (self->taken))
    {
      return bubus_record_room_new ();
    }
  self->taken = TRUE;
  return self;
}

static void
bubus_record_room_give_back (BubusRecordRoom *self)
{
  if (G_UNLIKELY (!self->taken))
    {
      bubus_record_room_free (self);
      return;
    }
  if (G_UNLIKELY (self->line->allocated_len > BUBUS_RECORD_LARGE_SIZE))
    {
      g_string_free (self->line, TRUE);
      self->line = g_string_sized_new (BUBUS_RECORD_USUAL_SIZE);
    }
  g_string_truncate (self->line, 0);
  self->taken = FALSE;
}

static guint64
bubus_journal_append (BubusJournal       *self,
                      GString            *line,
                      BubusJournalWaiter *waiter)
{
  if (_bubus_journal_has_checksums (self))
    _bubus_checksum_reserve (line);
  g_string_append_c (line, '\n');
  return _bubus_journal_writer_append (_bubus_journal_get_writer (self), line->str, line->len, waiter);
}

static void
bubus_record_drop_results (GString    *line,
                           BubusEvent *event)
{
  g_autoptr (GString) results = g_string_new (NULL);

  _bubus_event_append_results (event, results);
  g_string_truncate (line, line->len - results->len - strlen ("}"));
  g_string_append_c (line, '}');
}

/* A recovery takes no line that is longer than an event may be: of what it does not know, it would dispatch the event
 * again each time, or never. FALSE when there is nothing that could be left out. */
static gboolean
bubus_journal_fit_line (BubusJournal *self,
                        BubusEvent   *event,
                        GString      *line)
{
  gboolean fits;

  if (G_LIKELY (line->len <= BUBUS_EVENT_JSON_MAX_SIZE) || !_bubus_journal_is_recovering (self))
    return TRUE;
  bubus_record_drop_results (line, event);
  fits = line->len <= BUBUS_EVENT_JSON_MAX_SIZE;
  _bubus_journal_writer_note_too_long (_bubus_journal_get_writer (self), fits);
  return fits;
}

/* Gives 0 when there is no room for the record. */
static guint64
bubus_journal_append_event (BubusJournal       *self,
                            BubusEvent         *event,
                            BubusEventStatus    status,
                            BubusJournalWaiter *waiter)
{
  BubusRecordRoom *room = bubus_record_room_take ();
  guint64 record = 0;

  _bubus_event_write (event, status, room->line);
  if (bubus_journal_fit_line (self, event, room->line))
    record = bubus_journal_append (self, room->line, waiter);
  bubus_record_room_give_back (room);
  return record;
}

/* Also of an event that is about to be complete. FALSE when there is no room for the record. */
gboolean
_bubus_journal_record_completion (BubusJournal *self,
                                  BubusEvent   *event)
{
  guint64 record = bubus_journal_append_event (self, event, BUBUS_EVENT_STATUS_COMPLETED, NULL);

  if (_bubus_journal_is_recovering (self))
    _bubus_journal_live_remove (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id);
  return record != 0;
}

/* FALSE when there is no room for the record: @waiter is not asked for then. */
gboolean
_bubus_journal_record_acceptance (BubusJournal       *self,
                                  BubusEvent         *event,
                                  BubusJournalWaiter *waiter)
{
  guint64 record = bubus_journal_append_event (self, event, _bubus_event_get_status (event), waiter);

  _bubus_journal_live_set (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id, record);
  return record != 0;
}

/* An event that a bus has accepted. It is recorded by then if it came through the journal, or has visited another
 * bus. */
void
_bubus_journal_record_pending (BubusJournal *self,
                               BubusEvent   *event)
{
  if (_bubus_event_get_status (event) != BUBUS_EVENT_STATUS_COMPLETED
      && _bubus_journal_live_add (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id, FALSE))
    _bubus_journal_record_acceptance (self, event, NULL);
}

/* @text, a line of an event, is not unfinished any more. */
void
_bubus_journal_record_end (BubusJournal *self,
                           const char   *text,
                           gsize         length,
                           const char   *reason)
{
  g_autoptr (GString) line = g_string_sized_new (BUBUS_RECORD_USUAL_SIZE);

  while (length > 0 && text[length - 1] != '}')
    length--;
  g_string_append_len (line, text, length - 1);
  _bubus_json_append_literal (line, ",\"" BUBUS_JOURNAL_REFUSED "\":");
  _bubus_json_append_string (line, reason);
  g_string_append_c (line, '}');
  bubus_journal_append (self, line, NULL);
}

/* The event was accepted by the journal and not by the bus. */
void
_bubus_journal_record_refusal (BubusJournal *self,
                               BubusEvent   *event,
                               const char   *reason)
{
  g_autofree char *text = bubus_event_to_json (event);

  _bubus_journal_record_end (self, text, strlen (text), reason);
  _bubus_journal_live_remove (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id);
}
