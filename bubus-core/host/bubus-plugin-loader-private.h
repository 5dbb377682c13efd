/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

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

G_END_DECLS
