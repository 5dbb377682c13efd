/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "base/bubus-error.h"
#include "bubus-plugin.h"

G_BEGIN_DECLS

/* A loader that is a module of its own, so that the library of an interpreter is in memory only when it is needed.
 * It exports one of these under the name “bubus_plugin_loader”. */
typedef struct
{
  guint32 version;  /* BUBUS_PLUGIN_LOADER_VERSION: loader and host come from the same build */

  /* Returns: (transfer full) (nullable): the plugin in the file @path, whose directory is the last one */
  BubusPlugin *(*load) (const char  *name,
                        const char  *path,
                        GError     **error);

  /* What has been let go of can be freed now. */
  void (*collect) (void);
} BubusPluginLoaderTable;

#define BUBUS_PLUGIN_LOADER_VERSION 1

const BubusPluginLoaderTable *_bubus_plugin_loader_find          (const char  *name,
                                                                  GError     **error);
const char                   *_bubus_plugin_loader_get_directory (void);
void                          _bubus_plugin_loader_find_typelibs (void);

/* An interpreter belongs to the thread that has needed it first. */
static inline gboolean
_bubus_plugin_loader_claim (GThread    **owner,
                            const char  *language,
                            GError     **error)
{
  if (g_atomic_pointer_compare_and_exchange (owner, NULL, g_thread_self ())
      || g_atomic_pointer_get (owner) == g_thread_self ())
    return TRUE;

  g_set_error (error, BUBUS_ERROR, BUBUS_ERROR_PLUGIN, "Plugins in %s can be used in one thread of a process only",
               language);
  return FALSE;
}

G_END_DECLS
