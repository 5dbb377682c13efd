/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-lines-private.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/bubus-error.h"
#include "bubus-journal-segments-private.h"
#include "codec/bubus-event-json.h"

#define BUBUS_LINES_CHUNK 65536
#define BUBUS_LINES_MAX   (BUBUS_EVENT_JSON_MAX_SIZE + 1024)

#define BUBUS_LINES_MAX_MISSING 16

struct _BubusJournalLines
{
  char         *path;         /* of the journal */
  char         *here;         /* of the file that is being read */
  guint         segment;      /* its number, or the one that it will get; 0: none is open */
  GPtrArray    *segments;     /* nullable: what was put aside when that was last looked at */
  guint         n_seen;       /* of them */
  gboolean      active;       /* it has not been put aside when it was opened */
  guint32       device;       /* of the file that is being read */
  guint64       inode;
  GInputStream *stream;
  GByteArray   *buffer;
  gsize         start;        /* of the next line in the buffer */
  gsize         scanned;      /* no newline stands before */
  guint64       offset;       /* of the next line in the file */
  guint64       number;
  gboolean      skipping;     /* the line is too long */
  guint64       skipped;      /* bytes of it */
};

BubusJournalLines *
_bubus_journal_lines_new (const char *path)
{
  BubusJournalLines *self = g_new0 (BubusJournalLines, 1);

  self->path = g_strdup (path);
  self->buffer = g_byte_array_new ();
  return self;
}

void
_bubus_journal_lines_free (BubusJournalLines *self)
{
  g_clear_object (&self->stream);
  g_clear_pointer (&self->segments, g_ptr_array_unref);
  g_byte_array_unref (self->buffer);
  g_free (self->here);
  g_free (self->path);
  g_free (self);
}

/* ---- files ---- */

static gboolean
bubus_journal_lines_fail (BubusJournalLines  *self,
                          const char         *path,
                          const char         *reason,
                          GError            **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL, "the journal “%s” cannot be read: %s", name, reason);
  return FALSE;
}

static void
bubus_journal_lines_enter (BubusJournalLines *self,
                           GInputStream      *stream,
                           const char        *path,
                           guint              segment,
                           gboolean           active)
{
  g_clear_object (&self->stream);
  self->stream = stream;
  g_free (self->here);
  self->here = g_strdup (path);
  self->segment = segment;
  self->active = active;
  g_byte_array_set_size (self->buffer, 0);
  self->start = self->scanned = 0;
  self->offset = self->number = self->skipped = 0;
  self->skipping = FALSE;
}

static GInputStream *
bubus_journal_lines_open (BubusJournalLines  *self,
                          const char         *path,
                          gboolean            compressed,
                          GError            **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, error));
  g_autoptr (GConverter) decompressor = NULL;
  g_autoptr (GFileInfo) info = NULL;

  if (stream == NULL)
    return NULL;
  info = g_file_input_stream_query_info (G_FILE_INPUT_STREAM (stream),
                                         G_FILE_ATTRIBUTE_UNIX_DEVICE "," G_FILE_ATTRIBUTE_UNIX_INODE, NULL, error);
  if (info == NULL)
    return NULL;
  self->device = g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_UNIX_DEVICE);
  self->inode = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_UNIX_INODE);
  if (!compressed)
    return g_steal_pointer (&stream);

  decompressor = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  return g_converter_input_stream_new (stream, decompressor);
}

/* Whether the file at the path is the one that was opened. What is no regular file has no size that says anything. */
static gboolean
bubus_journal_lines_is_in_place (BubusJournalLines *self,
                                 guint64           *size)
{
  GStatBuf there;

  if (g_stat (self->path, &there) != 0 || (guint32) there.st_dev != self->device || there.st_ino != self->inode)
    return FALSE;
  *size = S_ISREG (there.st_mode) ? (guint64) there.st_size : G_MAXUINT64;
  return TRUE;
}

/* The next one that was put aside, of those that were there when they were last looked at. */
static const BubusSegment *
bubus_journal_lines_find_segment (BubusJournalLines *self)
{
  if (self->segments == NULL)
    {
      self->segments = _bubus_segments_list (self->path);
      self->n_seen = 0;
    }
  while (self->n_seen < self->segments->len)
    {
      const BubusSegment *segment = self->segments->pdata[self->n_seen++];

      if (segment->number > self->segment)
        return segment;
    }
  g_clear_pointer (&self->segments, g_ptr_array_unref);
  return NULL;
}

/* It cannot be read, and is passed over. */
static BubusJournalLinesStatus
bubus_journal_lines_give_up_segment (BubusJournalLines   *self,
                                     const BubusSegment  *segment,
                                     const GError        *reason,
                                     GError             **error)
{
  self->segment = segment->number;
  bubus_journal_lines_fail (self, segment->path, reason->message, error);
  return BUBUS_JOURNAL_LINES_ERROR;
}

/* The next one that was put aside; the end when there is none. One that is being compressed changes its name
 * meanwhile, and one that is removed is followed by another one. */
static BubusJournalLinesStatus
bubus_journal_lines_open_segment (BubusJournalLines  *self,
                                  GError            **error)
{
  guint n_missing = 0;

  while (TRUE)
    {
      gboolean fresh = self->segments == NULL;
      const BubusSegment *next = bubus_journal_lines_find_segment (self);
      g_autoptr (GError) reason = NULL;
      GInputStream *stream;

      if (next == NULL && fresh)
        return BUBUS_JOURNAL_LINES_END;
      if (next == NULL)
        continue;

      stream = bubus_journal_lines_open (self, next->path, next->compressed, &reason);
      if (stream != NULL)
        {
          bubus_journal_lines_enter (self, stream, next->path, next->number, FALSE);
          return BUBUS_JOURNAL_LINES_LINE;
        }
      if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || ++n_missing > BUBUS_LINES_MAX_MISSING)
        return bubus_journal_lines_give_up_segment (self, next, reason, error);
      g_clear_pointer (&self->segments, g_ptr_array_unref);
    }
}

/* The file itself. It is put aside at any time: then it is known by the number that it gets. */
static BubusJournalLinesStatus
bubus_journal_lines_open_active (BubusJournalLines  *self,
                                 GError            **error)
{
  g_autoptr (GError) reason = NULL;
  GInputStream *stream = bubus_journal_lines_open (self, self->path, FALSE, &reason);
  guint64 size;
  guint last;

  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return BUBUS_JOURNAL_LINES_END;
  if (stream == NULL)
    {
      bubus_journal_lines_fail (self, self->path, reason->message, error);
      return BUBUS_JOURNAL_LINES_ERROR;
    }

  last = _bubus_segments_get_last (self->path);
  if (last > self->segment || !bubus_journal_lines_is_in_place (self, &size))
    {
      g_object_unref (stream);
      return BUBUS_JOURNAL_LINES_LINE; /* something was put aside just now: that comes first */
    }
  bubus_journal_lines_enter (self, stream, self->path, last + 1, TRUE);
  return BUBUS_JOURNAL_LINES_LINE;
}

/* Opens what comes after the file that has been read to its end. */
static BubusJournalLinesStatus
bubus_journal_lines_advance (BubusJournalLines  *self,
                             GError            **error)
{
  BubusJournalLinesStatus status = bubus_journal_lines_open_segment (self, error);

  return status == BUBUS_JOURNAL_LINES_END ? bubus_journal_lines_open_active (self, error) : status;
}

/* ---- bytes ---- */

/* The number of new bytes, 0 at the end, negative for an error. */
static gssize
bubus_journal_lines_fill (BubusJournalLines  *self,
                          GError            **error)
{
  g_autoptr (GError) reason = NULL;
  gsize length;
  gssize n;

  if (self->start > 0)
    g_byte_array_remove_range (self->buffer, 0, self->start);
  self->scanned -= self->start;
  self->start = 0;

  length = self->buffer->len;
  g_byte_array_set_size (self->buffer, length + BUBUS_LINES_CHUNK);
  n = g_input_stream_read (self->stream, self->buffer->data + length, BUBUS_LINES_CHUNK, NULL, &reason);
  g_byte_array_set_size (self->buffer, length + MAX (n, 0));
  if (n < 0)
    bubus_journal_lines_fail (self, self->here, reason->message, error);
  if (n < 0 && !self->active)
    g_clear_object (&self->stream); /* what comes after can still be read */
  return n;
}

static void
bubus_journal_lines_cut (BubusJournalLines *self,
                         BubusJournalLine  *line,
                         gsize              length,
                         gboolean           newline)
{
  line->text = (char *) self->buffer->data + self->start;
  line->length = self->skipping ? 0 : length;
  line->size = length + self->skipped;
  line->path = self->here;
  line->number = ++self->number;
  line->offset = self->offset;
  line->too_long = self->skipping;
  line->torn = !newline;

  self->offset += length + self->skipped + newline;
  self->start += length + newline;
  self->scanned = self->start;
  self->skipped = 0;
  self->skipping = FALSE;
}

/* Takes a line out of the buffer, if a whole one is there. */
static gboolean
bubus_journal_lines_take (BubusJournalLines *self,
                          BubusJournalLine  *line)
{
  const guint8 *newline = NULL;

  if (self->scanned < self->buffer->len)
    newline = memchr (self->buffer->data + self->scanned, '\n', self->buffer->len - self->scanned);
  if (newline != NULL)
    {
      bubus_journal_lines_cut (self, line, newline - self->buffer->data - self->start, TRUE);
      return TRUE;
    }

  self->scanned = self->buffer->len;
  if (self->skipping || self->buffer->len - self->start > BUBUS_LINES_MAX)
    {
      self->skipping = TRUE;
      self->skipped += self->buffer->len - self->start;
      self->start = self->buffer->len;
    }
  return FALSE;
}

/* What stands after the last newline, if anything: a line that is being written, or one that was never finished. */
gboolean
_bubus_journal_lines_get_rest (BubusJournalLines *self,
                               BubusJournalLine  *line)
{
  BubusJournalLines before = *self;

  if (self->stream == NULL || (self->start == self->buffer->len && !self->skipping))
    return FALSE;

  bubus_journal_lines_cut (self, line, self->buffer->len - self->start, FALSE);
  *self = before;
  line->number = before.number + 1;
  return TRUE;
}

/* ---- lines ---- */

/* The end of the file; of one that is put aside what is left is a line. */
static BubusJournalLinesStatus
bubus_journal_lines_end (BubusJournalLines  *self,
                         BubusJournalLine   *line,
                         GError            **error)
{
  if (self->start < self->buffer->len || self->skipping)
    {
      bubus_journal_lines_cut (self, line, self->buffer->len - self->start, FALSE);
      return BUBUS_JOURNAL_LINES_LINE;
    }

  line->text = NULL;
  return bubus_journal_lines_advance (self, error);
}

static guint64
bubus_journal_lines_get_position (BubusJournalLines *self)
{
  return self->offset + self->skipped + self->buffer->len - self->start;
}

/* The file has become shorter. When a writer has taken a piece of a line back, that line comes again; otherwise the
 * file was emptied, and is another one. */
static BubusJournalLinesStatus
bubus_journal_lines_rewind (BubusJournalLines  *self,
                            guint64             size,
                            GError            **error)
{
  g_autoptr (GError) reason = NULL;

  if (size < self->offset)
    {
      g_clear_object (&self->stream);
      self->segment--;
      return BUBUS_JOURNAL_LINES_LINE;
    }
  if (!g_seekable_seek (G_SEEKABLE (self->stream), self->offset, G_SEEK_SET, NULL, &reason))
    {
      bubus_journal_lines_fail (self, self->here, reason->message, error);
      return BUBUS_JOURNAL_LINES_ERROR;
    }
  g_byte_array_set_size (self->buffer, 0);
  self->start = self->scanned = 0;
  self->skipped = 0;
  self->skipping = FALSE;
  return BUBUS_JOURNAL_LINES_LINE;
}

/* One step: a line (with a text), a file opened or bytes read (without one), an error, or the end. */
static BubusJournalLinesStatus
bubus_journal_lines_step (BubusJournalLines  *self,
                          BubusJournalLine   *line,
                          GError            **error)
{
  gboolean in_place;
  guint64 size = G_MAXUINT64;
  gssize n;

  line->text = NULL;
  if (self->stream == NULL)
    return bubus_journal_lines_advance (self, error);
  if (bubus_journal_lines_take (self, line))
    return BUBUS_JOURNAL_LINES_LINE;

  /* Looked at before the end: what is not in place then is not written to any more. */
  in_place = !self->active || bubus_journal_lines_is_in_place (self, &size);
  if (size < bubus_journal_lines_get_position (self))
    return bubus_journal_lines_rewind (self, size, error);
  n = bubus_journal_lines_fill (self, error);
  if (n < 0)
    return BUBUS_JOURNAL_LINES_ERROR;
  if (n > 0)
    return BUBUS_JOURNAL_LINES_LINE;
  if (self->active && in_place)
    return BUBUS_JOURNAL_LINES_END;
  return bubus_journal_lines_end (self, line, error);
}

BubusJournalLinesStatus
_bubus_journal_lines_next (BubusJournalLines  *self,
                           BubusJournalLine   *line,
                           GError            **error)
{
  BubusJournalLinesStatus status;

  do
    status = bubus_journal_lines_step (self, line, error);
  while (status == BUBUS_JOURNAL_LINES_LINE && line->text == NULL);
  return status;
}
