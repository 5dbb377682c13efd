/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "plugin-trouble.h"

/* Returns: (transfer full) (nullable): what is to be told, at the first failure */
char *
plugin_trouble_note_failure (PluginTrouble *self,
                             const GError  *error)
{
  gboolean told = self->told;

  self->told = TRUE;
  self->n_good = 0;
  self->n_lost++;
  return told ? NULL : g_strdup_printf ("%s; further failures are counted only", error->message);
}

/* On a disk that is almost full, short lines still fit: only @n_enough successes in a row are an end.
 *
 * Returns: (transfer full) (nullable): what is to be told, when the trouble is over */
char *
plugin_trouble_note_success (PluginTrouble *self,
                             const char    *name,
                             guint          n_enough)
{
  char *text;

  if (!self->told || ++self->n_good < n_enough)
    return NULL;

  text = g_strdup_printf ("“%s” can be written again, after %" G_GUINT64_FORMAT " failures", name, self->n_lost);
  *self = (PluginTrouble) { FALSE };
  return text;
}
