/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-object-internal.h"

static void
bubus_object_note_data (GQuark   quark,
                        gpointer value,
                        gpointer data)
{
  gboolean *found = data;

  *found = TRUE;
}

/* Whether nobody but the caller has the object, and nobody has attached anything to it, such as data or a weak
 * reference: it can be used again, and is as good as new, unless somebody has connected to a signal. GObject says no more
 * of weak references than that there is something among the object's data. */
gboolean
_bubus_object_is_untouched (gpointer object)
{
  GObject *self = object;
  gboolean found = FALSE;

  if (g_atomic_int_get (&self->ref_count) != 1)
    return FALSE;
  if (G_UNLIKELY (self->qdata != NULL))
    g_datalist_foreach (&self->qdata, bubus_object_note_data, &found);
  return !found;
}
