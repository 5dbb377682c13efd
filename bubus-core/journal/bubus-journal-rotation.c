/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-rotation-private.h"

#include <string.h>
#include <unistd.h>

#include "bubus-journal-segments-private.h"

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

/* When the first event in the file was made, as it says itself; or 0. */
static gint64
bubus_journal_rotation_read_beginning (BubusJournalFile *file)
{
  static const char key[] = "\"event_created_at\":\"";
  char text[4096];
  gssize length = pread (file->fd, text, sizeof text - 1, 0);
  const char *at;
  gint64 time_ns = 0;

  if (length <= 0)
    return 0;
  text[length] = '\0';
  at = strstr (text, key);
  if (at != NULL)
    {
      const char *start = at + strlen (key);
      g_autofree char *value = g_strndup (start, strcspn (start, "\"\n"));

      bubus_time_from_iso8601 (value, &time_ns, NULL);
    }
  return time_ns;
}

static gboolean
bubus_journal_rotation_is_old (BubusJournalRotation *self,
                               BubusJournalFile     *file)
{
  if (self->options->rotate_age <= 0)
    return FALSE;
  if (self->n_opened != file->n_opened)
    self->began_at = 0;
  self->n_opened = file->n_opened;
  if (self->began_at == 0)
    self->began_at = bubus_journal_rotation_read_beginning (file);
  return self->began_at != 0
         && bubus_clock_get_time (self->options->clock) - self->began_at >= self->options->rotate_age * 1e9;
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

static gpointer
bubus_journal_rotation_compress (gpointer path)
{
  _bubus_segment_compress (path);
  g_free (path);
  return NULL;
}

static void
bubus_journal_rotation_tidy (BubusJournalRotation *self,
                             BubusJournalFile     *file,
                             guint                 number)
{
  if (self->options->max_total > 0)
    _bubus_segments_prune (file->path, self->options->max_total, bubus_journal_rotation_get_first_needed (self));
  if (self->options->compress)
    {
      bubus_journal_rotation_join_compressor (self);
      self->compressor = g_thread_new ("bubus-compress", bubus_journal_rotation_compress,
                                       g_strdup_printf ("%s.%06u", file->path, number));
    }
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
