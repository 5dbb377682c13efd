/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-journal-file-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/bubus-error.h"

static int
bubus_file_open (const char *path,
                 int         flags,
                 int         mode)
{
  return g_open (path, flags, mode);
}

static int
bubus_file_truncate (int    fd,
                     gint64 length)
{
  return ftruncate (fd, length);
}

BubusFileCalls _bubus_file_calls = { bubus_file_open, write, fdatasync, bubus_file_truncate };

void
_bubus_journal_file_init (BubusJournalFile *self,
                          const char       *name,
                          const char       *path)
{
  *self = (BubusJournalFile) { .name = g_strdup (name), .path = g_strdup (path), .fd = -1, .owner_fd = -1 };
}

void
_bubus_journal_file_close (BubusJournalFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->torn = FALSE;
  self->dirty = FALSE;
}

void
_bubus_journal_file_clear (BubusJournalFile *self)
{
  _bubus_journal_file_close (self);
  if (self->owner_fd >= 0)
    close (self->owner_fd);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->path, g_free);
}

gboolean
_bubus_journal_file_set_error (BubusJournalFile  *self,
                               const char        *what,
                               int                code,
                               GError           **error)
{
  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL, "the journal “%s” cannot be %s: %s", self->name, what,
               g_strerror (code));
  return FALSE;
}

/* ---- opening ---- */

static int
bubus_journal_file_open_path (const char *path)
{
  return _bubus_file_calls.open (path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
}

/* What may only be written is written, too: the file of somebody else, a pipe, a device. */
static int
bubus_journal_file_open_write_only (const char *path)
{
  return _bubus_file_calls.open (path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
}

/* Makes the directories only when they turn out to be missing. */
static int
bubus_journal_file_open_in_new_directory (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_mkdir_with_parents (directory, 0777) != 0)
    return -1;
  return bubus_journal_file_open_path (path);
}

/* So that the names in the directory of @path are there after a power failure. */
void
_bubus_journal_file_sync_directory (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  int fd = g_open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* A process that died in the middle of a line has left a piece of it. */
static gboolean
bubus_journal_file_ends_torn (BubusJournalFile *self,
                              gint64            size)
{
  char last = '\n';

  return size > 0 && pread (self->fd, &last, 1, size - 1) == 1 && last != '\n';
}

/* The lock dies with the process. Its file stays, because removing it could take another process's lock away. */
static gboolean
bubus_journal_file_ensure_owned (BubusJournalFile  *self,
                                 GError           **error)
{
  g_autofree char *path = NULL;
  int fd;

  if (!self->exclusive || self->owner_fd >= 0)
    return TRUE;

  path = g_strconcat (self->path, ".lock", NULL);
  fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  if (fd < 0)
    return _bubus_journal_file_set_error (self, "locked", errno, error);
  if (flock (fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    {
      close (fd);
      g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_JOURNAL, "the journal “%s” is in use by somebody else",
                   self->name);
      return FALSE;
    }
  self->owner_fd = fd;
  return TRUE;
}

static gboolean
bubus_journal_file_ensure_open (BubusJournalFile  *self,
                                GError           **error)
{
  gint64 size;

  if (self->fd >= 0)
    return TRUE;
  if (self->path == NULL)
    return _bubus_journal_file_set_error (self, "opened", ENOTSUP, error);

  self->fd = bubus_journal_file_open_path (self->path);
  if (self->fd < 0 && errno == ENOENT)
    self->fd = bubus_journal_file_open_in_new_directory (self->path);
  if (self->fd < 0 && errno == EACCES)
    self->fd = bubus_journal_file_open_write_only (self->path);
  if (self->fd < 0)
    return _bubus_journal_file_set_error (self, "opened", errno, error);

  if (!bubus_journal_file_ensure_owned (self, error))
    {
      _bubus_journal_file_close (self);
      return FALSE;
    }
  self->n_opened++;
  size = _bubus_journal_file_get_size (self);
  if (size == 0 && self->sync_directory)
    _bubus_journal_file_sync_directory (self->path);
  return TRUE;
}

/* ---- the lock ---- */

static void
bubus_journal_file_flock (BubusJournalFile *self,
                          int               operation)
{
  /* Where there are no locks, one write is still whole. */
  while (flock (self->fd, operation) != 0 && errno == EINTR)
    continue;
}

static gboolean
bubus_journal_file_is_in_place (BubusJournalFile *self)
{
  GStatBuf here, there;

  return fstat (self->fd, &here) == 0 && g_stat (self->path, &there) == 0 && here.st_dev == there.st_dev
         && here.st_ino == there.st_ino;
}

/* Opens the file, too. While the lock is held, this is the file at the path. */
gboolean
_bubus_journal_file_lock (BubusJournalFile  *self,
                          GError           **error)
{
  for (guint i = 0; i < 100; i++)
    {
      if (!bubus_journal_file_ensure_open (self, error))
        return FALSE;
      bubus_journal_file_flock (self, LOCK_EX);
      if (bubus_journal_file_is_in_place (self))
        {
          self->torn = bubus_journal_file_ends_torn (self, _bubus_journal_file_get_size (self));
          return TRUE;
        }

      /* What it still has in memory is the old file's. */
      if (self->dirty && _bubus_file_calls.sync (self->fd) != 0)
        {
          int code = errno;

          _bubus_journal_file_close (self);
          return _bubus_journal_file_set_error (self, "synchronized", code, error);
        }
      _bubus_journal_file_close (self);
    }
  return _bubus_journal_file_set_error (self, "opened", EBUSY, error);
}

void
_bubus_journal_file_unlock (BubusJournalFile *self)
{
  if (self->fd >= 0)
    bubus_journal_file_flock (self, LOCK_UN);
}

/* 0 for what has no size. */
gint64
_bubus_journal_file_get_size (BubusJournalFile *self)
{
  GStatBuf status;

  return self->fd >= 0 && fstat (self->fd, &status) == 0 && S_ISREG (status.st_mode) ? status.st_size : 0;
}

/* ---- writing ---- */

/* Takes the last @length bytes back, unless somebody who does not use the lock has written since. */
gboolean
_bubus_journal_file_take_back (BubusJournalFile *self,
                               gsize             length)
{
  gint64 end = self->fd >= 0 ? lseek (self->fd, 0, SEEK_CUR) : -1;

  return end >= (gint64) length && end == _bubus_journal_file_get_size (self)
         && _bubus_file_calls.truncate (self->fd, end - length) == 0;
}

/* As much of it as the system takes; errno says why that was not all. */
static gsize
bubus_journal_file_write (BubusJournalFile *self,
                          const char       *text,
                          gsize             length)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = _bubus_file_calls.write (self->fd, text + done, length - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n == 0)
        errno = EIO;
      if (n <= 0)
        break;
      done += n;
    }
  if (done > 0)
    self->dirty = TRUE;
  return done;
}

/* Appends whole lines. When that fails, @kept says how much of @text is in the file: whole lines again. */
gboolean
_bubus_journal_file_append (BubusJournalFile  *self,
                            const char        *text,
                            gsize              length,
                            gsize             *kept,
                            GError           **error)
{
  gsize done;
  int code;

  *kept = 0;
  if (self->torn && bubus_journal_file_write (self, "\n", 1) != 1)
    return _bubus_journal_file_set_error (self, "written", errno, error);
  self->torn = FALSE;

  done = bubus_journal_file_write (self, text, length);
  code = errno;
  *kept = done;
  while (*kept > 0 && text[*kept - 1] != '\n')
    (*kept)--;
  if (done == length)
    return TRUE;

  self->torn = done > *kept && !_bubus_journal_file_take_back (self, done - *kept);
  return _bubus_journal_file_set_error (self, "written", code, error);
}

gboolean
_bubus_journal_file_sync (BubusJournalFile  *self,
                          GError           **error)
{
  if (self->fd < 0 || !self->dirty)
    return TRUE;

  /* A pipe or a device has nothing to synchronize. */
  if (_bubus_file_calls.sync (self->fd) != 0 && errno != EINVAL)
    return _bubus_journal_file_set_error (self, "synchronized", errno, error);
  self->dirty = FALSE;
  return TRUE;
}
