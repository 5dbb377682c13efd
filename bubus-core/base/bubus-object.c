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

/* GObject says no more of weak references than that there is something among the object's data. */
gboolean
_bubus_object_has_data (GObject *object)
{
  gboolean found = FALSE;

  g_datalist_foreach (&object->qdata, bubus_object_note_data, &found);
  return found;
}
