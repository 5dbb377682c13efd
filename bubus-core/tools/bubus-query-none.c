/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "bubus-console.h"
#include "bubus-verbs.h"

/* In the place of what reads the history. */
int
bubus_query_main (char **arguments)
{
  bubus_console_report ("%s: %s", g_get_prgname (), _("this program was built without SQLite"));
  return BUBUS_EXIT_USAGE;
}
