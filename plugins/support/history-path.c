/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "history-path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

/* Whoever can write the file can make the programs that read it believe what he wants, and whoever can write a directory
 * above can put another file in its place. So they must belong to root or to the user of the process, and others may not
 * write them; a directory like /tmp is the exception, in which nobody can rename what belongs to others. The group
 * is not looked at: unlike a plugin, a history is no code. */

static gboolean
history_path_fail (const char  *path,
                   int          code,
                   GError     **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "The history “%s” cannot be opened: %s", name,
               g_strerror (code));
  return FALSE;
}

static gboolean
history_path_distrust (const char  *path,
                       const char  *reason,
                       GError     **error)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "“%s” is not trusted: %s", name, reason);
  return FALSE;
}

static gboolean
history_path_check_status (const char      *path,
                           const GStatBuf  *status,
                           GError         **error)
{
  if (status->st_uid != 0 && status->st_uid != geteuid ())
    return history_path_distrust (path, "it belongs to another user", error);
  if ((status->st_mode & S_IWOTH) != 0 && (!S_ISDIR (status->st_mode) || (status->st_mode & S_ISVTX) == 0))
    return history_path_distrust (path, "everybody can write it", error);
  return TRUE;
}

/* @directory has no symbolic links. */
static gboolean
history_path_check_directories (const char  *directory,
                                GError     **error)
{
  g_autofree char *path = g_strdup (directory);

  while (TRUE)
    {
      g_autofree char *child = NULL;
      GStatBuf status;

      if (g_stat (path, &status) != 0)
        return history_path_fail (path, errno, error);
      if (!history_path_check_status (path, &status, error))
        return FALSE;
      if (g_str_equal (path, "/"))
        return TRUE;
      child = g_steal_pointer (&path);
      path = g_path_get_dirname (child);
    }
}

/* A file that exists is not opened for this: to close it would give up the locks that SQLite has on it in this process.
 * One without content is a database without tables, and nobody else may read what comes into it. */
static gboolean
history_path_create (const char  *path,
                     GError     **error)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

  if (fd < 0)
    return errno == EEXIST || history_path_fail (path, errno, error);
  g_close (fd, NULL);
  return TRUE;
}

static gboolean
history_path_check_file (const char  *path,
                         GError     **error)
{
  GStatBuf status;

  if (g_lstat (path, &status) != 0)
    return history_path_fail (path, errno, error);
  if (!S_ISREG (status.st_mode))
    return history_path_distrust (path, "it is no regular file", error);
  return history_path_check_status (path, &status, error);
}

/* Makes the file if there is none.
 *
 * Returns: (transfer full) (nullable): the path, in which no directory is a symbolic link */
char *
history_path_prepare (const char  *path,
                      GError     **error)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autofree char *directory = g_path_get_dirname (whole);
  g_autofree char *name = g_path_get_basename (whole);
  g_autofree char *real = realpath (directory, NULL);
  g_autofree char *result = NULL;

  if (real == NULL)
    {
      history_path_fail (whole, errno, error);
      return NULL;
    }
  result = g_build_filename (real, name, NULL);
  if (!history_path_check_directories (real, error) || !history_path_create (result, error)
      || !history_path_check_file (result, error))
    return NULL;
  return g_steal_pointer (&result);
}
