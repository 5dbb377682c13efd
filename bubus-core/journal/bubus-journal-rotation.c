/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-rotation-private.h"

#include <string.h>
#include <unistd.h>

#include "base/bubus-json-scanner-internal.h"
#include "bubus-journal-line-private.h"
#include "bubus-journal-segments-private.h"
#include "codec/bubus-event-json.h"

#define BUBUS_ROTATION_CHUNK        4096
#define BUBUS_ROTATION_N_COMPRESSED 2

typedef struct
{
  guint   segment;
  guint64 last_record;  /* the last one that this life has written to it */
} BubusRotated;

void
_bubus_journal_rotation_init (BubusJournalRotation      *self,
                              const BubusJournalOptions *options)
{
  *self = (BubusJournalRotation) { .options = options };
  self->last_records = g_array_new (FALSE, FALSE, sizeof (BubusRotated));
}

static void
bubus_journal_rotation_join_compressor (BubusJournalRotation *self)
{
  if (self->compressor != NULL)
    g_thread_join (g_steal_pointer (&self->compressor));
}

void
_bubus_journal_rotation_clear (BubusJournalRotation *self)
{
  bubus_journal_rotation_join_compressor (self);
  g_clear_pointer (&self->last_records, g_array_unref);
}

/* ---- when ---- */

/* The first line of the file, as long as it may be. */
static GByteArray *
bubus_journal_rotation_read_line (BubusJournalFile *file)
{
  GByteArray *line = g_byte_array_new ();
  guint8 chunk[BUBUS_ROTATION_CHUNK];
  const guint8 *newline = NULL;
  gssize n;

  while (newline == NULL && line->len < BUBUS_EVENT_JSON_MAX_SIZE
         && (n = pread (file->fd, chunk, sizeof chunk, line->len)) > 0)
    {
      newline = memchr (chunk, '\n', n);
      g_byte_array_append (line, chunk, newline != NULL ? newline - chunk : n);
    }
  return line;
}

/* When the first event in the file was made, as it says itself; or 0. */
static gint64
bubus_journal_rotation_read_beginning (BubusJournalFile *file)
{
  g_autoptr (GByteArray) text = bubus_journal_rotation_read_line (file);
  BubusJournalLine line = { .text = (char *) text->data, .length = text->len, .number = 1 };
  BubusJsonScanner scanner;
  BubusJsonSpan name, value;
  gint64 time_ns = 0;

  if (!_bubus_journal_line_trim (&line))
    return 0;
  _bubus_json_scanner_init (&scanner, line.text, line.length);
  if (!_bubus_json_scanner_enter (&scanner, BUBUS_JSON_KIND_OBJECT, NULL))
    return 0;
  while (_bubus_json_scanner_next_member (&scanner, &name, &value, NULL))
    if (value.kind == BUBUS_JSON_KIND_STRING && _bubus_json_span_equals (&name, "event_created_at"))
      {
        g_autofree char *time = _bubus_json_span_dup_string (&value, NULL);

        if (time != NULL)
          bubus_time_from_iso8601 (time, &time_ns, NULL);
      }
  return time_ns;
}

static gboolean
bubus_journal_rotation_is_old (BubusJournalRotation *self,
                               BubusJournalFile     *file)
{
  gint64 now;

  if (self->options->rotate_age <= 0)
    return FALSE;
  if (self->n_opened != file->n_opened)
    self->began_at = 0;
  self->n_opened = file->n_opened;

  /* Where the first line says nothing, or something about the future, the file is as old as it is known here. */
  now = bubus_clock_get_time (self->options->clock);
  if (self->began_at == 0)
    self->began_at = bubus_journal_rotation_read_beginning (file);
  if (self->began_at == 0 || self->began_at > now)
    self->began_at = now;
  return now - self->began_at >= self->options->rotate_age * 1e9;
}

static gboolean
bubus_journal_rotation_is_due (BubusJournalRotation *self,
                               BubusJournalFile     *file,
                               gsize                 length)
{
  guint64 limit = self->options->rotate_size;
  guint64 size;

  if (limit == 0 && self->options->rotate_age <= 0)
    return FALSE;
  size = _bubus_journal_file_get_size (file);
  return size > 0 && ((limit > 0 && size + length > limit) || bubus_journal_rotation_is_old (self, file));
}

/* ---- afterwards ---- */

/* The first segment in which an event was accepted that is not complete. Those of an earlier life are all needed until
 * that life's events have been recovered: they are in the table then, without a record. */
static guint
bubus_journal_rotation_get_first_needed (BubusJournalRotation *self)
{
  guint64 record;

  if (self->options->live == NULL)
    return G_MAXUINT;

  record = _bubus_journal_live_get_first (self->options->live);
  if (record == 0)
    return 0;
  for (guint i = 0; i < self->last_records->len; i++)
    {
      const BubusRotated *rotated = &g_array_index (self->last_records, BubusRotated, i);

      if (rotated->last_record >= record)
        return rotated->segment;
    }
  return G_MAXUINT;
}

typedef struct
{
  char *journal;
  char *segment;
} BubusCompression;

/* Where other processes may be at the others. */
static gpointer
bubus_journal_rotation_compress (gpointer data)
{
  BubusCompression *self = data;

  _bubus_segment_compress (self->segment);
  _bubus_segments_take_over (self->journal);
  g_free (self->segment);
  g_free (self->journal);
  g_free (self);
  return NULL;
}

static BubusCompression *
bubus_compression_new (BubusJournalFile *file,
                       guint             number)
{
  BubusCompression *self = g_new0 (BubusCompression, 1);

  self->journal = g_strdup (file->path);
  self->segment = g_strdup_printf ("%s.%06u", file->path, number);
  return self;
}

/* The oldest: also those that a process has left which died meanwhile, or did not compress. Not all of them at once,
 * because the next rotation and the end of the journal wait. Only where no other process can be at it. */
static gpointer
bubus_journal_rotation_compress_oldest (gpointer path)
{
  g_autoptr (GPtrArray) segments = NULL;
  guint n = 0;

  _bubus_segments_take_over (path);
  segments = _bubus_segments_list (path);
  for (guint i = 0; i < segments->len && n < BUBUS_ROTATION_N_COMPRESSED; i++)
    {
      const BubusSegment *segment = segments->pdata[i];

      if (segment->compressed)
        continue;
      _bubus_segment_compress (segment->path);
      n++;
    }
  g_free (path);
  return NULL;
}

static void
bubus_journal_rotation_start_compressor (BubusJournalRotation *self,
                                         BubusJournalFile     *file,
                                         guint                 number)
{
  bubus_journal_rotation_join_compressor (self);
  if (file->exclusive)
    self->compressor = g_thread_new ("bubus-compress", bubus_journal_rotation_compress_oldest, g_strdup (file->path));
  else
    self->compressor = g_thread_new ("bubus-compress", bubus_journal_rotation_compress,
                                     bubus_compression_new (file, number));
}

static void
bubus_journal_rotation_tidy (BubusJournalRotation *self,
                             BubusJournalFile     *file,
                             guint                 number)
{
  if (self->options->max_total > 0)
    _bubus_segments_prune (file->path, self->options->max_total, bubus_journal_rotation_get_first_needed (self));
  if (self->options->compress)
    bubus_journal_rotation_start_compressor (self, file, number);
}

/* Puts the file aside if it is time, before @length more bytes are written to it. The file's lock is held, and is held
 * afterwards. */
gboolean
_bubus_journal_rotation_rotate (BubusJournalRotation  *self,
                                BubusJournalFile      *file,
                                gsize                  length,
                                guint64                last_record,
                                GError               **error)
{
  BubusRotated rotated = { 0, last_record };

  if (!bubus_journal_rotation_is_due (self, file, length))
    return TRUE;

  rotated.segment = _bubus_segments_rotate (file, error);
  if (rotated.segment == 0)
    return FALSE;
  g_array_append_val (self->last_records, rotated);
  bubus_journal_rotation_tidy (self, file, rotated.segment);
  return TRUE;
}
