/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib-unix.h>

#include "bubus-lock-folder-private.h"

/* A file per place, its name made of the key: "40 hexadecimal digits.number.lock". The place belongs to whoever has an
 * exclusive flock() on the file, which every language and the shell can take.
 *
 * There is no call that waits for one of several locks and can be given up. But inotify tells when a file is closed
 * that was open for writing. Who only tries opens for reading; who has a place opens its file for writing, too, as a
 * bell that is closed after the lock: so all who wait are woken by every place that is given back, and by nothing else.
 * When a process dies, or another language has only one file open, the bell may ring a moment before the lock is
 * dropped; so it is tried twice. And as a program may also unlock without closing, it is tried once a second as well
 * while somebody waits. */

#define TRY_AGAIN_MS    10
#define TRY_ANYWAY_MS 1000

static char *
bubus_lock_folder_dup_path (void)
{
  const char *chosen = g_getenv ("BUBUS_SEMAPHORE_DIR");

  if (chosen != NULL && *chosen != '\0')
    return g_strdup (chosen);
  return g_build_filename (g_get_user_runtime_dir (), "bubus", "semaphores", NULL);
}

static int
bubus_lock_folder_fail (const char  *path,
                        const char  *reason,
                        GError     **error)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               "The folder of semaphores “%s” %s: %s", path, reason, g_strerror (errno));
  return -1;
}

/* Nobody else may be able to put a link or a file of their own in the place of ours. */
static gboolean
bubus_lock_folder_is_safe (const struct stat *info)
{
  return S_ISDIR (info->st_mode) && info->st_uid == geteuid () && (info->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static int
bubus_lock_folder_open (GError **error)
{
  g_autofree char *path = bubus_lock_folder_dup_path ();
  struct stat info;
  int fd;

  if (g_mkdir_with_parents (path, 0700) != 0)
    return bubus_lock_folder_fail (path, "cannot be made", error);

  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return bubus_lock_folder_fail (path, "cannot be opened", error);

  if (fstat (fd, &info) == 0 && bubus_lock_folder_is_safe (&info))
    return fd;

  close (fd);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "The folder of semaphores “%s” is not this user's alone", path);
  return -1;
}

/* Whether the name still leads to the file that was opened, and that file is a plain one of ours. */
static gboolean
bubus_lock_file_is_there (int         folder,
                          const char *name,
                          int         fd)
{
  struct stat opened, named;

  return fstat (fd, &opened) == 0 && fstatat (folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISREG (opened.st_mode) && opened.st_uid == geteuid ()
         && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* FALSE when somebody else has the place; with an error when nobody can have it. */
static gboolean
bubus_lock_file_try (int          folder,
                     const char  *name,
                     BubusLock   *lock,
                     GError     **error)
{
  const int flags = O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

  lock->fd = openat (folder, name, O_RDONLY | O_CREAT | flags, 0600);
  if (lock->fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "The semaphore file “%s” cannot be opened: %s", name, g_strerror (errno));
      return FALSE;
    }

  if (flock (lock->fd, LOCK_EX | LOCK_NB) == 0 && bubus_lock_file_is_there (folder, name, lock->fd))
    {
      lock->bell = openat (folder, name, O_WRONLY | flags);
      return TRUE;
    }

  close (lock->fd);
  lock->fd = -1;
  return FALSE;
}

/* The bell rings last, when the place can be had. */
void
_bubus_lock_give_back (BubusLock *lock)
{
  if (lock->fd >= 0)
    close (lock->fd);
  if (lock->bell >= 0)
    close (lock->bell);
  lock->fd = lock->bell = -1;
}

static char *
bubus_lock_file_make_stem (const char *key)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);

  return g_strndup (digest, 40);
}

/* Takes one of the places: FALSE without an error when others have them all, with one when they cannot be had. */
gboolean
_bubus_lock_folder_try (const char  *key,
                        guint        n_places,
                        BubusLock   *lock,
                        GError     **error)
{
  g_autofree char *stem = bubus_lock_file_make_stem (key);
  g_autoptr (GError) reason = NULL;
  int folder = bubus_lock_folder_open (error);
  gboolean taken = FALSE;

  *lock = (BubusLock) { -1, -1 };
  if (folder < 0)
    return FALSE;

  for (guint i = 0; i < n_places && !taken && reason == NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.%02u.lock", stem, i);

      taken = bubus_lock_file_try (folder, name, lock, &reason);
    }
  close (folder);

  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return taken;
}

/* ---- waiting ---- */

struct _BubusLockWatch
{
  int                 ref_count;  /* atomic: the owner's, and that of every source */
  GMainContext       *context;
  BubusLockWatchFunc  func;
  gpointer            data;
  GDestroyNotify      notify;
  int                 inotify;    /* -1: the system has no more of them */
  GSource            *told;       /* nullable */
  GSource            *again;      /* nullable; used in the context only */
  GSource            *anyway;
};

static void
bubus_lock_watch_unref (gpointer data)
{
  BubusLockWatch *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (self->notify != NULL)
    self->notify (self->data);
  if (self->inotify >= 0)
    close (self->inotify);
  g_main_context_unref (self->context);
  g_free (self);
}

static GSource *
bubus_lock_watch_attach (BubusLockWatch *self,
                         GSource        *source,
                         GSourceFunc     func)
{
  g_atomic_int_inc (&self->ref_count);
  g_source_set_callback (source, func, self, bubus_lock_watch_unref);
  g_source_attach (source, self->context);
  return source;
}

static void
bubus_lock_watch_detach (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static gboolean
bubus_lock_watch_anyway_cb (gpointer data)
{
  BubusLockWatch *self = data;

  self->func (self->data);
  return G_SOURCE_CONTINUE;
}

static gboolean
bubus_lock_watch_again_cb (gpointer data)
{
  BubusLockWatch *self = data;

  bubus_lock_watch_detach (&self->again);
  self->func (self->data);
  return G_SOURCE_REMOVE;
}

static gboolean
bubus_lock_watch_told_cb (int          fd,
                          GIOCondition condition,
                          gpointer     data)
{
  BubusLockWatch *self = data;
  char buffer[4096];

  while (read (fd, buffer, sizeof (buffer)) > 0)
    continue;

  if (self->again == NULL)
    self->again = bubus_lock_watch_attach (self, g_timeout_source_new (TRY_AGAIN_MS), bubus_lock_watch_again_cb);
  self->func (self->data);
  return G_SOURCE_CONTINUE;
}

static int
bubus_lock_watch_open (void)
{
  g_autofree char *path = bubus_lock_folder_dup_path ();
  int fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);

  if (fd >= 0 && inotify_add_watch (fd, path, IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR) < 0)
    {
      close (fd);
      return -1;
    }
  return fd;
}

/* Does not call @func itself. */
BubusLockWatch *
_bubus_lock_watch_new (GMainContext       *context,
                       BubusLockWatchFunc  func,
                       gpointer            data,
                       GDestroyNotify      notify)
{
  BubusLockWatch *self = g_new0 (BubusLockWatch, 1);

  self->ref_count = 1;
  self->context = g_main_context_ref (context);
  self->func = func;
  self->data = data;
  self->notify = notify;
  self->inotify = bubus_lock_watch_open ();
  self->anyway = bubus_lock_watch_attach (self, g_timeout_source_new (TRY_ANYWAY_MS), bubus_lock_watch_anyway_cb);
  if (self->inotify >= 0)
    self->told = bubus_lock_watch_attach (self, g_unix_fd_source_new (self->inotify, G_IO_IN),
                                          G_SOURCE_FUNC (bubus_lock_watch_told_cb));
  return self;
}

/* In the watch's context, or while nothing can run it. */
void
_bubus_lock_watch_free (BubusLockWatch *self)
{
  bubus_lock_watch_detach (&self->told);
  bubus_lock_watch_detach (&self->again);
  bubus_lock_watch_detach (&self->anyway);
  bubus_lock_watch_unref (self);
}
