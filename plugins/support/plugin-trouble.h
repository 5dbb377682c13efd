/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells of a failure that comes again and again once, and of its end. */
typedef struct
{
  gboolean told;
  guint64  n_lost;  /* since it was told */
  guint    n_good;  /* since the last failure */
} PluginTrouble;

char *plugin_trouble_note_failure (PluginTrouble *self,
                                   const GError  *error) G_GNUC_WARN_UNUSED_RESULT;
char *plugin_trouble_note_success (PluginTrouble *self,
                                   const char    *name,
                                   guint          n_enough) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
