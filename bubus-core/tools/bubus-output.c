/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "bubus-output.h"

#define BUBUS_OUTPUT_MUCH   (64 * 1024)
#define BUBUS_OUTPUT_LONG   (100 * G_TIME_SPAN_MILLISECOND)
#define BUBUS_OUTPUT_EXCESS (1024 * 1024)

struct _BubusOutput
{
  int              fd;
  BubusOutputFunc  failed;    /* called once */
  gpointer         user_data;
  gboolean         broken;    /* nothing more is written */
  GString         *buffer;
  gint64           since;     /* when the oldest text in the buffer came */
  guint            idle_id;
};

BubusOutput *
bubus_output_new (int             fd,
                  BubusOutputFunc failed,
                  gpointer        user_data)
{
  BubusOutput *self = g_new0 (BubusOutput, 1);

  self->fd = fd;
  self->failed = failed;
  self->user_data = user_data;
  self->buffer = g_string_sized_new (BUBUS_OUTPUT_MUCH);
  return self;
}

void
bubus_output_free (BubusOutput *self)
{
  g_clear_handle_id (&self->idle_id, g_source_remove);
  g_string_free (self->buffer, TRUE);
  g_free (self);
}

static void
bubus_output_fail (BubusOutput *self,
                   int          code)
{
  if (self->broken)
    return;

  self->broken = TRUE;
  self->failed (g_strerror (code), self->user_data);
}

/* Somebody may have set the descriptor to be non-blocking. */
static void
bubus_output_wait (BubusOutput *self)
{
  struct pollfd pollfd = { .fd = self->fd, .events = POLLOUT };

  poll (&pollfd, 1, -1);
}

static int
bubus_output_write (BubusOutput *self,
                    const char  *text,
                    gsize        length)
{
  while (length > 0)
    {
      gssize n = write (self->fd, text, length);

      if (n >= 0)
        {
          text += n;
          length -= n;
        }
      else if (errno == EAGAIN)
        bubus_output_wait (self);
      else if (errno != EINTR)
        return errno;
    }
  return 0;
}

/* One great event must not keep its room for ever. */
static void
bubus_output_clear (BubusOutput *self)
{
  if (self->buffer->allocated_len > BUBUS_OUTPUT_EXCESS)
    {
      g_string_free (self->buffer, TRUE);
      self->buffer = g_string_sized_new (BUBUS_OUTPUT_MUCH);
    }
  g_string_truncate (self->buffer, 0);
}

/* Returns whether all that was ever to be written has been. */
gboolean
bubus_output_flush (BubusOutput *self)
{
  int code = 0;

  g_clear_handle_id (&self->idle_id, g_source_remove);
  if (!self->broken)
    code = bubus_output_write (self, self->buffer->str, self->buffer->len);
  bubus_output_clear (self);
  if (code != 0)
    bubus_output_fail (self, code);
  return !self->broken;
}

static gboolean
bubus_output_idle_cb (gpointer user_data)
{
  BubusOutput *self = user_data;

  self->idle_id = 0;
  bubus_output_flush (self);
  return G_SOURCE_REMOVE;
}

/* Returns where to append to. */
GString *
bubus_output_begin (BubusOutput *self)
{
  if (self->buffer->len == 0)
    self->since = g_get_monotonic_time ();
  return self->buffer;
}

void
bubus_output_end (BubusOutput *self)
{
  if (self->buffer->len >= BUBUS_OUTPUT_MUCH || g_get_monotonic_time () - self->since >= BUBUS_OUTPUT_LONG)
    bubus_output_flush (self);
  else if (self->idle_id == 0)
    self->idle_id = g_idle_add (bubus_output_idle_cb, self);
}
