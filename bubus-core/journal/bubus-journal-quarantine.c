/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-quarantine-private.h"

#include <string.h>

#include "base/bubus-json-scanner-internal.h"
#include "base/bubus-json-writer-internal.h"
#include "bubus-journal-checksum-private.h"
#include "bubus-journal-file-private.h"

/* A line stays in the journal, and is met again by the next recovery: it is known by this. */
static char *
bubus_quarantine_make_key (const BubusJournalLine *line)
{
  /* What is not here stays in its file, and is known by where it stands. */
  if (line->too_long)
    return g_strdup_printf ("%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, line->offset, line->size);
  return g_strdup_printf ("%08x-%" G_GSIZE_FORMAT, _bubus_checksum_compute (line->text, line->length), line->length);
}

static void
bubus_quarantine_note_line (BubusQuarantine        *self,
                            const BubusJournalLine *line)
{
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;

  _bubus_json_scanner_init (&scanner, line->text, line->length);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL))
    return;
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
    if (_bubus_json_span_equals (&name, "key") && value.kind == BUBUS_JSON_KIND_STRING)
      g_hash_table_add (self->known, _bubus_json_span_dup_string (&value, NULL));
}

static void
bubus_quarantine_read (BubusQuarantine *self)
{
  g_autoptr (BubusJournalLines) lines = _bubus_journal_lines_new (self->path);
  BubusJournalLine line;

  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (_bubus_journal_lines_next (lines, &line, NULL) == BUBUS_JOURNAL_LINES_LINE)
    bubus_quarantine_note_line (self, &line);
}

void
_bubus_quarantine_init (BubusQuarantine *self,
                        const char      *journal_path)
{
  *self = (BubusQuarantine) { .path = g_strconcat (journal_path, ".quarantine", NULL) };
}

void
_bubus_quarantine_clear (BubusQuarantine *self)
{
  g_clear_pointer (&self->known, g_hash_table_unref);
  g_clear_pointer (&self->path, g_free);
}

static void
bubus_quarantine_append_bytes (const BubusJournalLine *line,
                               GString                *out)
{
  g_autofree char *base64 = NULL;

  if (line->too_long)
    {
      g_string_append_printf (out, ",\"size\":%" G_GUINT64_FORMAT, line->size);
      return;
    }
  if (g_utf8_validate_len (line->text, line->length, NULL))
    {
      _bubus_json_append_literal (out, ",\"text\":");
      _bubus_json_append_string_len (out, line->text, line->length);
      return;
    }
  base64 = g_base64_encode ((const guint8 *) line->text, line->length);
  _bubus_json_append_literal (out, ",\"base64\":");
  _bubus_json_append_string (out, base64);
}

static GString *
bubus_quarantine_format (const BubusJournalLine *line,
                         const char             *key,
                         const char             *reason)
{
  GString *out = g_string_new ("{\"file\":");
  g_autofree char *name = g_path_get_basename (line->path);
  g_autofree char *display_name = g_filename_display_name (name);

  _bubus_json_append_string (out, display_name);
  g_string_append_printf (out, ",\"line\":%" G_GUINT64_FORMAT ",\"offset\":%" G_GUINT64_FORMAT ",\"key\":\"%s\"",
                          line->number, line->offset, key);
  _bubus_json_append_literal (out, ",\"reason\":");
  _bubus_json_append_string (out, reason);
  bubus_quarantine_append_bytes (line, out);
  _bubus_json_append_literal (out, "}\n");
  return out;
}

static gboolean
bubus_quarantine_write (BubusQuarantine  *self,
                        GString          *text,
                        GError          **error)
{
  g_autofree char *name = g_filename_display_name (self->path);
  BubusJournalFile file;
  gsize kept;
  gboolean written;

  _bubus_journal_file_init (&file, name, self->path);
  written = _bubus_journal_file_lock (&file, error)
            && _bubus_journal_file_append (&file, text->str, text->len, &kept, error)
            && _bubus_journal_file_sync (&file, error);
  _bubus_journal_file_clear (&file);
  return written;
}

/* Writes the line down, unless that has been done before. */
gboolean
_bubus_quarantine_add (BubusQuarantine         *self,
                       const BubusJournalLine  *line,
                       const char              *reason,
                       GError                 **error)
{
  g_autofree char *key = bubus_quarantine_make_key (line);
  g_autoptr (GString) text = NULL;

  if (self->known == NULL)
    bubus_quarantine_read (self);
  if (g_hash_table_contains (self->known, key))
    return TRUE;

  text = bubus_quarantine_format (line, key, reason);
  if (!bubus_quarantine_write (self, text, error))
    return FALSE;
  g_hash_table_add (self->known, g_steal_pointer (&key));
  return TRUE;
}
