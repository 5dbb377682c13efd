/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-worker-frame-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "base/bubus-error.h"

#define HEADER_SIZE 4

/* What is read at once, and how often before others have their turn. */
#define CHUNK_SIZE (64 * 1024)
#define MAX_CHUNKS 16

/* So many frames of the largest size may wait until the other side reads. */
#define MAX_BACKLOG 4

struct _BubusWorkerPipe
{
  int                         fd;      /* -1: closed */
  gsize                       max_size;
  GMainContext               *context;
  const BubusWorkerPipeFuncs *funcs;
  gpointer                    user_data;
  GByteArray                 *in;      /* what has come, and has not been handed out */
  gsize                       taken;   /* how much of that has been */
  GString                    *out;     /* what is still to be written */
  gsize                       begun;   /* where the frame begins that is being made */
  GSource                    *read_source;
  GSource                    *write_source; /* nullable: there is nothing to write */
};

static void
bubus_worker_pipe_clear (gpointer data)
{
  BubusWorkerPipe *self = data;

  g_byte_array_unref (self->in);
  g_string_free (self->out, TRUE);
  g_main_context_unref (self->context);
}

static void
bubus_worker_pipe_unref (BubusWorkerPipe *self)
{
  g_rc_box_release_full (self, bubus_worker_pipe_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusWorkerPipe, bubus_worker_pipe_unref)

static void
bubus_worker_pipe_drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Nobody is called from here on. */
void
_bubus_worker_pipe_close (BubusWorkerPipe *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  bubus_worker_pipe_drop_source (&self->read_source);
  bubus_worker_pipe_drop_source (&self->write_source);
  bubus_worker_pipe_unref (self);
}

/* ---- reading ---- */

static gsize
bubus_worker_pipe_peek_size (const guint8 *header)
{
  return (gsize) header[0] << 24 | (gsize) header[1] << 16 | (gsize) header[2] << 8 | header[3];
}

static gboolean
bubus_worker_pipe_check_size (BubusWorkerPipe  *self,
                              gsize             size,
                              GError          **error)
{
  if (size > 0 && size <= self->max_size)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_INVALID_JSON,
               "A frame says that it has %" G_GSIZE_FORMAT " bytes, and may have %" G_GSIZE_FORMAT, size, self->max_size);
  return FALSE;
}

/* Takes a copy: who gets a frame may wait for the next ones.
 *
 * Returns: (nullable): the next frame that is whole */
static char *
bubus_worker_pipe_take_frame (BubusWorkerPipe  *self,
                              gsize            *size,
                              GError          **error)
{
  gsize rest = self->in->len - self->taken;
  char *frame;

  if (self->fd < 0 || rest < HEADER_SIZE)
    return NULL;
  *size = bubus_worker_pipe_peek_size (self->in->data + self->taken);
  if (!bubus_worker_pipe_check_size (self, *size, error) || rest < HEADER_SIZE + *size)
    return NULL;

  frame = g_memdup2 (self->in->data + self->taken + HEADER_SIZE, *size);
  self->taken += HEADER_SIZE + *size;
  return frame;
}

/* Hands out the frames that are whole. */
static gboolean
bubus_worker_pipe_hand_out (BubusWorkerPipe  *self,
                            GError          **error)
{
  GError *reason = NULL;
  char *frame;
  gsize size;

  while ((frame = bubus_worker_pipe_take_frame (self, &size, &reason)) != NULL)
    {
      self->funcs->frame (self->user_data, frame, size);
      g_free (frame);
    }
  if (self->taken > 0)
    g_byte_array_remove_range (self->in, 0, (guint) self->taken);
  self->taken = 0;
  if (reason == NULL)
    return TRUE;

  g_propagate_error (error, reason);
  return FALSE;
}

typedef enum
{
  BUBUS_WORKER_READ_MORE,
  BUBUS_WORKER_READ_EMPTY,  /* for now */
  BUBUS_WORKER_READ_END,
} BubusWorkerRead;

static BubusWorkerRead
bubus_worker_pipe_read_chunk (BubusWorkerPipe  *self,
                              GError          **error)
{
  guint before = self->in->len;
  gssize n_read;
  int code;

  g_byte_array_set_size (self->in, before + CHUNK_SIZE);
  do
    n_read = read (self->fd, self->in->data + before, CHUNK_SIZE);
  while (n_read < 0 && errno == EINTR);
  code = errno;
  g_byte_array_set_size (self->in, before + (guint) MAX (n_read, 0));

  if (n_read > 0)
    return bubus_worker_pipe_hand_out (self, error) ? BUBUS_WORKER_READ_MORE : BUBUS_WORKER_READ_END;
  if (n_read < 0 && (code == EAGAIN || code == EWOULDBLOCK))
    return BUBUS_WORKER_READ_EMPTY;
  if (n_read < 0 && code != ECONNRESET)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FAILED, "The socket cannot be read: %s", g_strerror (code));
  return BUBUS_WORKER_READ_END;
}

/* Reads what is there. */
static BubusWorkerRead
bubus_worker_pipe_read (BubusWorkerPipe  *self,
                        GError          **error)
{
  BubusWorkerRead state = BUBUS_WORKER_READ_MORE;

  for (guint i = 0; self->fd >= 0 && state == BUBUS_WORKER_READ_MORE && i < MAX_CHUNKS; i++)
    state = bubus_worker_pipe_read_chunk (self, error);
  return state;
}

static void
bubus_worker_pipe_end_reading (BubusWorkerPipe *self,
                               const GError    *error)
{
  if (self->fd < 0)
    return;

  bubus_worker_pipe_drop_source (&self->read_source);
  self->funcs->closed (self->user_data, error);
}

static void
bubus_worker_pipe_take_in (BubusWorkerPipe *self)
{
  g_autoptr (GError) error = NULL;

  if (bubus_worker_pipe_read (self, &error) == BUBUS_WORKER_READ_END)
    bubus_worker_pipe_end_reading (self, error);
}

static gboolean
bubus_worker_pipe_readable_cb (int          fd,
                               GIOCondition condition,
                               gpointer     user_data)
{
  g_autoptr (BubusWorkerPipe) self = g_rc_box_acquire (user_data);

  bubus_worker_pipe_take_in (self);
  return G_SOURCE_CONTINUE;
}

/* Takes what has been written by a process that is no more; somebody else may have the other end still. */
void
_bubus_worker_pipe_drain (BubusWorkerPipe *pipe)
{
  g_autoptr (BubusWorkerPipe) self = g_rc_box_acquire (pipe);
  g_autoptr (GError) error = NULL;

  if (self->read_source != NULL)
    bubus_worker_pipe_read (self, &error);
}

/* ---- writing ---- */

/* Returns: whether all is written */
static gboolean
bubus_worker_pipe_write (BubusWorkerPipe *self)
{
  gsize done = 0;
  gssize n_written = 0;

  while (done < self->out->len && n_written >= 0)
    {
      n_written = send (self->fd, self->out->str + done, self->out->len - done, MSG_NOSIGNAL);
      if (n_written < 0 && errno == EINTR)
        n_written = 0;
      done += (gsize) MAX (n_written, 0);
    }
  /* That nobody is there any more is told by reading. */
  if (n_written < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
    done = self->out->len;
  g_string_erase (self->out, 0, (gssize) done);
  return self->out->len == 0;
}

static gboolean
bubus_worker_pipe_writable_cb (int          fd,
                               GIOCondition condition,
                               gpointer     user_data)
{
  BubusWorkerPipe *self = user_data;

  if (bubus_worker_pipe_write (self))
    bubus_worker_pipe_drop_source (&self->write_source);
  return G_SOURCE_CONTINUE;
}

static GSource *
bubus_worker_pipe_watch (BubusWorkerPipe   *self,
                         GIOCondition       condition,
                         GUnixFDSourceFunc  func)
{
  GSource *source = g_unix_fd_source_new (self->fd, condition);

  g_source_set_static_name (source, "Bubus worker");
  g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (source, self->context);
  return source;
}

/* Returns: where to append the JSON of a frame; _bubus_worker_pipe_end() or _bubus_worker_pipe_cancel() comes next */
GString *
_bubus_worker_pipe_begin (BubusWorkerPipe *self)
{
  self->begun = self->out->len;
  g_string_append_len (self->out, "\0\0\0\0", HEADER_SIZE);
  return self->out;
}

void
_bubus_worker_pipe_cancel (BubusWorkerPipe *self)
{
  g_string_truncate (self->out, self->begun);
}

static gboolean
bubus_worker_pipe_check_room (BubusWorkerPipe  *self,
                              gsize             size,
                              GError          **error)
{
  if (size > self->max_size)
    g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_FULL,
                 "It takes %" G_GSIZE_FORMAT " bytes, and what goes to a worker or comes from it %" G_GSIZE_FORMAT
                 " at most", size, self->max_size);
  else if (self->begun > 0 && self->out->len > MAX_BACKLOG * self->max_size)
    g_set_error_literal (error, BUBUS_ERROR, BUBUS_ERROR_FULL, "The other process does not read what it is sent");
  else
    return TRUE;
  return FALSE;
}

/* The frame is written when the main loop comes to it, with all others that are made until then.
 *
 * Returns: whether it will be; if not, it is as if it had not been begun */
gboolean
_bubus_worker_pipe_end (BubusWorkerPipe  *self,
                        GError          **error)
{
  gsize size = self->out->len - self->begun - HEADER_SIZE;
  char *header = self->out->str + self->begun;

  if (!bubus_worker_pipe_check_room (self, size, error))
    {
      _bubus_worker_pipe_cancel (self);
      return FALSE;
    }

  for (guint i = 0; i < HEADER_SIZE; i++)
    header[i] = (char) (size >> (24 - 8 * i) & 0xff);
  if (self->write_source == NULL && self->fd >= 0)
    self->write_source = bubus_worker_pipe_watch (self, G_IO_OUT, bubus_worker_pipe_writable_cb);
  return TRUE;
}

/* Frames that have come with the one that is being handed out. */
static gboolean
bubus_worker_pipe_take_rest (BubusWorkerPipe *self)
{
  gsize rest = self->in->len - self->taken;
  g_autoptr (GError) error = NULL;

  if (!bubus_worker_pipe_hand_out (self, &error))
    bubus_worker_pipe_end_reading (self, error);
  return self->in->len - self->taken < rest;
}

/* Blocks until some frames have come, which are handed out, or until some have been written: for who cannot go back to
 * the main loop. */
void
_bubus_worker_pipe_exchange (BubusWorkerPipe *pipe)
{
  g_autoptr (BubusWorkerPipe) self = g_rc_box_acquire (pipe);
  GPollFD descriptor = { self->fd, G_IO_IN, 0 };

  if (bubus_worker_pipe_take_rest (self))
    return;
  if (self->out->len > 0)
    descriptor.events |= G_IO_OUT;
  if (g_poll (&descriptor, 1, -1) <= 0)
    return;
  if ((descriptor.revents & G_IO_OUT) != 0)
    bubus_worker_pipe_write (self);
  if ((descriptor.revents & ~G_IO_OUT) != 0)
    bubus_worker_pipe_take_in (self);
}

/* Writes what fits now: who flushes goes.
 *
 * Returns: whether all is written */
gboolean
_bubus_worker_pipe_flush (BubusWorkerPipe *self)
{
  return bubus_worker_pipe_write (self);
}

/* Takes @fd. */
BubusWorkerPipe *
_bubus_worker_pipe_new (int                         fd,
                        gsize                       max_size,
                        GMainContext               *context,
                        const BubusWorkerPipeFuncs *funcs,
                        gpointer                    user_data)
{
  BubusWorkerPipe *self = g_rc_box_new0 (BubusWorkerPipe);

  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  self->fd = fd;
  self->max_size = max_size;
  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->user_data = user_data;
  self->in = g_byte_array_new ();
  self->out = g_string_new (NULL);
  self->read_source = bubus_worker_pipe_watch (self, G_IO_IN | G_IO_HUP | G_IO_ERR, bubus_worker_pipe_readable_cb);
  return self;
}
