/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "exec-runner.h"

G_BEGIN_DECLS

/* One event and the program that is run for it. It belongs to itself, and is gone when the program is. */
ExecJob *exec_job_new   (ExecRunner      *runner,
                         BubusInvocation *invocation);
void     exec_job_wait  (ExecJob         *self,
                         GQueue          *queue);
gboolean exec_job_start (ExecJob         *self);

G_END_DECLS
