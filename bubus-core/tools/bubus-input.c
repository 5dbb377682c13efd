/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>

#include "bubus-input.h"

static int
bubus_input_check (int fd)
{
  struct stat status;

  if (fstat (fd, &status) != 0)
    return errno;
  return S_ISDIR (status.st_mode) ? EISDIR : 0;
}

/* Without O_NONBLOCK, a named pipe would hold up everything until somebody writes to it. */
static int
bubus_input_open_fd (const char *name)
{
  if (g_str_equal (name, "-"))
    return STDIN_FILENO;
  return g_open (name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
}

static BubusInput *
bubus_input_new (const char *name,
                 int         fd)
{
  BubusInput *self = g_new0 (BubusInput, 1);

  self->label = g_filename_display_name (name);
  self->stream = g_unix_input_stream_new (fd, fd != STDIN_FILENO);
  return self;
}

static BubusInput *
bubus_input_fail (const char  *name,
                  int          code,
                  GError     **error)
{
  g_autofree char *label = g_filename_display_name (name);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s: %s", label, g_strerror (code));
  return NULL;
}

BubusInput *
bubus_input_open (const char  *name,
                  GError     **error)
{
  int fd = bubus_input_open_fd (name);
  int code;

  if (fd < 0)
    return bubus_input_fail (name, errno, error);

  code = bubus_input_check (fd);
  if (code == 0)
    return bubus_input_new (name, fd);

  if (fd != STDIN_FILENO)
    close (fd);
  return bubus_input_fail (name, code, error);
}

void
bubus_input_free (BubusInput *self)
{
  g_clear_object (&self->stream);
  g_free (self->label);
  g_free (self);
}
