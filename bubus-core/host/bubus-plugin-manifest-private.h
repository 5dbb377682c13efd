/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* No manifest is larger than this. */
#define BUBUS_PLUGIN_MANIFEST_MAX_SIZE (64 * 1024)

typedef enum
{
  BUBUS_PLUGIN_LOADER_C,
  BUBUS_PLUGIN_LOADER_PYTHON,
  BUBUS_PLUGIN_LOADER_JS,
} BubusPluginLoader;

/* What a .plugin file says. */
typedef struct
{
  char               *path;        /* canonical */
  char               *directory;   /* where it lies, canonical */
  char               *module;      /* never NULL: as long as nothing better is known, the name of the file */
  char               *name;        /* never NULL, likewise */
  char               *description; /* nullable, and so on */
  char               *version;
  char               *website;
  char               *settings_schema; /* the name of a file in the directory */
  char              **authors;     /* never NULL */
  char              **depends;     /* never NULL: what libpeas knows of */
  char              **requires;    /* never NULL: all that it needs, depends first */
  char              **after;       /* never NULL: what comes earlier if it comes at all */
  char              **before;      /* never NULL: what comes later */
  char               *loader_name; /* never NULL: as the file has it */
  BubusPluginLoader   loader;
  gboolean            isolated;    /* it wants a process of its own */
} BubusPluginManifest;

BubusPluginManifest *_bubus_plugin_manifest_new  (const char           *directory,
                                                  const char           *file_name);
void                 _bubus_plugin_manifest_free (BubusPluginManifest  *self);
gboolean             _bubus_plugin_manifest_read (BubusPluginManifest  *self,
                                                  GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BubusPluginManifest, _bubus_plugin_manifest_free)

G_END_DECLS
