/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum
{
  BUBUS_EXIT_OK = 0,
  BUBUS_EXIT_FAILED = 1, /* some of what was asked for could not be done */
  BUBUS_EXIT_USAGE = 2,  /* nothing was done: it was not understood, or is impossible */
};

/* One for each verb of the command; @arguments is what follows it, after the program's name. They return the exit
 * status. */
int bubus_run_main        (char **arguments);
int bubus_plugins_main    (char **arguments);
int bubus_types_main      (char **arguments);
int bubus_new_plugin_main (char **arguments);
int bubus_replay_main     (char **arguments);
int bubus_tail_main       (char **arguments);
int bubus_tree_main       (char **arguments);
int bubus_verify_main     (char **arguments);
int bubus_stats_main      (char **arguments);
int bubus_query_main      (char **arguments);

G_END_DECLS
