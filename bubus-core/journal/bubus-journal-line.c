/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-line-private.h"

#include <string.h>

#include "base/bubus-error.h"
#include "base/bubus-json-scanner-internal.h"
#include "bubus-journal-checksum-private.h"

/* A byte order mark may stand at the very beginning of a file, and means nothing. */
#define BYTE_ORDER_MARK "\357\273\277"

static gboolean
bubus_journal_line_is_blank_at (const BubusJournalLine *line,
                                gsize                   at)
{
  return line->text[at] == ' ' || line->text[at] == '\t' || line->text[at] == '\r';
}

/* Takes off what editors and other systems put around a line. FALSE when nothing is left: the line is an empty one. */
gboolean
_bubus_journal_line_trim (BubusJournalLine *line)
{
  gsize mark = strlen (BYTE_ORDER_MARK);

  if (line->number == 1 && line->length >= mark && memcmp (line->text, BYTE_ORDER_MARK, mark) == 0)
    {
      line->text += mark;
      line->length -= mark;
    }
  while (line->length > 0 && bubus_journal_line_is_blank_at (line, line->length - 1))
    line->length--;
  return line->length > 0 || line->too_long;
}

static gboolean
bubus_journal_line_refuse (const char  *reason,
                           GError     **error)
{
  g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON, reason);
  return FALSE;
}

/* Checks the checksum, if there is one, and takes it out of the line. */
gboolean
_bubus_journal_line_check (BubusJournalLine  *line,
                           GError           **error)
{
  if (line->too_long)
    return bubus_journal_line_refuse ("the line is too long", error);
  if (_bubus_checksum_take (line->text, &line->length) == BUBUS_CHECKSUM_BAD)
    return bubus_journal_line_refuse ("the checksum is another one: the line was changed, or damaged", error);
  return TRUE;
}

typedef struct
{
  gboolean has_type;
  gboolean has_id;
  gboolean has_status;
  gboolean completed;  /* by its time */
  gboolean pending;    /* by its status */
} BubusJournalMarks;

static gboolean
bubus_journal_line_read_id (const BubusJsonSpan *value,
                            BubusUuid           *id)
{
  g_autofree char *text = value->kind == BUBUS_JSON_KIND_STRING ? _bubus_json_span_dup_string (value, NULL) : NULL;

  return text != NULL && _bubus_uuid_parse (id, text);
}

static void
bubus_journal_line_note (const BubusJsonSpan *name,
                         const BubusJsonSpan *value,
                         BubusJournalEntry   *entry,
                         BubusJournalMarks   *marks)
{
  gboolean null = value->kind == BUBUS_JSON_KIND_NULL;

  if (_bubus_json_span_equals (name, "event_type"))
    marks->has_type = !null;
  else if (_bubus_json_span_equals (name, "event_id"))
    marks->has_id = bubus_journal_line_read_id (value, &entry->id);
  else if (_bubus_json_span_equals (name, "event_status"))
    {
      marks->has_status = !null;
      entry->over = entry->over || _bubus_json_span_equals (value, "completed");
      marks->pending = _bubus_json_span_equals (value, "pending") || _bubus_json_span_equals (value, "started");
    }
  else if (_bubus_json_span_equals (name, "event_completed_at"))
    marks->completed = !null;
  else if (_bubus_json_span_equals (name, BUBUS_JOURNAL_REFUSED))
    entry->over = TRUE;
}

/* Reads what recovery has to know, after the check. */
gboolean
_bubus_journal_line_parse (BubusJournalLine   *line,
                           BubusJournalEntry  *entry,
                           GError            **error)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;
  BubusJournalMarks marks = { FALSE };

  *entry = (BubusJournalEntry) { .over = FALSE };
  _bubus_json_scanner_init (&scanner, line->text, line->length);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, error))
    return FALSE;
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, error))
    bubus_journal_line_note (&name, &value, entry, &marks);
  if (!_bubus_json_scanner_finish (&scanner, error))
    return FALSE;

  /* The original writes no status, and only events that it has handled. */
  entry->over = entry->over || !marks.has_status || (marks.completed && !marks.pending);
  if (!marks.has_type || !marks.has_id)
    return bubus_journal_line_refuse ("the line is no event with a type and an id", error);
  return TRUE;
}
