/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

gboolean _bubus_object_has_data (GObject *object);

/* Whether nobody but the caller has the object, and nobody has attached anything to it, such as data or a weak
 * reference: it can be used again, and is as good as new, unless somebody has connected to a signal. */
static inline gboolean
_bubus_object_is_untouched (gpointer object)
{
  GObject *self = object;

  return g_atomic_int_get (&self->ref_count) == 1 && (G_LIKELY (self->qdata == NULL) || !_bubus_object_has_data (self));
}

G_END_DECLS
