/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <bubus-host.h>

G_BEGIN_DECLS

typedef struct _ExecJob ExecJob;

/* The program, its limits, and who waits for it. Reference-counted. */
typedef struct
{
  char       **argv;
  gint64       timeout_ns;
  gsize        max_output;
  guint        max_running;
  guint        max_waiting;
  BubusClock  *clock;

  guint        n_running;
  GQueue       waiting;     /* of ExecJob */
} ExecRunner;

ExecRunner *exec_runner_new       (GVariant         *settings,
                                   GError          **error);
void        exec_runner_unref     (gpointer          data);
gboolean    exec_runner_handle    (BubusEvent       *event,
                                   BubusInvocation  *invocation,
                                   gpointer          user_data,
                                   GError          **error);
void        exec_runner_note_end  (ExecRunner       *self);

G_END_DECLS
