/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "support/plugin-trouble.h"

#define ENOUGH_LINES 100

struct _LogFile
{
  char          *path;
  gint64         max_size;  /* 0: none */
  guint          n_kept;

  GMutex         mutex;     /* guards what follows */
  int            fd;        /* -1: to be opened */
  gboolean       regular;
  gboolean       torn;      /* the last line was cut off */
  gint64         size;
  PluginTrouble  trouble;
};

static gboolean
log_file_fail (LogFile     *self,
               const char  *what,
               GError     **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "The log “%s” cannot be %s: %s", self->path, what,
               g_strerror (code));
  return FALSE;
}

/* A pipe is never waited for: lines that do not fit are lost. */
static gboolean
log_file_open_locked (LogFile  *self,
                      GError  **error)
{
  GStatBuf status;

  if (self->fd >= 0)
    return TRUE;

  self->fd = g_open (self->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (self->fd < 0 || fstat (self->fd, &status) != 0)
    return log_file_fail (self, "opened", error);

  self->regular = S_ISREG (status.st_mode);
  self->size = status.st_size;
  return TRUE;
}

static void
log_file_close_locked (LogFile *self)
{
  if (self->fd >= 0)
    g_close (self->fd, NULL);
  self->fd = -1;
}

/* Returns: (transfer full): the name of the file that was put aside @number times */
static char *
log_file_name_aside (LogFile *self,
                     guint    number)
{
  return number == 0 ? g_strdup (self->path) : g_strdup_printf ("%s.%u", self->path, number);
}

static gboolean
log_file_put_aside_locked (LogFile  *self,
                           GError  **error)
{
  if (self->n_kept == 0 && g_unlink (self->path) != 0 && errno != ENOENT)
    return log_file_fail (self, "put aside", error);

  for (guint i = self->n_kept; i-- > 0;)
    {
      g_autofree char *from = log_file_name_aside (self, i);
      g_autofree char *to = log_file_name_aside (self, i + 1);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        return log_file_fail (self, "put aside", error);
    }
  log_file_close_locked (self);
  return log_file_open_locked (self, error);
}

static gboolean
log_file_write_bytes_locked (LogFile     *self,
                             const char  *text,
                             gsize        length,
                             GError     **error)
{
  while (length > 0)
    {
      gssize n_written = write (self->fd, text, length);

      if (n_written < 0 && errno == EINTR)
        continue;
      if (n_written < 0)
        return log_file_fail (self, "written", error);
      self->size += n_written;
      self->torn = text[n_written - 1] != '\n';
      text += n_written;
      length -= n_written;
    }
  return TRUE;
}

/* A file that cannot be put aside goes on growing, rather than losing lines. */
static gboolean
log_file_append_locked (LogFile     *self,
                        const char  *line,
                        gsize        length,
                        GError     **error)
{
  g_autoptr (GError) reason = NULL;

  if (!log_file_open_locked (self, error))
    return FALSE;
  if (self->regular && self->max_size > 0 && self->size > 0 && self->size + (gint64) length > self->max_size
      && !log_file_put_aside_locked (self, &reason) && self->fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }

  if ((self->torn && !log_file_write_bytes_locked (self, "\n", 1, error))
      || !log_file_write_bytes_locked (self, line, length, error))
    return FALSE;
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

LogFile *
log_file_new (const char  *path,
              gint64       max_size,
              guint        n_kept,
              GError     **error)
{
  g_autoptr (LogFile) self = g_new0 (LogFile, 1);

  self->path = g_canonicalize_filename (path, NULL);
  self->max_size = max_size;
  self->n_kept = n_kept;
  self->fd = -1;
  g_mutex_init (&self->mutex);
  return log_file_open_locked (self, error) ? g_steal_pointer (&self) : NULL;
}

void
log_file_free (LogFile *self)
{
  log_file_close_locked (self);
  g_mutex_clear (&self->mutex);
  g_free (self->path);
  g_free (self);
}

/* Appends a line with its end. That it cannot be is told once, in the log of the program. */
void
log_file_write (LogFile    *self,
                const char *line,
                gsize       length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *bad = NULL;
  g_autofree char *good = NULL;

  g_mutex_lock (&self->mutex);
  if (log_file_append_locked (self, line, length, &error))
    good = plugin_trouble_note_success (&self->trouble, self->path, ENOUGH_LINES);
  else
    bad = plugin_trouble_note_failure (&self->trouble, error);
  g_mutex_unlock (&self->mutex);

  if (bad != NULL)
    g_warning ("%s", bad);
  if (good != NULL)
    g_message ("%s", good);
}
