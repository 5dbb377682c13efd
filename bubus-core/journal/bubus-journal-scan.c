/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-scan-private.h"

#include <errno.h>

#include "bubus-journal-line-private.h"
#include "bubus-journal-quarantine-private.h"

typedef struct
{
  BubusJournalScan *scan;
  BubusJournalFile *file;
  BubusJournalLive *live;     /* what this life has accepted is not left by an earlier one */
  GHashTable       *links;    /* BubusUuid -> GList in the queue of unfinished events */
  BubusQuarantine   quarantine;
} BubusJournalScanner;

BubusJournalScan *
_bubus_journal_scan_new (void)
{
  BubusJournalScan *self = g_new0 (BubusJournalScan, 1);

  g_queue_init (&self->unfinished);
  self->damages = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
_bubus_journal_scan_free (BubusJournalScan *self)
{
  g_queue_clear_full (&self->unfinished, (GDestroyNotify) g_bytes_unref);
  g_ptr_array_unref (self->damages);
  g_free (self);
}

static void
bubus_journal_scanner_note_damage (BubusJournalScanner    *self,
                                   const BubusJournalLine *line,
                                   const char             *what,
                                   const char             *reason)
{
  g_autofree char *name = g_filename_display_name (line->path);

  g_ptr_array_add (self->scan->damages, g_strdup_printf ("%s:%" G_GUINT64_FORMAT ": %s: %s", name, line->number, what,
                                                         reason));
}

/* ---- lines ---- */

static void
bubus_journal_scanner_finish (BubusJournalScanner *self,
                              const BubusUuid     *id)
{
  GList *link = g_hash_table_lookup (self->links, id);

  if (link == NULL)
    return;
  g_hash_table_remove (self->links, id);
  g_bytes_unref (link->data);
  g_queue_delete_link (&self->scan->unfinished, link);
}

/* An event that was dispatched again stays where it was, as what it is now. */
static void
bubus_journal_scanner_accept (BubusJournalScanner    *self,
                              const BubusUuid        *id,
                              const BubusJournalLine *line)
{
  GList *link = g_hash_table_lookup (self->links, id);
  GBytes *text = g_bytes_new (line->text, line->length);

  if (link != NULL)
    {
      g_bytes_unref (link->data);
      link->data = text;
      return;
    }
  g_queue_push_tail (&self->scan->unfinished, text);
  g_hash_table_insert (self->links, g_memdup2 (id, sizeof *id), g_queue_peek_tail_link (&self->scan->unfinished));
}

static gboolean
bubus_journal_scanner_quarantine (BubusJournalScanner    *self,
                                  const BubusJournalLine *line,
                                  const char             *reason,
                                  GError                **error)
{
  if (!_bubus_quarantine_add (&self->quarantine, line, reason, error))
    return FALSE;
  bubus_journal_scanner_note_damage (self, line, "quarantined", reason);
  return TRUE;
}

static gboolean
bubus_journal_scanner_take (BubusJournalScanner  *self,
                            BubusJournalLine     *line,
                            GError              **error)
{
  g_autoptr (GError) reason = NULL;
  BubusJournalLine bare = *line;
  BubusJournalEntry entry;

  if (!_bubus_journal_line_trim (&bare))
    return TRUE;
  if (!_bubus_journal_line_check (&bare, &reason) || !_bubus_journal_line_parse (&bare, &entry, &reason))
    return bubus_journal_scanner_quarantine (self, line, reason->message, error);

  if (entry.over)
    bubus_journal_scanner_finish (self, &entry.id);
  else if (!_bubus_journal_live_contains (self->live, &entry.id))
    bubus_journal_scanner_accept (self, &entry.id, &bare);
  return TRUE;
}

/* ---- the end ---- */

/* A line that was being written when the process died was never acknowledged. */
static gboolean
bubus_journal_scanner_cut (BubusJournalScanner     *self,
                           const BubusJournalLine  *line,
                           GError                 **error)
{
  bubus_journal_scanner_note_damage (self, line, "cut", "the last line is not complete");
  if (_bubus_file_calls.truncate (self->file->fd, line->offset) != 0)
    return _bubus_journal_file_set_error (self->file, "cut", errno, error);
  self->file->torn = FALSE;
  self->file->dirty = TRUE;
  return _bubus_journal_file_sync (self->file, error);
}

/* Only its newline may be missing. */
static gboolean
bubus_journal_scanner_take_rest (BubusJournalScanner  *self,
                                 BubusJournalLines    *lines,
                                 GError              **error)
{
  BubusJournalLine rest;
  BubusJournalLine copy;
  BubusJournalEntry entry;
  g_autofree char *text = NULL;

  if (!_bubus_journal_lines_get_rest (lines, &rest))
    return TRUE;

  copy = rest;
  copy.text = text = g_memdup2 (rest.text, rest.length);
  if (!_bubus_journal_line_trim (&copy) || !_bubus_journal_line_check (&copy, NULL) || !_bubus_journal_line_parse (&copy, &entry, NULL))
    return bubus_journal_scanner_cut (self, &rest, error);
  return bubus_journal_scanner_take (self, &rest, error);
}

static gboolean
bubus_journal_scanner_read (BubusJournalScanner  *self,
                            GError              **error)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (self->file->path);
  BubusJournalLinesStatus status;
  BubusJournalLine line;

  while ((status = _bubus_journal_lines_next (lines, &line, error)) == BUBUS_JOURNAL_LINES_LINE)
    if (!bubus_journal_scanner_take (self, &line, error))
      return FALSE;
  return status == BUBUS_JOURNAL_LINES_END && bubus_journal_scanner_take_rest (self, lines, error);
}

/* Reads the whole journal, cuts a torn last line off, and puts what is no event into quarantine. To be called in the
 * thread that writes the file. */
gboolean
_bubus_journal_scan_run (BubusJournalScan  *self,
                         BubusJournalFile  *file,
                         BubusJournalLive  *live,
                         GError           **error)
{
  BubusJournalScanner scanner = { self, file, live, NULL, { NULL } };
  gboolean read;

  if (!_bubus_journal_file_lock (file, error))
    return FALSE;

  scanner.links = g_hash_table_new_full (_bubus_uuid_hash, _bubus_uuid_equal, g_free, NULL);
  _bubus_quarantine_init (&scanner.quarantine, file->path);
  read = bubus_journal_scanner_read (&scanner, error);
  _bubus_quarantine_clear (&scanner.quarantine);
  g_hash_table_unref (scanner.links);
  _bubus_journal_file_unlock (file);
  return read;
}
