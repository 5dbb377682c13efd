/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/bubus-error.h"
#include "bubus-plugin-trust-private.h"

/* Whoever can write a plugin can do whatever the host can. So each of these must belong to root or to the effective
 * user of the process, and neither its group nor others may be able to write it:
 *
 *   - the directory in which the manifest lies, with all symbolic links resolved,
 *   - the manifest,
 *   - the file of the module; for a Python package, its directory and its __init__.py.
 *
 * A symbolic link counts as what it points to. Whoever can write a directory above can put another in its place. So
 * those must belong to root or to the effective user, too, and only those may write them; but one like /tmp, in which
 * nobody can rename what belongs to others, may be written by all. What the module itself loads, such as libraries and
 * other Python files, is not looked at. */

/* The environment of a process that has more rights than its caller is the caller's. */
gboolean
_bubus_plugin_trust_is_privileged (void)
{
  return getauxval (AT_SECURE) != 0;
}

static const char *
bubus_plugin_trust_find_fault (const struct stat *status)
{
  if (status->st_uid != 0 && status->st_uid != geteuid ())
    return "it belongs to another user";
  if ((status->st_mode & S_IWOTH) != 0)
    return "everybody can write it";
  if ((status->st_mode & S_IWGRP) != 0)
    return "its group can write it";
  return NULL;
}

/* For what is open already; @path is for the message only. */
gboolean
_bubus_plugin_trust_check_status (const char         *path,
                                  const struct stat  *status,
                                  GError            **error)
{
  const char *fault = bubus_plugin_trust_find_fault (status);

  if (fault == NULL)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_UNTRUSTED, "“%s” is not trusted: %s", path, fault);
  return FALSE;
}

static gboolean
bubus_plugin_trust_check_parent (const char *path,
                                 const char *parent,
                                 GError    **error)
{
  struct stat status = { 0 };
  const char *fault;

  /* One that cannot be looked at belongs to nobody. */
  if (stat (parent, &status) != 0)
    status.st_mode = S_IWOTH;
  if ((status.st_mode & S_ISVTX) != 0)
    status.st_mode &= ~(S_IWGRP | S_IWOTH);
  fault = bubus_plugin_trust_find_fault (&status);
  if (fault == NULL)
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN_UNTRUSTED, "“%s” is not trusted because of “%s”: %s", path,
               parent, fault);
  return FALSE;
}

/* All directories above, from the nearest one to the root. */
static gboolean
bubus_plugin_trust_check_parents (const char *path,
                                  GError    **error)
{
  g_autofree char *parent = realpath (path, NULL);

  while (parent != NULL && !g_str_equal (parent, "/"))
    {
      char *slash = strrchr (parent, '/');

      slash[slash == parent] = '\0';
      if (!bubus_plugin_trust_check_parent (path, parent, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
_bubus_plugin_trust_check (const char *path,
                           GError    **error)
{
  struct stat status;

  if (stat (path, &status) == 0)
    return _bubus_plugin_trust_check_status (path, &status, error) && bubus_plugin_trust_check_parents (path, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "“%s” cannot be found: %s", path, g_strerror (errno));
  return FALSE;
}
