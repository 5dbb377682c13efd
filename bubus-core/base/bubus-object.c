/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "bubus-object-internal.h"

/* What PyGObject remembers of every object that Python has seen says nothing of who else wants it. */
#define NAMES_OF_PYTHON "PyGObject::"

static void
bubus_object_note_data (GQuark   quark,
                        gpointer value,
                        gpointer data)
{
  gboolean *found = data;

  *found = *found || !g_str_has_prefix (g_quark_to_string (quark), NAMES_OF_PYTHON);
}

/* GObject says no more of weak references than that there is something among the object's data. */
gboolean
_bubus_object_has_data (GObject *object)
{
  gboolean found = FALSE;

  g_datalist_foreach (&object->qdata, bubus_object_note_data, &found);
  return found;
}
