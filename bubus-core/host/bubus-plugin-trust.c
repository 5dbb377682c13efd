/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <errno.h>
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
 * A symbolic link counts as what it points to. The directories above are not looked at: a build tree under /tmp is as
 * good as any. Nor is what the module itself loads, such as libraries and other Python files. */

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

gboolean
_bubus_plugin_trust_check (const char *path,
                           GError    **error)
{
  struct stat status;

  if (stat (path, &status) == 0)
    return _bubus_plugin_trust_check_status (path, &status, error);

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "“%s” cannot be found: %s", path, g_strerror (errno));
  return FALSE;
}
