/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

/* What several verbs take: where plugins are looked for, and which ones are activated. */
typedef struct
{
  char **paths;
  char **lists;    /* of names, with commas between them */
  char  *settings; /* nullable: a file */
  char **values;   /* NAME.KEY=VALUE */
} BubusHostOptions;

GOptionContext *bubus_options_new                   (const char        *parameters,
                                                     const char        *summary) G_GNUC_WARN_UNUSED_RESULT;
gboolean        bubus_options_parse                 (GOptionContext    *context,
                                                     char             **arguments);
void            bubus_options_refuse                (const char        *format,
                                                     ...) G_GNUC_PRINTF (1, 2);

void            bubus_host_options_add_paths        (BubusHostOptions  *self,
                                                     GOptionContext    *context);
void            bubus_host_options_add_plugins      (BubusHostOptions  *self,
                                                     GOptionContext    *context);
void            bubus_host_options_clear            (BubusHostOptions  *self);
gboolean        bubus_host_options_apply_paths      (BubusHostOptions  *self,
                                                     BubusHost         *host,
                                                     GError           **error);
gboolean        bubus_host_options_activate_plugins (BubusHostOptions  *self,
                                                     BubusHost         *host,
                                                     GError           **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BubusHostOptions, bubus_host_options_clear)

G_END_DECLS
