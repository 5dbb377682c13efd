/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "exec-output.h"

#define CHUNK 16384

struct _ExecOutput
{
  GInputStream   *stream;
  GCancellable   *cancellable;
  ExecOutputFunc  func;
  gpointer        user_data;

  gsize           max_size;
  gsize           max_kept;
  gsize           size;       /* of all that was read */
  GByteArray     *kept;
  guint8          chunk[CHUNK];
};

static void exec_output_go_on (ExecOutput *self);

ExecOutput *
exec_output_new (gsize max_size,
                 gsize max_kept)
{
  ExecOutput *self = g_new0 (ExecOutput, 1);

  self->max_size = max_size;
  self->max_kept = max_kept;
  self->kept = g_byte_array_new ();
  return self;
}

void
exec_output_free (ExecOutput *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->cancellable);
  g_byte_array_unref (self->kept);
  g_free (self);
}

static void
exec_output_take_chunk (ExecOutput *self,
                        gsize       length)
{
  self->size += length;
  g_byte_array_append (self->kept, self->chunk, length);
  if (self->kept->len > self->max_kept)
    g_byte_array_remove_range (self->kept, 0, self->kept->len - self->max_kept);
}

static void
exec_output_read_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  ExecOutput *self = user_data;
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n_read > 0)
    exec_output_take_chunk (self, n_read);
  if (n_read <= 0 || self->size > self->max_size)
    self->func (self, self->size > self->max_size, self->user_data);
  else
    exec_output_go_on (self);
}

static void
exec_output_go_on (ExecOutput *self)
{
  g_input_stream_read_async (self->stream, self->chunk, CHUNK, G_PRIORITY_DEFAULT, self->cancellable,
                             exec_output_read_cb, self);
}

/* @self must live until @func is called. */
void
exec_output_read (ExecOutput     *self,
                  GInputStream   *stream,
                  GCancellable   *cancellable,
                  ExecOutputFunc  func,
                  gpointer        user_data)
{
  self->stream = g_object_ref (stream);
  self->cancellable = g_object_ref (cancellable);
  self->func = func;
  self->user_data = user_data;
  exec_output_go_on (self);
}

GByteArray *
exec_output_get_bytes (ExecOutput *self)
{
  return self->kept;
}
