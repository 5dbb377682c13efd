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
static void
bubus_record_free_line (gpointer data)
{
  g_string_free (data, TRUE);
}

static GPrivate bubus_record_spare = G_PRIVATE_INIT (bubus_record_free_line);

static GString *
bubus_record_take_line (void)
{
  GString *line = g_private_get (&bubus_record_spare);

  if (line == NULL)
    return g_string_sized_new (BUBUS_RECORD_USUAL_SIZE);
  g_private_set (&bubus_record_spare, NULL); /* a payload may do anything while it is written, also record an event */
  return line;
}

static void
bubus_record_give_back_line (GString *line)
{
  if (line->allocated_len > BUBUS_RECORD_LARGE_SIZE || g_private_get (&bubus_record_spare) != NULL)
    {
      bubus_record_free_line (line);
      return;
    }
  g_string_truncate (line, 0);
  g_private_set (&bubus_record_spare, line);
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
  GString *line = bubus_record_take_line ();
  guint64 record = 0;

  _bubus_event_write (event, status, line);
  if (bubus_journal_fit_line (self, event, line))
    record = bubus_journal_append (self, line, waiter);
  bubus_record_give_back_line (line);
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
  guint64 record = bubus_journal_append_event (self, event, bubus_event_get_event_status (event), waiter);

  _bubus_journal_live_set (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id, record);
  return record != 0;
}

/* An event that a bus has accepted. It is recorded by then if it came through the journal, or has visited another
 * bus. */
void
_bubus_journal_record_pending (BubusJournal *self,
                               BubusEvent   *event)
{
  if (bubus_event_get_event_status (event) != BUBUS_EVENT_STATUS_COMPLETED
      && _bubus_journal_live_add (_bubus_journal_get_live (self), &_bubus_event_get_private (event)->id))
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
