/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <bubus-host.h>

/* A plugin of somebody else. */

G_MODULE_EXPORT void peas_register_types (gpointer module);

G_MODULE_EXPORT void
peas_register_types (gpointer module)
{
  g_error ("This must not be called");
}
