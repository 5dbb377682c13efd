/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <string.h>

#include "bubus-line-reader.h"

#define BUBUS_LINE_READER_CHUNK (64 * 1024)

/* The bytes from start to end have been read and not given out yet; there is no newline before scanned. The buffer
 * grows to twice the longest line at most. */
struct _BubusLineReader
{
  GObject       parent_instance;

  GInputStream *stream;
  gsize         max_length;
  char         *buffer;
  gsize         capacity;
  gsize         start;
  gsize         scanned;
  gsize         end;
  guint64       number;   /* of the line that was given out last */
  gboolean      skipping; /* what comes up to the next newline belongs to a line that is too long */
  gboolean      ended;    /* the stream has */
};

G_DEFINE_FINAL_TYPE (BubusLineReader, bubus_line_reader, G_TYPE_OBJECT)

static void
bubus_line_reader_finalize (GObject *object)
{
  BubusLineReader *self = BUBUS_LINE_READER (object);

  g_clear_object (&self->stream);
  g_free (self->buffer);

  G_OBJECT_CLASS (bubus_line_reader_parent_class)->finalize (object);
}

static void
bubus_line_reader_class_init (BubusLineReaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bubus_line_reader_finalize;
}

static void
bubus_line_reader_init (BubusLineReader *self)
{
}

BubusLineReader *
bubus_line_reader_new (GInputStream *stream,
                       gsize         max_length)
{
  BubusLineReader *self = g_object_new (BUBUS_TYPE_LINE_READER, NULL);

  self->stream = g_object_ref (stream);
  self->max_length = max_length;
  return self;
}

/* ---- giving out lines ---- */

/* Takes everything up to @end as a line; @next is where the following one begins. */
static BubusLineReaderStatus
bubus_line_reader_take (BubusLineReader *self,
                        gsize            end,
                        gsize            next,
                        BubusLine       *line)
{
  line->text = self->buffer + self->start;
  line->length = end - self->start;
  line->number = ++self->number;
  self->start = next;
  self->scanned = next;
  return line->length > self->max_length ? BUBUS_LINE_READER_TOO_LONG : BUBUS_LINE_READER_LINE;
}

static const char *
bubus_line_reader_find_newline (BubusLineReader *self)
{
  const char *newline = NULL;

  if (self->scanned < self->end)
    newline = memchr (self->buffer + self->scanned, '\n', self->end - self->scanned);
  self->scanned = newline != NULL ? (gsize) (newline - self->buffer) : self->end;
  return newline;
}

/* Drops what is left of a line that is too long. Returns whether its end has been seen. */
static gboolean
bubus_line_reader_skip (BubusLineReader *self)
{
  gboolean found = bubus_line_reader_find_newline (self) != NULL;

  self->start = self->scanned + (found ? 1 : 0);
  self->scanned = self->start;
  self->skipping = !found;
  return found;
}

static BubusLineReaderStatus
bubus_line_reader_give_up (BubusLineReader *self,
                           BubusLine       *line)
{
  self->skipping = TRUE;
  return bubus_line_reader_take (self, self->end, self->end, line);
}

BubusLineReaderStatus
bubus_line_reader_next (BubusLineReader *self,
                        BubusLine       *line)
{
  if (self->skipping && !bubus_line_reader_skip (self))
    return self->ended ? BUBUS_LINE_READER_END : BUBUS_LINE_READER_HUNGRY;

  if (bubus_line_reader_find_newline (self) != NULL)
    return bubus_line_reader_take (self, self->scanned, self->scanned + 1, line);
  if (self->end - self->start > self->max_length)
    return bubus_line_reader_give_up (self, line);
  if (!self->ended)
    return BUBUS_LINE_READER_HUNGRY;
  if (self->start < self->end)
    return bubus_line_reader_take (self, self->end, self->end, line);
  return BUBUS_LINE_READER_END;
}

/* ---- reading ---- */

static void
bubus_line_reader_make_room (BubusLineReader *self)
{
  if (self->start > 0)
    {
      memmove (self->buffer, self->buffer + self->start, self->end - self->start);
      self->end -= self->start;
      self->scanned -= self->start;
      self->start = 0;
    }
  if (self->capacity - self->end < BUBUS_LINE_READER_CHUNK)
    {
      self->capacity = MAX (2 * self->capacity, 2 * BUBUS_LINE_READER_CHUNK);
      self->buffer = g_realloc (self->buffer, self->capacity);
    }
}

static void
bubus_line_reader_read_cb (GObject      *object,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  BubusLineReader *self = g_task_get_source_object (task);
  GError *error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (object), result, &error);

  if (n < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  self->end += n;
  self->ended = n == 0;
  g_task_return_boolean (task, TRUE);
}

/* Reads what there is, at most what fits, without blocking. */
void
bubus_line_reader_fill_async (BubusLineReader     *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, bubus_line_reader_fill_async);
  bubus_line_reader_make_room (self);
  g_input_stream_read_async (self->stream, self->buffer + self->end, self->capacity - self->end, G_PRIORITY_DEFAULT,
                             cancellable, bubus_line_reader_read_cb, task);
}

gboolean
bubus_line_reader_fill_finish (BubusLineReader  *self,
                               GAsyncResult     *result,
                               GError          **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
